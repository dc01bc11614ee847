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
    function _displace(bytes32 holder, bytes32 platformId) internal override {
        (bool counts, uint64 epoch, uint256 place) = _liveGpu(holder, platformId);
        Gpu[] storage gpus = _gpus[holder][epoch];
        if (place == gpus.length) return super._displace(holder, platformId);
        Gpu storage gpu = gpus[place];
        require(!counts || !_isFresh(gpu.attestedAt), RegistryPlatformInUse(platformId, holder));
        // One that does not count now may count again: a denial can be taken back.
        if (gpu.validUntil >= block.timestamp) _endGpu(holder, epoch, gpu);
    }

    /// What the GPU has to have signed: as fresh as the challenge, and naming the keyset.
    function _gpuNonce(bytes32 keysetDigest, bytes32 challenge) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(NONCE_DOMAIN, keysetDigest, challenge));
    }

    function _bindGpu(bytes32 providerId, RecordData.Facts memory facts, Gpu memory gpu) internal {
        Gpu[] storage gpus = _gpus[providerId][facts.epoch];
        uint256 place = _placeOf(gpus, gpu.platformId);
        if (place == MAX_GPUS) place = _endedPlace(providerId, gpus);
        if (place == gpus.length) gpus.push(gpu);
        else gpus[place] = gpu;
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
        _endGpu(providerId, epoch, gpu);
    }

    /// @inheritdoc ProviderRecords
    function _holds(bytes32 providerId, bytes32 platformId) internal view override returns (bool) {
        (bool counts, uint64 epoch, uint256 place) = _liveGpu(providerId, platformId);
        if (!counts) return super._holds(providerId, platformId);
        return _isFresh(_gpus[providerId][epoch][place].attestedAt);
    }

    function _gpuClaims(bytes calldata evidence) internal view returns (Gpu memory gpu, Claims memory claims) {
        (claims, gpu.moduleVersion, gpu.tier) = ROUTER.appraise(TeeKind.NvidiaGpu, evidence);
        require(claims.platformId != 0, RegistryGpuIdentityMissing());
        (gpu.platformId, gpu.measurement) = (claims.platformId, claims.measurement);
        gpu.evidenceHash = keccak256(evidence);
        (gpu.simulated, gpu.attestedAt) = (claims.simulated, uint40(block.timestamp));
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

    /// Nothing hangs on a GPU but new channels: there is no grace to give.
    function _endGpu(bytes32 providerId, uint64 epoch, Gpu storage gpu) private {
        gpu.validUntil = uint40(block.timestamp) - 1;
        emit GpuInvalidated(providerId, epoch, gpu.platformId, msg.sender);
    }

    /// Whether a GPU of this id counts now in the current epoch of a provider that is live, and where it is.
    function _liveGpu(bytes32 providerId, bytes32 platformId)
        private
        view
        returns (bool counts, uint64 epoch, uint256 place)
    {
        (RecordData.Facts memory facts, Life memory life) = _current(providerId);
        epoch = facts.epoch;
        Gpu[] storage gpus = _gpus[providerId][epoch];
        place = _placeOf(gpus, platformId);
        counts = place < gpus.length && _isLive(facts, life) && _gpuEnd(gpus[place]) >= block.timestamp;
    }

    /// Place of a GPU in a list; the list's length when it has none of this id.
    function _placeOf(Gpu[] storage gpus, bytes32 platformId) private view returns (uint256 place) {
        uint256 count = gpus.length;
        while (place < count && gpus[place].platformId != platformId) place++;
    }

    /// Place of a GPU that has ended, in a list that is full.
    function _endedPlace(bytes32 providerId, Gpu[] storage gpus) private view returns (uint256 place) {
        for (; place < MAX_GPUS; place++) {
            if (_gpuEnd(gpus[place]) < block.timestamp) return place;
        }
        revert RegistryGpuLimit(providerId, MAX_GPUS);
    }

    function _gpuOf(bytes32 providerId, uint64 epoch, bytes32 platformId) private view returns (Gpu storage) {
        Gpu[] storage gpus = _gpus[providerId][epoch];
        uint256 place = _placeOf(gpus, platformId);
        require(place < gpus.length, RegistryGpuUnknown(providerId, platformId));
        return gpus[place];
    }

    /// No grace: a denied GPU, or one whose module has retired, counts for nothing from then on. One that another provider has
    /// claimed since has ended here with that.
    function _gpuEnd(Gpu storage gpu) private view returns (uint40 end) {
        end = gpu.validUntil;
        (uint40 retiredAt, uint40 deniedAt) = ROUTER.standingOf(TeeKind.NvidiaGpu, gpu.moduleVersion, gpu.platformId);
        if (retiredAt != 0) end = _min(end, retiredAt);
        if (deniedAt != 0) end = _min(end, deniedAt - 1);
    }
}
