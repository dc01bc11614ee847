// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {TcbStatus} from "../types/ProtocolTypes.sol";

/// @notice Errors of Intel DCAP verification. Each maps to a row of packages/errors/src/reasons/dcap.ts by its name.
/// @dev `offset` is where reading stopped; times are Unix seconds; `id` is the key the store was asked for.
interface IDcapErrors {
    error DcapQuoteMalformed(uint256 offset);
    error DcapQuoteVersionUnsupported(uint256 version);
    error DcapAttestationKeyTypeUnsupported(uint256 keyType);
    error DcapTeeTypeUnsupported(uint256 teeType);
    error DcapQeVendorUnknown(bytes16 vendorId);
    error DcapBodyTypeUnsupported(uint256 bodyType);
    error DcapCertificationDataUnsupported(uint256 dataType);

    error DcapRootMissing(bytes32 id);
    error DcapRootCertificateMalformed(uint256 offset);
    error DcapRootNotPinned(bytes32 id);
    error DcapRootSignatureInvalid();
    error DcapRootExpired(uint64 notBefore, uint64 notAfter);
    error DcapRootCrlMissing(bytes32 id);
    error DcapRootCrlMalformed(uint256 offset);
    error DcapRootCrlIssuerMismatch();
    error DcapRootCrlSignatureInvalid();
    error DcapRootCrlExpired(uint64 thisUpdate, uint64 nextUpdate);
    error DcapRootCrlRollback(uint64 stored, uint64 offered);

    error DcapPckCaMissing(bytes32 id);
    error DcapPckCaMalformed(uint256 offset);
    error DcapPckCaIssuerMismatch();
    error DcapPckCaSignatureInvalid();
    error DcapPckCaExpired(uint64 notBefore, uint64 notAfter);
    error DcapPckCaRevoked(uint64 revokedAt);
    error DcapPckCrlMissing(bytes32 id);
    error DcapPckCrlMalformed(uint256 offset);
    error DcapPckCrlIssuerMismatch();
    error DcapPckCrlSignatureInvalid();
    error DcapPckCrlExpired(uint64 thisUpdate, uint64 nextUpdate);
    error DcapPckCrlRollback(uint64 stored, uint64 offered);
    error DcapPckMissing(bytes32 id);
    error DcapPckMalformed(uint256 offset);
    error DcapPckIssuerMismatch();
    error DcapPckSignatureInvalid();
    error DcapPckExpired(uint64 notBefore, uint64 notAfter);
    error DcapPckRevoked(uint64 revokedAt);

    error DcapTcbSignerMissing(bytes32 id);
    error DcapTcbSignerMalformed(uint256 offset);
    error DcapTcbSignerWrong();
    error DcapTcbSignerSignatureInvalid();
    error DcapTcbSignerExpired(uint64 notBefore, uint64 notAfter);
    error DcapTcbSignerRevoked(uint64 revokedAt);
    error DcapTcbInfoMissing(bytes32 id);
    error DcapTcbInfoSignatureInvalid();
    error DcapTcbInfoMalformed(uint256 offset);
    error DcapTcbInfoIdMismatch();
    error DcapTcbInfoVersionUnsupported(uint256 version);
    error DcapTcbInfoNotYetValid(uint64 issueDate);
    error DcapTcbInfoExpired(uint64 nextUpdate);
    error DcapTcbInfoRollback(uint64 stored, uint64 offered);
    error DcapQeIdentityMissing(bytes32 id);
    error DcapQeIdentitySignatureInvalid();
    error DcapQeIdentityMalformed(uint256 offset);
    error DcapQeIdentityIdMismatch();
    error DcapQeIdentityVersionUnsupported(uint256 version);
    error DcapQeIdentityNotYetValid(uint64 issueDate);
    error DcapQeIdentityExpired(uint64 nextUpdate);
    error DcapQeIdentityRollback(uint64 stored, uint64 offered);
    error DcapTcbEvaluationNumberTooLow(uint32 required, uint32 actual);

    error DcapQeReportSignatureInvalid();
    error DcapAttestationKeyNotBound();
    error DcapQuoteSignatureInvalid();
    error DcapQeIdentityMismatch();
    error DcapPceidMismatch(uint256 expected, uint256 actual);
    error DcapTcbLevelNotFound();
    error DcapModuleIdentityMissing(uint256 moduleVersion);
    error DcapModuleIdentityMismatch();
    error DcapModuleLevelNotFound(uint256 isvSvn);
    error DcapQeLevelNotFound(uint256 isvSvn);
    error DcapTdDebug();
    error DcapTdAttributesReserved(bytes8 attributes);
    error DcapXfamInvalid(bytes8 xfam);
    error DcapServiceTdNotAccepted();
    error DcapTcbRevoked();
    error DcapTcbStatusNotAccepted(TcbStatus status);

    error DcapSimulationRootForbidden();
    error DcapStorageFailed();
}
