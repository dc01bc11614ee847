// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Platform attestation keys (CPAK) of Arm CCA: raw trust anchors.
/// @dev Arm defines no certificate chain for a CPAK: a token carries no certificates, and no root of Arm signs any. The key of a
///      platform is what its vendor says it is, by a channel outside the protocol. So nobody can prove a CPAK to a contract, and
///      unlike the stores of the other vendors this one is governed: **whoever governs it can make a platform of his own count
///      as genuine**. What limits that: a proposal counts only after a public delay, a key is for one instance id and one
///      implementation id, for ever, and a revocation works at once and for ever. A policy that must not rest on governance does
///      not accept CCA.
interface ICcaEndorsements {
    struct TrustAnchor {
        /// COSE's number: 1 P-256, 2 P-384; zero: there is no such key.
        uint8 curve;
        /// The private half is no secret.
        bool simulated;
        /// Unix seconds.
        uint64 activeFrom;
        /// Unix seconds; zero while not revoked.
        uint64 revokedAt;
        /// keccak256(instance id ‖ implementation id), 33 and 32 bytes.
        bytes32 platform;
    }

    event TrustAnchorProposed(
        bytes32 indexed id, bytes instanceId, bytes32 implementationId, bytes publicKey, bool simulated, uint64 activeFrom
    );
    event TrustAnchorRevoked(bytes32 indexed id, uint64 revokedAt);

    /// @notice Governance: proposes the key of one platform; it counts after the timelock.
    /// @dev Once per key, revoked ones included.
    /// @param publicKey DER SubjectPublicKeyInfo, P-256 or P-384, uncompressed point on its curve.
    /// @param instanceId EAT ueid of type RAND: 0x01 and 32 bytes (claim 256).
    /// @param implementationId Claim 2396.
    /// @param simulated True for keys of no hardware; only in dev mode.
    /// @return id keccak256 of the point x ‖ y, 64 or 96 bytes.
    function proposeTrustAnchor(
        bytes calldata publicKey,
        bytes calldata instanceId,
        bytes32 implementationId,
        bool simulated
    ) external returns (bytes32 id);

    /// @notice Governance (in production its guardian, without delay): ends a key or a proposal at once and for ever.
    function revokeTrustAnchor(bytes32 id) external;

    /// @notice What is kept of a key. Nothing is checked: activeFrom and revokedAt are the caller's to compare.
    function trustAnchorOf(bytes32 id) external view returns (TrustAnchor memory);

    /// @notice Seconds from proposal to activation.
    function timelockSeconds() external view returns (uint64);
}
