// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Keyset, TeeKind, TcbStatus, TrustTier} from "../types/ProtocolTypes.sol";

/// @notice Holds the Attestation Result of every provider until it expires (RFC 9334, passport model).
/// @dev Proves, for an Active provider: genuine hardware under the pinned root signed evidence that binds exactly this keyset,
///      on this chain, for this registry and owner, over a recent block, running a workload that is a reference value.
///      Does NOT prove: that the owner of the machine has not extracted keys by physical attack, or that the node answers.
///      Nobody approves a registration and nobody governs this contract: modules and appraisal policy are EvidenceRouter's.
///      One receipt key belongs to one provider for ever, one platform (CPU or GPU) to one provider at a time: to whoever attested
///      there last, against others for a day. Whoever comes later on a lapsed claim takes the platform over, and its former holder's
///      record goes into Grace (a GPU's ends).
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
        TrustTier tier;
        /// Version of the module that verified it.
        uint16 moduleVersion;
        /// End of the keyset, Unix seconds.
        uint64 notAfter;
        /// When its newest evidence was taken: at registration, or by the last `renew`. Its claim to the platform lapses a day later.
        uint64 attestedAt;
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

    /// @notice Lets a relayer pay for a registration.
    struct Authorisation {
        /// The keyset's owner, or its operator and approved; may be a contract (ERC-1271).
        address signer;
        /// Unix seconds; the last second in which it may be used.
        uint64 deadline;
        /// Over RegisterFor{keysetDigest, challenge, endpoint, nonce, deadline}; the nonce is the keyset's epoch, which counts up by one.
        bytes signature;
    }

    struct GpuEvidence {
        bytes evidence;
        /// Block whose hash is inside the challenge; at most 256 blocks back.
        uint64 challengeBlock;
        /// ERC-7913 signature of the receipt signer over BindGpu{keysetDigest, challenge, evidenceHash}: the measured guest has
        /// accepted this GPU.
        bytes possessionSignature;
    }

    /// @notice A GPU or switch of a provider's machine.
    struct Gpu {
        bytes32 platformId;
        bytes32 measurement;
        bytes32 evidenceHash;
        /// Unix seconds. Without grace.
        uint40 validUntil;
        uint16 moduleVersion;
        TrustTier tier;
        bool simulated;
        /// When its evidence was taken, Unix seconds. Its provider's claim to it lapses a day later.
        uint40 attestedAt;
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
        TrustTier tier,
        bytes32 product,
        uint16 moduleVersion,
        string endpoint
    );
    event ProviderRenewed(
        bytes32 indexed providerId,
        uint64 indexed epoch,
        address by,
        TcbStatus tcbStatus,
        uint64 activeUntil,
        uint64 validUntil,
        TrustTier tier,
        uint16 moduleVersion
    );
    event ProviderRevoked(bytes32 indexed providerId, uint64 indexed epoch, address by);
    event ProviderShortened(
        bytes32 indexed providerId, uint64 indexed epoch, address by, uint64 activeUntil, uint64 validUntil
    );
    event ProviderDraining(bytes32 indexed providerId, bool draining);
    event GpuBound(
        bytes32 indexed providerId,
        uint64 indexed epoch,
        bytes32 indexed platformId,
        bytes32 product,
        TrustTier tier,
        uint64 validUntil,
        bool simulated
    );
    event GpuInvalidated(bytes32 indexed providerId, uint64 indexed epoch, bytes32 indexed platformId, address by);

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
    error RegistryAuthorisationExpired(uint64 deadline, uint256 now_);
    error RegistryAuthorisationInvalid(address signer, bytes32 digest);
    error RegistryMeasurementChanged(bytes32 got, bytes32 expected);
    error RegistryPlatformChanged(bytes32 got, bytes32 expected);
    error RegistryPlatformInUse(bytes32 platformId, bytes32 providerId);
    error RegistryPlatformDenied(bytes32 platformId);
    error RegistryGpuIdentityMissing();
    error RegistryGpuSimulationMixed(bool gpu, bool cpu);
    error RegistryGpuNotBound(bytes32 got, bytes32 expected);
    error RegistryGpuLimit(bytes32 providerId, uint256 maxGpus);
    error RegistryGpuUnknown(bytes32 providerId, bytes32 platformId);
    error RegistryGpuExpired(bytes32 platformId, uint64 validUntil);

    /// @notice An owner allows an operator key to register nodes in its name.
    function approveOperator(address operator, bool approved) external;
    /// @notice Registers a provider, or its next keyset epoch. Caller: the keyset's owner or its approved operator.
    /// @dev Order of the checks: caller, chain, registry, keyset end, epoch, receipt signer, endpoint, challenge age, evidence (reverts with
    ///      the module's own error), appraisal policy, simulation, endorsement end, REPORTDATA, possession, workload, platform.
    ///      A new epoch ends the one before it at once; receipts finished until now stay payable.
    function register(Registration calldata registration) external returns (bytes32 providerId);
    /// @notice The same, sent and paid for by anybody whom the owner or its approved operator has authorised by signature.
    /// @dev The authorisation fixes endpoint and keyset and so its epoch: it can be used once.
    function registerFor(Registration calldata registration, Authorisation calldata authorisation)
        external
        returns (bytes32 providerId);
    /// @notice Anyone: gives the current epoch a new Attestation Result over fresh evidence of the same keyset, workload and platform.
    ///         Keys, epoch and open channels stay. Not after the record has expired, was revoked, or its keyset has ended.
    /// @dev The challenge names the current epoch. Evidence over any challenge is public (the node hands it out), and a result can only
    ///      become as good as the evidence is: so nobody needs to be asked. An owner who wants to end says so by `revoke`.
    ///      Renews the claim to the platform too, or takes it back where the claim of whoever took it over has lapsed.
    function renew(bytes32 providerId, bytes calldata evidence, uint64 challengeBlock) external;
    /// @notice Anyone: revokes a record whose own evidence no longer verifies, or whose workload was revoked. Where module or policy say
    ///         that the evidence is genuine but not accepted any more, the record goes into Grace now and ends after the grace period.
    /// @dev The evidence must hash to the registered one. It is judged by the module version that accepted it and by today's
    ///      endorsements and policy; IEvidenceRouter.recheck says which errors count. Nothing happens until somebody calls it: a stored
    ///      result may be out of date for as long as nobody does, at most until validUntil.
    function invalidate(bytes32 providerId, bytes calldata evidence) external;
    /// @notice Owner or approved operator: binds a GPU or switch to the current epoch, or renews its result.
    /// @dev Proves: NVIDIA hardware answered sha256("spartan/gpu/v1" ‖ keysetDigest ‖ challenge), and the receipt key, which
    ///      lives in the measured guest, vouches for it. Does NOT prove: that the GPU is in the same machine, beyond what the measured
    ///      guest checked. Each platform id counts once: not while another live provider holds it. Where all places are taken, one that
    ///      has ended is given to the new GPU.
    function bindGpu(bytes32 providerId, GpuEvidence calldata gpuEvidence) external;
    /// @notice Anyone: takes a GPU away whose evidence no longer verifies or is not accepted any more.
    function invalidateGpu(bytes32 providerId, bytes32 platformId, bytes calldata evidence) external;
    /// @notice Owner or approved operator: ends the current epoch at once.
    function revoke(bytes32 providerId) external;
    /// @notice Owner or approved operator: no new channels, open ones run on. A new epoch starts without the flag.
    function setDraining(bytes32 providerId, bool draining) external;

    /// @notice keccak256(abi.encode(owner, operator)): one id per node, stable over epochs.
    function providerIdOf(address owner, address operator) external pure returns (bytes32);
    /// @notice EIP-712 hashStruct(Keyset): first half of REPORTDATA.
    function keysetDigestOf(Keyset calldata keyset) external view returns (bytes32);
    /// @notice EIP-712 digest that the receipt signer signs to prove possession.
    function registerDigestOf(bytes32 keysetDigest, bytes32 challenge) external view returns (bytes32);
    /// @notice EIP-712 digest that owner or operator sign to let a relayer register. `nonce` is the keyset's epoch.
    function authorisationDigestOf(
        bytes32 keysetDigest,
        bytes32 challenge,
        string calldata endpoint,
        uint256 nonce,
        uint64 deadline
    ) external view returns (bytes32);
    /// @notice EIP-712 digest that the receipt signer signs over a GPU's evidence (keccak256).
    function gpuDigestOf(bytes32 keysetDigest, bytes32 challenge, bytes32 evidenceHash) external view returns (bytes32);
    /// @notice keccak256(abi.encode(blockNumber, blockhash(blockNumber), epoch)): second half of REPORTDATA.
    /// @dev Reverts with RegistryChallengeStale when the block is not one of the last 256, or this chain does not know its hash.
    /// @param epoch Of the keyset that the evidence binds.
    function challengeOf(uint64 blockNumber, uint64 epoch) external view returns (bytes32);
    function isOperatorApproved(address owner, address operator) external view returns (bool);
    /// @notice Revoked before Expired before Grace before Draining before Active. A revoked workload or a denied platform makes the provider
    ///         Revoked; a module that retires puts it into Grace.
    function statusOf(bytes32 providerId) external view returns (ProviderStatus);
    /// @notice Current epoch's record.
    function recordOf(bytes32 providerId) external view returns (ProviderRecord memory);
    function recordAt(bytes32 providerId, uint64 epoch) external view returns (ProviderRecord memory);
    /// @notice keccak256 of the evidence of an epoch.
    function evidenceHashOf(bytes32 providerId, uint64 epoch) external view returns (bytes32);
    /// @notice GPUs of the current epoch, with their ends as they hold now.
    function gpusOf(bytes32 providerId) external view returns (Gpu[] memory);
    /// @notice The live provider whose claim keeps others off this platform; zero when there is none, or when its claim has lapsed.
    function holderOf(bytes32 platformId) external view returns (bytes32 providerId);
    /// @notice What `receiptSignerAt` answers for every time at once, for settling many receipts of one keyset.
    /// @return signer Empty when the epoch is not known; `reasonAfter` then says so.
    /// @return from Unix seconds: before it, REGISTRY_NOT_YET_ATTESTED.
    /// @return until Unix seconds: after it, `reasonAfter`.
    /// @return reasonAfter What ended, or will end, the attestation first.
    function receiptSignerWindow(bytes32 providerId, uint64 epoch)
        external
        view
        returns (bytes memory signer, uint64 from, uint64 until, bytes32 reasonAfter);
    /// @notice Lean view for settlement: signer of the epoch and whether it was attested at the given time, neither its workload
    ///         revoked nor its platform denied. Reason is a code, zero when ok.
    function receiptSignerAt(bytes32 providerId, uint64 epoch, uint64 timestamp)
        external
        view
        returns (bytes memory signer, bytes32 reason);
    /// @notice Whose ledger balance earns the provider's share: the owner, zero when unknown.
    function payoutOf(bytes32 providerId) external view returns (address);
    /// @notice One reason code (bytes32 string, equal to the TypeScript code) when not ok. Judges the asset's latest version.
    /// @dev Order: status, asset, version, workload and TEE kind, trust tier, GPU (where the asset accepts TeeKind.NvidiaGpu it needs one).
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
