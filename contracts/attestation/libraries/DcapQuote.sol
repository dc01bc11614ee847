// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDcapErrors} from "../../interfaces/IDcapErrors.sol";

/// @title Layout of DCAP evidence for the chain: pckId, then the quote, cut before its PCK certificate chain
/// @dev Offsets count from the start of the evidence. Source: Intel TDX DCAP Quoting Library API, appendix A.3.
library DcapQuote {
    /// @notice Where the parts are whose place differs from quote to quote.
    struct Layout {
        /// Start of the TD report.
        uint256 body;
        /// The TD report is one of TDX 1.5: TEE_TCB_SVN_2 and MRSERVICETD follow what TDX 1.0 has.
        bool isTd15;
        /// End of the TD report and of what the attestation key signs; the offsets below count from here.
        uint256 signedEnd;
        /// Bytes of QE authentication data.
        uint256 authenticationDataSize;
    }

    uint256 internal constant QUOTE = 32;
    uint256 private constant HEADER_END = QUOTE + 48;
    uint256 private constant TD_REPORT_10 = 584;
    uint256 private constant TD_REPORT_15 = 648;
    /// Version 5: type u16 and size u32 of the body stand in front of it.
    uint256 private constant BODY_DESCRIPTOR = 6;
    uint256 private constant BODY_TD_10 = 2;
    uint256 private constant BODY_TD_15 = 3;

    // Behind the signed part, which its length (4 bytes) follows.
    uint256 internal constant SIGNATURE = 4;
    uint256 internal constant ATTESTATION_KEY = SIGNATURE + 64;
    uint256 internal constant CERTIFICATION = ATTESTATION_KEY + 64;
    uint256 internal constant QE_REPORT = CERTIFICATION + 6;
    uint256 internal constant QE_SIGNATURE = QE_REPORT + 384;
    uint256 internal constant QE_AUTHENTICATION = QE_SIGNATURE + 64;

    bytes16 private constant INTEL_QE_VENDOR = 0x939a7233f79c4ca9940a0db3957f0607;

    /// @notice Checks the layout and says where things are. Proves nothing else.
    function layoutOf(bytes calldata evidence) internal pure returns (Layout memory layout) {
        uint256 length = evidence.length;
        if (length < HEADER_END) revert IDcapErrors.DcapQuoteMalformed(length);
        uint256 version = _checkHeader(evidence);
        layout.body = HEADER_END;
        if (version == 5) {
            layout.isTd15 = _checkDescriptor(evidence);
            layout.body += BODY_DESCRIPTOR;
        }
        layout.signedEnd = layout.body + (layout.isTd15 ? TD_REPORT_15 : TD_REPORT_10);
        layout.authenticationDataSize = _checkSignatureData(evidence, layout.signedEnd);
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

    function _checkHeader(bytes calldata evidence) private pure returns (uint256 version) {
        version = u16(evidence, QUOTE);
        if (version != 4 && version != 5) revert IDcapErrors.DcapQuoteVersionUnsupported(version);
        uint256 keyType = u16(evidence, QUOTE + 2);
        if (keyType != 2) revert IDcapErrors.DcapAttestationKeyTypeUnsupported(keyType);
        uint256 teeType = u32(evidence, QUOTE + 4);
        if (teeType != 0x81) revert IDcapErrors.DcapTeeTypeUnsupported(teeType);
        bytes16 vendor = bytes16(word(evidence, QUOTE + 12));
        if (vendor != INTEL_QE_VENDOR) revert IDcapErrors.DcapQeVendorUnknown(vendor);
    }

    /// @dev The size must be that of the type.
    function _checkDescriptor(bytes calldata evidence) private pure returns (bool isTd15) {
        uint256 length = evidence.length;
        if (length < HEADER_END + BODY_DESCRIPTOR) revert IDcapErrors.DcapQuoteMalformed(length);
        uint256 bodyType = u16(evidence, HEADER_END);
        if (bodyType != BODY_TD_10 && bodyType != BODY_TD_15) revert IDcapErrors.DcapBodyTypeUnsupported(bodyType);
        isTd15 = bodyType == BODY_TD_15;
        uint256 size = u32(evidence, HEADER_END + 2);
        if (size != (isTd15 ? TD_REPORT_15 : TD_REPORT_10)) revert IDcapErrors.DcapQuoteMalformed(HEADER_END + 2);
    }

    /// @dev Every declared length must equal what is there. Of the QE report certification type and size stay; the chain itself
    ///      is cut away.
    function _checkSignatureData(bytes calldata evidence, uint256 start) private pure returns (uint256 size) {
        uint256 length = evidence.length;
        if (length < start + QE_AUTHENTICATION + 2) revert IDcapErrors.DcapQuoteMalformed(length);
        size = u16(evidence, start + QE_AUTHENTICATION);
        uint256 end = start + QE_AUTHENTICATION + 2 + size;
        if (length != end + 6) revert IDcapErrors.DcapQuoteMalformed(length);
        uint256 outerType = u16(evidence, start + CERTIFICATION);
        if (outerType != 6) revert IDcapErrors.DcapCertificationDataUnsupported(outerType);
        uint256 innerType = u16(evidence, end);
        if (innerType != 5) revert IDcapErrors.DcapCertificationDataUnsupported(innerType);
        uint256 certification = u32(evidence, start + CERTIFICATION + 2);
        uint256 chain = u32(evidence, end + 2);
        if (certification != end + 6 - start - QE_REPORT + chain) {
            revert IDcapErrors.DcapQuoteMalformed(start + CERTIFICATION);
        }
        uint256 declared = u32(evidence, start);
        if (declared != QE_REPORT - SIGNATURE + certification) revert IDcapErrors.DcapQuoteMalformed(start);
    }
}
