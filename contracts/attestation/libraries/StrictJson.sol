// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Der} from "./Der.sol";
import {Fail} from "./Fail.sol";

/// @title Strict JSON reading over calldata
/// @dev The subset Intel signs: no white space, no escapes, ASCII strings, plain decimal integers. Objects are read key by
///      key by the caller, who refuses unknown and repeated keys; the order of keys is free.
library StrictJson {
    /// @dev Malformed error of the document read, `error X(uint256 offset)`.
    function expect(bytes calldata json, uint256 pos, bytes1 wanted, bytes4 err) internal pure returns (uint256) {
        if (pos >= json.length || json[pos] != wanted) Fail.word(err, pos);
        return pos + 1;
    }

    /// @notice After a member or item: true and past the comma, or false and past `close`.
    function more(bytes calldata json, uint256 pos, bytes1 close, bytes4 err) internal pure returns (bool, uint256) {
        if (pos >= json.length) Fail.word(err, pos);
        bytes1 letter = json[pos];
        if (letter == ",") return (true, pos + 1);
        if (letter != close) Fail.word(err, pos);
        return (false, pos + 1);
    }

    /// @notice Opens an array: true when it has items.
    function openArray(bytes calldata json, uint256 pos, bytes4 err) internal pure returns (bool, uint256) {
        pos = expect(json, pos, "[", err);
        if (pos < json.length && json[pos] == "]") return (false, pos + 1);
        return (true, pos);
    }

    /// @notice A string; its letters are [start, stop).
    function text(bytes calldata json, uint256 pos, bytes4 err)
        internal
        pure
        returns (uint256 start, uint256 stop, uint256 next)
    {
        start = expect(json, pos, "\"", err);
        stop = start;
        uint256 end = json.length;
        while (true) {
            if (stop >= end) Fail.word(err, stop);
            uint256 letter = uint8(json[stop]);
            if (letter == 0x22) break;
            if (letter < 0x20 || letter > 0x7e || letter == 0x5c) Fail.word(err, stop);
            unchecked {
                ++stop;
            }
        }
        next = stop + 1;
    }

    /// @notice A string of at most 32 letters, left-aligned.
    function word(bytes calldata json, uint256 pos, bytes4 err) internal pure returns (bytes32 value, uint256 next) {
        uint256 stop;
        (pos, stop, next) = text(json, pos, err);
        if (stop - pos > 32) Fail.word(err, pos);
        value = bytes32(json[pos:stop]);
    }

    /// @notice A key with its colon.
    function key(bytes calldata json, uint256 pos, bytes4 err) internal pure returns (bytes32 value, uint256 next) {
        (value, next) = word(json, pos, err);
        next = expect(json, next, ":", err);
    }

    /// @notice A non-negative integer below 2^32, without leading zeros.
    function number(bytes calldata json, uint256 pos, bytes4 err) internal pure returns (uint256 value, uint256 next) {
        next = pos;
        while (next < json.length) {
            uint256 digit = uint256(uint8(json[next])) ^ 0x30;
            if (digit > 9) break;
            value = value * 10 + digit;
            if (value > type(uint32).max) Fail.word(err, pos);
            ++next;
        }
        if (next == pos || (json[pos] == "0" && next > pos + 1)) Fail.word(err, pos);
    }

    /// @notice A string of exactly 2·`size` hexadecimal digits, size ≤ 32, left-aligned.
    function hexadecimal(bytes calldata json, uint256 pos, uint256 size, bytes4 err)
        internal
        pure
        returns (bytes32, uint256 next)
    {
        uint256 stop;
        (pos, stop, next) = text(json, pos, err);
        if (stop - pos != 2 * size) Fail.word(err, pos);
        return (bytes32(nibbles(json, pos, stop, err) << (256 - 8 * size)), next);
    }

    /// @notice A string of exactly 96 hexadecimal digits: 48 bytes as (32, 16).
    function hexadecimal48(bytes calldata json, uint256 pos, bytes4 err)
        internal
        pure
        returns (bytes32 high, bytes16 low, uint256 next)
    {
        uint256 stop;
        (pos, stop, next) = text(json, pos, err);
        if (stop - pos != 96) Fail.word(err, pos);
        high = bytes32(nibbles(json, pos, pos + 64, err));
        low = bytes16(uint128(nibbles(json, pos + 64, stop, err)));
    }

    function nibbles(bytes calldata json, uint256 pos, uint256 stop, bytes4 err) internal pure returns (uint256 value) {
        for (; pos < stop; ++pos) {
            uint256 letter = uint8(json[pos]);
            if (letter >= 0x30 && letter <= 0x39) letter -= 0x30;
            else if (letter >= 0x41 && letter <= 0x46) letter -= 0x37;
            else if (letter >= 0x61 && letter <= 0x66) letter -= 0x57;
            else Fail.word(err, pos);
            value = (value << 4) | letter;
        }
    }

    /// @notice A date of the form 2025-06-19T10:16:03Z, as Unix seconds.
    function date(bytes calldata json, uint256 pos, bytes4 err) internal pure returns (uint64 value, uint256 next) {
        uint256 stop;
        (pos, stop, next) = text(json, pos, err);
        if (stop - pos != 20) Fail.word(err, pos);
        if (
            json[pos + 4] != "-" || json[pos + 7] != "-" || json[pos + 10] != "T" || json[pos + 13] != ":"
                || json[pos + 16] != ":" || json[pos + 19] != "Z"
        ) Fail.word(err, pos);
        uint256 clock = (Der.decimal(json, pos + 11, 2, err) << 16) | (Der.decimal(json, pos + 14, 2, err) << 8)
            | Der.decimal(json, pos + 17, 2, err);
        value = Der.unixTime(
            Der.decimal(json, pos, 4, err), Der.decimal(json, pos + 5, 2, err), Der.decimal(json, pos + 8, 2, err), clock, err, pos
        );
    }

    /// @notice Skips an array of strings.
    function skipTexts(bytes calldata json, uint256 pos, bytes4 err) internal pure returns (uint256) {
        bool again;
        (again, pos) = openArray(json, pos, err);
        while (again) {
            (,, pos) = text(json, pos, err);
            (again, pos) = more(json, pos, "]", err);
        }
        return pos;
    }

    /// @notice Marks a key as read; a second time is malformed.
    function once(uint256 seen, uint256 bit, uint256 pos, bytes4 err) internal pure returns (uint256) {
        if (seen & bit != 0) Fail.word(err, pos);
        return seen | bit;
    }
}
