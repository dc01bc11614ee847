// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAssetRegistry} from "../interfaces/IAssetRegistry.sol";
import {IAttestationRegistry} from "../interfaces/IAttestationRegistry.sol";
import {IEvidenceRouter} from "../interfaces/IEvidenceRouter.sol";
import {IReferenceValues} from "../interfaces/IReferenceValues.sol";
import {ReasonCodes} from "../libraries/ReasonCodes.sol";
import {SignerLib} from "../libraries/SignerLib.sol";
import {TypedDataLib} from "../libraries/TypedDataLib.sol";
import {Claims, Keyset, TeeKind, TrustTier} from "../types/ProtocolTypes.sol";
import {ProviderRecords} from "./ProviderRecords.sol";
import {RegistryViews} from "./RegistryViews.sol";
import {RecordData} from "./libraries/RecordData.sol";

/// @title AttestationRegistry: what changes records; the manual is on IAttestationRegistry.
contract AttestationRegistry is RegistryViews {
    uint256 public constant MAX_ENDPOINT_BYTES = 256;
    uint256 public constant MAX_RECEIPT_SIGNER_BYTES = 256;

    mapping(address owner => mapping(address operator => bool)) private _operatorApproved;
    /// One receipt signer, one provider, for ever.
    mapping(bytes32 signerHash => bytes32 providerId) private _signerOwners;

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
        RegistryViews(assets)
    {}

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
        _claimPlatform(providerId, facts.platformId);
        (facts.moduleVersion, facts.tier, facts.tcbStatus) = (version, tier, claims.tcbStatus);
        (facts.evidenceHash, facts.attestedAt) = (keccak256(evidence), uint40(block.timestamp));
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
        // Acts by itself, and can be taken back: a stranger must not make it final.
        require(life.deniedAt == 0, RegistryPlatformDenied(facts.platformId));
        (IEvidenceRouter.Outcome outcome, bytes memory failure) =
            ROUTER.recheck(facts.teeKind, facts.moduleVersion, evidence);
        require(outcome != IEvidenceRouter.Outcome.Valid, RegistryEvidenceStillValid(providerId));
        require(
            outcome != IEvidenceRouter.Outcome.Inconclusive, RegistryEvidenceInconclusive(providerId, failure)
        );
        if (outcome == IEvidenceRouter.Outcome.Wrong) _revoke(providerId, facts.epoch);
        else _outdate(providerId, facts.epoch, life);
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
    function isOperatorApproved(address owner, address operator) external view returns (bool) {
        return _operatorApproved[owner][operator];
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
        RecordData.Facts memory facts = _factsOf(registration, claims, digest);
        (facts.moduleVersion, facts.tier) = (version, tier);
        address pointer;
        if (head.facts == address(0)) {
            pointer = RECORDS.append(RecordData.pack(facts));
        } else {
            _supersede(providerId, keyset.epoch - 1, head);
            pointer = RecordData.write(facts);
        }
        _heads[providerId] = Head(pointer, 0, 0, false);
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

    /// Genuine, but not accepted any more.
    function _outdate(bytes32 providerId, uint64 epoch, Life memory life) private {
        uint40 now_ = uint40(block.timestamp);
        bool shortens = life.activeUntil > now_ || life.validUntil > now_ + uint40(GRACE_SECONDS);
        require(shortens, RegistryProviderInGrace(providerId, life.validUntil));
        _shorten(providerId, epoch, life, now_);
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
        facts.attestedAt = facts.registeredAt;
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

    function _requireBound(Claims memory claims, bytes32 digest, bytes32 challenge) private pure {
        require(claims.reportDataHigh == digest, RegistryKeysetNotBound(claims.reportDataHigh, digest));
        require(claims.reportDataLow == challenge, RegistryChallengeNotBound(claims.reportDataLow, challenge));
    }
}
