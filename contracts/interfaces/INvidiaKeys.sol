// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Certificates of NVIDIA below a pinned root, and what NVIDIA's OCSP responders say of them. Anyone uploads.
/// @dev An id is keccak256(id of the parent ‖ keccak256(signed bytes of the certificate)); the parent of a root is zero.
///      A proof is of a P-384 signature: see P384Signature. Uploads go from the root downwards.
///      OCSP answers never go back to an older one, and a revocation stays for ever. One that is not needed counts where it is there.
interface INvidiaKeys {
    event OcspAnswered(bytes32 indexed keyId, uint8 status, uint64 thisUpdate, uint64 nextUpdate);

    /// @notice Whether certificates without an OCSP answer count. Only where a simulation may be trusted too: false in production.
    function dangerouslySkipRevocation() external view returns (bool);

    /// @notice What the OCSP responder said last of a certificate: 0 nothing, 1 good, 2 revoked, 3 on hold, 4 unknown.
    function ocspAnswers(bytes32 keyId) external view returns (uint8 status, uint64 thisUpdate, uint64 nextUpdate);

    /// @param certificate DER of a pinned certificate.
    function registerRoot(bytes calldata certificate) external returns (bytes32 keyId);

    /// @param certificate DER of a CA below `parentId`.
    function registerCa(bytes32 parentId, bytes calldata certificate, bytes calldata proof) external returns (bytes32 keyId);

    /// @notice Keeps what a response says of one certificate.
    /// @dev Proves: the issuer of the certificate, or a responder that it appointed (RFC 6960, 4.2.2.2), has signed this, and it is
    ///      current. Does NOT prove: that it has not said something newer.
    /// @param keyId The certificate.
    /// @param issuerName DER of its issuer's name, for the hash that the response names it by.
    /// @param response DER.
    /// @param proof Of the signature of the response.
    /// @param responderProof Of the signature of an appointed responder's certificate; empty where the issuer answers.
    function uploadOcsp(
        bytes32 keyId,
        bytes calldata issuerName,
        bytes calldata response,
        bytes calldata proof,
        bytes calldata responderProof
    ) external;
}
