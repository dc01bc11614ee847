// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {INvidiaErrors} from "../../interfaces/INvidiaErrors.sol";
import {NvidiaReport} from "./NvidiaReport.sol";

/// @title Opaque fields of an NVIDIA report: {u16 type, u16 length, value}, little-endian, each type once
/// @dev Signed by the device, but its own word. Unknown types are read over. Source: NVIDIA attestation SDK,
///      gpu_opaque_data_parser and switch_opaque_data_parser.
library NvidiaOpaque {
    /// @dev What the verifier judges by. Texts are ASCII, left-aligned; zero where the device does not say.
    struct Fields {
        /// Dotted decimal, for example `550.90.07`; switches have none.
        bytes32 driverVersion;
        /// Five bytes in hexadecimal, dotted, capitals: `96.00.9F.00.01`.
        bytes32 vbiosVersion;
        /// Name of the chip as in the manifest of its driver, where it has at most 32 letters.
        bytes32 chipInfo;
        /// Offset of the firmware identity, 48 bytes, in the report; zero: none.
        uint256 fwid;
        /// Of the video decoder, which decides whether its measurement counts.
        Flag nvdec0;
        Flag protectedPcie;
        /// Value of the feature flag; UNSTATED where there is none.
        uint8 mode;
    }

    enum Flag {
        Unstated,
        Disabled,
        Enabled
    }

    uint8 internal constant UNSTATED = 0xff;

    uint256 private constant DRIVER_VERSION = 3;
    uint256 private constant VBIOS_VERSION = 6;
    uint256 private constant NVDEC0_STATUS = 11;
    uint256 private constant MEASUREMENT_COUNTS = 12;
    uint256 private constant CHIP_SKU = 15;
    uint256 private constant PROJECT = 17;
    uint256 private constant PROJECT_SKU = 18;
    uint256 private constant FWID = 20;
    uint256 private constant PROTECTED_PCIE = 21;
    uint256 private constant SWITCH_PDI = 22;
    uint256 private constant GPU_PDI = 26;
    uint256 private constant DATA_VERSION = 34;
    uint256 private constant CHIP_INFO = 35;
    uint256 private constant FEATURE_FLAG = 36;
    /// One more than the highest type read here.
    uint256 private constant TYPES = 37;
    uint256 private constant INVALID = 255;

    uint256 private constant MAX_VERSION = 1;
    /// Single GPU passthrough, multi-GPU passthrough, protected PCIe.
    uint256 private constant MODES = 3;
    uint256 private constant MAX_TEXT = 64;

    function parse(bytes calldata report, uint256 start, uint256 stop) internal pure returns (Fields memory fields) {
        // start << 128 | stop of each field; zero where it is absent.
        uint256[TYPES] memory places;
        _walk(report, start, stop, places);
        if (places[DATA_VERSION] != 0) {
            uint256 version = _number(report, places[DATA_VERSION]);
            if (version > MAX_VERSION) revert INvidiaErrors.NvidiaOpaqueVersionUnsupported(version);
        }
        fields.mode = _mode(report, places[FEATURE_FLAG]);
        if (places[FWID] != 0) {
            fields.fwid = places[FWID] >> 128;
            if (_size(places[FWID]) != NvidiaReport.DIGEST) _malformed(fields.fwid);
        }
        fields.driverVersion = _driverVersion(report, places[DRIVER_VERSION]);
        fields.vbiosVersion = _vbiosVersion(report, places[VBIOS_VERSION]);
        fields.nvdec0 = _flag(report, places[NVDEC0_STATUS]);
        if (places[NVDEC0_STATUS] != 0 && fields.nvdec0 == Flag.Unstated) _malformed(places[NVDEC0_STATUS] >> 128);
        // No check depends on it; an unknown value says nothing.
        fields.protectedPcie = _flag(report, places[PROTECTED_PCIE]);
        _text(report, places[PROJECT]);
        _text(report, places[PROJECT_SKU]);
        _text(report, places[CHIP_SKU]);
        (uint256 from, uint256 to) = _text(report, places[CHIP_INFO]);
        if (to - from <= 32) fields.chipInfo = bytes32(report[from:to]);
        if (_size(places[MEASUREMENT_COUNTS]) % 4 != 0) _malformed(places[MEASUREMENT_COUNTS] >> 128);
        if (_size(places[SWITCH_PDI]) % 8 != 0) _malformed(places[SWITCH_PDI] >> 128);
        if (_size(places[GPU_PDI]) % 8 != 0) _malformed(places[GPU_PDI] >> 128);
    }

    function _malformed(uint256 offset) private pure {
        revert INvidiaErrors.NvidiaOpaqueMalformed(offset);
    }

    function _size(uint256 place) private pure returns (uint256) {
        return uint128(place) - (place >> 128);
    }

    function _walk(bytes calldata report, uint256 start, uint256 stop, uint256[TYPES] memory places) private pure {
        uint256 seen;
        for (uint256 pos = start; pos < stop;) {
            if (pos + 4 > stop) _malformed(pos);
            uint256 kind = NvidiaReport.u16(report, pos);
            uint256 next = pos + 4 + NvidiaReport.u16(report, pos + 2);
            if (next > stop || kind == INVALID) _malformed(pos);
            if (kind < 256) {
                if ((seen >> kind) & 1 == 1) _malformed(pos);
                seen |= 1 << kind;
                if (kind < TYPES) places[kind] = ((pos + 4) << 128) | next;
            } else if (_stoodBefore(report, start, pos, kind)) {
                _malformed(pos);
            }
            pos = next;
        }
    }

    /// @dev For types that no device writes today: nothing is kept of them.
    function _stoodBefore(bytes calldata report, uint256 pos, uint256 stop, uint256 kind) private pure returns (bool) {
        while (pos < stop) {
            if (NvidiaReport.u16(report, pos) == kind) return true;
            pos += 4 + NvidiaReport.u16(report, pos + 2);
        }
        return false;
    }

    /// @dev Little-endian, one to four bytes.
    function _number(bytes calldata report, uint256 place) private pure returns (uint256 value) {
        uint256 start = place >> 128;
        uint256 size = _size(place);
        if (size == 0 || size > 4) _malformed(start);
        for (uint256 i = size; i > 0; --i) {
            value = (value << 8) | uint8(report[start + i - 1]);
        }
    }

    function _mode(bytes calldata report, uint256 place) private pure returns (uint8) {
        if (place == 0) return UNSTATED;
        uint256 mode = _number(report, place);
        if (mode >= MODES) _malformed(place >> 128);
        return uint8(mode);
    }

    function _flag(bytes calldata report, uint256 place) private pure returns (Flag) {
        if (place == 0 || _size(place) != 1) return Flag.Unstated;
        bytes1 value = report[place >> 128];
        if (value == 0xaa) return Flag.Enabled;
        return value == 0x55 ? Flag.Disabled : Flag.Unstated;
    }

    /// @dev Printable ASCII of at most 64 letters, padded with NUL bytes; empty where the field is absent.
    function _text(bytes calldata report, uint256 place) private pure returns (uint256 start, uint256 stop) {
        start = place >> 128;
        stop = uint128(place);
        while (stop > start && report[stop - 1] == 0) --stop;
        if (stop - start > MAX_TEXT) _malformed(start);
        for (uint256 i = start; i < stop; ++i) {
            if (report[i] < 0x20 || report[i] > 0x7e) _malformed(i);
        }
    }

    /// @dev Three or four digits, then one to three times a point with one to four digits.
    function _driverVersion(bytes calldata report, uint256 place) private pure returns (bytes32) {
        if (place == 0) return 0;
        (uint256 start, uint256 stop) = _text(report, place);
        uint256 parts;
        uint256 digits;
        for (uint256 i = start; i <= stop; ++i) {
            if (i < stop && uint256(uint8(report[i])) ^ 0x30 < 10) {
                ++digits;
                continue;
            }
            if (digits == 0 || digits > 4 || (parts == 0 && digits < 3)) _malformed(start);
            if (i < stop && report[i] != ".") _malformed(i);
            ++parts;
            digits = 0;
        }
        if (parts < 2 || parts > 4) _malformed(start);
        return bytes32(report[start:stop]);
    }

    /// @dev GPUs write eight bytes, a little-endian u32 and the last part; switches write the text. `00 9f 00 96 01 00 00 00` is
    ///      96.00.9F.00.01. Source: NVIDIA attestation SDK, get_vbios_version.
    function _vbiosVersion(bytes calldata report, uint256 place) private pure returns (bytes32 version) {
        if (place == 0) return 0;
        uint256 start = place >> 128;
        bytes memory text = new bytes(14);
        bool isText = _size(place) != 8;
        if (isText) {
            uint256 stop;
            (start, stop) = _text(report, place);
            if (stop - start != 14) _malformed(start);
        }
        for (uint256 part = 0; part < 5; ++part) {
            uint256 letter = 3 * part;
            if (isText) {
                text[letter] = _capital(report, start + letter);
                text[letter + 1] = _capital(report, start + letter + 1);
                if (part < 4 && report[start + letter + 2] != ".") _malformed(start + letter + 2);
            } else {
                uint256 value = uint8(report[start + (part == 4 ? 4 : 3 - part)]);
                (text[letter], text[letter + 1]) = (_digit(value >> 4), _digit(value & 0x0f));
            }
            if (part < 4) text[letter + 2] = ".";
        }
        return bytes32(text);
    }

    function _digit(uint256 value) private pure returns (bytes1) {
        return bytes1(uint8(value + (value > 9 ? 0x37 : 0x30)));
    }

    /// @dev A hexadecimal digit, as a capital.
    function _capital(bytes calldata report, uint256 pos) private pure returns (bytes1 letter) {
        letter = report[pos];
        if (letter >= "a" && letter <= "f") return letter ^ 0x20;
        if ((letter < "0" || letter > "9") && (letter < "A" || letter > "F")) _malformed(pos);
    }
}
