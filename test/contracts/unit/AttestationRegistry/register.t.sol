// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AttestationRegistry} from "../../../../contracts/attestation/AttestationRegistry.sol";
import {IAttestationRegistry} from "../../../../contracts/interfaces/IAttestationRegistry.sol";
import {IEvidenceRouter} from "../../../../contracts/interfaces/IEvidenceRouter.sol";
import {Claims, Keyset, TeeKind} from "../../../../contracts/types/ProtocolTypes.sol";
import {MarketWorld} from "../../support/MarketWorld.sol";
import {ScriptedVerifier} from "../../support/ScriptedVerifier.sol";

contract RegisterTest is MarketWorld {
    function setUp() public {
        deployWorld();
        assetId = listAsset();
    }

    function test_register_RevertsWhen_CallerNotAllowed() public {
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(1));
        verifier.setClaims(claims);
        bytes4 selector = IAttestationRegistry.RegistryCallerNotAllowed.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, STRANGER, OWNER, OPERATOR));
        vm.prank(STRANGER);
        registry.register(registration);
        // The operator needs the owner's approval.
        vm.expectRevert(abi.encodeWithSelector(selector, OPERATOR, OWNER, OPERATOR));
        vm.prank(OPERATOR);
        registry.register(registration);
        vm.prank(OWNER);
        registry.approveOperator(OPERATOR, true);
        vm.prank(OPERATOR);
        registry.register(registration);
        assertEq(registry.providerCount(), 1, "registered");
    }

    function test_register_RevertsWhen_WrongChain() public {
        Keyset memory keyset = keysetOf(1);
        keyset.chainId = 1;
        _reverts(
            keyset, abi.encodeWithSelector(IAttestationRegistry.RegistryKeysetWrongChain.selector, 1, block.chainid)
        );
    }

    function test_register_RevertsWhen_WrongRegistry() public {
        Keyset memory keyset = keysetOf(1);
        keyset.registry = STRANGER;
        _reverts(
            keyset,
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryKeysetWrongRegistry.selector, STRANGER, address(registry)
            )
        );
    }

    function test_register_RevertsWhen_KeysetExpired() public {
        Keyset memory keyset = keysetOf(1);
        keyset.notAfter = uint64(START);
        _reverts(keyset, abi.encodeWithSelector(IAttestationRegistry.RegistryKeysetExpired.selector, START, START));
    }

    function test_register_RevertsWhen_EpochNotNext() public {
        _reverts(keysetOf(2), abi.encodeWithSelector(IAttestationRegistry.RegistryEpochNotNext.selector, 2, 1));
        _reverts(keysetOf(0), abi.encodeWithSelector(IAttestationRegistry.RegistryEpochNotNext.selector, 0, 1));
    }

    function test_register_RevertsWhen_KeyInUseByAnotherProvider() public {
        bytes32 first = registerNext();
        Keyset memory keyset = keysetOf(1);
        keyset.operator = STRANGER;
        _reverts(
            keyset,
            abi.encodeWithSelector(IAttestationRegistry.RegistryKeyInUse.selector, keyset.receiptSigner, first)
        );
    }

    function test_register_RevertsWhen_EndpointTooLong() public {
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(1));
        verifier.setClaims(claims);
        registration.endpoint = string(new bytes(257));
        _reverts(
            registration, abi.encodeWithSelector(IAttestationRegistry.RegistryEndpointTooLong.selector, 257, 256)
        );
    }

    function test_register_RevertsWhen_ReceiptSignerTooLong() public {
        Keyset memory keyset = keysetOf(1);
        keyset.receiptSigner = new bytes(257);
        _reverts(
            keyset,
            abi.encodeWithSelector(IAttestationRegistry.RegistryReceiptSignerTooLong.selector, 257, 256)
        );
    }

    function test_register_RevertsWhen_ChallengeStale() public {
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(1));
        verifier.setClaims(claims);
        bytes4 selector = IAttestationRegistry.RegistryChallengeStale.selector;
        uint64 made = registration.challengeBlock;
        vm.roll(made + 257);
        _reverts(registration, abi.encodeWithSelector(selector, made, made + 257));
        registration.challengeBlock = made + 257;
        _reverts(registration, abi.encodeWithSelector(selector, made + 257, made + 257));
    }

    function test_register_RevertsWhen_TeeKindUnsupported() public {
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(1));
        claims.teeKind = TeeKind.Sgx;
        verifier.setClaims(claims);
        bytes memory expected =
            abi.encodeWithSelector(IEvidenceRouter.RegistryTeeKindUnsupported.selector, TeeKind.Sgx);
        _reverts(registration, expected);
        registration.teeKind = TeeKind.Sgx;
        _reverts(registration, expected);
    }

    function test_register_RevertsWhen_SimulatedOutsideDevMode() public {
        registry = newRegistry(false);
        _reverts(keysetOf(1), abi.encodeWithSelector(IAttestationRegistry.RegistrySimulatedNotAllowed.selector));
    }

    function test_register_RevertsWhen_EndorsementsExpired() public {
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(1));
        claims.earliestExpiry = uint64(START);
        verifier.setClaims(claims);
        _reverts(
            registration,
            abi.encodeWithSelector(IAttestationRegistry.RegistryEndorsementsExpired.selector, START, START)
        );
    }

    function test_register_RevertsWhen_ReportDataDoesNotBind() public {
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(1));
        bytes32 challenge = claims.reportDataLow;
        claims.reportDataLow = "other";
        verifier.setClaims(claims);
        _reverts(
            registration,
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryChallengeNotBound.selector, bytes32("other"), challenge
            )
        );
        bytes32 digest = claims.reportDataHigh;
        claims.reportDataHigh = "other";
        verifier.setClaims(claims);
        _reverts(
            registration,
            abi.encodeWithSelector(IAttestationRegistry.RegistryKeysetNotBound.selector, bytes32("other"), digest)
        );
    }

    function test_register_RevertsWhen_PossessionNotProven() public {
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(1));
        verifier.setClaims(claims);
        bytes32 digest = registry.registerDigestOf(claims.reportDataHigh, claims.reportDataLow);
        registration.possessionSignature = signWith(VOUCHER_KEY, digest);
        _reverts(
            registration,
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryPossessionNotProven.selector,
                registration.keyset.receiptSigner,
                digest
            )
        );
    }

    function test_register_RevertsWhen_WorkloadUnknownOrRevoked() public {
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(1));
        claims.measurement = "unknown";
        verifier.setClaims(claims);
        _reverts(
            registration,
            abi.encodeWithSelector(IAttestationRegistry.RegistryWorkloadUnknown.selector, bytes32("unknown"))
        );
        referenceValues.revoke(MEASUREMENT);
        claims.measurement = MEASUREMENT;
        verifier.setClaims(claims);
        _reverts(
            registration, abi.encodeWithSelector(IAttestationRegistry.RegistryWorkloadRevoked.selector, MEASUREMENT)
        );
    }

    function test_register_RevertsWhen_WorkloadMismatch() public {
        Keyset memory keyset = keysetOf(1);
        keyset.workloadId = "other";
        _reverts(
            keyset,
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryWorkloadMismatch.selector, bytes32("other"), WORKLOAD
            )
        );
    }

    function test_register_RevertsWithTheVerifiersOwnError() public {
        verifier.setMode(ScriptedVerifier.Mode.Reject);
        _reverts(keysetOf(1), abi.encodeWithSelector(ScriptedVerifier.DcapTcbRevoked.selector));
    }

    function test_register_RevertsWhen_CalldataIsReplayed() public {
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(1));
        verifier.setClaims(claims);
        vm.prank(OWNER);
        registry.register(registration);
        _reverts(registration, abi.encodeWithSelector(IAttestationRegistry.RegistryEpochNotNext.selector, 1, 2));
    }

    function test_register_StoresRecordAndEndsEpochBefore() public {
        bytes32 id = registerNext();
        IAttestationRegistry.ProviderRecord memory first = registry.recordOf(id);
        assertEq(first.activeUntil, START + TTL, "active until the TTL");
        assertEq(first.validUntil, START + TTL, "valid until the TTL");
        assertWord(registry.evidenceHashOf(id, 1), keccak256("evidence"), "evidence");
        assertTrue(registry.payoutOf(id) == OWNER, "payout");
        vm.warp(START + 100);
        registerNext();
        assertEq(registry.recordOf(id).epoch, 2, "epoch");
        assertEq(registry.recordAt(id, 1).validUntil, START + 100, "first epoch ended");
        assertEq(registry.providerCount(), 1, "one provider");
        assertEq(registry.providers(0, 10).length, 1, "one page");
        assertEq(registry.providers(1, 10).length, 0, "end");
    }

    function testFuzz_register_LifetimeIsTheLeast(uint64 expiry, uint64 notAfter) public {
        expiry = uint64(bound(expiry, START + 1, START + 30 days));
        notAfter = uint64(bound(notAfter, START + 1, START + 30 days));
        Keyset memory keyset = keysetOf(1);
        keyset.notAfter = notAfter;
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keyset);
        claims.earliestExpiry = expiry;
        verifier.setClaims(claims);
        vm.prank(OWNER);
        IAttestationRegistry.ProviderRecord memory record = registry.recordOf(registry.register(registration));
        uint64 byKeys = notAfter < START + TTL ? notAfter : uint64(START) + TTL;
        assertEq(record.activeUntil, expiry < byKeys ? expiry : byKeys, "active");
        assertEq(record.validUntil, expiry + GRACE < byKeys ? expiry + GRACE : byKeys, "valid");
    }

    function _reverts(Keyset memory keyset, bytes memory expected) private {
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keyset);
        verifier.setClaims(claims);
        _reverts(registration, expected);
    }

    function _reverts(IAttestationRegistry.Registration memory registration, bytes memory expected) private {
        vm.expectRevert(expected);
        vm.prank(OWNER);
        registry.register(registration);
    }
}
