// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAppraisalErrors} from "../../../../contracts/interfaces/IAppraisalErrors.sol";
import {IAppraisalPolicy} from "../../../../contracts/interfaces/IAppraisalPolicy.sol";
import {IAssetRegistry} from "../../../../contracts/interfaces/IAssetRegistry.sol";
import {IAttestationRegistry} from "../../../../contracts/interfaces/IAttestationRegistry.sol";
import {ReasonCodes} from "../../../../contracts/libraries/ReasonCodes.sol";
import {ClaimFlags} from "../../../../contracts/types/ClaimFlags.sol";
import {Claims, Keyset, TeeKind, TrustTier} from "../../../../contracts/types/ProtocolTypes.sol";
import {MarketWorld} from "../../support/MarketWorld.sol";
import {ScriptedVerifier} from "../../support/ScriptedVerifier.sol";

/// bindGpu, invalidateGpu, and what an asset that needs a GPU makes of it.
contract GpuTest is MarketWorld {
    bytes private constant EVIDENCE = "gpu evidence";
    bytes32 private constant GPU = "gpu";

    ScriptedVerifier private _gpuVerifier;
    bytes32 private _digest;
    bytes32 private _challenge;

    function setUp() public {
        deployWorld();
        populate();
        _gpuVerifier = new ScriptedVerifier();
        router.propose(moduleSetting(TeeKind.NvidiaGpu, _gpuVerifier), 0);
        IAppraisalPolicy.KindPolicy memory policy;
        policy.deniedFlags = ClaimFlags.DEBUG;
        policy.defaultTier = TrustTier.Standard;
        router.setKindPolicy(TeeKind.NvidiaGpu, policy);
        IAssetRegistry.AssetVersion memory version = assetVersion();
        version.acceptedTeeKinds |= uint16(1 << uint8(TeeKind.NvidiaGpu));
        vm.prank(ASSET_OWNER);
        assets.publishVersion(assetId, version);
        _digest = registry.recordOf(providerId).keysetDigest;
        _challenge = registry.challengeOf(_block(), 1);
    }

    function test_bindGpu_CountsForAnAssetThatNeedsOne() public {
        _serves(ReasonCodes.REGISTRY_GPU_MISSING);
        // A version that does not ask for one is served without.
        (bool ok,) = registry.canServeVersion(providerId, assetId, 1);
        assertTrue(ok, "version 1");
        _gpuVerifier.setClaims(_claims(GPU));
        IAttestationRegistry.GpuEvidence memory evidence = _evidence();
        vm.expectEmit(address(registry));
        emit IAttestationRegistry.GpuBound(
            providerId, 1, GPU, "GH100", TrustTier.Simulated, uint64(START) + TTL, true
        );
        vm.prank(OWNER);
        registry.bindGpu(providerId, evidence);
        _serves(0);
        IAttestationRegistry.Gpu[] memory gpus = registry.gpusOf(providerId);
        assertEq(gpus.length, 1, "one");
        assertWord(gpus[0].evidenceHash, keccak256(EVIDENCE), "evidence");
        assertWord(registry.holderOf(GPU), providerId, "holder");
        // Again: renewed, not counted twice.
        _bind(_claims(GPU));
        assertEq(registry.gpusOf(providerId).length, 1, "still one");
        vm.prank(ASSET_OWNER);
        assets.setMinimumTier(assetId, TrustTier.Low);
        _serves(ReasonCodes.ASSET_TIER_TOO_LOW);
    }

    function test_bindGpu_EndsWithItsEndorsementsWithoutGrace() public {
        Claims memory claims = _claims(GPU);
        claims.earliestExpiry = uint64(START) + 1 days;
        _bind(claims);
        vm.warp(START + 1 days);
        _serves(0);
        vm.warp(START + 1 days + 1);
        _serves(ReasonCodes.REGISTRY_GPU_EXPIRED);
    }

    function test_bindGpu_BelongsToItsEpoch() public {
        _bind(_claims(GPU));
        registerNext();
        _serves(ReasonCodes.REGISTRY_GPU_MISSING);
        assertWord(registry.holderOf(GPU), 0, "free again");
    }

    function test_bindGpu_RevertsWhen_NonceIsAnother() public {
        Claims memory claims = _claims(GPU);
        bytes32 nonce = claims.reportDataHigh;
        claims.reportDataHigh = sha256(abi.encodePacked("spartan/gpu/v1", _digest, bytes32(0)));
        _reverts(
            claims,
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryGpuNotBound.selector, claims.reportDataHigh, nonce
            )
        );
    }

    function test_bindGpu_RevertsWhen_SimulationMixed() public {
        Claims memory claims = _claims(GPU);
        claims.simulated = false;
        _reverts(
            claims, abi.encodeWithSelector(IAttestationRegistry.RegistryGpuSimulationMixed.selector, false, true)
        );
    }

    function test_bindGpu_RevertsWhen_NoIdentity() public {
        _reverts(
            _claims(0), abi.encodeWithSelector(IAttestationRegistry.RegistryGpuIdentityMissing.selector)
        );
    }

    function test_bindGpu_RevertsWhen_PolicyObjects() public {
        Claims memory claims = _claims(GPU);
        claims.flags = ClaimFlags.DEBUG;
        _reverts(claims, abi.encodeWithSelector(IAppraisalErrors.NvidiaDebugNotExcluded.selector));
    }

    /// The receipt key, which lives in the measured guest, has to vouch for exactly this evidence.
    function test_bindGpu_RevertsWhen_GuestDoesNotVouch() public {
        _gpuVerifier.setClaims(_claims(GPU));
        bytes32 digest = registry.gpuDigestOf(_digest, _challenge, keccak256(EVIDENCE));
        IAttestationRegistry.GpuEvidence memory evidence =
            IAttestationRegistry.GpuEvidence(EVIDENCE, _block(), signWith(VOUCHER_KEY, digest));
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryPossessionNotProven.selector,
                abi.encodePacked(vm.addr(RECEIPT_KEY)),
                digest
            )
        );
        vm.prank(OWNER);
        registry.bindGpu(providerId, evidence);
    }

    function test_bindGpu_RevertsWhen_CallerNotAllowedOrRecordEnded() public {
        _gpuVerifier.setClaims(_claims(GPU));
        IAttestationRegistry.GpuEvidence memory evidence = _evidence();
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryCallerNotAllowed.selector, STRANGER, OWNER, OPERATOR
            )
        );
        vm.prank(STRANGER);
        registry.bindGpu(providerId, evidence);
        vm.prank(OWNER);
        registry.revoke(providerId);
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationRegistry.RegistryProviderRevoked.selector, providerId, START)
        );
        vm.prank(OWNER);
        registry.bindGpu(providerId, evidence);
    }

    function test_bindGpu_RevertsWhen_AnotherProviderHoldsIt() public {
        bytes32 other = _otherProviderWith(GPU);
        _reverts(
            _claims(GPU), abi.encodeWithSelector(IAttestationRegistry.RegistryPlatformInUse.selector, GPU, other)
        );
        vm.prank(STRANGER);
        registry.revoke(other);
        _bind(_claims(GPU));
    }

    function test_bindGpu_RevertsWhen_TooMany() public {
        for (uint256 i = 1; i <= 16; i++) {
            _bind(_claims(bytes32(i)));
        }
        _reverts(
            _claims(GPU), abi.encodeWithSelector(IAttestationRegistry.RegistryGpuLimit.selector, providerId, 16)
        );
    }

    /// Invalidated, denied, expired: each gives its place back, and no other does.
    function test_bindGpu_TakesThePlaceOfOneThatHasEnded() public {
        Claims memory short = _claims(bytes32(uint256(1)));
        short.earliestExpiry = uint64(START) + 1 hours;
        _bind(short);
        for (uint256 i = 2; i <= 16; i++) {
            _bind(_claims(bytes32(i)));
        }
        _gpuVerifier.setMode(ScriptedVerifier.Mode.Reject);
        registry.invalidateGpu(providerId, bytes32(uint256(16)), EVIDENCE);
        _gpuVerifier.setMode(ScriptedVerifier.Mode.Answer);
        router.denyPlatform(bytes32(uint256(9)));
        _bind(_claims("first"));
        _bind(_claims("second"));
        _reverts(
            _claims("third"), abi.encodeWithSelector(IAttestationRegistry.RegistryGpuLimit.selector, providerId, 16)
        );
        vm.warp(START + 1 hours + 1);
        _bind(_claims("third"));
        IAttestationRegistry.Gpu[] memory gpus = registry.gpusOf(providerId);
        assertEq(gpus.length, 16, "places");
        assertWord(gpus[8].platformId, "first", "denied");
        assertWord(gpus[15].platformId, "second", "invalidated");
        assertWord(gpus[0].platformId, "third", "expired");
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryGpuUnknown.selector, providerId, bytes32(uint256(16))
            )
        );
        registry.invalidateGpu(providerId, bytes32(uint256(16)), EVIDENCE);
        // What has lost its place holds its platform no more, and may come back where there is one.
        assertWord(registry.holderOf(bytes32(uint256(16))), 0, "free");
        assertWord(registry.holderOf("second"), providerId, "held");
    }

    /// The claim to a GPU lapses like one to a platform, and then a takeover ends it here.
    function test_bindGpu_TakesALapsedGpuOver() public {
        bytes32 other = _otherProviderWith(GPU);
        vm.warp(START + 1 days);
        _reverts(
            _claims(GPU), abi.encodeWithSelector(IAttestationRegistry.RegistryPlatformInUse.selector, GPU, other)
        );
        vm.warp(START + 1 days + 1);
        assertWord(registry.holderOf(GPU), 0, "lapsed");
        _gpuVerifier.setClaims(_claims(GPU));
        IAttestationRegistry.GpuEvidence memory evidence = _evidence();
        vm.expectEmit(address(registry));
        emit IAttestationRegistry.GpuInvalidated(other, 1, GPU, OWNER);
        vm.prank(OWNER);
        registry.bindGpu(providerId, evidence);
        assertWord(registry.holderOf(GPU), providerId, "holder");
        assertEq(registry.gpusOf(other)[0].validUntil, START + 1 days, "ended");
        assertEq(registry.gpusOf(providerId)[0].attestedAt, START + 1 days + 1, "attested");
        // The other provider's record, on its own machine, is not touched.
        assertEq(uint8(registry.statusOf(other)), uint8(IAttestationRegistry.ProviderStatus.Active), "other");
    }

    /// A denial of its machine takes the holder out, and can be taken back: the GPU must not count twice then.
    function test_bindGpu_EndsItWhereItDoesNotCountNow() public {
        bytes32 other = _otherProviderWith(GPU);
        router.denyPlatform("another platform");
        vm.warp(START + 1);
        _bind(_claims(GPU));
        router.pardonPlatform("another platform");
        assertEq(uint8(registry.statusOf(other)), uint8(IAttestationRegistry.ProviderStatus.Active), "pardoned");
        assertEq(registry.gpusOf(other)[0].validUntil, START, "ended");
        assertWord(registry.holderOf(GPU), providerId, "holder");
        _serves(0);
    }

    function test_register_RevertsWhen_EvidenceIsOfAGpu() public {
        (IAttestationRegistry.Registration memory registration,) = registrationOf(keysetOf(2));
        registration.teeKind = TeeKind.NvidiaGpu;
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryTeeKindUnsupported.selector, TeeKind.NvidiaGpu
            )
        );
        vm.prank(OWNER);
        registry.register(registration);
    }

    function test_invalidateGpu_TakesItAway() public {
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationRegistry.RegistryGpuUnknown.selector, providerId, GPU)
        );
        registry.invalidateGpu(providerId, GPU, EVIDENCE);
        _bind(_claims(GPU));
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryEvidenceUnknown.selector, keccak256("other"), keccak256(EVIDENCE)
            )
        );
        registry.invalidateGpu(providerId, GPU, "other");
        vm.expectRevert(abi.encodeWithSelector(IAttestationRegistry.RegistryEvidenceStillValid.selector, providerId));
        registry.invalidateGpu(providerId, GPU, EVIDENCE);
        _gpuVerifier.setMode(ScriptedVerifier.Mode.Inconclusive);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryEvidenceInconclusive.selector,
                providerId,
                abi.encodeWithSelector(ScriptedVerifier.DcapTcbInfoExpired.selector, 7)
            )
        );
        registry.invalidateGpu(providerId, GPU, EVIDENCE);
        _gpuVerifier.setMode(ScriptedVerifier.Mode.Outdated);
        vm.expectEmit(address(registry));
        emit IAttestationRegistry.GpuInvalidated(providerId, 1, GPU, STRANGER);
        vm.prank(STRANGER);
        registry.invalidateGpu(providerId, GPU, EVIDENCE);
        _serves(ReasonCodes.REGISTRY_GPU_EXPIRED);
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationRegistry.RegistryGpuExpired.selector, GPU, START - 1)
        );
        registry.invalidateGpu(providerId, GPU, EVIDENCE);
    }

    function test_denyPlatform_TakesAGpuAwayAtOnce() public {
        _bind(_claims(GPU));
        router.denyPlatform(GPU);
        _serves(ReasonCodes.REGISTRY_GPU_EXPIRED);
        router.pardonPlatform(GPU);
        _serves(0);
        router.retire(TeeKind.NvidiaGpu, 1);
        vm.warp(START + 1);
        _serves(ReasonCodes.REGISTRY_GPU_EXPIRED);
    }

    function _otherProviderWith(bytes32 gpu) private returns (bytes32 other) {
        Keyset memory keyset = keysetOf(1);
        keyset.owner = STRANGER;
        keyset.receiptSigner = abi.encodePacked(vm.addr(VOUCHER_KEY));
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keyset);
        registration.possessionSignature =
            signWith(VOUCHER_KEY, registry.registerDigestOf(claims.reportDataHigh, claims.reportDataLow));
        claims.platformId = "another platform";
        verifier.setClaims(claims);
        vm.prank(STRANGER);
        other = registry.register(registration);
        Claims memory gpuClaims = _claims(gpu);
        gpuClaims.reportDataHigh =
            sha256(abi.encodePacked("spartan/gpu/v1", claims.reportDataHigh, claims.reportDataLow));
        _gpuVerifier.setClaims(gpuClaims);
        bytes32 digest = registry.gpuDigestOf(claims.reportDataHigh, claims.reportDataLow, keccak256(EVIDENCE));
        vm.prank(STRANGER);
        registry.bindGpu(
            other, IAttestationRegistry.GpuEvidence(EVIDENCE, _block(), signWith(VOUCHER_KEY, digest))
        );
    }

    function _bind(Claims memory claims) private {
        _gpuVerifier.setClaims(claims);
        IAttestationRegistry.GpuEvidence memory evidence = _evidence();
        vm.prank(OWNER);
        registry.bindGpu(providerId, evidence);
    }

    function _reverts(Claims memory claims, bytes memory expected) private {
        _gpuVerifier.setClaims(claims);
        IAttestationRegistry.GpuEvidence memory evidence = _evidence();
        vm.expectRevert(expected);
        vm.prank(OWNER);
        registry.bindGpu(providerId, evidence);
    }

    function _evidence() private view returns (IAttestationRegistry.GpuEvidence memory) {
        bytes32 digest = registry.gpuDigestOf(_digest, _challenge, keccak256(EVIDENCE));
        return IAttestationRegistry.GpuEvidence(EVIDENCE, _block(), signWith(RECEIPT_KEY, digest));
    }

    function _claims(bytes32 platformId) private view returns (Claims memory claims) {
        claims.teeKind = TeeKind.NvidiaGpu;
        claims.simulated = true;
        claims.product = "GH100";
        claims.platformId = platformId;
        claims.earliestExpiry = uint64(START) + 30 days;
        claims.reportDataHigh = sha256(abi.encodePacked("spartan/gpu/v1", _digest, _challenge));
    }

    function _serves(bytes32 expected) private view {
        (bool ok, bytes32 reason) = registry.canServe(providerId, assetId, PAYER);
        assertWord(reason, expected, "reason");
        assertTrue(ok == (expected == 0), "ok");
    }

    function _block() private view returns (uint64) {
        return uint64(block.number) - 1;
    }
}
