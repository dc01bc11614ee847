// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAttestationRegistry} from "../../../../contracts/interfaces/IAttestationRegistry.sol";
import {Claims, Keyset} from "../../../../contracts/types/ProtocolTypes.sol";
import {ContractWallet} from "../../support/ContractWallet.sol";
import {MarketWorld} from "../../support/MarketWorld.sol";

contract RegisterForTest is MarketWorld {
    uint256 private constant OWNER_KEY = 0x0123;
    uint64 private constant DEADLINE = uint64(START) + 1 hours;

    function setUp() public {
        deployWorld();
        assetId = listAsset();
    }

    function test_registerFor_OwnerSignsRelayerPays() public {
        IAttestationRegistry.Registration memory registration = _registration(vm.addr(OWNER_KEY));
        IAttestationRegistry.Authorisation memory authorisation = _authorise(registration, OWNER_KEY);
        vm.prank(STRANGER);
        bytes32 id = registry.registerFor(registration, authorisation);
        assertTrue(registry.recordOf(id).owner == vm.addr(OWNER_KEY), "owner");
        // It can be used once: the epoch is its nonce.
        vm.expectRevert(abi.encodeWithSelector(IAttestationRegistry.RegistryEpochNotNext.selector, 1, 2));
        vm.prank(STRANGER);
        registry.registerFor(registration, authorisation);
    }

    function test_registerFor_ContractSigns() public {
        ContractWallet wallet = new ContractWallet(vm.addr(OWNER_KEY));
        IAttestationRegistry.Registration memory registration = _registration(address(wallet));
        IAttestationRegistry.Authorisation memory authorisation = _authorise(registration, OWNER_KEY);
        bytes32 id = registry.registerFor(registration, authorisation);
        assertTrue(registry.payoutOf(id) == address(wallet), "owner");
    }

    function test_registerFor_OperatorSignsWhileApproved() public {
        IAttestationRegistry.Registration memory registration = _registration(OWNER);
        registration.keyset.operator = vm.addr(OWNER_KEY);
        (registration,) = _refresh(registration.keyset);
        IAttestationRegistry.Authorisation memory authorisation = _authorise(registration, OWNER_KEY);
        authorisation.signer = vm.addr(OWNER_KEY);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryCallerNotAllowed.selector, vm.addr(OWNER_KEY), OWNER, vm.addr(OWNER_KEY)
            )
        );
        registry.registerFor(registration, authorisation);
        vm.prank(OWNER);
        registry.approveOperator(vm.addr(OWNER_KEY), true);
        registry.registerFor(registration, authorisation);
    }

    function test_registerFor_RevertsWhen_SignerIsAnybody() public {
        IAttestationRegistry.Registration memory registration = _registration(vm.addr(OWNER_KEY));
        IAttestationRegistry.Authorisation memory authorisation = _authorise(registration, OWNER_KEY);
        authorisation.signer = STRANGER;
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryCallerNotAllowed.selector, STRANGER, vm.addr(OWNER_KEY), OPERATOR
            )
        );
        registry.registerFor(registration, authorisation);
    }

    function test_registerFor_RevertsWhen_PastTheDeadline() public {
        IAttestationRegistry.Registration memory registration = _registration(vm.addr(OWNER_KEY));
        IAttestationRegistry.Authorisation memory authorisation = _authorise(registration, OWNER_KEY);
        vm.warp(DEADLINE + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryAuthorisationExpired.selector, DEADLINE, DEADLINE + 1
            )
        );
        registry.registerFor(registration, authorisation);
        vm.warp(DEADLINE);
        registry.registerFor(registration, authorisation);
    }

    /// A relayer that changes what was signed, or brings another key's signature.
    function test_registerFor_RevertsWhen_AnythingChanged() public {
        IAttestationRegistry.Registration memory registration = _registration(vm.addr(OWNER_KEY));
        IAttestationRegistry.Authorisation memory authorisation = _authorise(registration, OWNER_KEY);
        _invalid(registration, _authorise(registration, VOUCHER_KEY));
        authorisation.deadline = DEADLINE + 1;
        _invalid(registration, authorisation);
        authorisation.deadline = DEADLINE;
        string memory endpoint = registration.endpoint;
        registration.endpoint = "http://thief.invalid";
        _invalid(registration, authorisation);
        registration.endpoint = endpoint;
        registration.challengeBlock -= 1;
        _invalid(registration, authorisation);
        registration.challengeBlock += 1;
        registration.keyset.configDigest = "other";
        _invalid(registration, authorisation);
        registration.keyset.configDigest = "config";
        registry.registerFor(registration, authorisation);
    }

    function _invalid(
        IAttestationRegistry.Registration memory registration,
        IAttestationRegistry.Authorisation memory authorisation
    ) private {
        bytes memory expected = abi.encodeWithSelector(
            IAttestationRegistry.RegistryAuthorisationInvalid.selector,
            authorisation.signer,
            _digest(registration, authorisation.deadline)
        );
        vm.expectRevert(expected);
        registry.registerFor(registration, authorisation);
    }

    function _registration(address owner) private returns (IAttestationRegistry.Registration memory registration) {
        Keyset memory keyset = keysetOf(1);
        keyset.owner = owner;
        (registration,) = _refresh(keyset);
    }

    function _refresh(Keyset memory keyset)
        private
        returns (IAttestationRegistry.Registration memory registration, Claims memory claims)
    {
        (registration, claims) = registrationOf(keyset);
        verifier.setClaims(claims);
    }

    function _authorise(IAttestationRegistry.Registration memory registration, uint256 key)
        private
        view
        returns (IAttestationRegistry.Authorisation memory)
    {
        bytes memory signature = signWith(key, _digest(registration, DEADLINE));
        return IAttestationRegistry.Authorisation(registration.keyset.owner, DEADLINE, signature);
    }

    function _digest(IAttestationRegistry.Registration memory registration, uint64 deadline)
        private
        view
        returns (bytes32)
    {
        Keyset memory keyset = registration.keyset;
        return registry.authorisationDigestOf(
            registry.keysetDigestOf(keyset),
            registry.challengeOf(registration.challengeBlock, keyset.epoch),
            registration.endpoint,
            keyset.epoch,
            deadline
        );
    }
}
