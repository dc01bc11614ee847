// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Keyset, TeeKind, TcbStatus} from "../types/ProtocolTypes.sol";
import {IEvidenceVerifier} from "./IEvidenceVerifier.sol";

/// @notice Holds the Attestation Result of every provider until it expires (RFC 9334, passport model).
/// @dev Proves, for an Active provider: genuine hardware under the pinned root signed evidence that binds exactly this keyset,
///      on this chain, for this registry and owner, over a recent block, running a workload that is a reference value.
///      Does NOT prove: that the owner of the machine has not extracted keys by physical attack, or that the node answers.
///      Nobody approves a registration. Governance (AccessManager) can only change which verifier serves a TEE kind.
interface IAttestationRegistry {
    enum ProviderStatus { None, Active, Grace, Expired, Revoked, Draining }

    struct ProviderRecord {
        address owner;
        address operator;
        uint64 epoch;
        TeeKind teeKind;
        TcbStatus tcbStatus;
        bool simulated;
        bool draining;
        uint64 registeredAt;
        /// Active until here, then Grace until validUntil.
        uint64 activeUntil;
        uint64 validUntil;
        /// Zero while not revoked.
        uint64 revokedAt;
        bytes32 keysetDigest;
        bytes32 workloadId;
        bytes32 measurement;
        bytes32 platformId;
        bytes32 hpkeKeyDigest;
        bytes receiptSigner;
        string endpoint;
    }

    struct Registration {
        Keyset keyset;
        TeeKind teeKind;
        bytes evidence;
        /// Block whose hash is inside the challenge; at most 256 blocks back.
        uint64 challengeBlock;
        /// ERC-7913 signature of the receipt signer over Register{keysetDigest, challenge}.
        bytes possessionSignature;
        /// URL of the node, at most 256 bytes.
        string endpoint;
    }

    struct VerifierSetting {
        TeeKind kind;
        IEvidenceVerifier verifier;
        /// Selectors of the verifier's errors that say "could not check" (an endorsement is missing, expired or not yet valid)
        /// rather than "is wrong". They refuse a registration like any other, but `invalidate` does not count them: what
        /// lapses by time is handled by activeUntil and validUntil.
        bytes4[] inconclusiveErrors;
        /// Selectors of the verifier's errors that say "genuine, but its TCB is not accepted any more". `invalidate` shortens the
        /// record to the grace period instead of revoking it.
        bytes4[] outdatedErrors;
    }

    event OperatorApproved(address indexed owner, address indexed operator, bool approved);
    event ProviderRegistered(
        bytes32 indexed providerId,
        address indexed owner,
        uint64 indexed epoch,
        address operator,
        bytes32 keysetDigest,
        bytes32 workloadId,
        bytes32 platformId,
        TcbStatus tcbStatus,
        uint64 activeUntil,
        uint64 validUntil,
        bool simulated,
        string endpoint
    );
    event ProviderRevoked(bytes32 indexed providerId, uint64 indexed epoch, address by);
    event ProviderShortened(
        bytes32 indexed providerId, uint64 indexed epoch, address by, uint64 activeUntil, uint64 validUntil
    );
    event ProviderDraining(bytes32 indexed providerId, bool draining);
    event VerifierSet(
        TeeKind indexed kind, address verifier, bytes4[] inconclusiveErrors, bytes4[] outdatedErrors
    );

    error RegistryCallerNotAllowed(address caller, address owner, address operator);
    error RegistryKeysetWrongChain(uint256 got, uint256 expected);
    error RegistryKeysetWrongRegistry(address got, address expected);
    error RegistryKeysetExpired(uint64 notAfter, uint256 now_);
    error RegistryEpochNotNext(uint64 got, uint64 expected);
    error RegistryKeyInUse(bytes receiptSigner, bytes32 providerId);
    error RegistryTeeKindUnsupported(TeeKind kind);
    error RegistryReceiptSignerTooLong(uint256 lengthBytes, uint256 maxBytes);
    error RegistryProviderInGrace(bytes32 providerId, uint64 validUntil);
    error RegistrySimulatedNotAllowed();
    error RegistryChallengeStale(uint64 challengeBlock, uint256 currentBlock);
    error RegistryKeysetNotBound(bytes32 got, bytes32 expected);
    error RegistryChallengeNotBound(bytes32 got, bytes32 expected);
    error RegistryPossessionNotProven(bytes receiptSigner, bytes32 digest);
    error RegistryEndorsementsExpired(uint64 earliestExpiry, uint256 now_);
    error RegistryWorkloadUnknown(bytes32 measurement);
    error RegistryWorkloadNotActive(bytes32 measurement, uint64 activeFrom);
    error RegistryWorkloadRevoked(bytes32 measurement);
    error RegistryWorkloadMismatch(bytes32 got, bytes32 expected);
    error RegistryEndpointTooLong(uint256 lengthBytes, uint256 maxBytes);
    error RegistryProviderUnknown(bytes32 providerId);
    error RegistryProviderRevoked(bytes32 providerId, uint64 revokedAt);
    error RegistryProviderExpired(bytes32 providerId, uint64 validUntil);
    error RegistryEvidenceUnknown(bytes32 got, bytes32 expected);
    error RegistryEvidenceStillValid(bytes32 providerId);
    error RegistryEvidenceInconclusive(bytes32 providerId, bytes verifierError);
    error RegistryGasTooLow(uint256 gasLeft, uint256 gasNeeded);

