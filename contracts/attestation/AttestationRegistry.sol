// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Blockhash} from "@openzeppelin/contracts/utils/Blockhash.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAssetRegistry} from "../interfaces/IAssetRegistry.sol";
import {IAttestationRegistry} from "../interfaces/IAttestationRegistry.sol";
import {IEvidenceVerifier} from "../interfaces/IEvidenceVerifier.sol";
import {IReferenceValues} from "../interfaces/IReferenceValues.sol";
import {ReasonCodes} from "../libraries/ReasonCodes.sol";
import {SignerLib} from "../libraries/SignerLib.sol";
import {TypedDataLib} from "../libraries/TypedDataLib.sol";
import {Claims, Keyset, TeeKind} from "../types/ProtocolTypes.sol";

/// @title AttestationRegistry; the manual is on IAttestationRegistry.
contract AttestationRegistry is IAttestationRegistry, AccessManaged, EIP712 {
    /// What a verifier's error means for a record that is there already.
    enum Weight { Conclusive, Inconclusive, Outdated }

    /// Blocks. Reach of the BLOCKHASH opcode; older evidence is not fresh even where EIP-2935 remembers more.
    uint256 public constant MAX_CHALLENGE_AGE_BLOCKS = 256;
    uint256 public constant MAX_ENDPOINT_BYTES = 256;
    uint256 public constant MAX_RECEIPT_SIGNER_BYTES = 256;
    uint256 public constant MAX_PAGE = 200;
    /// Gas that `invalidate` gives the verifier, several times what a verification takes, so that a caller cannot make genuine
    /// evidence look wrong by starving one of the verifier's own calls.
    uint256 public constant VERIFICATION_GAS = 6_000_000;

    IReferenceValues public immutable REFERENCE_VALUES;
    IAssetRegistry public immutable ASSETS;
    /// True only in local worlds: simulated evidence is accepted and flagged.
    bool public immutable DEV_MODE;
    /// Longest life of an Attestation Result, seconds.
    uint64 public immutable TTL_SECONDS;
    /// How long open channels may finish after an endorsement's end of validity, seconds.
    uint64 public immutable GRACE_SECONDS;

    mapping(TeeKind kind => IEvidenceVerifier) private _verifiers;
    mapping(TeeKind kind => mapping(bytes4 errorSelector => Weight)) private _weights;
    /// Selectors with a weight, to clear when the verifier changes.
    mapping(TeeKind kind => bytes4[]) private _weighed;
    mapping(address owner => mapping(address operator => bool)) private _operatorApproved;
    mapping(address owner => uint256) private _ownerNonces;
    mapping(bytes32 providerId => uint64) private _currentEpochs;
    mapping(bytes32 providerId => mapping(uint64 epoch => ProviderRecord)) private _records;
    mapping(bytes32 providerId => mapping(uint64 epoch => bytes32)) private _evidenceHashes;
    /// One receipt signer, one provider, for ever.
    mapping(bytes32 signerHash => bytes32 providerId) private _signerOwners;
    bytes32[] private _providerIds;

    /// @param authority AccessManager that governs the verifiers.
    /// @param ttlSeconds Production: 7 days.
    /// @param graceSeconds Production: 72 hours.
    constructor(
        address authority,
        IReferenceValues referenceValues,
        IAssetRegistry assets,
        bool devMode,
        uint64 ttlSeconds,
        uint64 graceSeconds,
        VerifierSetting[] memory verifiers
    ) AccessManaged(authority) EIP712("Spartan AttestationRegistry", "1") {
        REFERENCE_VALUES = referenceValues;
        ASSETS = assets;
        DEV_MODE = devMode;
        TTL_SECONDS = ttlSeconds;
        GRACE_SECONDS = graceSeconds;
        for (uint256 i = 0; i < verifiers.length; i++) {
            _setVerifier(verifiers[i]);
        }
    }

    modifier onlyOwnerOrOperator(bytes32 providerId) {
        ProviderRecord storage record = _current(providerId);
        _requireAllowed(record.owner, record.operator);
        _;
    }

    /// @inheritdoc IAttestationRegistry
    function approveOperator(address operator, bool approved) external {
        _operatorApproved[msg.sender][operator] = approved;
        emit OperatorApproved(msg.sender, operator, approved);
    }

    /// @inheritdoc IAttestationRegistry
    function register(Registration calldata registration) external returns (bytes32 providerId) {
        Keyset calldata keyset = registration.keyset;
        providerId = providerIdOf(keyset.owner, keyset.operator);
        _checkRequest(providerId, registration);
        bytes32 digest = TypedDataLib.hashKeyset(keyset);
        bytes32 challenge = challengeOf(keyset.owner, registration.challengeBlock);
        Claims memory claims = _verify(registration);
        require(claims.reportDataHigh == digest, RegistryKeysetNotBound(claims.reportDataHigh, digest));
        require(claims.reportDataLow == challenge, RegistryChallengeNotBound(claims.reportDataLow, challenge));
        bytes32 possession = registerDigestOf(digest, challenge);
        require(
            SignerLib.isValidSignature(keyset.receiptSigner, possession, registration.possessionSignature),
            RegistryPossessionNotProven(keyset.receiptSigner, possession)
        );
        _checkWorkload(claims.measurement, keyset.workloadId);
        _ownerNonces[keyset.owner] += 1;
        _signerOwners[keccak256(keyset.receiptSigner)] = providerId;
        _store(providerId, registration, claims, digest);
    }

    /// @inheritdoc IAttestationRegistry
    function invalidate(bytes32 providerId, bytes calldata evidence) external {
        ProviderRecord storage record = _current(providerId);
        uint64 epoch = record.epoch;
        require(record.revokedAt == 0, RegistryProviderRevoked(providerId, record.revokedAt));
        require(block.timestamp <= record.validUntil, RegistryProviderExpired(providerId, record.validUntil));
        bytes32 stored = _evidenceHashes[providerId][epoch];
        require(keccak256(evidence) == stored, RegistryEvidenceUnknown(keccak256(evidence), stored));
        if (!_isWorkloadRevoked(record.measurement) && _isOutdated(providerId, record.teeKind, evidence)) {
            _shorten(providerId, record);
        } else {
            record.revokedAt = uint64(block.timestamp);
            emit ProviderRevoked(providerId, epoch, msg.sender);
        }
    }

    /// @inheritdoc IAttestationRegistry
    function revoke(bytes32 providerId) external onlyOwnerOrOperator(providerId) {
        ProviderRecord storage record = _current(providerId);
        require(record.revokedAt == 0, RegistryProviderRevoked(providerId, record.revokedAt));
        record.revokedAt = uint64(block.timestamp);
        emit ProviderRevoked(providerId, record.epoch, msg.sender);
    }

    /// @inheritdoc IAttestationRegistry
    function setDraining(bytes32 providerId, bool draining) external onlyOwnerOrOperator(providerId) {
        _current(providerId).draining = draining;
        emit ProviderDraining(providerId, draining);
    }

    /// @inheritdoc IAttestationRegistry
    function setVerifier(VerifierSetting calldata setting) external restricted {
        _setVerifier(setting);
    }

    /// @inheritdoc IAttestationRegistry
    function keysetDigestOf(Keyset calldata keyset) external pure returns (bytes32) {
        return TypedDataLib.hashKeyset(keyset);
    }

    /// @inheritdoc IAttestationRegistry
    function ownerNonce(address owner) external view returns (uint256) {
        return _ownerNonces[owner];
    }

    /// @inheritdoc IAttestationRegistry
    function isOperatorApproved(address owner, address operator) external view returns (bool) {
        return _operatorApproved[owner][operator];
    }

    /// @inheritdoc IAttestationRegistry
    function verifierOf(TeeKind kind) external view returns (IEvidenceVerifier) {
        return _verifiers[kind];
    }

    /// @inheritdoc IAttestationRegistry
    function isInconclusive(TeeKind kind, bytes4 errorSelector) external view returns (bool) {
        return _weights[kind][errorSelector] == Weight.Inconclusive;
    }

    /// @inheritdoc IAttestationRegistry
    function isOutdated(TeeKind kind, bytes4 errorSelector) external view returns (bool) {
        return _weights[kind][errorSelector] == Weight.Outdated;
    }

    /// @inheritdoc IAttestationRegistry
    function recordOf(bytes32 providerId) external view returns (ProviderRecord memory) {
        return _records[providerId][_currentEpochs[providerId]];
    }

    /// @inheritdoc IAttestationRegistry
    function recordAt(bytes32 providerId, uint64 epoch) external view returns (ProviderRecord memory) {
        return _records[providerId][epoch];
    }

    /// @inheritdoc IAttestationRegistry
    function evidenceHashOf(bytes32 providerId, uint64 epoch) external view returns (bytes32) {
        return _evidenceHashes[providerId][epoch];
    }

    /// @inheritdoc IAttestationRegistry
    function receiptSignerAt(bytes32 providerId, uint64 epoch, uint64 timestamp)
        external
        view
        returns (bytes memory signer, bytes32 reason)
    {
        ProviderRecord storage record = _records[providerId][epoch];
        uint64 registeredAt = record.registeredAt;
        uint64 revokedAt = record.revokedAt;
        if (registeredAt == 0) {
            bool known = _currentEpochs[providerId] != 0;
            return ("", known ? ReasonCodes.REGISTRY_EPOCH_UNKNOWN : ReasonCodes.REGISTRY_PROVIDER_UNKNOWN);
        }
        if (timestamp < registeredAt) return ("", ReasonCodes.REGISTRY_NOT_YET_ATTESTED);
        if (revokedAt != 0 && timestamp >= revokedAt) return ("", ReasonCodes.REGISTRY_PROVIDER_REVOKED);
        if (timestamp > record.validUntil) return ("", ReasonCodes.REGISTRY_PROVIDER_EXPIRED);
        uint64 workloadRevokedAt = REFERENCE_VALUES.revokedAtOf(record.measurement);
        if (workloadRevokedAt != 0 && timestamp >= workloadRevokedAt) return ("", ReasonCodes.REGISTRY_WORKLOAD_REVOKED);
        return (record.receiptSigner, 0);
    }

    /// @inheritdoc IAttestationRegistry
    function payoutOf(bytes32 providerId) external view returns (address) {
        return _records[providerId][_currentEpochs[providerId]].owner;
    }

    /// @inheritdoc IAttestationRegistry
    /// @dev `user` is not judged yet: rights and budgets per user belong to the asset's policy.
    function canServe(bytes32 providerId, uint256 assetId, address) external view returns (bool ok, bytes32 reason) {
        return canServeVersion(providerId, assetId, ASSETS.latestVersion(assetId));
    }

    /// @inheritdoc IAttestationRegistry
    function providerCount() external view returns (uint256) {
        return _providerIds.length;
    }

    /// @inheritdoc IAttestationRegistry
    function providers(uint256 cursor, uint256 limit) external view returns (bytes32[] memory page) {
        uint256 total = _providerIds.length;
        if (cursor >= total) return page;
        page = new bytes32[](Math.min(Math.min(limit, MAX_PAGE), total - cursor));
        for (uint256 i = 0; i < page.length; i++) {
            page[i] = _providerIds[cursor + i];
        }
    }

    /// @inheritdoc IAttestationRegistry
    function canServeVersion(bytes32 providerId, uint256 assetId, uint32 assetVersion)
        public
        view
        returns (bool ok, bytes32 reason)
    {
        reason = _statusReason(providerId);
        if (reason != 0) return (false, reason);
        uint32 latest = ASSETS.latestVersion(assetId);
        if (latest == 0) return (false, ReasonCodes.ASSET_UNKNOWN);
        if (assetVersion == 0 || assetVersion > latest) return (false, ReasonCodes.ASSET_VERSION_UNKNOWN);
        (,, bool retired) = ASSETS.termsOf(assetId, assetVersion);
        if (retired) return (false, ReasonCodes.ASSET_VERSION_RETIRED);
        ProviderRecord storage record = _records[providerId][_currentEpochs[providerId]];
        if (!ASSETS.acceptsWorkload(assetId, assetVersion, record.workloadId, uint8(record.teeKind))) {
            return (false, ReasonCodes.ASSET_WORKLOAD_NOT_ACCEPTED);
        }
        return (true, 0);
    }

    /// @inheritdoc IAttestationRegistry
    function statusOf(bytes32 providerId) public view returns (ProviderStatus) {
        ProviderRecord storage record = _records[providerId][_currentEpochs[providerId]];
        if (record.registeredAt == 0) return ProviderStatus.None;
        if (record.revokedAt != 0 || _isWorkloadRevoked(record.measurement)) return ProviderStatus.Revoked;
        if (block.timestamp > record.validUntil) return ProviderStatus.Expired;
        if (block.timestamp > record.activeUntil) return ProviderStatus.Grace;
        return record.draining ? ProviderStatus.Draining : ProviderStatus.Active;
    }

    /// @inheritdoc IAttestationRegistry
    function challengeOf(address owner, uint64 blockNumber) public view returns (bytes32) {
        bool inReach = blockNumber < block.number && block.number - blockNumber <= MAX_CHALLENGE_AGE_BLOCKS;
        bytes32 blockHash = inReach ? Blockhash.blockHash(blockNumber) : bytes32(0);
        require(blockHash != 0, RegistryChallengeStale(blockNumber, block.number));
        return keccak256(abi.encode(uint256(blockNumber), blockHash, _ownerNonces[owner]));
    }

    /// @inheritdoc IAttestationRegistry
    function registerDigestOf(bytes32 keysetDigest, bytes32 challenge) public view returns (bytes32) {
        return _hashTypedDataV4(TypedDataLib.hashRegister(keysetDigest, challenge));
    }

    /// @inheritdoc IAttestationRegistry
    function providerIdOf(address owner, address operator) public pure returns (bytes32) {
        return keccak256(abi.encode(owner, operator));
    }

    /// Everything that can be judged without the evidence.
    function _checkRequest(bytes32 providerId, Registration calldata registration) private view {
        Keyset calldata keyset = registration.keyset;
        _requireAllowed(keyset.owner, keyset.operator);
        require(keyset.chainId == block.chainid, RegistryKeysetWrongChain(keyset.chainId, block.chainid));
        require(keyset.registry == address(this), RegistryKeysetWrongRegistry(keyset.registry, address(this)));
        require(keyset.notAfter > block.timestamp, RegistryKeysetExpired(keyset.notAfter, block.timestamp));
        uint64 next = _currentEpochs[providerId] + 1;
        require(keyset.epoch == next, RegistryEpochNotNext(keyset.epoch, next));
        uint256 signerBytes = keyset.receiptSigner.length;
        require(
            signerBytes <= MAX_RECEIPT_SIGNER_BYTES, RegistryReceiptSignerTooLong(signerBytes, MAX_RECEIPT_SIGNER_BYTES)
        );
        bytes32 signerOwner = _signerOwners[keccak256(keyset.receiptSigner)];
        require(signerOwner == 0 || signerOwner == providerId, RegistryKeyInUse(keyset.receiptSigner, signerOwner));
        uint256 endpointBytes = bytes(registration.endpoint).length;
        require(endpointBytes <= MAX_ENDPOINT_BYTES, RegistryEndpointTooLong(endpointBytes, MAX_ENDPOINT_BYTES));
    }

    /// The owner, or its operator while the owner approves of it.
    function _requireAllowed(address owner, address operator) private view {
        bool allowed = msg.sender == owner || (msg.sender == operator && _operatorApproved[owner][operator]);
        require(allowed, RegistryCallerNotAllowed(msg.sender, owner, operator));
    }

    function _verify(Registration calldata registration) private view returns (Claims memory claims) {
        IEvidenceVerifier verifier = _verifiers[registration.teeKind];
        require(address(verifier) != address(0), RegistryTeeKindUnsupported(registration.teeKind));
        claims = verifier.verify(registration.evidence);
        require(claims.teeKind == registration.teeKind, RegistryTeeKindUnsupported(claims.teeKind));
        require(!claims.simulated || DEV_MODE, RegistrySimulatedNotAllowed());
        require(
            claims.earliestExpiry > block.timestamp, RegistryEndorsementsExpired(claims.earliestExpiry, block.timestamp)
        );
    }

    function _checkWorkload(bytes32 measurement, bytes32 workloadId) private view {
        IReferenceValues.Workload memory workload = REFERENCE_VALUES.workloadOf(measurement);
        require(workload.status != IReferenceValues.WorkloadStatus.None, RegistryWorkloadUnknown(measurement));
        require(workload.status != IReferenceValues.WorkloadStatus.Revoked, RegistryWorkloadRevoked(measurement));
        require(
            workload.status == IReferenceValues.WorkloadStatus.Active,
            RegistryWorkloadNotActive(measurement, workload.activeFrom)
        );
        require(workloadId == workload.workloadId, RegistryWorkloadMismatch(workloadId, workload.workloadId));
    }

    function _store(
        bytes32 providerId,
        Registration calldata registration,
        Claims memory claims,
        bytes32 keysetDigest
    ) private {
        Keyset calldata keyset = registration.keyset;
        if (keyset.epoch == 1) _providerIds.push(providerId);
        else _endEpoch(_records[providerId][keyset.epoch - 1]);
        _currentEpochs[providerId] = keyset.epoch;
        _evidenceHashes[providerId][keyset.epoch] = keccak256(registration.evidence);
        ProviderRecord storage record = _records[providerId][keyset.epoch];
        record.owner = keyset.owner;
        record.operator = keyset.operator;
        record.epoch = keyset.epoch;
        record.teeKind = claims.teeKind;
        record.tcbStatus = claims.tcbStatus;
        record.simulated = claims.simulated;
        record.registeredAt = uint64(block.timestamp);
        (record.activeUntil, record.validUntil) = _lifetimes(claims.earliestExpiry, keyset.notAfter);
        record.keysetDigest = keysetDigest;
        record.workloadId = keyset.workloadId;
        record.measurement = claims.measurement;
        record.platformId = claims.platformId;
        record.hpkeKeyDigest = keyset.hpkeKeyDigest;
        record.receiptSigner = keyset.receiptSigner;
        record.endpoint = registration.endpoint;
        _emitRegistered(providerId, record);
    }

    function _emitRegistered(bytes32 providerId, ProviderRecord memory record) private {
        emit ProviderRegistered(
            providerId,
            record.owner,
            record.epoch,
            record.operator,
            record.keysetDigest,
            record.workloadId,
            record.platformId,
            record.tcbStatus,
            record.activeUntil,
            record.validUntil,
            record.simulated,
            record.endpoint
        );
    }

    /// The keys of a superseded epoch sign for nothing that finishes later.
    function _endEpoch(ProviderRecord storage record) private {
        uint64 now_ = uint64(block.timestamp);
        if (record.validUntil > now_) record.validUntil = now_;
        if (record.activeUntil > now_) record.activeUntil = now_;
    }

    function _lifetimes(uint64 earliestExpiry, uint64 notAfter)
        private
        view
        returns (uint64 activeUntil, uint64 validUntil)
    {
        uint256 byKeys = Math.min(block.timestamp + TTL_SECONDS, notAfter);
        // Safe: both are at most notAfter, a uint64.
        activeUntil = uint64(Math.min(byKeys, earliestExpiry));
        validUntil = uint64(Math.min(byKeys, uint256(earliestExpiry) + GRACE_SECONDS));
    }

    /// Genuine, but its TCB is behind what is accepted now: no new channels, open ones have the grace period to finish.
    function _shorten(bytes32 providerId, ProviderRecord storage record) private {
        uint64 now_ = uint64(block.timestamp);
        uint64 end = now_ + GRACE_SECONDS;
        require(
            record.activeUntil > now_ || record.validUntil > end, RegistryProviderInGrace(providerId, record.validUntil)
        );
        if (record.activeUntil > now_) record.activeUntil = now_;
        if (record.validUntil > end) record.validUntil = end;
        emit ProviderShortened(providerId, record.epoch, msg.sender, record.activeUntil, record.validUntil);
    }

    /// Reverts unless the verifier, given gas enough, rejects the evidence for a reason that counts. True when the reason says
    /// that the evidence is genuine but outdated, false when it says that it is wrong.
    function _isOutdated(bytes32 providerId, TeeKind kind, bytes calldata evidence) private view returns (bool) {
        IEvidenceVerifier verifier = _verifiers[kind];
        require(address(verifier) != address(0), RegistryTeeKindUnsupported(kind));
        // A call passes on at most 63/64 of what is left (EIP-150); the rest pays for encoding the evidence.
        uint256 needed = VERIFICATION_GAS + VERIFICATION_GAS / 32 + 100 * evidence.length;
        require(gasleft() >= needed, RegistryGasTooLow(gasleft(), needed));
        try verifier.verify{gas: VERIFICATION_GAS}(evidence) returns (Claims memory) {
            revert RegistryEvidenceStillValid(providerId);
        } catch (bytes memory failure) {
            Weight weight = failure.length < 4 ? Weight.Inconclusive : _weights[kind][bytes4(failure)];
            require(weight != Weight.Inconclusive, RegistryEvidenceInconclusive(providerId, failure));
            return weight == Weight.Outdated;
        }
    }

    function _setVerifier(VerifierSetting memory setting) private {
        require(setting.kind != TeeKind.None, RegistryTeeKindUnsupported(setting.kind));
        bytes4[] memory old = _weighed[setting.kind];
        delete _weighed[setting.kind];
        _weigh(setting.kind, old, Weight.Conclusive);
        _weigh(setting.kind, setting.inconclusiveErrors, Weight.Inconclusive);
        _weigh(setting.kind, setting.outdatedErrors, Weight.Outdated);
        _verifiers[setting.kind] = setting.verifier;
        emit VerifierSet(
            setting.kind, address(setting.verifier), setting.inconclusiveErrors, setting.outdatedErrors
        );
    }

    function _weigh(TeeKind kind, bytes4[] memory selectors, Weight weight) private {
        for (uint256 i = 0; i < selectors.length; i++) {
            _weights[kind][selectors[i]] = weight;
            if (weight != Weight.Conclusive) _weighed[kind].push(selectors[i]);
        }
    }

    function _statusReason(bytes32 providerId) private view returns (bytes32) {
        ProviderStatus status = statusOf(providerId);
        if (status == ProviderStatus.None) return ReasonCodes.REGISTRY_PROVIDER_UNKNOWN;
        if (status == ProviderStatus.Revoked) {
            uint64 revokedAt = _current(providerId).revokedAt;
            return revokedAt == 0 ? ReasonCodes.REGISTRY_WORKLOAD_REVOKED : ReasonCodes.REGISTRY_PROVIDER_REVOKED;
        }
        if (status == ProviderStatus.Expired) return ReasonCodes.REGISTRY_PROVIDER_EXPIRED;
        if (status == ProviderStatus.Grace) return ReasonCodes.REGISTRY_PROVIDER_IN_GRACE;
        if (status == ProviderStatus.Draining) return ReasonCodes.REGISTRY_PROVIDER_DRAINING;
        return 0;
    }

    function _isWorkloadRevoked(bytes32 measurement) private view returns (bool) {
        return REFERENCE_VALUES.workloadOf(measurement).status == IReferenceValues.WorkloadStatus.Revoked;
    }

    function _current(bytes32 providerId) private view returns (ProviderRecord storage record) {
        record = _records[providerId][_currentEpochs[providerId]];
        require(record.registeredAt != 0, RegistryProviderUnknown(providerId));
    }
}
