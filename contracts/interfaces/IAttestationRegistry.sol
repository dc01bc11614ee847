// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Keyset, TeeKind, TcbStatus} from "../types/ProtocolTypes.sol";

/// @notice Holds the Attestation Result of every provider until it expires (RFC 9334, passport model).
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

    event OperatorApproved(address indexed owner, address indexed operator, bool approved);
    event ProviderRegistered(bytes32 indexed providerId, address indexed owner, uint64 indexed epoch, address operator, bytes32 keysetDigest, bytes32 workloadId, bytes32 platformId, TcbStatus tcbStatus, uint64 activeUntil, uint64 validUntil, bool simulated, string endpoint);
    event ProviderRevoked(bytes32 indexed providerId, uint64 indexed epoch, address by);
    event ProviderDraining(bytes32 indexed providerId, bool draining);

    /// @notice An owner allows an operator key to register nodes in its name.
    function approveOperator(address operator, bool approved) external;
    /// @notice Registers a provider, or its next keyset epoch. Caller: the keyset's owner or its approved operator.
    function register(Registration calldata registration) external returns (bytes32 providerId);
    /// @notice Anyone: revokes an active record whose own evidence no longer verifies. Evidence must hash to the stored one.
    function invalidate(bytes32 providerId, bytes calldata evidence) external;
    /// @notice Owner or operator: ends the current epoch at once.
    function revoke(bytes32 providerId) external;
    function setDraining(bytes32 providerId, bool draining) external;

    function providerIdOf(address owner, address operator) external pure returns (bytes32);
    function keysetDigestOf(Keyset calldata keyset) external view returns (bytes32);
    /// @notice keccak256(abi.encode(blockNumber, blockhash(blockNumber), ownerNonce)).
    function challengeOf(address owner, uint64 blockNumber) external view returns (bytes32);
    function ownerNonce(address owner) external view returns (uint256);
    function statusOf(bytes32 providerId) external view returns (ProviderStatus);
    /// @notice Current epoch's record.
    function recordOf(bytes32 providerId) external view returns (ProviderRecord memory);
    function recordAt(bytes32 providerId, uint64 epoch) external view returns (ProviderRecord memory);
    /// @notice Lean view for settlement: signer of the epoch and whether it was attested at the given time. Reason is a code, zero when ok.
    function receiptSignerAt(bytes32 providerId, uint64 epoch, uint64 timestamp) external view returns (bytes memory signer, bytes32 reason);
    function payoutOf(bytes32 providerId) external view returns (address);
    /// @notice One reason code (bytes32 string, equal to the TypeScript code) when not ok.
    function canServe(bytes32 providerId, uint256 assetId, address user) external view returns (bool ok, bytes32 reason);
    function providerCount() external view returns (uint256);
    function providers(uint256 cursor, uint256 limit) external view returns (bytes32[] memory page);
}
