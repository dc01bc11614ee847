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

/// @title Verifier of Intel SGX quotes, versions 3, 4 and 5
/// @notice See IDcapVerifier.
contract SgxVerifier is DcapVerification {
    using DcapQuote for bytes;

    // Offsets in the enclave report (Intel SDM volume 3D, REPORT structure).
    uint256 private constant MISCSELECT = 16;
    uint256 private constant ATTRIBUTES = 48;
    uint256 private constant REPORT_DATA = 320;
    /// First byte of the enclave's flags: DEBUG. Source: Intel SDM volume 3D, ATTRIBUTES.
    uint8 private constant ENCLAVE_DEBUG = 0x02;

    constructor(IEndorsementStore store_) DcapVerification(store_) {}

    /// @inheritdoc IEvidenceVerifier
    function verify(bytes calldata evidence) external view returns (Claims memory claims) {
        DcapQuote.Parts memory parts = _partsOf(evidence);
        IEndorsementStore.Endorsements memory e = store.endorsementsOf(TeeKind.Sgx, evidence.word(0));
        _checkQuote(evidence, e, parts);
        TcbStatus platform = TcbEvaluation.findSgxLevel(e.tcbInfo, e.sgxComponents, e.pceSvn);
        TcbStatus qe = _qeStatus(evidence, parts.qeReport, e.qeIdentity);
        claims = _claims(TeeKind.Sgx, TcbStatuses.converge(platform, qe), e);
        uint256 report = parts.body;
        if (uint8(evidence[report + ATTRIBUTES]) & ENCLAVE_DEBUG != 0) claims.flags = ClaimFlags.DEBUG;
        // All of the report but CPUSVN and REPORTDATA: the reserved bytes in between are zero.
        claims.measurement = keccak256(evidence[report + MISCSELECT:report + REPORT_DATA]);
        claims.reportDataHigh = evidence.word(report + REPORT_DATA);
        claims.reportDataLow = evidence.word(report + REPORT_DATA + 32);
    }

    function _partsOf(bytes calldata evidence) internal pure override returns (DcapQuote.Parts memory) {
        return DcapQuote.sgxPartsOf(evidence);
    }
}
