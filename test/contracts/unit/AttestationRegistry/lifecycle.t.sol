// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAssetRegistry} from "../../../../contracts/interfaces/IAssetRegistry.sol";
import {IAttestationRegistry} from "../../../../contracts/interfaces/IAttestationRegistry.sol";
import {IEvidenceRouter} from "../../../../contracts/interfaces/IEvidenceRouter.sol";
import {ReasonCodes} from "../../../../contracts/libraries/ReasonCodes.sol";
import {Claims, TeeKind} from "../../../../contracts/types/ProtocolTypes.sol";
import {MarketWorld} from "../../support/MarketWorld.sol";
import {ScriptedVerifier} from "../../support/ScriptedVerifier.sol";

/// invalidate, revoke, statusOf, canServe, receiptSignerAt.
contract LifecycleTest is MarketWorld {
    bytes private constant EVIDENCE = "evidence";

    function setUp() public {
        deployWorld();
        populate();
    }

    function test_invalidate_RevertsWhen_EvidenceUnknown() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryEvidenceUnknown.selector, keccak256("other"), keccak256(EVIDENCE)
            )
        );
        registry.invalidate(providerId, "other");
    }

    function test_invalidate_RevertsWhen_EvidenceStillValid() public {
        vm.expectRevert(abi.encodeWithSelector(IAttestationRegistry.RegistryEvidenceStillValid.selector, providerId));
        registry.invalidate(providerId, EVIDENCE);
    }

    function test_invalidate_RevertsWhen_Inconclusive() public {
        verifier.setMode(ScriptedVerifier.Mode.Inconclusive);
        _inconclusive(abi.encodeWithSelector(ScriptedVerifier.DcapTcbInfoExpired.selector, 7));
        verifier.setMode(ScriptedVerifier.Mode.EmptyRevert);
        _inconclusive("");
        verifier.setMode(ScriptedVerifier.Mode.BurnGas);
        _inconclusive("");
    }

    function test_invalidate_RevertsWhen_CallerGivesTooLittleGas() public {
        verifier.setMode(ScriptedVerifier.Mode.Reject);
        (bool ok, bytes memory failure) = address(registry).call{gas: 5_000_000}(
            abi.encodeCall(registry.invalidate, (providerId, EVIDENCE))
        );
        assertTrue(!ok && bytes4(failure) == IEvidenceRouter.RegistryGasTooLow.selector, "gas too low");
    }

    function test_invalidate_RevokesWhenRejected() public {
        verifier.setMode(ScriptedVerifier.Mode.Reject);
        vm.expectEmit(address(registry));
        emit IAttestationRegistry.ProviderRevoked(providerId, 1, STRANGER);
        vm.prank(STRANGER);
        registry.invalidate(providerId, EVIDENCE);
        _serves(IAttestationRegistry.ProviderStatus.Revoked, ReasonCodes.REGISTRY_PROVIDER_REVOKED);
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationRegistry.RegistryProviderRevoked.selector, providerId, START)
        );
        registry.invalidate(providerId, EVIDENCE);
    }

    function test_invalidate_ShortensWhenOutdated() public {
        verifier.setMode(ScriptedVerifier.Mode.Outdated);
        vm.warp(START + 100);
        vm.expectEmit(address(registry));
        emit IAttestationRegistry.ProviderShortened(
            providerId, 1, STRANGER, uint64(START) + 100, uint64(START) + 100 + GRACE
        );
        vm.prank(STRANGER);
        registry.invalidate(providerId, EVIDENCE);
        vm.warp(START + 101);
        _serves(IAttestationRegistry.ProviderStatus.Grace, ReasonCodes.REGISTRY_PROVIDER_IN_GRACE);
        _signerAt(1, uint64(START) + 100 + GRACE, 0);
        _signerAt(1, uint64(START) + 100 + GRACE + 1, ReasonCodes.REGISTRY_PROVIDER_EXPIRED);
    }

    /// Neither again nor longer: a second call must not move the end.
    function test_invalidate_RevertsWhen_ShortenedBefore() public {
        verifier.setMode(ScriptedVerifier.Mode.Outdated);
        registry.invalidate(providerId, EVIDENCE);
        vm.warp(START + 1 days);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryProviderInGrace.selector, providerId, START + GRACE
            )
        );
        registry.invalidate(providerId, EVIDENCE);
        verifier.setMode(ScriptedVerifier.Mode.Reject);
        registry.invalidate(providerId, EVIDENCE);
        _serves(IAttestationRegistry.ProviderStatus.Revoked, ReasonCodes.REGISTRY_PROVIDER_REVOKED);
    }

    /// A record that ends sooner than the grace period keeps its end.
    function test_invalidate_ShorteningNeverProlongs() public {
        vm.warp(START + TTL - 1 days);
        verifier.setMode(ScriptedVerifier.Mode.Outdated);
        registry.invalidate(providerId, EVIDENCE);
        assertEq(registry.recordOf(providerId).validUntil, START + TTL, "valid until");
        assertEq(registry.recordOf(providerId).activeUntil, START + TTL - 1 days, "active until");
    }

    function test_invalidate_RevokesWhenWorkloadRevoked() public {
        referenceValues.revoke(MEASUREMENT);
        _serves(IAttestationRegistry.ProviderStatus.Revoked, ReasonCodes.REGISTRY_WORKLOAD_REVOKED);
        registry.invalidate(providerId, EVIDENCE);
        _serves(IAttestationRegistry.ProviderStatus.Revoked, ReasonCodes.REGISTRY_PROVIDER_REVOKED);
    }

    function test_invalidate_RevertsWhen_Expired() public {
        vm.warp(START + TTL + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationRegistry.RegistryProviderExpired.selector, providerId, START + TTL)
        );
        registry.invalidate(providerId, EVIDENCE);
    }

    function test_revoke_RevertsWhen_CallerNotAllowed() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryCallerNotAllowed.selector, STRANGER, OWNER, OPERATOR
            )
        );
        vm.prank(STRANGER);
        registry.revoke(providerId);
        vm.expectRevert(abi.encodeWithSelector(IAttestationRegistry.RegistryProviderUnknown.selector, bytes32("x")));
        registry.revoke("x");
    }

    function test_revokeAndDrain_RevertWhen_OperatorNotApproved() public {
        vm.prank(OWNER);
        registry.approveOperator(OPERATOR, true);
        vm.prank(OPERATOR);
        registry.setDraining(providerId, true);
        vm.prank(OWNER);
        registry.approveOperator(OPERATOR, false);
        bytes memory refused = abi.encodeWithSelector(
            IAttestationRegistry.RegistryCallerNotAllowed.selector, OPERATOR, OWNER, OPERATOR
        );
        vm.startPrank(OPERATOR);
        vm.expectRevert(refused);
        registry.setDraining(providerId, false);
        vm.expectRevert(refused);
        registry.revoke(providerId);
    }

    function test_revoke_EndsUntilNextEpoch() public {
        vm.prank(OWNER);
        registry.approveOperator(OPERATOR, true);
        vm.prank(OPERATOR);
        registry.revoke(providerId);
        _serves(IAttestationRegistry.ProviderStatus.Revoked, ReasonCodes.REGISTRY_PROVIDER_REVOKED);
        registerNext();
        _serves(IAttestationRegistry.ProviderStatus.Active, 0);
    }

    function test_statusOf_GoesThroughGraceToExpired() public {
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(2));
        claims.earliestExpiry = uint64(START) + 1 days;
        verifier.setClaims(claims);
        vm.prank(OWNER);
        registry.register(registration);
        vm.warp(START + 1 days);
        _serves(IAttestationRegistry.ProviderStatus.Active, 0);
        vm.warp(START + 1 days + 1);
        _serves(IAttestationRegistry.ProviderStatus.Grace, ReasonCodes.REGISTRY_PROVIDER_IN_GRACE);
        vm.warp(START + 4 days + 1);
        _serves(IAttestationRegistry.ProviderStatus.Expired, ReasonCodes.REGISTRY_PROVIDER_EXPIRED);
    }

    function test_canServe_NamesEveryReason() public {
        (, bytes32 reason) = registry.canServe("x", assetId, PAYER);
        assertWord(reason, ReasonCodes.REGISTRY_PROVIDER_UNKNOWN, "provider");
        (, reason) = registry.canServe(providerId, 99, PAYER);
        assertWord(reason, ReasonCodes.ASSET_UNKNOWN, "asset");
        (, reason) = registry.canServeVersion(providerId, assetId, 2);
        assertWord(reason, ReasonCodes.ASSET_VERSION_UNKNOWN, "version");
        vm.prank(OWNER);
        registry.setDraining(providerId, true);
        _serves(IAttestationRegistry.ProviderStatus.Draining, ReasonCodes.REGISTRY_PROVIDER_DRAINING);
        vm.prank(OWNER);
        registry.setDraining(providerId, false);
        vm.prank(ASSET_OWNER);
        assets.retireVersion(assetId, 1);
        _serves(IAttestationRegistry.ProviderStatus.Active, ReasonCodes.ASSET_VERSION_RETIRED);
    }

    function test_canServe_RefusesOtherWorkloadAndTeeKind() public {
        IAssetRegistry.AssetVersion memory version = assetVersion();
        version.acceptedWorkloads[0] = "other";
        vm.prank(ASSET_OWNER);
        assets.publishVersion(assetId, version);
        _serves(IAttestationRegistry.ProviderStatus.Active, ReasonCodes.ASSET_WORKLOAD_NOT_ACCEPTED);
        version = assetVersion();
        version.acceptedTeeKinds = uint16(1 << uint8(TeeKind.SevSnp));
        vm.prank(ASSET_OWNER);
        assets.publishVersion(assetId, version);
        _serves(IAttestationRegistry.ProviderStatus.Active, ReasonCodes.ASSET_WORKLOAD_NOT_ACCEPTED);
    }

    function test_receiptSignerAt_JudgesTheReceiptsTime() public {
        _signerAt(1, uint64(START) - 1, ReasonCodes.REGISTRY_NOT_YET_ATTESTED);
        _signerAt(1, uint64(START), 0);
        _signerAt(2, uint64(START), ReasonCodes.REGISTRY_EPOCH_UNKNOWN);
        _signerAt(1, uint64(START) + TTL, 0);
        _signerAt(1, uint64(START) + TTL + 1, ReasonCodes.REGISTRY_PROVIDER_EXPIRED);
        vm.warp(START + 50);
        vm.prank(OWNER);
        registry.revoke(providerId);
        _signerAt(1, uint64(START) + 49, 0);
        _signerAt(1, uint64(START) + 50, ReasonCodes.REGISTRY_PROVIDER_REVOKED);
        registerNext();
        _signerAt(1, uint64(START) + 49, 0);
        _signerAt(2, uint64(START) + 50, 0);
    }

    function test_receiptSignerAt_EndsWithTheWorkload() public {
        vm.warp(START + 50);
        referenceValues.revoke(MEASUREMENT);
        vm.warp(START + 100);
        _signerAt(1, uint64(START) + 49, 0);
        _signerAt(1, uint64(START) + 50, ReasonCodes.REGISTRY_WORKLOAD_REVOKED);
        _signerAt(1, uint64(START) + 100, ReasonCodes.REGISTRY_WORKLOAD_REVOKED);
    }

    function _inconclusive(bytes memory failure) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryEvidenceInconclusive.selector, providerId, failure
            )
        );
        registry.invalidate(providerId, EVIDENCE);
    }

    function _serves(IAttestationRegistry.ProviderStatus status, bytes32 expected) private view {
        assertEq(uint8(registry.statusOf(providerId)), uint8(status), "status");
        (bool ok, bytes32 reason) = registry.canServe(providerId, assetId, PAYER);
        assertWord(reason, expected, "reason");
        assertTrue(ok == (expected == 0), "ok");
    }

    function _signerAt(uint64 epoch, uint64 timestamp, bytes32 expected) private view {
        (bytes memory signer, bytes32 reason) = registry.receiptSignerAt(providerId, epoch, timestamp);
        assertWord(reason, expected, "reason");
        assertEq(signer.length, expected == 0 ? 20 : 0, "signer");
    }
}
