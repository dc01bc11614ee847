// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P256Ecdsa} from "../../crypto/P256Ecdsa.sol";
import {IDcapErrors} from "../../interfaces/IDcapErrors.sol";
import {IDcapVerifier} from "../../interfaces/IDcapVerifier.sol";
import {IEndorsementStore} from "../../interfaces/IEndorsementStore.sol";
import {IEvidenceVerifier} from "../../interfaces/IEvidenceVerifier.sol";
import {Claims, TcbStatus, TeeKind} from "../../types/ProtocolTypes.sol";
import {SvnLevels} from "../libraries/SvnLevels.sol";
import {TcbEvaluation} from "../libraries/TcbEvaluation.sol";
import {TcbStatuses} from "../libraries/TcbStatuses.sol";

/// @title Verifier of Intel TDX quotes version 4
/// @notice See IDcapVerifier.
contract DcapVerifier is IDcapVerifier, IDcapErrors {
    // Offsets in the evidence: pckId, then the quote (Intel TDX DCAP Quoting Library API, quote format version 4).
    uint256 private constant QUOTE = 32;
    uint256 private constant BODY = QUOTE + 48;
    /// End of what the attestation key signs: header 48 and TD report 584.
    uint256 private constant SIGNED_END = BODY + 584;
    uint256 private constant SIGNATURE = SIGNED_END + 4;
    uint256 private constant ATTESTATION_KEY = SIGNATURE + 64;
    uint256 private constant CERTIFICATION = ATTESTATION_KEY + 64;
    uint256 private constant QE_REPORT = CERTIFICATION + 6;
    uint256 private constant QE_SIGNATURE = QE_REPORT + 384;
    uint256 private constant QE_AUTHENTICATION = QE_SIGNATURE + 64;
    /// Offset of report data in the TD report and in the QE report.
    uint256 private constant TD_REPORT_DATA = BODY + 520;
    uint256 private constant QE_REPORT_DATA = QE_REPORT + 320;

    bytes16 private constant INTEL_QE_VENDOR = 0x939a7233f79c4ca9940a0db3957f0607;
    /// TD attributes in wire order: DEBUG (bit 0); SEPT_VE_DISABLE (28), PKS (30), KL (31), PERFMON (63) are allowed.
    bytes8 private constant TD_DEBUG = 0x0100000000000000;
    bytes8 private constant TD_KNOWN = 0x010000d000000080;

    IEndorsementStore public immutable store;
    /// @inheritdoc IDcapVerifier
    uint256 public immutable acceptedTcbStatuses;
    /// @inheritdoc IDcapVerifier
    uint32 public immutable minTcbEvaluationNumber;
    bool private immutable _precompile;

    /// @param store_ Where the endorsements are.
    /// @param acceptedTcbStatuses_ Bit i set: TcbStatus i accepted. Unknown and Revoked never are.
    /// @param minTcbEvaluationNumber_ Lowest TCB evaluation number accepted.
    constructor(IEndorsementStore store_, uint256 acceptedTcbStatuses_, uint32 minTcbEvaluationNumber_) {
        store = store_;
        acceptedTcbStatuses = acceptedTcbStatuses_;
        minTcbEvaluationNumber = minTcbEvaluationNumber_;
        _precompile = P256Ecdsa.hasPrecompile();
    }

    /// @inheritdoc IDcapVerifier
    function parse(bytes calldata evidence) public pure returns (bytes32 pckId, uint256 authenticationDataSize) {
        uint256 length = evidence.length;
        if (length < BODY) revert DcapQuoteMalformed(length);
        pckId = bytes32(evidence);
        _checkHeader(evidence);
        if (length < QE_AUTHENTICATION + 2) revert DcapQuoteMalformed(length);
        authenticationDataSize = _littleEndian(evidence, QE_AUTHENTICATION, 2);
        uint256 end = QE_AUTHENTICATION + 2 + authenticationDataSize;
        // Certification data of the QE report certification: type and size stay, the chain itself is cut away.
        if (length != end + 6) revert DcapQuoteMalformed(length);
        uint256 outerType = _littleEndian(evidence, CERTIFICATION, 2);
        if (outerType != 6) revert DcapCertificationDataUnsupported(outerType);
        uint256 innerType = _littleEndian(evidence, end, 2);
        if (innerType != 5) revert DcapCertificationDataUnsupported(innerType);
        uint256 certification = _littleEndian(evidence, CERTIFICATION + 2, 4);
        uint256 chain = _littleEndian(evidence, end + 2, 4);
        if (certification != end + 6 - QE_REPORT + chain) revert DcapQuoteMalformed(CERTIFICATION);
        uint256 declared = _littleEndian(evidence, SIGNED_END, 4);
        if (declared != QE_REPORT - SIGNATURE + certification) revert DcapQuoteMalformed(SIGNED_END);
    }

    /// @inheritdoc IEvidenceVerifier
    function verify(bytes calldata evidence) external view returns (Claims memory claims) {
        (bytes32 pckId, uint256 authenticationDataSize) = parse(evidence);
        IEndorsementStore.Endorsements memory e = store.endorsementsOf(pckId);
        _checkEvaluationNumbers(e);
        _checkSignatures(evidence, e, authenticationDataSize);
        _checkQe(evidence, e.qeIdentity);
        if (e.pceId != e.tcbInfoPceId) revert DcapPceidMismatch(e.tcbInfoPceId, e.pceId);
        TcbStatus status = TcbEvaluation.evaluate(e.tcbInfo, _platformOf(evidence, e));
        status = TcbStatuses.converge(status, _qeStatus(evidence, e.qeIdentity));
        _checkAttributes(evidence);
        if (status == TcbStatus.Revoked) revert DcapTcbRevoked();
        if ((acceptedTcbStatuses >> uint8(status)) & 1 == 0 || status == TcbStatus.Unknown) {
            revert DcapTcbStatusNotAccepted(status);
        }
        claims.teeKind = TeeKind.Tdx;
        claims.simulated = e.simulated;
        claims.tcbStatus = status;
        claims.tcbEvaluationNumber = e.tcbInfoEvaluationNumber < e.qeIdentityEvaluationNumber
            ? e.tcbInfoEvaluationNumber
            : e.qeIdentityEvaluationNumber;
        claims.platformId = e.platformId;
        claims.measurement = _measurement(evidence);
        claims.reportDataHigh = bytes32(evidence[TD_REPORT_DATA:]);
        claims.reportDataLow = bytes32(evidence[TD_REPORT_DATA + 32:]);
        claims.earliestExpiry = e.earliestExpiry;
    }

    function _checkHeader(bytes calldata evidence) private pure {
        uint256 version = _littleEndian(evidence, QUOTE, 2);
        if (version != 4) revert DcapQuoteVersionUnsupported(version);
        uint256 keyType = _littleEndian(evidence, QUOTE + 2, 2);
        if (keyType != 2) revert DcapAttestationKeyTypeUnsupported(keyType);
        uint256 teeType = _littleEndian(evidence, QUOTE + 4, 4);
        if (teeType != 0x81) revert DcapTeeTypeUnsupported(teeType);
        bytes16 vendor = bytes16(evidence[QUOTE + 12:]);
        if (vendor != INTEL_QE_VENDOR) revert DcapQeVendorUnknown(vendor);
    }

    function _checkEvaluationNumbers(IEndorsementStore.Endorsements memory e) private view {
        uint32 required = minTcbEvaluationNumber;
        if (e.tcbInfoEvaluationNumber < required) {
            revert DcapTcbEvaluationNumberTooLow(required, e.tcbInfoEvaluationNumber);
        }
        if (e.qeIdentityEvaluationNumber < required) {
            revert DcapTcbEvaluationNumberTooLow(required, e.qeIdentityEvaluationNumber);
        }
    }

    /// @dev PCK signs the QE report, the QE report binds the attestation key, the attestation key signs the quote.
    function _checkSignatures(bytes calldata evidence, IEndorsementStore.Endorsements memory e, uint256 size) private view {
        bytes32 hash = sha256(evidence[QE_REPORT:QE_SIGNATURE]);
        if (!_signed(evidence, hash, QE_SIGNATURE, e.pckX, e.pckY)) revert DcapQeReportSignatureInvalid();
        uint256 start = QE_AUTHENTICATION + 2;
        bytes32 binding = sha256(bytes.concat(evidence[ATTESTATION_KEY:CERTIFICATION], evidence[start:start + size]));
        if (bytes32(evidence[QE_REPORT_DATA:]) != binding || bytes32(evidence[QE_REPORT_DATA + 32:]) != 0) {
            revert DcapAttestationKeyNotBound();
        }
        hash = sha256(evidence[QUOTE:SIGNED_END]);
        bytes32 x = bytes32(evidence[ATTESTATION_KEY:]);
        bytes32 y = bytes32(evidence[ATTESTATION_KEY + 32:]);
        if (!_signed(evidence, hash, SIGNATURE, x, y)) revert DcapQuoteSignatureInvalid();
    }

    /// @dev The QE report against the QE identity, packed as QeIdentityJson says.
    function _checkQe(bytes calldata evidence, bytes memory identity) private pure {
        bytes32 masks;
        bytes32 attributes;
        bytes32 mrSigner;
        uint256 productId;
        assembly ("memory-safe") {
            let start := add(identity, 0x20)
            masks := mload(start)
            attributes := mload(add(start, 8))
            mrSigner := mload(add(start, 40))
            productId := shr(240, mload(add(start, 72)))
        }
        bytes4 miscselect = bytes4(evidence[QE_REPORT + 16:]);
        bytes16 actual = bytes16(evidence[QE_REPORT + 48:]);
        if (
            miscselect & bytes4(masks << 32) != bytes4(masks)
                || actual & bytes16(attributes << 128) != bytes16(attributes)
                || bytes32(evidence[QE_REPORT + 128:]) != mrSigner
                || _littleEndian(evidence, QE_REPORT + 256, 2) != productId
        ) revert DcapQeIdentityMismatch();
    }

    function _qeStatus(bytes calldata evidence, bytes memory identity) private pure returns (TcbStatus status) {
        bool found;
        uint256 isvSvn = _littleEndian(evidence, QE_REPORT + 258, 2);
        (found, status) = SvnLevels.find(identity, 74, isvSvn);
        if (!found) revert DcapQeLevelNotFound(isvSvn);
    }

    function _platformOf(bytes calldata evidence, IEndorsementStore.Endorsements memory e)
        private
        pure
        returns (TcbEvaluation.Platform memory)
    {
        return TcbEvaluation.Platform({
            sgxComponents: e.sgxComponents,
            pceSvn: e.pceSvn,
            teeTcbSvn: bytes16(evidence[BODY:]),
            mrSignerSeam: keccak256(evidence[BODY + 64:BODY + 112]),
            seamAttributes: bytes8(evidence[BODY + 112:])
        });
    }

    function _checkAttributes(bytes calldata evidence) private pure {
        bytes8 attributes = bytes8(evidence[BODY + 120:]);
        if (attributes & TD_DEBUG != 0) revert DcapTdDebug();
        if (attributes & ~TD_KNOWN != 0) revert DcapTdAttributesReserved(attributes);
    }

    /// @dev mrSeam ‖ mrTd ‖ mrConfigId ‖ mrOwner ‖ mrOwnerConfig ‖ rtmr0..3 ‖ tdAttributes ‖ xfam.
    function _measurement(bytes calldata evidence) private pure returns (bytes32) {
        return keccak256(
            bytes.concat(
                evidence[BODY + 16:BODY + 64], evidence[BODY + 136:BODY + 520], evidence[BODY + 120:BODY + 136]
            )
        );
    }

    /// @dev Signature r ‖ s at `pos` of the evidence.
    function _signed(bytes calldata evidence, bytes32 hash, uint256 pos, bytes32 x, bytes32 y) private view returns (bool) {
        return P256Ecdsa.verify(_precompile, hash, bytes32(evidence[pos:]), bytes32(evidence[pos + 32:]), x, y);
    }

    function _littleEndian(bytes calldata data, uint256 pos, uint256 size) private pure returns (uint256 value) {
        for (uint256 i = size; i > 0; --i) {
            value = (value << 8) | uint8(data[pos + i - 1]);
        }
    }
}
