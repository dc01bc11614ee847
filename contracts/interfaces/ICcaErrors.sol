// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Errors of Arm CCA verification. Each maps to a row of packages/errors/src/reasons/cca.ts by its name.
/// @dev `offset` is where reading stopped, in the document that the error names; `label` a claim's label; times are Unix
///      seconds; curves are COSE's numbers (RFC 9053 §7.1): 1 P-256, 2 P-384, 3 P-521.
interface ICcaErrors {
    error CcaTokenMalformed(uint256 offset);
    error CcaTrailingBytes(uint256 offset);
    error CcaCollectionTagUnsupported(uint256 tag);
    error CcaPlatformTokenMalformed(uint256 offset);
    error CcaRealmTokenMalformed(uint256 offset);
    /// @notice Also of ES512: there is no P-521 on-chain.
    error CcaAlgorithmUnsupported(uint256 offset);
    error CcaCriticalHeaderUnsupported(uint256 offset);
    /// @param profile keccak256 of its URI.
    error CcaProfileUnsupported(bytes32 profile);
    error CcaPlatformClaimMissing(uint256 label);
    error CcaPlatformClaimMalformed(uint256 offset);
    error CcaRealmClaimMissing(uint256 label);
    error CcaRealmClaimMalformed(uint256 offset);
    /// @param name keccak256 of the algorithm's name.
    error CcaRakHashUnsupported(bytes32 name);
    error CcaRakMalformed(uint256 offset);

    /// @notice No key of this id for the platform that the token names.
    error CcaTrustAnchorMissing(bytes32 id);
    error CcaTrustAnchorNotYetActive(uint64 activeFrom);
    error CcaTrustAnchorRevoked(uint64 revokedAt);
    error CcaTrustAnchorCurveMismatch(uint256 got, uint256 expected);
    error CcaPlatformSignatureInvalid();
    /// @param keyHash keccak256 of the hash of the realm's key.
    /// @param challenge keccak256 of the platform's challenge.
    error CcaRakNotBound(bytes32 keyHash, bytes32 challenge);
    error CcaRealmSignatureInvalid();

    /// @notice Not the SubjectPublicKeyInfo of a point on P-256 or P-384, or ids of other forms.
    error CcaTrustAnchorMalformed();
    error CcaTrustAnchorExists(bytes32 id);
    error CcaSimulatedAnchorForbidden();
    error CcaTimelockTooShort(uint64 delaySeconds, uint64 minSeconds);
}
