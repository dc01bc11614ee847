// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Errors of AWS Nitro verification. Each maps to a row of packages/errors/src/reasons/nitro.ts by its name.
/// @dev `offset` is where reading stopped, in the certificate, CRL, protected header, payload or evidence that is read; times are
///      Unix seconds; `id` is the key the store was asked for.
interface INitroErrors {
    error NitroDocumentMalformed(uint256 offset);
    error NitroAlgorithmUnsupported(uint256 offset);
    error NitroCriticalHeaderUnsupported(uint256 offset);
    /// @param fields How many the document has, of which `known` are documented.
    error NitroFieldUnknown(uint256 fields, uint256 known);
    /// @param name ASCII, padded with zeros on the right.
    error NitroFieldMissing(bytes32 name);
    error NitroFieldMalformed(uint256 offset);
    /// @param given Id in front of the evidence.
    /// @param carried Id of the certificates in the document.
    error NitroCertificateMismatch(bytes32 given, bytes32 carried);
    error NitroDocumentSignatureInvalid();

    /// @param certificateHash keccak256 of its DER.
    error NitroRootNotPinned(bytes32 certificateHash);
    error NitroRootMalformed(uint256 offset);
    error NitroRootExpired(uint64 notBefore, uint64 notAfter);

    error NitroCaMissing(bytes32 id);
    error NitroCaMalformed(uint256 offset);
    error NitroCaPathLengthExceeded();
    error NitroCaIssuerMismatch();
    error NitroCaSignatureInvalid();
    error NitroCaExpired(uint64 notBefore, uint64 notAfter);
    error NitroCaRevoked(uint64 revokedAt);

    error NitroCertificateMissing(bytes32 id);
    error NitroCertificateMalformed(uint256 offset);
    error NitroCertificateIssuerMismatch();
    error NitroCertificateSignatureInvalid();
    error NitroCertificateExpired(uint64 notBefore, uint64 notAfter);
    error NitroCertificateRevoked(uint64 revokedAt);

    /// @param issuerId Id under which the CRL of an issuer is kept.
    error NitroCrlMissing(bytes32 issuerId);
    error NitroCrlMalformed(uint256 offset);
    error NitroCrlIssuerMismatch();
    error NitroCrlSignatureInvalid();
    error NitroCrlExpired(uint64 thisUpdate, uint64 nextUpdate);
    error NitroCrlRollback(uint64 stored, uint64 given);

    /// @notice A simulation root, or CRLs skipped, on a chain that is not for tests.
    error NitroTestChainOnly();
}
