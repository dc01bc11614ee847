// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEndorsementStore} from "../../interfaces/IEndorsementStore.sol";
import {IEvidenceVerifier} from "../../interfaces/IEvidenceVerifier.sol";
import {ClaimFlags} from "../../types/ClaimFlags.sol";
import {Claims, TcbStatus, TeeKind} from "../../types/ProtocolTypes.sol";
import {DcapQuote} from "../libraries/DcapQuote.sol";
import {TcbEvaluation} from "../libraries/TcbEvaluation.sol";
import {TcbStatuses} from "../libraries/TcbStatuses.sol";
import {DcapVerification} from "./DcapVerification.sol";

/// @title Verifier of Intel TDX quotes, versions 4 and 5
/// @notice See IDcapVerifier.
contract DcapVerifier is DcapVerification {
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

    /// TD attributes in wire order: DEBUG (bit 0); SEPT_VE_DISABLE (28), PKS (30), KL (31), PERFMON (63) are allowed.
    bytes8 private constant TD_DEBUG = 0x0100000000000000;
    bytes8 private constant TD_KNOWN = 0x010000d000000080;
    /// XFAM in wire order: x87 and SSE state, which no TD can be without.
    bytes8 private constant XFAM_FIXED_ONE = 0x0300000000000000;

    constructor(IEndorsementStore store_) DcapVerification(store_) {}

    /// @inheritdoc IEvidenceVerifier
    function verify(bytes calldata evidence) external view returns (Claims memory claims) {
        DcapQuote.Parts memory parts = _partsOf(evidence);
        IEndorsementStore.Endorsements memory e = store.endorsementsOf(TeeKind.Tdx, evidence.word(0));
        _checkQuote(evidence, e, parts);
        TcbStatus status = _status(evidence, parts, e);
        uint256 body = parts.body;
        uint32 flags = _checkAttributes(evidence, body);
        if (parts.bodyType == DcapQuote.TD_15) flags |= _serviceTd(evidence, body);
        claims = _claims(TeeKind.Tdx, status, e);
        claims.flags = flags;
        claims.measurement = _measurement(evidence, body);
        claims.reportDataHigh = evidence.word(body + TD_REPORT_DATA);
        claims.reportDataLow = evidence.word(body + TD_REPORT_DATA + 32);
    }

    function _partsOf(bytes calldata evidence) internal pure override returns (DcapQuote.Parts memory) {
        return DcapQuote.tdxPartsOf(evidence);
    }

    /// @dev Status of platform, TDX module and QE together.
    function _status(bytes calldata evidence, DcapQuote.Parts memory parts, IEndorsementStore.Endorsements memory e)
        private
        pure
        returns (TcbStatus)
    {
        TcbEvaluation.Platform memory platform = _platformOf(evidence, parts.body, e);
        TcbEvaluation.Levels memory levels = TcbEvaluation.findLevels(e.tcbInfo, platform);
        TcbStatus qe = _qeStatus(evidence, parts.qeReport, e.qeIdentity);
        TcbStatus status = TcbStatuses.converge(levels.platform, levels.module);
        if (parts.bodyType == DcapQuote.TD_15 && qe == TcbStatus.UpToDate) {
            bytes16 teeTcbSvn2 = bytes16(evidence.word(parts.body + TEE_TCB_SVN_2));
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

    function _checkAttributes(bytes calldata evidence, uint256 body) private pure returns (uint32 flags) {
        bytes8 attributes = bytes8(evidence.word(body + TD_ATTRIBUTES));
        if (attributes & ~TD_KNOWN != 0) revert DcapTdAttributesReserved(attributes);
        bytes8 xfam = bytes8(evidence.word(body + XFAM));
        if (xfam & XFAM_FIXED_ONE != XFAM_FIXED_ONE) revert DcapXfamInvalid(xfam);
        return attributes & TD_DEBUG == 0 ? 0 : ClaimFlags.DEBUG;
    }

    /// @dev A service TD, which may be bound to a TD of TDX 1.5, can migrate it elsewhere.
    function _serviceTd(bytes calldata evidence, uint256 body) private pure returns (uint32 flags) {
        bytes32 first = evidence.word(body + MR_SERVICE_TD);
        bytes16 rest = bytes16(evidence.word(body + MR_SERVICE_TD + 32));
        return first | rest == 0 ? 0 : ClaimFlags.MIGRATABLE;
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
}
