// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P256Ecdsa} from "../../crypto/P256Ecdsa.sol";
import {IDcapErrors} from "../../interfaces/IDcapErrors.sol";
import {IDcapVerifier} from "../../interfaces/IDcapVerifier.sol";
import {IEndorsementStore} from "../../interfaces/IEndorsementStore.sol";
import {IEvidenceVerifier} from "../../interfaces/IEvidenceVerifier.sol";
import {Claims, TcbStatus, TeeKind} from "../../types/ProtocolTypes.sol";
import {DcapQuote} from "../libraries/DcapQuote.sol";
import {SvnLevels} from "../libraries/SvnLevels.sol";
import {TcbEvaluation} from "../libraries/TcbEvaluation.sol";
import {TcbStatuses} from "../libraries/TcbStatuses.sol";

/// @title Verifier of Intel TDX quotes, versions 4 and 5
/// @notice See IDcapVerifier.
contract DcapVerifier is IDcapVerifier, IDcapErrors {
    using DcapQuote for bytes;

    // Offsets in the TD report (Intel TDX DCAP Quoting Library API, appendix A.3).
    uint256 private constant MR_SEAM = 16;
    uint256 private constant MR_SIGNER_SEAM = 64;
    uint256 private constant SEAM_ATTRIBUTES = 112;
    uint256 private constant TD_ATTRIBUTES = 120;
    uint256 private constant XFAM = 128;
    uint256 private constant MR_TD = 136;
    uint256 private constant TD_REPORT_DATA = 520;
    // TDX 1.5 only.
    uint256 private constant TEE_TCB_SVN_2 = 584;
    uint256 private constant MR_SERVICE_TD = 600;
    // Offsets in the QE report.
    uint256 private constant QE_MISCSELECT = 16;
    uint256 private constant QE_ATTRIBUTES = 48;
    uint256 private constant QE_MR_SIGNER = 128;
    uint256 private constant QE_ISV_PROD_ID = 256;
    uint256 private constant QE_ISV_SVN = 258;
    uint256 private constant QE_REPORT_DATA = 320;

    /// TD attributes in wire order: DEBUG (bit 0); SEPT_VE_DISABLE (28), PKS (30), KL (31), PERFMON (63) are allowed.
    bytes8 private constant TD_DEBUG = 0x0100000000000000;
    bytes8 private constant TD_KNOWN = 0x010000d000000080;
    /// XFAM in wire order: x87 and SSE state, which no TD can be without.
    bytes8 private constant XFAM_FIXED_ONE = 0x0300000000000000;

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
    function parse(bytes calldata evidence) external pure returns (bytes32 pckId, uint256 authenticationDataSize) {
        authenticationDataSize = DcapQuote.layoutOf(evidence).authenticationDataSize;
        pckId = evidence.word(0);
    }

    /// @inheritdoc IEvidenceVerifier
    function verify(bytes calldata evidence) external view returns (Claims memory claims) {
        DcapQuote.Layout memory at = DcapQuote.layoutOf(evidence);
        IEndorsementStore.Endorsements memory e = store.endorsementsOf(evidence.word(0));
        _checkEvaluationNumbers(e);
        _checkSignatures(evidence, e, at);
        uint256 qeReport = at.signedEnd + DcapQuote.QE_REPORT;
        _checkQe(evidence, qeReport, e.qeIdentity);
        if (e.pceId != e.tcbInfoPceId) revert DcapPceidMismatch(e.tcbInfoPceId, e.pceId);
        TcbStatus status = _status(evidence, at, e);
        _checkAttributes(evidence, at.body);
        if (at.isTd15) _checkServiceTd(evidence, at.body);
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
        claims.product = bytes32(e.fmspc);
        claims.platformId = e.platformId;
        claims.measurement = _measurement(evidence, at.body);
        claims.reportDataHigh = evidence.word(at.body + TD_REPORT_DATA);
        claims.reportDataLow = evidence.word(at.body + TD_REPORT_DATA + 32);
        claims.earliestExpiry = e.earliestExpiry;
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
    function _checkSignatures(
        bytes calldata evidence,
        IEndorsementStore.Endorsements memory e,
        DcapQuote.Layout memory at
    ) private view {
        uint256 start = at.signedEnd;
        uint256 qeReport = start + DcapQuote.QE_REPORT;
        uint256 qeSignature = start + DcapQuote.QE_SIGNATURE;
        bytes32 hash = sha256(evidence[qeReport:qeSignature]);
        if (!_signed(evidence, hash, qeSignature, e.pckX, e.pckY)) revert DcapQeReportSignatureInvalid();
        uint256 key = start + DcapQuote.ATTESTATION_KEY;
        (bytes32 x, bytes32 y) = (evidence.word(key), evidence.word(key + 32));
        uint256 authenticationData = start + DcapQuote.QE_AUTHENTICATION + 2;
        bytes calldata data = evidence[authenticationData:authenticationData + at.authenticationDataSize];
        if (
            evidence.word(qeReport + QE_REPORT_DATA) != sha256(bytes.concat(x, y, data))
                || evidence.word(qeReport + QE_REPORT_DATA + 32) != 0
        ) revert DcapAttestationKeyNotBound();
        hash = sha256(evidence[DcapQuote.QUOTE:start]);
        if (!_signed(evidence, hash, start + DcapQuote.SIGNATURE, x, y)) revert DcapQuoteSignatureInvalid();
    }

    /// @dev The QE report against the QE identity, packed as QeIdentityJson says.
    function _checkQe(bytes calldata evidence, uint256 qeReport, bytes memory identity) private pure {
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
        bytes4 miscselect = bytes4(evidence.word(qeReport + QE_MISCSELECT));
        bytes16 actual = bytes16(evidence.word(qeReport + QE_ATTRIBUTES));
        if (
            miscselect & bytes4(masks << 32) != bytes4(masks)
                || actual & bytes16(attributes << 128) != bytes16(attributes)
                || evidence.word(qeReport + QE_MR_SIGNER) != mrSigner
                || evidence.u16(qeReport + QE_ISV_PROD_ID) != productId
        ) revert DcapQeIdentityMismatch();
    }

    function _qeStatus(bytes calldata evidence, uint256 qeReport, bytes memory identity)
        private
        pure
        returns (TcbStatus status)
    {
        bool found;
        uint256 isvSvn = evidence.u16(qeReport + QE_ISV_SVN);
        (found, status) = SvnLevels.find(identity, 74, isvSvn);
        if (!found) revert DcapQeLevelNotFound(isvSvn);
    }

    /// @dev Status of platform, TDX module and QE together.
    function _status(bytes calldata evidence, DcapQuote.Layout memory at, IEndorsementStore.Endorsements memory e)
        private
        pure
        returns (TcbStatus)
    {
        TcbEvaluation.Platform memory platform = _platformOf(evidence, at.body, e);
        TcbEvaluation.Levels memory levels = TcbEvaluation.findLevels(e.tcbInfo, platform);
        TcbStatus qe = _qeStatus(evidence, at.signedEnd + DcapQuote.QE_REPORT, e.qeIdentity);
        TcbStatus status = TcbStatuses.converge(levels.platform, levels.module);
        if (at.isTd15 && qe == TcbStatus.UpToDate) {
            bytes16 teeTcbSvn2 = bytes16(evidence.word(at.body + TEE_TCB_SVN_2));
            status = TcbEvaluation.adviseRelaunch(e.tcbInfo, levels, teeTcbSvn2, status);
        }
        return TcbStatuses.converge(status, qe);
    }

    function _platformOf(bytes calldata evidence, uint256 body, IEndorsementStore.Endorsements memory e)
        private
        pure
        returns (TcbEvaluation.Platform memory)
    {
        return TcbEvaluation.Platform({
            sgxComponents: e.sgxComponents,
            pceSvn: e.pceSvn,
            teeTcbSvn: bytes16(evidence.word(body)),
            mrSignerSeam: keccak256(evidence[body + MR_SIGNER_SEAM:body + SEAM_ATTRIBUTES]),
            seamAttributes: bytes8(evidence.word(body + SEAM_ATTRIBUTES))
        });
    }

    function _checkAttributes(bytes calldata evidence, uint256 body) private pure {
        bytes8 attributes = bytes8(evidence.word(body + TD_ATTRIBUTES));
        if (attributes & TD_DEBUG != 0) revert DcapTdDebug();
        if (attributes & ~TD_KNOWN != 0) revert DcapTdAttributesReserved(attributes);
        bytes8 xfam = bytes8(evidence.word(body + XFAM));
        if (xfam & XFAM_FIXED_ONE != XFAM_FIXED_ONE) revert DcapXfamInvalid(xfam);
    }

    /// @dev A service TD can migrate the TD elsewhere: none may be bound to it.
    function _checkServiceTd(bytes calldata evidence, uint256 body) private pure {
        bytes32 first = evidence.word(body + MR_SERVICE_TD);
        bytes16 rest = bytes16(evidence.word(body + MR_SERVICE_TD + 32));
        if (first != 0 || rest != 0) revert DcapServiceTdNotAccepted();
    }

    /// @dev mrSeam ‖ mrTd ‖ mrConfigId ‖ mrOwner ‖ mrOwnerConfig ‖ rtmr0..3 ‖ tdAttributes ‖ xfam.
    function _measurement(bytes calldata evidence, uint256 body) private pure returns (bytes32) {
        return keccak256(
            bytes.concat(
                evidence[body + MR_SEAM:body + MR_SIGNER_SEAM],
                evidence[body + MR_TD:body + TD_REPORT_DATA],
                evidence[body + TD_ATTRIBUTES:body + MR_TD]
            )
        );
    }

    /// @dev Signature r ‖ s at `pos` of the evidence.
    function _signed(bytes calldata evidence, bytes32 hash, uint256 pos, bytes32 x, bytes32 y) private view returns (bool) {
        return P256Ecdsa.verify(_precompile, hash, evidence.word(pos), evidence.word(pos + 32), x, y);
    }
}
