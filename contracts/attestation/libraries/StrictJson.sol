// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Der} from "./Der.sol";
import {Fail} from "./Fail.sol";

/// @title Strict JSON reading over calldata
/// @dev The subset Intel signs: no white space, no escapes, ASCII strings, plain decimal integers. Objects are read key by
///      key by the caller, who refuses unknown and repeated keys; the order of keys is free.
library StrictJson {
    /// Letters a string may have: 0x20 to 0x7e without quote and backslash, bit by letter.
    uint256 private constant TEXT = (1 << 0x7f) - (1 << 0x20) - (1 << 0x22) - (1 << 0x5c);
    uint256 private constant ONES = type(uint256).max / 255;
    /// Letters of a date that are no digits: "0000-00-00T00:00:00Z".
    bytes20 private constant DATE_MARKS = hex"00000000ff0000ff0000ff0000ff0000ff0000ff";
    bytes20 private constant DATE_MARKS_WANTED = hex"000000002d00002d00005400003a00003a00005a";

    /// @dev Malformed error of the document read, `error X(uint256 offset)`.
    function expect(bytes calldata json, uint256 pos, bytes1 wanted, bytes4 err) internal pure returns (uint256) {
        if (_letter(json, pos) != uint8(wanted)) Fail.word(err, pos);
        return pos + 1;
    }

    /// @notice After a member or item: true and past the comma, or false and past `close`.
    function more(bytes calldata json, uint256 pos, bytes1 close, bytes4 err) internal pure returns (bool, uint256) {
        uint256 letter = _letter(json, pos);
        if (letter == 0x2c) return (true, pos + 1);
        if (letter != uint8(close)) Fail.word(err, pos);
        return (false, pos + 1);
    }

    /// @notice Opens an array: true when it has items.
    function openArray(bytes calldata json, uint256 pos, bytes4 err) internal pure returns (bool, uint256) {
        pos = expect(json, pos, "[", err);
        if (_letter(json, pos) == 0x5d) return (false, pos + 1);
        return (true, pos);
    }

    /// @notice A string; its letters are [start, stop).
    function text(bytes calldata json, uint256 pos, bytes4 err)
        internal
        pure
        returns (uint256 start, uint256 stop, uint256 next)
    {
        start = expect(json, pos, "\"", err);
        uint256 allowed = TEXT;
        uint256 end;
        assembly ("memory-safe") {
            // Calldata ends in zeros, which no string may have, so the loop ends.
            let place := add(json.offset, start)
            for {} and(shr(byte(0, calldataload(place)), allowed), 1) {} { place := add(place, 1) }
            end := sub(place, json.offset)
        }
        stop = end;
        next = expect(json, end, "\"", err);
    }

    /// @notice A string of at most 32 letters, left-aligned.
    function word(bytes calldata json, uint256 pos, bytes4 err) internal pure returns (bytes32 value, uint256 next) {
        uint256 stop;
        (pos, stop, next) = text(json, pos, err);
        if (stop - pos > 32) Fail.word(err, pos);
        uint256 spare = 256 - 8 * (stop - pos);
        value = bytes32((Der.wordAt(json, pos) >> spare) << spare);
    }

    /// @notice A key with its colon.
    function key(bytes calldata json, uint256 pos, bytes4 err) internal pure returns (bytes32 value, uint256 next) {
        (value, next) = word(json, pos, err);
        next = expect(json, next, ":", err);
    }

    /// @notice A non-negative integer below 2^32, without leading zeros.
    function number(bytes calldata json, uint256 pos, bytes4 err) internal pure returns (uint256 value, uint256 next) {
        assembly ("memory-safe") {
            let place := add(json.offset, pos)
            for {} 1 { place := add(place, 1) } {
                let digit := xor(byte(0, calldataload(place)), 0x30)
                if gt(digit, 9) { break }
                value := add(mul(value, 10), digit)
            }
            next := sub(place, json.offset)
        }
        // Of ten digits the value is below 2^34.
        if (next == pos || next - pos > 10 || next > json.length || value > type(uint32).max) Fail.word(err, pos);
        if (next > pos + 1 && _letter(json, pos) == 0x30) Fail.word(err, pos);
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
        if (size <= 16) return (bytes32(nibbles(json, pos, 2 * size, err) << (256 - 8 * size)), next);
        uint256 high = nibbles(json, pos, 32, err) << 128;
        return (bytes32(high | (nibbles(json, pos + 32, 2 * size - 32, err) << (256 - 8 * size))), next);
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
        high = bytes32((nibbles(json, pos, 32, err) << 128) | nibbles(json, pos + 32, 32, err));
        low = bytes16(uint128(nibbles(json, pos + 64, 32, err)));
    }

    /// @notice The number that `count` ≤ 32 hexadecimal digits say, which the caller knows to be inside.
    /// @dev All of them at once, a byte each. Bit 6 tells the letters (0x41 to 0x46, 0x61 to 0x66) from the digits (0x30 to 0x39).
    function nibbles(bytes calldata json, uint256 pos, uint256 count, bytes4 err) internal pure returns (uint256 value) {
        unchecked {
            uint256 empty = 256 - 8 * count;
            // In front of them zeros: "00…0".
            uint256 letters = (Der.wordAt(json, pos) >> empty) | (count == 32 ? 0 : (0x30 * ONES) << (8 * count));
            uint256 low = letters & (0x0f * ONES);
            uint256 isLetter = (letters >> 6) & ONES;
            // No sum here reaches 256, so no byte carries into the next.
            bool isForm = letters | (isLetter * 0x20) == low + 0x30 * ONES + isLetter * 0x30;
            uint256 isPositive = ((low + 0x0f * ONES) >> 4) & ONES;
            value = low + isLetter * 9;
            uint256 isTooMuch = (value >> 4) | (((low + 0x06 * ONES) >> 4) & ~isLetter);
            if (!isForm || (isLetter & ~isPositive) | (isTooMuch & ONES) != 0) Fail.word(err, pos);
        }
        // Two nibbles to a byte, then the bytes together: 16 lanes of 16 bits, 8 of 32, 4 of 64, 2 of 128.
        value = ((value >> 4) | value) & (type(uint256).max / 0xffff * 0xff);
        value = ((value >> 8) | value) & (type(uint256).max / 0xffffffff * 0xffff);
        value = ((value >> 16) | value) & (type(uint256).max / type(uint64).max * 0xffffffff);
        value = ((value >> 32) | value) & (type(uint256).max / type(uint128).max * type(uint64).max);
        value = ((value >> 64) | value) & type(uint128).max;
    }

    /// @notice A date of the form 2025-06-19T10:16:03Z, as Unix seconds.
    function date(bytes calldata json, uint256 pos, bytes4 err) internal pure returns (uint64 value, uint256 next) {
        uint256 stop;
        (pos, stop, next) = text(json, pos, err);
        uint256 letters = Der.wordAt(json, pos);
        if (stop - pos != 20 || bytes20(bytes32(letters)) & DATE_MARKS != DATE_MARKS_WANTED) Fail.word(err, pos);
        uint256 digits = Der.digitsOf(letters, uint256(bytes32(~DATE_MARKS)), err, pos);
        uint256 year = 100 * Der.twoDigits(digits, 0) + Der.twoDigits(digits, 2);
        uint256 clock =
            (Der.twoDigits(digits, 11) << 16) | (Der.twoDigits(digits, 14) << 8) | Der.twoDigits(digits, 17);
        value = Der.unixTime(year, Der.twoDigits(digits, 5), Der.twoDigits(digits, 8), clock, err, pos);
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

    /// @dev 256 beyond the end, which no letter is.
    function _letter(bytes calldata json, uint256 pos) private pure returns (uint256 letter) {
        assembly ("memory-safe") {
            letter := or(byte(0, calldataload(add(json.offset, pos))), shl(8, iszero(lt(pos, json.length))))
        }
    }
}
