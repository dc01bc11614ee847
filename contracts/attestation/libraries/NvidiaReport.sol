// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {INvidiaErrors} from "../../interfaces/INvidiaErrors.sol";

/// @title Layout of an SPDM 1.1 measurement request with its signed response
/// @dev Sources: DMTF DSP0274 1.1.1, tables 34 and 36; NVIDIA attestation SDK, spdm_req and spdm_resp. What is read here is
///      trusted only once the signature behind it is verified.
library NvidiaReport {
    /// Version, code, two parameters, nonce, slot.
    uint256 internal constant REQUEST = 37;
    /// Version, code, two parameters, number of blocks, u24 length of the blocks.
    uint256 internal constant RESPONSE_HEAD = 8;
    uint256 internal constant NONCE = 32;
    /// r ‖ s of P-384, big-endian.
    uint256 internal constant SIGNATURE = 96;
    /// SHA-384: measurements and firmware identities.
    uint256 internal constant DIGEST = 48;
    /// Index, specification, u16 size, value type, u16 size, digest.
    uint256 internal constant BLOCK = 55;
    /// Block indexes are one byte.
    uint256 internal constant INDEXES = 256;
    /// 64 blocks and opaque fields together stay far below.
    uint256 internal constant MAX_BYTES = 65_536;

    uint256 private constant VERSION = 0x11;
    /// Bytes 1 to 6 of a block: DMTF specification, sizes 51 and 48 (little-endian), and a value type whose bit 7 (raw bytes) is clear.
    uint256 private constant BLOCK_MASK = 0xffffff80ffff;
    uint256 private constant BLOCK_HEAD = 0x013300003000;

    /// @dev Offsets are of the report.
    struct Layout {
        /// What the requester chose: freshness.
        bytes32 nonce;
        /// Offset of the digest of each block, by block index; zero where there is none.
        uint256[] digests;
        uint256 opaqueStart;
        uint256 opaqueStop;
        /// End of what is signed.
        uint256 signature;
    }

    /// @notice Reads a report of exactly these bytes: request ‖ response ‖ signature. Zeros that some captures have behind it are not
    ///         signed: whoever encodes evidence cuts them off.
    function parse(bytes calldata report) internal pure returns (Layout memory spdm) {
        if (report.length > MAX_BYTES) revert INvidiaErrors.NvidiaReportMalformed(0);
        uint256 slot = _request(report);
        spdm.nonce = bytes32(report[4:36]);
        uint256 pos = _take(report, REQUEST, RESPONSE_HEAD);
        _message(report, REQUEST, 0x60);
        if (uint8(report[REQUEST + 3]) & 0x0f != slot) revert INvidiaErrors.NvidiaReportMalformed(REQUEST + 3);
        uint256 count = uint8(report[REQUEST + 4]);
        uint256 size = u16(report, REQUEST + 5) | (uint256(uint8(report[REQUEST + 7])) << 16);
        uint256 stop = _take(report, pos, size);
        if (size != count * BLOCK || count == 0) revert INvidiaErrors.NvidiaReportMalformed(pos);
        spdm.digests = _blocks(report, pos, stop);
        pos = _take(report, stop, NONCE);
        stop = _take(report, pos, 2);
        spdm.opaqueStart = stop;
        spdm.opaqueStop = _take(report, stop, u16(report, pos));
        spdm.signature = spdm.opaqueStop;
        stop = _take(report, spdm.signature, SIGNATURE);
        if (stop != report.length) revert INvidiaErrors.NvidiaTrailingBytes(stop);
    }

    /// @notice Little-endian number of two bytes, which the caller knows to be inside.
    function u16(bytes calldata data, uint256 pos) internal pure returns (uint256) {
        return uint256(uint8(data[pos])) | (uint256(uint8(data[pos + 1])) << 8);
    }

    /// @dev All measurements, signed, by the key of a slot.
    function _request(bytes calldata report) private pure returns (uint256 slot) {
        _take(report, 0, REQUEST);
        _message(report, 0, 0xe0);
        if (report[2] != 0x01) revert INvidiaErrors.NvidiaReportMalformed(2);
        if (report[3] != 0xff) revert INvidiaErrors.NvidiaReportMalformed(3);
        slot = uint8(report[REQUEST - 1]);
        if (slot > 0x0f) revert INvidiaErrors.NvidiaReportMalformed(REQUEST - 1);
    }

    function _message(bytes calldata report, uint256 pos, uint256 code) private pure {
        uint256 version = uint8(report[pos]);
        if (version != VERSION) revert INvidiaErrors.NvidiaReportVersionUnsupported(version);
        if (uint8(report[pos + 1]) != code) revert INvidiaErrors.NvidiaReportMalformed(pos + 1);
    }

    /// @dev The end of `size` bytes at `pos`, if they are there.
    function _take(bytes calldata report, uint256 pos, uint256 size) private pure returns (uint256 stop) {
        stop = pos + size;
        if (stop > report.length) revert INvidiaErrors.NvidiaReportMalformed(pos);
    }

    /// @dev Each index from 1 on, once; each value a SHA-384 digest.
    function _blocks(bytes calldata report, uint256 pos, uint256 stop) private pure returns (uint256[] memory digests) {
        digests = new uint256[](INDEXES);
        for (; pos < stop; pos += BLOCK) {
            uint256 head = uint256(bytes32(report[pos:pos + 7])) >> 200;
            uint256 index = head >> 48;
            if (index == 0 || digests[index] != 0) revert INvidiaErrors.NvidiaReportMalformed(pos);
            if (head & BLOCK_MASK != BLOCK_HEAD) revert INvidiaErrors.NvidiaReportMalformed(pos + 1);
            digests[index] = pos + 7;
        }
    }
}
