// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Errors of AMD SEV-SNP verification. Each maps to a row of packages/errors/src/reasons/snp.ts by its name.
/// @dev `offset` is where a fault stands in the report or certificate; times are Unix seconds; `id` is the key the store was
///      asked for; TCB versions are in wire order.
interface ISnpErrors {
    error SnpReportMalformed(uint256 length);
    error SnpReportVersionUnsupported(uint256 version);
    error SnpSignatureAlgorithmUnsupported(uint256 algorithm);
    error SnpReportReservedNonzero(uint256 offset);
    error SnpPolicyReservedNonzero(uint256 policy);
    error SnpPolicyBit17Clear(uint256 policy);
    error SnpSigningKeyUnsupported(uint256 signingKey);
    error SnpReportUnsigned(uint256 keyInfo);
    error SnpVmplInvalid(uint256 vmpl);
    error SnpSignaturePaddingNonzero(uint256 offset);
    error SnpHostRequested();

    error SnpRootMissing(bytes32 id);
    error SnpRootMalformed(uint256 offset);
    error SnpRootNotPinned(bytes32 id);
    error SnpRootSignatureInvalid();
    error SnpRootExpired(uint64 notBefore, uint64 notAfter);
    error SnpCrlMissing(bytes32 id);
    error SnpCrlMalformed(uint256 offset);
    error SnpCrlIssuerMismatch();
    error SnpCrlSignatureInvalid();
    error SnpCrlExpired(uint64 thisUpdate, uint64 nextUpdate);
    error SnpCrlRollback(uint64 stored, uint64 offered);
    error SnpIntermediateMissing(bytes32 id);
    error SnpIntermediateMalformed(uint256 offset);
    error SnpIntermediateWrong();
    error SnpIntermediateIssuerMismatch();
    error SnpIntermediateSignatureInvalid();
    error SnpIntermediateExpired(uint64 notBefore, uint64 notAfter);
    error SnpIntermediateRevoked(uint64 revokedAt);
    error SnpVekMissing(bytes32 id);
    error SnpVekMalformed(uint256 offset);
    error SnpVekIssuerMismatch();
    error SnpVekSignatureInvalid();
    error SnpVekExpired(uint64 notBefore, uint64 notAfter);
    error SnpVekRevoked(uint64 revokedAt);
    error SnpVekExtensionMissing(bytes32 oid);
    error SnpVekExtensionMalformed(uint256 offset);
    error SnpHwidMissing();
    error SnpHwidLengthWrong(uint256 expected, uint256 actual);

    error SnpSimulationRootForbidden();

    error SnpSigningKeyMismatch(bool reportSaysVlek);
    /// @param value productName, left-aligned, or CPUID family and model as the last two bytes.
    error SnpProductUnknown(bytes32 value);
    error SnpProductMismatch(bytes32 expected, bytes32 actual);
    error SnpChipIdMasked();
    error SnpHwidMismatch(bytes32 expected, bytes32 actual);
    error SnpTcbReservedNonzero(bytes8 tcb);
    error SnpTcbMismatch(bytes8 reported, bytes8 endorsed);
    error SnpReportSignatureInvalid();
    error SnpReportedTcbAboveCurrent(bytes8 reported, bytes8 current);
    /// @dev TCB versions, or firmware versions as they stand in the report (build, minor, major).
    error SnpCommittedTcbAboveCurrent(bytes8 committed, bytes8 current);
}
