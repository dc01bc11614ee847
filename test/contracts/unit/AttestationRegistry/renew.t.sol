// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAttestationRegistry} from "../../../../contracts/interfaces/IAttestationRegistry.sol";
import {Claims, TrustTier} from "../../../../contracts/types/ProtocolTypes.sol";
import {MarketWorld} from "../../support/MarketWorld.sol";
import {ScriptedVerifier} from "../../support/ScriptedVerifier.sol";

contract RenewTest is MarketWorld {
    uint64 private constant LATER = uint64(START) + 5 days;

    Claims private _claims;
    uint64 private _block;

    function setUp() public {
        deployWorld();
        populate();
        vm.warp(LATER);
        vm.roll(5_000);
        _block = 4_999;
        _prepare();
    }

    function test_renew_ByAnybodyKeepsKeysAndEpoch() public {
        IAttestationRegistry.ProviderRecord memory before = registry.recordOf(providerId);
        vm.expectEmit(address(registry));
        emit IAttestationRegistry.ProviderRenewed(
            providerId, 1, STRANGER, _claims.tcbStatus, LATER + TTL, LATER + TTL, TrustTier.Simulated, 1
        );
        vm.prank(STRANGER);
        registry.renew(providerId, "fresh evidence", _block);
        IAttestationRegistry.ProviderRecord memory renewed = registry.recordOf(providerId);
        assertEq(renewed.activeUntil, LATER + TTL, "prolonged");
        assertEq(renewed.registeredAt, before.registeredAt, "attested since the first registration");
        assertEq(renewed.epoch, 1, "epoch");
        assertWord(renewed.keysetDigest, before.keysetDigest, "keyset");
        assertWord(keccak256(renewed.receiptSigner), keccak256(before.receiptSigner), "signer");
        assertWord(registry.evidenceHashOf(providerId, 1), keccak256("fresh evidence"), "evidence");
        // The old evidence is not what this record stands on any more.
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryEvidenceUnknown.selector, keccak256("evidence"), keccak256("fresh evidence")
            )
        );
        registry.invalidate(providerId, "evidence");
    }

    function test_renew_KeepsDrainingAndEndsGrace() public {
        vm.prank(OWNER);
        registry.setDraining(providerId, true);
        verifier.setMode(ScriptedVerifier.Mode.Outdated);
        registry.invalidate(providerId, "evidence");
        verifier.setMode(ScriptedVerifier.Mode.Answer);
        vm.warp(LATER + 1);
        assertEq(
            uint8(registry.statusOf(providerId)), uint8(IAttestationRegistry.ProviderStatus.Grace), "grace"
        );
        registry.renew(providerId, "fresh evidence", _block);
        assertEq(
            uint8(registry.statusOf(providerId)), uint8(IAttestationRegistry.ProviderStatus.Draining), "draining"
        );
    }

    function test_renew_StrangerTakesNoTime() public {
        // Evidence of the same keyset that ends before the record does: an older document, replayed.
        _claims.earliestExpiry = LATER + 1 days;
        verifier.setClaims(_claims);
        address operator = registry.recordOf(providerId).operator;
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationRegistry.RegistryCallerNotAllowed.selector, STRANGER, OWNER, operator)
        );
        vm.prank(STRANGER);
        registry.renew(providerId, "fresh evidence", _block);
        vm.prank(OWNER);
        registry.renew(providerId, "fresh evidence", _block);
        assertEq(registry.recordOf(providerId).activeUntil, LATER + 1 days, "the owner may");
    }

    function test_renew_NotBeyondTheKeyset() public {
        vm.warp(START + 365 days - 1);
        // The record has ended long before.
        _reverts(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryProviderExpired.selector, providerId, START + TTL
            )
        );
    }

    function test_renew_RevertsWhen_RevokedOrDenied() public {
        router.denyPlatform(_claims.platformId);
        _reverts(
            abi.encodeWithSelector(IAttestationRegistry.RegistryPlatformDenied.selector, _claims.platformId)
        );
        router.pardonPlatform(_claims.platformId);
        vm.prank(OWNER);
        registry.revoke(providerId);
        _reverts(abi.encodeWithSelector(IAttestationRegistry.RegistryProviderRevoked.selector, providerId, LATER));
    }

    function test_renew_RevertsWhen_WorkloadRevoked() public {
        referenceValues.revoke(MEASUREMENT);
        _reverts(abi.encodeWithSelector(IAttestationRegistry.RegistryWorkloadRevoked.selector, MEASUREMENT));
    }

    function test_renew_RevertsWhen_UnknownProvider() public {
        vm.expectRevert(abi.encodeWithSelector(IAttestationRegistry.RegistryProviderUnknown.selector, bytes32("x")));
        registry.renew("x", "fresh evidence", _block);
    }

    function test_renew_RevertsWhen_NotThisKeysetOrChallenge() public {
        bytes32 digest = _claims.reportDataHigh;
        bytes32 challenge = _claims.reportDataLow;
        _claims.reportDataHigh = "other";
        verifier.setClaims(_claims);
        _reverts(
            abi.encodeWithSelector(IAttestationRegistry.RegistryKeysetNotBound.selector, bytes32("other"), digest)
        );
        (_claims.reportDataHigh, _claims.reportDataLow) = (digest, "other");
        verifier.setClaims(_claims);
        _reverts(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryChallengeNotBound.selector, bytes32("other"), challenge
            )
        );
        // The challenge of the next epoch is another one.
        _claims.reportDataLow = registry.challengeOf(_block, 2);
        verifier.setClaims(_claims);
        _reverts(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryChallengeNotBound.selector, _claims.reportDataLow, challenge
            )
        );
    }

    function test_renew_RevertsWhen_ImageOrMachineChanged() public {
        (bytes32 measurement, bytes32 platformId) = (_claims.measurement, _claims.platformId);
        _claims.measurement = "other";
        verifier.setClaims(_claims);
        _reverts(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryMeasurementChanged.selector, bytes32("other"), measurement
            )
        );
        (_claims.measurement, _claims.platformId) = (measurement, "other");
        verifier.setClaims(_claims);
        _reverts(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryPlatformChanged.selector, bytes32("other"), platformId
            )
        );
    }

    function test_renew_RevertsWithTheVerifiersOwnError() public {
        verifier.setMode(ScriptedVerifier.Mode.Reject);
        _reverts(abi.encodeWithSelector(ScriptedVerifier.DcapTcbRevoked.selector));
        verifier.setMode(ScriptedVerifier.Mode.Answer);
        vm.roll(6_000);
        _reverts(abi.encodeWithSelector(IAttestationRegistry.RegistryChallengeStale.selector, _block, 6_000));
    }

    function _prepare() private {
        (, _claims) = registrationOf(keysetOf(1));
        _claims.reportDataHigh = registry.recordOf(providerId).keysetDigest;
        _claims.reportDataLow = registry.challengeOf(_block, 1);
        verifier.setClaims(_claims);
    }

    function _reverts(bytes memory expected) private {
        vm.expectRevert(expected);
        registry.renew(providerId, "fresh evidence", _block);
    }
}
