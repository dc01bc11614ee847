// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Blockhash} from "@openzeppelin/contracts/utils/Blockhash.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAssetRegistry} from "../interfaces/IAssetRegistry.sol";
import {IAttestationRegistry} from "../interfaces/IAttestationRegistry.sol";
import {ReasonCodes} from "../libraries/ReasonCodes.sol";
import {TypedDataLib} from "../libraries/TypedDataLib.sol";
import {Keyset, TeeKind, TrustTier} from "../types/ProtocolTypes.sol";
import {GpuBindings} from "./GpuBindings.sol";
import {RecordList} from "./RecordList.sol";
import {RecordData} from "./libraries/RecordData.sol";

/// @title What AttestationRegistry answers: who may serve, who signs, what is to be signed; the manual is on IAttestationRegistry.
/// @dev Nothing in here writes.
abstract contract RegistryViews is GpuBindings, EIP712 {
    /// Blocks. Reach of the BLOCKHASH opcode; older evidence is not fresh even where EIP-2935 remembers more.
    uint256 public constant MAX_CHALLENGE_AGE_BLOCKS = 256;
    uint256 public constant MAX_PAGE = 200;

    IAssetRegistry public immutable ASSETS;
    /// First record of every provider, in order.
    RecordList public immutable RECORDS;

    constructor(IAssetRegistry assets) EIP712("Spartan AttestationRegistry", "1") {
        ASSETS = assets;
        RECORDS = new RecordList();
    }

    /// @inheritdoc IAttestationRegistry
    function keysetDigestOf(Keyset calldata keyset) external pure returns (bytes32) {
        return TypedDataLib.hashKeyset(keyset);
    }

    /// @inheritdoc IAttestationRegistry
    function recordOf(bytes32 providerId) external view returns (ProviderRecord memory) {
        (RecordData.Facts memory facts, Life memory life) = _current(providerId);
        return _recordFrom(facts, life);
    }

    /// @inheritdoc IAttestationRegistry
    function recordAt(bytes32 providerId, uint64 epoch) external view returns (ProviderRecord memory record) {
        (bytes memory data, Life memory life) = _at(providerId, epoch);
        if (data.length == 0) return record;
        return _recordFrom(RecordData.unpack(data), life);
    }

    /// @inheritdoc IAttestationRegistry
    function evidenceHashOf(bytes32 providerId, uint64 epoch) external view returns (bytes32) {
        (bytes memory data,) = _at(providerId, epoch);
        return data.length == 0 ? bytes32(0) : RecordData.unpack(data).evidenceHash;
    }

    /// @inheritdoc IAttestationRegistry
    function gpusOf(bytes32 providerId) external view returns (Gpu[] memory) {
        (RecordData.Facts memory facts,) = _current(providerId);
        return _gpusAt(providerId, facts.epoch);
    }

    /// @inheritdoc IAttestationRegistry
    function holderOf(bytes32 platformId) external view returns (bytes32 providerId) {
        providerId = _platformHolders[platformId];
        if (providerId != 0 && !_holds(providerId, platformId)) return 0;
    }

    /// @inheritdoc IAttestationRegistry
    function receiptSignerAt(bytes32 providerId, uint64 epoch, uint64 timestamp)
        external
        view
        returns (bytes memory signer, bytes32 reason)
    {
        uint64 from;
        uint64 until;
        (signer, from, until, reason) = receiptSignerWindow(providerId, epoch);
        if (signer.length == 0) return ("", reason);
        if (timestamp < from) return ("", ReasonCodes.REGISTRY_NOT_YET_ATTESTED);
        return timestamp > until ? (bytes(""), reason) : (signer, bytes32(0));
    }

    /// @inheritdoc IAttestationRegistry
    function payoutOf(bytes32 providerId) external view returns (address) {
        address facts = _heads[providerId].facts;
        return facts == address(0) ? address(0) : RecordData.ownerOf(RecordData.load(facts));
    }

    /// @inheritdoc IAttestationRegistry
    /// @dev `user` is not judged yet: rights and budgets per user belong to the asset's policy.
    function canServe(bytes32 providerId, uint256 assetId, address) external view returns (bool ok, bytes32 reason) {
        return canServeVersion(providerId, assetId, ASSETS.latestVersion(assetId));
    }

    /// @inheritdoc IAttestationRegistry
    function statusOf(bytes32 providerId) external view returns (ProviderStatus status) {
        (RecordData.Facts memory facts, Life memory life) = _current(providerId);
        (status,) = _statusAndReason(facts, life);
    }

    /// @inheritdoc IAttestationRegistry
    function providerCount() external view returns (uint256) {
        return RECORDS.count();
    }

    /// @inheritdoc IAttestationRegistry
    function providers(uint256 cursor, uint256 limit) external view returns (bytes32[] memory page) {
        uint256 total = RECORDS.count();
        if (cursor >= total) return page;
        page = new bytes32[](Math.min(Math.min(limit, MAX_PAGE), total - cursor));
        for (uint256 i = 0; i < page.length; i++) {
            bytes memory data = RecordData.load(RECORDS.pointerOf(cursor + i));
            page[i] = providerIdOf(RecordData.ownerOf(data), RecordData.operatorOf(data));
        }
    }

    /// @inheritdoc IAttestationRegistry
    function receiptSignerWindow(bytes32 providerId, uint64 epoch)
        public
        view
        returns (bytes memory signer, uint64 from, uint64 until, bytes32 reasonAfter)
    {
        (bytes memory data, Life memory life) = _at(providerId, epoch);
        if (data.length == 0) {
            bool known = _heads[providerId].facts != address(0);
            return ("", 0, 0, known ? ReasonCodes.REGISTRY_EPOCH_UNKNOWN : ReasonCodes.REGISTRY_PROVIDER_UNKNOWN);
        }
        (from,,) = RecordData.timesOf(data);
        (until, reasonAfter) = (life.validUntil, ReasonCodes.REGISTRY_PROVIDER_EXPIRED);
        uint64 workloadRevokedAt = REFERENCE_VALUES.revokedAtOf(RecordData.measurementOf(data));
        // The time itself counts as after the end; where two ends fall together the later line names it.
        if (_endsBy(workloadRevokedAt, until)) {
            (until, reasonAfter) = (workloadRevokedAt - 1, ReasonCodes.REGISTRY_WORKLOAD_REVOKED);
        }
        if (_endsBy(life.deniedAt, until)) (until, reasonAfter) = (life.deniedAt - 1, ReasonCodes.REGISTRY_PLATFORM_DENIED);
        if (_endsBy(life.revokedAt, until)) {
            (until, reasonAfter) = (life.revokedAt - 1, ReasonCodes.REGISTRY_PROVIDER_REVOKED);
        }
        signer = RecordData.receiptSignerOf(data);
    }

    /// @inheritdoc IAttestationRegistry
    function canServeVersion(bytes32 providerId, uint256 assetId, uint32 assetVersion)
        public
        view
        returns (bool ok, bytes32 reason)
    {
        (RecordData.Facts memory facts, Life memory life) = _current(providerId);
        (, reason) = _statusAndReason(facts, life);
        if (reason == 0) reason = _objectionOfAsset(providerId, facts, assetId, assetVersion);
        return (reason == 0, reason);
    }

    /// @inheritdoc IAttestationRegistry
    function challengeOf(uint64 blockNumber, uint64 epoch) public view returns (bytes32) {
        bool inReach = blockNumber < block.number && block.number - blockNumber <= MAX_CHALLENGE_AGE_BLOCKS;
        bytes32 blockHash = inReach ? Blockhash.blockHash(blockNumber) : bytes32(0);
        require(blockHash != 0, RegistryChallengeStale(blockNumber, block.number));
        return keccak256(abi.encode(uint256(blockNumber), blockHash, uint256(epoch)));
    }

    /// @inheritdoc IAttestationRegistry
    function registerDigestOf(bytes32 keysetDigest, bytes32 challenge) public view returns (bytes32) {
        return _hashTypedDataV4(TypedDataLib.hashRegister(keysetDigest, challenge));
    }

    /// @inheritdoc IAttestationRegistry
    function authorisationDigestOf(
        bytes32 keysetDigest,
        bytes32 challenge,
        string calldata endpoint,
        uint256 nonce,
        uint64 deadline
    ) public view returns (bytes32) {
        return _hashTypedDataV4(TypedDataLib.hashRegisterFor(keysetDigest, challenge, endpoint, nonce, deadline));
    }

    /// @inheritdoc IAttestationRegistry
    function gpuDigestOf(bytes32 keysetDigest, bytes32 challenge, bytes32 evidenceHash) public view returns (bytes32) {
        return _hashTypedDataV4(TypedDataLib.hashBindGpu(keysetDigest, challenge, evidenceHash));
    }

    /// @inheritdoc IAttestationRegistry
    function providerIdOf(address owner, address operator) public pure returns (bytes32) {
        return keccak256(abi.encode(owner, operator));
    }

    function _objectionOfAsset(
        bytes32 providerId,
        RecordData.Facts memory facts,
        uint256 assetId,
        uint32 assetVersion
    ) private view returns (bytes32) {
        uint32 latest = ASSETS.latestVersion(assetId);
        if (latest == 0) return ReasonCodes.ASSET_UNKNOWN;
        if (assetVersion == 0 || assetVersion > latest) return ReasonCodes.ASSET_VERSION_UNKNOWN;
        (,, bool retired) = ASSETS.termsOf(assetId, assetVersion);
        if (retired) return ReasonCodes.ASSET_VERSION_RETIRED;
        (bytes32 workloadId,,) = REFERENCE_VALUES.standingOf(facts.measurement);
        if (!ASSETS.acceptsWorkload(assetId, assetVersion, workloadId, uint8(facts.teeKind))) {
            return ReasonCodes.ASSET_WORKLOAD_NOT_ACCEPTED;
        }
        TrustTier minimum = ASSETS.minimumTierOf(assetId);
        if (facts.tier < minimum) return ReasonCodes.ASSET_TIER_TOO_LOW;
        if (ASSETS.acceptsWorkload(assetId, assetVersion, workloadId, uint8(TeeKind.NvidiaGpu))) {
            (TrustTier gpu, bool any) = _bestGpu(providerId, facts.epoch);
            if (!any) return ReasonCodes.REGISTRY_GPU_MISSING;
            if (gpu == TrustTier.None) return ReasonCodes.REGISTRY_GPU_EXPIRED;
            if (gpu < minimum) return ReasonCodes.ASSET_TIER_TOO_LOW;
        }
        return 0;
    }

    function _recordFrom(RecordData.Facts memory facts, Life memory life)
        private
        view
        returns (ProviderRecord memory record)
    {
        if (facts.registeredAt == 0) return record;
        (record.owner, record.operator, record.epoch) = (facts.owner, facts.operator, facts.epoch);
        (record.teeKind, record.tcbStatus, record.tier) = (facts.teeKind, facts.tcbStatus, facts.tier);
        (record.simulated, record.draining) = (facts.tier == TrustTier.Simulated, life.draining);
        record.registeredAt = facts.registeredAt;
        (record.activeUntil, record.validUntil) = (life.activeUntil, life.validUntil);
        (record.revokedAt, record.notAfter, record.attestedAt) = (life.revokedAt, facts.notAfter, facts.attestedAt);
        record.keysetDigest = facts.keysetDigest;
        (record.workloadId,,) = REFERENCE_VALUES.standingOf(facts.measurement);
        (record.measurement, record.platformId) = (facts.measurement, facts.platformId);
        record.hpkeKeyDigest = facts.hpkeKeyDigest;
        record.moduleVersion = facts.moduleVersion;
        (record.receiptSigner, record.endpoint) = (facts.receiptSigner, facts.endpoint);
    }

    function _endsBy(uint64 end, uint64 until) private pure returns (bool) {
        return end != 0 && end <= until + 1;
    }
}
