// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Errors of NVIDIA verification. Each maps to a row of packages/errors/src/reasons/nvidia.ts by its name.
/// @dev `offset` is where reading stopped; times are Unix seconds; `id` is the key the store was asked for.
interface INvidiaErrors {
    error NvidiaReportMalformed(uint256 offset);
    error NvidiaReportVersionUnsupported(uint256 version);
    error NvidiaTrailingBytes(uint256 offset);
    error NvidiaOpaqueMalformed(uint256 offset);
    error NvidiaOpaqueVersionUnsupported(uint256 version);

    error NvidiaCertificateMalformed(uint256 offset);
    error NvidiaCertificateMissing(bytes32 id);
    error NvidiaRootNotPinned(bytes32 certificateHash);
    error NvidiaLeafMissing(bytes32 id);
    error NvidiaCaInvalid();
    error NvidiaCertificateIssuerMismatch();
    error NvidiaCertificateSignatureInvalid();
    error NvidiaCertificateExpired(uint64 notBefore, uint64 notAfter);
    error NvidiaCertificateRevoked(uint64 since);
    error NvidiaCertificateOnHold(uint64 since);
    error NvidiaCertificateStatusUnknown(uint64 since);
    error NvidiaArchitectureUnsupported();

    error NvidiaOcspMissing(bytes32 id);
    error NvidiaOcspMalformed(uint256 offset);
    error NvidiaOcspUnsuccessful(uint256 status);
    error NvidiaOcspResponderUnauthorized();
    error NvidiaOcspSignatureInvalid();
    error NvidiaOcspExpired(uint64 thisUpdate, uint64 nextUpdate);
    error NvidiaOcspRollback(uint64 stored, uint64 given);

    error NvidiaReportSignatureInvalid();
    error NvidiaFwidMissing();
    error NvidiaFwidMismatch();

    error NvidiaRimMissing(bytes32 id);
    error NvidiaRimMalformed(uint256 offset);
    error NvidiaRimCertificateMalformed(uint256 offset);
    error NvidiaRimCertificateMissing(bytes32 id);
    error NvidiaRimRootNotPinned(bytes32 certificateHash);
    error NvidiaRimSignerMissing(bytes32 id);
    error NvidiaRimCaInvalid();
    error NvidiaRimCertificateIssuerMismatch();
    error NvidiaRimCertificateSignatureInvalid();
    error NvidiaRimCertificateExpired(uint64 notBefore, uint64 notAfter);
    error NvidiaRimCertificateRevoked(uint64 since);
    error NvidiaRimCertificateOnHold(uint64 since);
    error NvidiaRimOcspMissing(bytes32 id);
    error NvidiaRimDigestMismatch();
    error NvidiaRimSignatureInvalid();
    error NvidiaRimUnrelated(bytes32 id);
    error NvidiaRimConflict(uint256 indexes);
    error NvidiaNvdecStatusInvalid();
    error NvidiaMeasurementMismatch(uint256 index);

    error NvidiaDevModeRequired();
}
