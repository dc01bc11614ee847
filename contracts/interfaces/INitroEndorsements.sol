// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Store of AWS's certificates and CRLs for Nitro Enclaves
/// @notice Anyone uploads; everything is verified down from the pinned root, and only facts that verification needs are kept.
///         Order for a new chain: root, regional, zonal and instance CA, signing certificate; CRLs of the root and of regional CAs.
///         A certificate that is there is not sent again: regional and zonal CAs serve every enclave of their region for days.
/// @dev Source: AWS Nitro Enclaves NSM API, docs/attestation_process.md, 3.2.3; RFC 5280. Proofs are those of P384Signature.
interface INitroEndorsements {
    /// @notice What NitroVerifier needs of a signing certificate.
    struct SigningKey {
        /// P-384, x ‖ y.
        bytes key;
        /// True when the chain ends in the simulation root.
        bool simulated;
        /// Unix seconds: the first end of validity among the chain and its CRLs.
        uint64 earliestExpiry;
    }

    /// @notice Keeps the pinned root.
    /// @return rootId keccak256 of its DER.
    function registerRoot(bytes calldata certificate) external returns (bytes32 rootId);

    /// @notice Verifies and keeps a CA below one that is kept.
    /// @return caId keccak256(parentId ‖ keccak256 of the signed part).
    function registerCa(bytes32 parentId, bytes calldata certificate, bytes calldata proof) external returns (bytes32 caId);

    /// @notice Verifies and keeps a certificate that signs documents. It lives some three hours.
    /// @return certificateId keccak256(parentId ‖ keccak256 of the signed part).
    function registerCertificate(bytes32 parentId, bytes calldata certificate, bytes calldata proof)
        external
        returns (bytes32 certificateId);

    /// @notice Verifies a CRL of a CA and keeps `count` of its revocations from where the last call with it stopped. Its window
    ///         counts once all are kept. An older CRL is refused, and a revocation stays whatever later CRLs say.
    function uploadCrl(bytes32 caId, bytes calldata crl, bytes calldata proof, uint256 count) external;

    /// @notice The key of a signing certificate. Reverts unless its whole chain is in force at block.timestamp: every certificate
    ///         within its validity (the first to end, the leaf, first), none revoked, and where a certificate names a place for a
    ///         CRL, a current one of its issuer is there.
    function signingKeyOf(bytes32 certificateId) external view returns (SigningKey memory);
}
