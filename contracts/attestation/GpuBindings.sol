// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEvidenceRouter} from "../interfaces/IEvidenceRouter.sol";
import {Claims, TeeKind, TrustTier} from "../types/ProtocolTypes.sol";
import {ProviderRecords} from "./ProviderRecords.sol";
import {RecordData} from "./libraries/RecordData.sol";

/// @title GPUs of AttestationRegistry's providers; the manual is on IAttestationRegistry.
abstract contract GpuBindings is ProviderRecords {
    /// GPUs and switches of one machine (eight and four in the largest of today), with room.
    uint256 public constant MAX_GPUS = 16;
    string private constant NONCE_DOMAIN = "spartan/gpu/v1";

    mapping(bytes32 providerId => mapping(uint64 epoch => Gpu[])) private _gpus;

    /// @inheritdoc ProviderRecords
    function _holds(bytes32 providerId, bytes32 platformId) internal view override returns (bool) {
        (RecordData.Facts memory facts, Life memory life) = _current(providerId);
        if (!_isLive(facts, life)) return false;
        if (facts.platformId == platformId) return true;
        Gpu[] storage gpus = _gpus[providerId][facts.epoch];
        for (uint256 i = 0; i < gpus.length; i++) {
            if (gpus[i].platformId == platformId) return _gpuEnd(gpus[i]) >= block.timestamp;
        }
        return false;
    }

    /// What the GPU has to have signed: as fresh as the challenge, and naming the keyset.
    function _gpuNonce(bytes32 keysetDigest, bytes32 challenge) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(NONCE_DOMAIN, keysetDigest, challenge));
    }

    function _bindGpu(bytes32 providerId, RecordData.Facts memory facts, Gpu memory gpu) internal {
        Gpu[] storage gpus = _gpus[providerId][facts.epoch];
        uint256 count = gpus.length;
        for (uint256 i = 0; i < count; i++) {
            if (gpus[i].platformId == gpu.platformId) {
                gpus[i] = gpu;
                return;
            }
        }
        require(count < MAX_GPUS, RegistryGpuLimit(providerId, MAX_GPUS));
        gpus.push(gpu);
    }

    function _invalidateGpu(bytes32 providerId, uint64 epoch, bytes32 platformId, bytes calldata evidence) internal {
        Gpu storage gpu = _gpuOf(providerId, epoch, platformId);
        uint40 end = _gpuEnd(gpu);
        require(end >= block.timestamp, RegistryGpuExpired(platformId, end));
        bytes32 hash = keccak256(evidence);
        require(hash == gpu.evidenceHash, RegistryEvidenceUnknown(hash, gpu.evidenceHash));
        (IEvidenceRouter.Outcome outcome, bytes memory failure) =
            ROUTER.recheck(TeeKind.NvidiaGpu, gpu.moduleVersion, evidence);
        require(outcome != IEvidenceRouter.Outcome.Valid, RegistryEvidenceStillValid(providerId));
        require(
            outcome != IEvidenceRouter.Outcome.Inconclusive, RegistryEvidenceInconclusive(providerId, failure)
        );
        // Nothing hangs on a GPU but new channels: there is no grace to give.
        gpu.validUntil = uint40(block.timestamp) - 1;
        emit GpuInvalidated(providerId, epoch, platformId, msg.sender);
    }

    function _gpuClaims(bytes calldata evidence) internal view returns (Gpu memory gpu, Claims memory claims) {
        (claims, gpu.moduleVersion, gpu.tier) = ROUTER.appraise(TeeKind.NvidiaGpu, evidence);
        require(claims.platformId != 0, RegistryGpuIdentityMissing());
        (gpu.platformId, gpu.measurement) = (claims.platformId, claims.measurement);
        gpu.evidenceHash = keccak256(evidence);
        gpu.simulated = claims.simulated;
    }

    /// GPUs of an epoch with their ends as they hold now.
    function _gpusAt(bytes32 providerId, uint64 epoch) internal view returns (Gpu[] memory gpus) {
        Gpu[] storage stored = _gpus[providerId][epoch];
        gpus = stored;
        for (uint256 i = 0; i < gpus.length; i++) {
            gpus[i].validUntil = _gpuEnd(stored[i]);
        }
    }

    /// The best tier among the GPUs that count now; None when there is none, and then whether there ever was one.
    function _bestGpu(bytes32 providerId, uint64 epoch) internal view returns (TrustTier best, bool any) {
        Gpu[] storage gpus = _gpus[providerId][epoch];
        uint256 count = gpus.length;
        for (uint256 i = 0; i < count; i++) {
            TrustTier tier = gpus[i].tier;
            if (tier > best && _gpuEnd(gpus[i]) >= block.timestamp) best = tier;
        }
        return (best, count != 0);
    }

    function _gpuOf(bytes32 providerId, uint64 epoch, bytes32 platformId) private view returns (Gpu storage) {
        Gpu[] storage gpus = _gpus[providerId][epoch];
        for (uint256 i = 0; i < gpus.length; i++) {
            if (gpus[i].platformId == platformId) return gpus[i];
        }
        revert RegistryGpuUnknown(providerId, platformId);
    }

    /// No grace: a denied GPU, or one whose module has retired, counts for nothing from then on. One that another provider has
    /// claimed since cannot be: it had to end here first.
    function _gpuEnd(Gpu storage gpu) private view returns (uint40 end) {
        end = gpu.validUntil;
        (uint40 retiredAt, uint40 deniedAt) = ROUTER.standingOf(TeeKind.NvidiaGpu, gpu.moduleVersion, gpu.platformId);
        if (retiredAt != 0) end = _min(end, retiredAt);
        if (deniedAt != 0) end = _min(end, deniedAt - 1);
    }
}