    /// @notice An owner allows an operator key to register nodes in its name.
    function approveOperator(address operator, bool approved) external;
    /// @notice Registers a provider, or its next keyset epoch. Caller: the keyset's owner or its approved operator.
    /// @dev Order of the checks: caller, chain, registry, keyset end, epoch, receipt signer, endpoint, challenge age, evidence (reverts with
    ///      the verifier's own error), TEE kind, simulation, endorsement end, REPORTDATA, possession, workload.
    ///      A new epoch ends the one before it at once; receipts finished until now stay payable.
    function register(Registration calldata registration) external returns (bytes32 providerId);
    /// @notice Anyone: revokes a record whose own evidence no longer verifies, or whose workload was revoked. Where the verifier says
    ///         that the evidence is genuine but its TCB outdated, the record goes into Grace now and ends after the grace period.
    /// @dev The evidence must hash to the registered one. Counts as "no longer verifies": the verifier reverts with an error of at
    ///      least four bytes that is not in its list of inconclusive errors, while it has VERIFICATION_GAS. Does not count: running
    ///      out of gas, empty reverts, endorsements that are missing or lapsed. Nothing happens until somebody calls it: a stored
    ///      result may be out of date for as long as nobody does, at most until validUntil.
    function invalidate(bytes32 providerId, bytes calldata evidence) external;
    /// @notice Owner or approved operator: ends the current epoch at once.
    function revoke(bytes32 providerId) external;
    /// @notice Owner or approved operator: no new channels, open ones run on. A new epoch starts without the flag.
    function setDraining(bytes32 providerId, bool draining) external;
    /// @notice Governance, behind the AccessManager's delay: sets or (address zero) removes the verifier of a TEE kind.
    function setVerifier(VerifierSetting calldata setting) external;

    /// @notice keccak256(abi.encode(owner, operator)): one id per node, stable over epochs.
    function providerIdOf(address owner, address operator) external pure returns (bytes32);
    /// @notice EIP-712 hashStruct(Keyset): first half of REPORTDATA.
    function keysetDigestOf(Keyset calldata keyset) external view returns (bytes32);
    /// @notice EIP-712 digest that the receipt signer signs to prove possession.
    function registerDigestOf(bytes32 keysetDigest, bytes32 challenge) external view returns (bytes32);
    /// @notice keccak256(abi.encode(blockNumber, blockhash(blockNumber), ownerNonce)): second half of REPORTDATA.
    /// @dev Reverts with RegistryChallengeStale when the block is not one of the last 256.
    function challengeOf(address owner, uint64 blockNumber) external view returns (bytes32);
    /// @notice Registrations of this owner so far, over all its nodes: two nodes of one owner register one after the other.
    function ownerNonce(address owner) external view returns (uint256);
    function isOperatorApproved(address owner, address operator) external view returns (bool);
    function verifierOf(TeeKind kind) external view returns (IEvidenceVerifier);
    function isInconclusive(TeeKind kind, bytes4 errorSelector) external view returns (bool);
    function isOutdated(TeeKind kind, bytes4 errorSelector) external view returns (bool);
    /// @notice Revoked before Expired before Grace before Draining before Active. A revoked workload makes the provider Revoked.
    function statusOf(bytes32 providerId) external view returns (ProviderStatus);
    /// @notice Current epoch's record.
    function recordOf(bytes32 providerId) external view returns (ProviderRecord memory);
    function recordAt(bytes32 providerId, uint64 epoch) external view returns (ProviderRecord memory);
    /// @notice keccak256 of the evidence of an epoch.
    function evidenceHashOf(bytes32 providerId, uint64 epoch) external view returns (bytes32);
    /// @notice Lean view for settlement: signer of the epoch and whether it was attested at the given time, its workload not revoked. Reason is a code, zero
    ///         when ok.
    function receiptSignerAt(bytes32 providerId, uint64 epoch, uint64 timestamp)
        external
        view
        returns (bytes memory signer, bytes32 reason);
    /// @notice Whose ledger balance earns the provider's share: the owner, zero when unknown.
    function payoutOf(bytes32 providerId) external view returns (address);
    /// @notice One reason code (bytes32 string, equal to the TypeScript code) when not ok. Judges the asset's latest version.
    function canServe(bytes32 providerId, uint256 assetId, address user)
        external
        view
        returns (bool ok, bytes32 reason);
    /// @notice Same for one version of the asset.
    function canServeVersion(bytes32 providerId, uint256 assetId, uint32 assetVersion)
        external
        view
        returns (bool ok, bytes32 reason);
    function providerCount() external view returns (uint256);
    /// @notice Ids in order of first registration. An empty page means the end.
    function providers(uint256 cursor, uint256 limit) external view returns (bytes32[] memory page);
}
