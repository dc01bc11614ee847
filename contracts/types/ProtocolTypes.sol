// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Every key of one provider node for one epoch, bound into REPORTDATA by its EIP-712 struct hash.
/// @dev Mirrors `Keyset` in packages/protocol; a test compares type hash and digest byte for byte.
struct Keyset {
    uint256 chainId;
    address registry;
    address owner;
    address operator;
    uint64 epoch;
    /// ERC-7913 signer: a 20-byte address, or verifier ‖ key.
    bytes receiptSigner;
    /// sha256(u16 KEM id ‖ public key).
    bytes32 hpkeKeyDigest;
    /// sha256 of the TLS SubjectPublicKeyInfo; zero when the node serves plain HTTP behind OHTTP.
    bytes32 tlsSpkiDigest;
    bytes32 workloadId;
    bytes32 configDigest;
    /// Unix seconds.
    uint64 notAfter;
}

/// @notice Signed by the receipt signer, one per request, also for partial and refused ones.
/// @dev unitsIn and unitsOut are cumulative over the channel (docs/decisions/0001), so that the newest
///      receipt alone settles every request before it.
struct Receipt {
    bytes32 providerId;
    uint64 keysetEpoch;
    bytes32 channelId;
    uint64 seq;
    bytes32 requestHash;
    bytes32 responseHash;
    uint256 assetId;
    uint32 assetVersion;
    bytes32 modelRoot;
    bytes32 dataRoot;
    /// 0 complete, 1 partial, 2 refused.
    uint8 status;
    uint64 unitsIn;
    uint64 unitsOut;
    /// Fee of this request alone, token base units.
    uint128 fee;
    /// Sum of all fees of the channel up to and including this request, token base units.
    uint128 cumulativeFee;
    uint64 budgetCounter;
    uint64 startedAt;
    uint64 finishedAt;
    /// EIP-712 struct hash of the channel's previous receipt; zero for the first.
    bytes32 previousReceipt;
}

/// @notice The payer's promise: "this channel may be charged up to cumulativeMax for requests up to seq".
struct Voucher {
    bytes32 channelId;
    uint128 cumulativeMax;
    uint64 seq;
    /// Unix seconds; the last receipt finish time it covers.
    uint64 notAfter;
}

/// @notice TEE kinds. Values are wire format: append only.
enum TeeKind {
    None,
    Tdx,
    Sgx,
    SevSnp,
    Cca,
    Nitro,
    NvidiaGpu
}

/// @notice Intel TCB statuses. Values are wire format: append only.
enum TcbStatus {
    Unknown,
    UpToDate,
    SWHardeningNeeded,
    ConfigurationNeeded,
    ConfigurationAndSWHardeningNeeded,
    OutOfDate,
    OutOfDateConfigurationNeeded,
    TDRelaunchAdvised,
    TDRelaunchAdvisedConfigurationNeeded,
    Revoked
}

/// @notice How much accepted evidence is worth against whoever owns the machine; greater is better. Values are wire format: append only.
/// @dev Names as in packages/attestation (`TrustTier`). Simulated: nothing. Low: attestation keys of this product are known to leak in
///      bulk. Standard: only by physical attack on the one machine.
enum TrustTier {
    None,
    Simulated,
    Low,
    Standard
}

/// @notice What a verifier has proven about one piece of evidence. It holds no policy: AppraisalPolicy judges the claims.
struct Claims {
    TeeKind teeKind;
    /// True when the chain ends in the simulation root.
    bool simulated;
    /// Intel's; Unknown for vendors that publish none.
    TcbStatus tcbStatus;
    /// Intel's; zero elsewhere.
    uint32 tcbEvaluationNumber;
    /// Bits of ClaimFlags.
    uint32 flags;
    /// Unix seconds: the earliest end of validity among every certificate and endorsement used.
    uint64 earliestExpiry;
    /// Versions of the platform, byte by byte comparable (AMD: reported TCB in wire order; NVIDIA: driver, VBIOS); zero where `tcbStatus` says it.
    bytes8 tcb;
    /// What the trust tier depends on: Intel: FMSPC; Arm: implementation id; AMD under a VLEK: a hash
    /// (SnpVerifier); else ASCII ("Milan", "Nitro", "GH100"), left-aligned.
    bytes32 product;
    /// keccak256 of the platform's own identity (Intel: PPID; AMD: CHIP_ID; Arm: instance id; NVIDIA: key of the boot ROM); zero where the evidence
    /// names none.
    bytes32 platformId;
    /// keccak256 of the measurement fields, in the order that docs/specs/onchain-attestation.md gives for each kind.
    bytes32 measurement;
    /// What the attester bound into the evidence, first and second half.
    bytes32 reportDataHigh;
    bytes32 reportDataLow;
}
