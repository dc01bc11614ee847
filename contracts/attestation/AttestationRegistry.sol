// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Blockhash} from "@openzeppelin/contracts/utils/Blockhash.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAssetRegistry} from "../interfaces/IAssetRegistry.sol";
import {IAttestationRegistry} from "../interfaces/IAttestationRegistry.sol";
import {IEvidenceRouter} from "../interfaces/IEvidenceRouter.sol";
import {IReferenceValues} from "../interfaces/IReferenceValues.sol";
import {ReasonCodes} from "../libraries/ReasonCodes.sol";
import {SignerLib} from "../libraries/SignerLib.sol";
import {TypedDataLib} from "../libraries/TypedDataLib.sol";
import {Claims, Keyset, TeeKind, TrustTier} from "../types/ProtocolTypes.sol";
import {GpuBindings} from "./GpuBindings.sol";
import {ProviderRecords} from "./ProviderRecords.sol";
import {RecordData} from "./libraries/RecordData.sol";

/// @title AttestationRegistry; the manual is on IAttestationRegistry.
contract AttestationRegistry is GpuBindings, EIP712 {
    /// Blocks. Reach of the BLOCKHASH opcode; older evidence is not fresh even where EIP-2935 remembers more.
    uint256 public constant MAX_CHALLENGE_AGE_BLOCKS = 256;
    uint256 public constant MAX_ENDPOINT_BYTES = 256;
    uint256 public constant MAX_RECEIPT_SIGNER_BYTES = 256;
    uint256 public constant MAX_PAGE = 200;

    IAssetRegistry public immutable ASSETS;

    mapping(address owner => mapping(address operator => bool)) private _operatorApproved;
    /// One receipt signer, one provider, for ever.
    mapping(bytes32 signerHash => bytes32 providerId) private _signerOwners;
    /// From place 1 on: the first provider is not to pay for the length of the list becoming other than zero.
    bytes32[] private _providerIds;

    /// @param ttlSeconds Production: 7 days.
    /// @param graceSeconds Production: 72 hours.
    constructor(
        IEvidenceRouter router,
        IReferenceValues referenceValues,
        IAssetRegistry assets,
        bool devMode,
        uint64 ttlSeconds,
        uint64 graceSeconds
    )
        ProviderRecords(referenceValues, router, devMode, ttlSeconds, graceSeconds)
        EIP712("Spartan AttestationRegistry", "1")
    {
        ASSETS = assets;
        _providerIds.push(0);
    }

    /// @inheritdoc IAttestationRegistry
    function approveOperator(address operator, bool approved) external {
        _operatorApproved[msg.sender][operator] = approved;
        emit OperatorApproved(msg.sender, operator, approved);
    }

    /// @inheritdoc IAttestationRegistry
    function register(Registration calldata registration) external returns (bytes32 providerId) {
        Keyset calldata keyset = registration.keyset;
        _requireAllowed(msg.sender, keyset.owner, keyset.operator);
        return _register(registration, TypedDataLib.hashKeyset(keyset));
    }

    /// @inheritdoc IAttestationRegistry
    function registerFor(Registration calldata registration, Authorisation calldata authorisation)
        external
        returns (bytes32 providerId)
    {
        Keyset calldata keyset = registration.keyset;
        (address signer, uint64 deadline) = (authorisation.signer, authorisation.deadline);
        require(block.timestamp <= deadline, RegistryAuthorisationExpired(deadline, block.timestamp));
        _requireAllowed(signer, keyset.owner, keyset.operator);
        bytes32 keysetDigest = TypedDataLib.hashKeyset(keyset);
        bytes32 digest = authorisationDigestOf(
            keysetDigest,
            challengeOf(registration.challengeBlock, keyset.epoch),
            registration.endpoint,
            keyset.epoch,
            deadline
        );
        require(
            SignerLib.isValidSignature(abi.encodePacked(signer), digest, authorisation.signature),
            RegistryAuthorisationInvalid(signer, digest)
        );
        return _register(registration, keysetDigest);
    }

    /// @inheritdoc IAttestationRegistry
    function renew(bytes32 providerId, bytes calldata evidence, uint64 challengeBlock) external {
        (RecordData.Facts memory facts, Life memory life) = _living(providerId);
        require(facts.notAfter > block.timestamp, RegistryKeysetExpired(facts.notAfter, block.timestamp));
        (Claims memory claims, uint16 version, TrustTier tier) = _appraise(facts.teeKind, evidence);
        _requireBound(claims, facts.keysetDigest, challengeOf(challengeBlock, facts.epoch));
        require(
            claims.measurement == facts.measurement, RegistryMeasurementChanged(claims.measurement, facts.measurement)
        );
        require(claims.platformId == facts.platformId, RegistryPlatformChanged(claims.platformId, facts.platformId));
        (facts.activeUntil, facts.validUntil) = _lifetimes(claims.earliestExpiry, facts.notAfter);
        // Whoever replays an older document of the same keyset must not take time from the provider.
        if (facts.activeUntil < life.activeUntil) _requireAllowed(msg.sender, facts.owner, facts.operator);
        (facts.moduleVersion, facts.tier, facts.tcbStatus) = (version, tier, claims.tcbStatus);
        facts.evidenceHash = keccak256(evidence);
        _heads[providerId] = Head(RecordData.write(facts), 0, 0, life.draining);
        emit ProviderRenewed(
            providerId,
            facts.epoch,
            msg.sender,
            facts.tcbStatus,
            facts.activeUntil,
            facts.validUntil,
            facts.tier,
            facts.moduleVersion
        );
    }

    /// @inheritdoc IAttestationRegistry
    function invalidate(bytes32 providerId, bytes calldata evidence) external {
        (RecordData.Facts memory facts, Life memory life) = _known(providerId);
        require(life.revokedAt == 0, RegistryProviderRevoked(providerId, life.revokedAt));
        require(block.timestamp <= life.validUntil, RegistryProviderExpired(providerId, life.validUntil));
        bytes32 hash = keccak256(evidence);
        require(hash == facts.evidenceHash, RegistryEvidenceUnknown(hash, facts.evidenceHash));
        if (REFERENCE_VALUES.revokedAtOf(facts.measurement) != 0) return _revoke(providerId, facts.epoch);
        (IEvidenceRouter.Outcome outcome, bytes memory failure) =
            ROUTER.recheck(facts.teeKind, facts.moduleVersion, evidence);
        require(outcome != IEvidenceRouter.Outcome.Valid, RegistryEvidenceStillValid(providerId));
        require(
            outcome != IEvidenceRouter.Outcome.Inconclusive, RegistryEvidenceInconclusive(providerId, failure)
        );
        if (outcome == IEvidenceRouter.Outcome.Wrong) _revoke(providerId, facts.epoch);
        else _shorten(providerId, facts.epoch, life);
    }

    /// @inheritdoc IAttestationRegistry
    function revoke(bytes32 providerId) external {
        (RecordData.Facts memory facts, Life memory life) = _known(providerId);
        _requireAllowed(msg.sender, facts.owner, facts.operator);
        require(life.revokedAt == 0, RegistryProviderRevoked(providerId, life.revokedAt));
        _revoke(providerId, facts.epoch);
    }

    /// @inheritdoc IAttestationRegistry
    function setDraining(bytes32 providerId, bool draining) external {
        (RecordData.Facts memory facts,) = _known(providerId);
        _requireAllowed(msg.sender, facts.owner, facts.operator);
        _heads[providerId].draining = draining;
        emit ProviderDraining(providerId, draining);
    }

    /// @inheritdoc IAttestationRegistry
    function bindGpu(bytes32 providerId, GpuEvidence calldata gpuEvidence) external {
        (RecordData.Facts memory facts,) = _living(providerId);
        _requireAllowed(msg.sender, facts.owner, facts.operator);
        (Gpu memory gpu, Claims memory claims) = _gpuClaims(gpuEvidence.evidence);
        _requireCurrent(claims);
        require(claims.simulated == (facts.tier == TrustTier.Simulated), RegistryGpuSimulationMixed(claims.simulated, !claims.simulated));
        bytes32 challenge = challengeOf(gpuEvidence.challengeBlock, facts.epoch);
        bytes32 nonce = _gpuNonce(facts.keysetDigest, challenge);
        require(claims.reportDataHigh == nonce, RegistryGpuNotBound(claims.reportDataHigh, nonce));
        bytes32 digest = gpuDigestOf(facts.keysetDigest, challenge, gpu.evidenceHash);
        require(
            SignerLib.isValidSignature(facts.receiptSigner, digest, gpuEvidence.possessionSignature),
            RegistryPossessionNotProven(facts.receiptSigner, digest)
        );
        (gpu.validUntil,) = _lifetimes(claims.earliestExpiry, facts.notAfter);
        _claimPlatform(providerId, gpu.platformId);
        _bindGpu(providerId, facts, gpu);
        emit GpuBound(
            providerId, facts.epoch, gpu.platformId, claims.product, gpu.tier, gpu.validUntil, gpu.simulated
        );
    }

    /// @inheritdoc IAttestationRegistry
    function invalidateGpu(bytes32 providerId, bytes32 platformId, bytes calldata evidence) external {
        (RecordData.Facts memory facts,) = _known(providerId);
        _invalidateGpu(providerId, facts.epoch, platformId, evidence);
    }

    /// @inheritdoc IAttestationRegistry
    function keysetDigestOf(Keyset calldata keyset) external pure returns (bytes32) {
        return TypedDataLib.hashKeyset(keyset);
    }

    /// @inheritdoc IAttestationRegistry
    function isOperatorApproved(address owner, address operator) external view returns (bool) {
        return _operatorApproved[owner][operator];
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
        return _providerIds.length - 1;
    }

    /// @inheritdoc IAttestationRegistry
    function providers(uint256 cursor, uint256 limit) external view returns (bytes32[] memory page) {
        uint256 total = _providerIds.length - 1;
        if (cursor >= total) return page;
        page = new bytes32[](Math.min(Math.min(limit, MAX_PAGE), total - cursor));
        for (uint256 i = 0; i < page.length; i++) {
            page[i] = _providerIds[1 + cursor + i];
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

    /// Everything from the keyset on; whoever calls has been checked.
    function _register(Registration calldata registration, bytes32 digest) private returns (bytes32 providerId) {
        Keyset calldata keyset = registration.keyset;
        providerId = providerIdOf(keyset.owner, keyset.operator);
        Head memory head = _heads[providerId];
        bytes32 signerHash = _checkRequest(providerId, registration, head);
        bytes32 challenge = challengeOf(registration.challengeBlock, keyset.epoch);
        (Claims memory claims, uint16 version, TrustTier tier) = _appraise(registration.teeKind, registration.evidence);
        _requireBound(claims, digest, challenge);
        bytes32 possession = registerDigestOf(digest, challenge);
        require(
            SignerLib.isValidSignature(keyset.receiptSigner, possession, registration.possessionSignature),
            RegistryPossessionNotProven(keyset.receiptSigner, possession)
        );
        _checkWorkload(claims.measurement, keyset.workloadId);
        _claimPlatform(providerId, claims.platformId);
        _signerOwners[signerHash] = providerId;
        if (head.facts == address(0)) _providerIds.push(providerId);
        else _supersede(providerId, keyset.epoch - 1, head);
        RecordData.Facts memory facts = _factsOf(registration, claims, digest);
        (facts.moduleVersion, facts.tier) = (version, tier);
        _heads[providerId] = Head(RecordData.write(facts), 0, 0, false);
        _emitRegistered(providerId, facts, keyset.workloadId, claims.product);
    }

    /// The keys of a superseded epoch sign for nothing that finishes later.
    function _supersede(bytes32 providerId, uint64 epoch, Head memory head) private {
        uint40 endedAt = uint40(block.timestamp);
        if (head.shortenedAt != 0) endedAt = _min(endedAt, head.shortenedAt + uint40(GRACE_SECONDS));
        _past[providerId][epoch] = Past(head.facts, endedAt, head.revokedAt);
    }

    function _revoke(bytes32 providerId, uint64 epoch) private {
        _heads[providerId].revokedAt = uint40(block.timestamp);
        emit ProviderRevoked(providerId, epoch, msg.sender);
    }

    /// Genuine, but not accepted any more: no new channels, open ones have the grace period to finish.
    function _shorten(bytes32 providerId, uint64 epoch, Life memory life) private {
        uint40 now_ = uint40(block.timestamp);
        uint40 end = now_ + uint40(GRACE_SECONDS);
        require(
            life.activeUntil > now_ || life.validUntil > end, RegistryProviderInGrace(providerId, life.validUntil)
        );
        _heads[providerId].shortenedAt = now_;
        emit ProviderShortened(
            providerId, epoch, msg.sender, _min(life.activeUntil, now_), _min(life.validUntil, end)
        );
    }

    function _emitRegistered(bytes32 providerId, RecordData.Facts memory facts, bytes32 workloadId, bytes32 product)
        private
    {
        emit ProviderRegistered(
            providerId,
            facts.owner,
            facts.epoch,
            facts.operator,
            facts.keysetDigest,
            workloadId,
            facts.platformId,
            facts.tcbStatus,
            facts.activeUntil,
            facts.validUntil,
            facts.tier == TrustTier.Simulated,
            facts.tier,
            product,
            facts.moduleVersion,
            facts.endpoint
        );
    }

    /// Everything that can be judged without the evidence.
    function _checkRequest(bytes32 providerId, Registration calldata registration, Head memory head)
        private
        view
        returns (bytes32 signerHash)
    {
        Keyset calldata keyset = registration.keyset;
        require(keyset.chainId == block.chainid, RegistryKeysetWrongChain(keyset.chainId, block.chainid));
        require(keyset.registry == address(this), RegistryKeysetWrongRegistry(keyset.registry, address(this)));
        require(keyset.notAfter > block.timestamp, RegistryKeysetExpired(keyset.notAfter, block.timestamp));
        uint64 next = head.facts == address(0) ? 1 : uint64(RecordData.epochOf(RecordData.load(head.facts))) + 1;
        require(keyset.epoch == next, RegistryEpochNotNext(keyset.epoch, next));
        uint256 signerBytes = keyset.receiptSigner.length;
        require(
            signerBytes <= MAX_RECEIPT_SIGNER_BYTES, RegistryReceiptSignerTooLong(signerBytes, MAX_RECEIPT_SIGNER_BYTES)
        );
        signerHash = keccak256(keyset.receiptSigner);
        bytes32 signerOwner = _signerOwners[signerHash];
        require(signerOwner == 0 || signerOwner == providerId, RegistryKeyInUse(keyset.receiptSigner, signerOwner));
        uint256 endpointBytes = bytes(registration.endpoint).length;
        require(endpointBytes <= MAX_ENDPOINT_BYTES, RegistryEndpointTooLong(endpointBytes, MAX_ENDPOINT_BYTES));
    }

    /// The owner, or its operator while the owner approves of it.
    function _requireAllowed(address caller, address owner, address operator) private view {
        bool allowed = caller == owner || (caller == operator && _operatorApproved[owner][operator]);
        require(allowed, RegistryCallerNotAllowed(caller, owner, operator));
    }

    function _appraise(TeeKind kind, bytes calldata evidence)
        private
        view
        returns (Claims memory claims, uint16 version, TrustTier tier)
    {
        require(kind != TeeKind.NvidiaGpu, RegistryTeeKindUnsupported(kind));
        (claims, version, tier) = ROUTER.appraise(kind, evidence);
        _requireCurrent(claims);
    }

    function _requireCurrent(Claims memory claims) private view {
        require(!claims.simulated || DEV_MODE, RegistrySimulatedNotAllowed());
        require(
            claims.earliestExpiry > block.timestamp, RegistryEndorsementsExpired(claims.earliestExpiry, block.timestamp)
        );
    }

    function _checkWorkload(bytes32 measurement, bytes32 workloadId) private view {
        (bytes32 expected, IReferenceValues.WorkloadStatus status, uint64 activeFrom) =
            REFERENCE_VALUES.standingOf(measurement);
        require(status != IReferenceValues.WorkloadStatus.None, RegistryWorkloadUnknown(measurement));
        require(status != IReferenceValues.WorkloadStatus.Revoked, RegistryWorkloadRevoked(measurement));
        require(
            status == IReferenceValues.WorkloadStatus.Active, RegistryWorkloadNotActive(measurement, activeFrom)
        );
        require(workloadId == expected, RegistryWorkloadMismatch(workloadId, expected));
    }

    /// A current epoch that has neither ended nor been revoked in any way.
    function _living(bytes32 providerId) private view returns (RecordData.Facts memory facts, Life memory life) {
        (facts, life) = _known(providerId);
        (, bytes32 reason) = _statusAndReason(facts, life);
        require(reason != ReasonCodes.REGISTRY_PROVIDER_REVOKED, RegistryProviderRevoked(providerId, life.revokedAt));
        require(reason != ReasonCodes.REGISTRY_PLATFORM_DENIED, RegistryPlatformDenied(facts.platformId));
        require(reason != ReasonCodes.REGISTRY_WORKLOAD_REVOKED, RegistryWorkloadRevoked(facts.measurement));
        require(reason != ReasonCodes.REGISTRY_PROVIDER_EXPIRED, RegistryProviderExpired(providerId, life.validUntil));
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

    function _factsOf(Registration calldata registration, Claims memory claims, bytes32 keysetDigest)
        private
        view
        returns (RecordData.Facts memory facts)
    {
        Keyset calldata keyset = registration.keyset;
        (facts.owner, facts.operator) = (keyset.owner, keyset.operator);
        // Safe: the next epoch after one that fitted, of which each costs a registration.
        facts.epoch = uint40(keyset.epoch);
        facts.registeredAt = uint40(block.timestamp);
        (facts.activeUntil, facts.validUntil) = _lifetimes(claims.earliestExpiry, keyset.notAfter);
        facts.notAfter = uint40(Math.min(keyset.notAfter, type(uint40).max));
        facts.teeKind = claims.teeKind;
        facts.tcbStatus = claims.tcbStatus;
        facts.keysetDigest = keysetDigest;
        facts.measurement = claims.measurement;
        facts.platformId = claims.platformId;
        facts.evidenceHash = keccak256(registration.evidence);
        facts.hpkeKeyDigest = keyset.hpkeKeyDigest;
        facts.receiptSigner = keyset.receiptSigner;
        facts.endpoint = registration.endpoint;
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
        (record.revokedAt, record.notAfter) = (life.revokedAt, facts.notAfter);
        record.keysetDigest = facts.keysetDigest;
        (record.workloadId,,) = REFERENCE_VALUES.standingOf(facts.measurement);
        (record.measurement, record.platformId) = (facts.measurement, facts.platformId);
        record.hpkeKeyDigest = facts.hpkeKeyDigest;
        record.moduleVersion = facts.moduleVersion;
        (record.receiptSigner, record.endpoint) = (facts.receiptSigner, facts.endpoint);
    }

    function _requireBound(Claims memory claims, bytes32 digest, bytes32 challenge) private pure {
        require(claims.reportDataHigh == digest, RegistryKeysetNotBound(claims.reportDataHigh, digest));
        require(claims.reportDataLow == challenge, RegistryChallengeNotBound(claims.reportDataLow, challenge));
    }

    function _endsBy(uint64 end, uint64 until) private pure returns (bool) {
        return end != 0 && end <= until + 1;
    }
}
