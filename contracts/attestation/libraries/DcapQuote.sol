// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDcapErrors} from "../../interfaces/IDcapErrors.sol";

/// @title Layout of DCAP evidence for the chain: pckId, then the quote, cut before the certification data of its QE report
/// @dev Offsets count from the start of the evidence. Sources: Intel TDX DCAP Quoting Library API, appendix A.3 (versions 4 and 5);
///      Intel SGX ECDSA Quote Library API, appendix A.4 (version 3).
library DcapQuote {
    /// @notice Where the parts are whose place differs from quote to quote.
    struct Parts {
        /// Start of the report that the quote is about.
        uint256 body;
        /// End of that report and of what the attestation key signs; length, signature and attestation key follow.
        uint256 signedEnd;
        /// ENCLAVE, TD_10 or TD_15.
        uint256 bodyType;
        /// Start of the QE report; its signature and the QE authentication data follow.
        uint256 qeReport;
        /// Bytes of QE authentication data.
        uint256 authenticationDataSize;
    }

    // Types of bodies, as version 5 writes them.
    uint256 internal constant ENCLAVE = 1;
    uint256 internal constant TD_10 = 2;
    uint256 internal constant TD_15 = 3;

    uint256 internal constant QUOTE = 32;
    uint256 private constant HEADER_END = QUOTE + 48;
    uint256 private constant ENCLAVE_REPORT = 384;
    uint256 private constant TD_REPORT_10 = 584;
    uint256 private constant TD_REPORT_15 = 648;
    /// Version 5: type u16 and size u32 of the body stand in front of it.
    uint256 private constant BODY_DESCRIPTOR = 6;

    // Behind the signed part, which the length of the rest (4 bytes) follows.
    uint256 internal constant SIGNATURE = 4;
    uint256 internal constant ATTESTATION_KEY = SIGNATURE + 64;
    uint256 private constant CERTIFICATION = ATTESTATION_KEY + 64;
    // Behind the start of the QE report.
    uint256 internal constant QE_SIGNATURE = ENCLAVE_REPORT;
    uint256 internal constant QE_AUTHENTICATION = QE_SIGNATURE + 64;

    bytes16 private constant INTEL_QE_VENDOR = 0x939a7233f79c4ca9940a0db3957f0607;

    /// @notice Checks the layout of a TDX quote, version 4 or 5, and says where things are. Proves nothing else.
    function tdxPartsOf(bytes calldata evidence) internal pure returns (Parts memory parts) {
        uint256 version = _checkHeader(evidence, 4, 0x81);
        parts.bodyType = TD_10;
        if (version == 5) {
            parts.bodyType = _bodyType(evidence);
            if (parts.bodyType != TD_10 && parts.bodyType != TD_15) {
                revert IDcapErrors.DcapBodyTypeUnsupported(parts.bodyType);
            }
        }
        _locate(parts, evidence, version, parts.bodyType == TD_15 ? TD_REPORT_15 : TD_REPORT_10);
    }

    /// @notice The same of an SGX quote, version 3, 4 or 5.
    function sgxPartsOf(bytes calldata evidence) internal pure returns (Parts memory parts) {
        uint256 version = _checkHeader(evidence, 3, 0);
        parts.bodyType = version == 5 ? _bodyType(evidence) : ENCLAVE;
        if (parts.bodyType != ENCLAVE) revert IDcapErrors.DcapBodyTypeUnsupported(parts.bodyType);
        _locate(parts, evidence, version, ENCLAVE_REPORT);
        _checkReserved(evidence, parts.body);
    }

    /// @notice 32 bytes of the evidence. The caller has the layout: what lies beyond the end would read as zero.
    function word(bytes calldata evidence, uint256 pos) internal pure returns (bytes32 value) {
        assembly ("memory-safe") {
            value := calldataload(add(evidence.offset, pos))
        }
    }

    /// @notice A little-endian u16.
    function u16(bytes calldata evidence, uint256 pos) internal pure returns (uint256) {
        uint256 value = uint256(word(evidence, pos)) >> 240;
        return (value >> 8) | ((value & 0xff) << 8);
    }

    /// @notice A little-endian u32.
    function u32(bytes calldata evidence, uint256 pos) internal pure returns (uint256) {
        return u16(evidence, pos) | (u16(evidence, pos + 2) << 16);
    }

    function _checkHeader(bytes calldata evidence, uint256 lowestVersion, uint256 wantedType)
        private
        pure
        returns (uint256 version)
    {
        if (evidence.length < HEADER_END) revert IDcapErrors.DcapQuoteMalformed(evidence.length);
        version = u16(evidence, QUOTE);
        if (version < lowestVersion || version > 5) revert IDcapErrors.DcapQuoteVersionUnsupported(version);
        uint256 keyType = u16(evidence, QUOTE + 2);
        if (keyType != 2) revert IDcapErrors.DcapAttestationKeyTypeUnsupported(keyType);
        uint256 teeType = u32(evidence, QUOTE + 4);
        if (teeType != wantedType) revert IDcapErrors.DcapTeeTypeUnsupported(teeType);
        bytes16 vendor = bytes16(word(evidence, QUOTE + 12));
        if (vendor != INTEL_QE_VENDOR) revert IDcapErrors.DcapQeVendorUnknown(vendor);
    }

    function _bodyType(bytes calldata evidence) private pure returns (uint256) {
        uint256 length = evidence.length;
        if (length < HEADER_END + BODY_DESCRIPTOR) revert IDcapErrors.DcapQuoteMalformed(length);
        return u16(evidence, HEADER_END);
    }

    /// @dev The declared size of the body must be that of its type.
    function _locate(Parts memory parts, bytes calldata evidence, uint256 version, uint256 size) private pure {
        parts.body = HEADER_END;
        if (version == 5) {
            if (u32(evidence, HEADER_END + 2) != size) revert IDcapErrors.DcapQuoteMalformed(HEADER_END + 2);
            parts.body += BODY_DESCRIPTOR;
        }
        parts.signedEnd = parts.body + size;
        // From version 4 on, everything of the QE is certification data itself: type u16 and size u32 stand in front of it.
        parts.qeReport = parts.signedEnd + CERTIFICATION + (version == 3 ? 0 : 6);
        parts.authenticationDataSize = _checkSignatureData(evidence, parts);
    }

    /// @dev Every declared length must equal what is there. Of the QE report's certification type and size stay; the data itself,
    ///      which no key signs, is cut away.
    function _checkSignatureData(bytes calldata evidence, Parts memory parts) private pure returns (uint256 size) {
        uint256 length = evidence.length;
        uint256 start = parts.signedEnd;
        uint256 qeReport = parts.qeReport;
        uint256 authentication = qeReport + QE_AUTHENTICATION;
        if (length < authentication + 2) revert IDcapErrors.DcapQuoteMalformed(length);
        size = u16(evidence, authentication);
        uint256 end = authentication + 2 + size;
        if (length != end + 6) revert IDcapErrors.DcapQuoteMalformed(length);
        uint256 rest = end + 6 + u32(evidence, end + 2);
        if (qeReport != start + CERTIFICATION) {
            uint256 outerType = u16(evidence, start + CERTIFICATION);
            if (outerType != 6) revert IDcapErrors.DcapCertificationDataUnsupported(outerType);
            if (u32(evidence, qeReport - 4) != rest - qeReport) {
                revert IDcapErrors.DcapQuoteMalformed(start + CERTIFICATION);
            }
        }
        uint256 innerType = u16(evidence, end);
        // 5: the chain; 1 to 4 only name the PCK certificate. Either way pckId says which one it is.
        if (innerType == 0 || innerType > 5) revert IDcapErrors.DcapCertificationDataUnsupported(innerType);
        if (u32(evidence, start) != rest - start - SIGNATURE) revert IDcapErrors.DcapQuoteMalformed(start);
    }

    /// @dev EREPORT writes zero to the reserved bytes 20 to 31, 96 to 127, 160 to 191 and 262 to 303 of an enclave report.
    ///      Source: Intel SDM volume 3D, REPORT structure.
    function _checkReserved(bytes calldata evidence, uint256 body) private pure {
        bytes32 used = bytes12(word(evidence, body + 20)) | word(evidence, body + 96) | word(evidence, body + 160)
            | word(evidence, body + 262) | bytes10(word(evidence, body + 294));
        if (used != 0) revert IDcapErrors.DcapQuoteMalformed(body);
    }
}
