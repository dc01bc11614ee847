// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Fail} from "./Fail.sol";

/// @title Strict DER reading over calldata
/// @dev Every function takes the selector of the error(uint256 offset) to revert with, so that a fault in a certificate
///      says which certificate it was. Lengths are canonical; elements never run past `end`.
library Der {
    uint256 internal constant BOOLEAN = 0x01;
    uint256 internal constant INTEGER = 0x02;
    uint256 internal constant BIT_STRING = 0x03;
    uint256 internal constant OCTET_STRING = 0x04;
    uint256 internal constant OID = 0x06;
    uint256 internal constant UTC_TIME = 0x17;
    uint256 internal constant GENERALIZED_TIME = 0x18;
    uint256 internal constant SEQUENCE = 0x30;
    uint256 internal constant SET = 0x31;

    /// @notice Reads head of the element at `pos`; its content is [start, stop).
    function element(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        internal
        pure
        returns (uint256 tag, uint256 start, uint256 stop)
    {
        // Positions lie in calldata and lengths are below 2^24: no sum overflows.
        unchecked {
            if (end > der.length || pos + 2 > end) Fail.word(err, pos);
            uint256 head = wordAt(der, pos);
            tag = head >> 248;
            // Multi-byte tags do not occur in any structure read here.
            if (tag & 0x1f == 0x1f) Fail.word(err, pos);
            uint256 length = (head >> 240) & 0xff;
            start = pos + 2;
            if (length > 0x7f) {
                uint256 size = length & 0x7f;
                if (size == 0 || size > 3 || start + size > end) Fail.word(err, pos);
                length = (head << 16) >> (256 - 8 * size);
                start += size;
                // Canonical: no shorter form exists.
                if (length < 0x80 || (size > 1 && length >> (8 * (size - 1)) == 0)) Fail.word(err, pos);
            }
            stop = start + length;
            if (stop > end) Fail.word(err, pos);
        }
    }

    /// @notice Like element, but the tag must be `wanted`.
    function expect(bytes calldata der, uint256 pos, uint256 end, uint256 wanted, bytes4 err)
        internal
        pure
        returns (uint256 start, uint256 stop)
    {
        uint256 tag;
        (tag, start, stop) = element(der, pos, end, err);
        if (tag != wanted) Fail.word(err, pos);
    }

    /// @notice Non-negative INTEGER of at most 32 bytes, minimal encoding.
    function unsigned(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        internal
        pure
        returns (uint256 value, uint256 stop)
    {
        uint256 start;
        (start, stop) = expect(der, pos, end, INTEGER, err);
        uint256 size = stop - start;
        uint256 content = wordAt(der, start);
        if (size == 0 || size > 33 || content >> 255 == 1) Fail.word(err, pos);
        if (content >> 248 == 0 && size > 1) {
            // Canonical: a zero stands only in front of a set bit.
            if ((content << 8) >> 255 == 0) Fail.word(err, pos);
            content = wordAt(der, start + 1);
            --size;
        }
        if (size > 32) Fail.word(err, pos);
        value = content >> (256 - 8 * size);
    }

    /// @notice UTCTime or GeneralizedTime in UTC with seconds, as Unix seconds.
    function time(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        internal
        pure
        returns (uint64 value, uint256 stop)
    {
        uint256 tag;
        uint256 start;
        (tag, start, stop) = element(der, pos, end, err);
        uint256 size = stop - start;
        bool isShort = tag == UTC_TIME && size == 13;
        if (!isShort && (tag != GENERALIZED_TIME || size != 15)) Fail.word(err, pos);
        uint256 text = wordAt(der, start);
        // "Z" behind the digits.
        if ((text >> (256 - 8 * size)) & 0xff != 0x5a) Fail.word(err, pos);
        uint256 digits = digitsOf(text, type(uint256).max << (264 - 8 * size), err, pos);
        uint256 year = twoDigits(digits, 0);
        if (isShort) {
            year += year < 50 ? 2000 : 1900;
        } else {
            year = 100 * year + twoDigits(digits, 2);
            digits <<= 16;
        }
        uint256 clock = (twoDigits(digits, 6) << 16) | (twoDigits(digits, 8) << 8) | twoDigits(digits, 10);
        value = unixTime(year, twoDigits(digits, 2), twoDigits(digits, 4), clock, err, pos);
    }

    /// @notice 32 bytes at `pos`; what lies behind the end of `data` is no part of it.
    function wordAt(bytes calldata data, uint256 pos) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := calldataload(add(data.offset, pos))
        }
    }

    /// @notice The values of ASCII digits, a byte each, where `mask` has bytes of ones; zero elsewhere.
    function digitsOf(uint256 text, uint256 mask, bytes4 err, uint256 pos) internal pure returns (uint256 digits) {
        uint256 ones = type(uint256).max / 255;
        unchecked {
            digits = (text ^ (0x30 * ones)) & mask;
            // A byte above 9 has a bit in its upper half, or gets one by 6 more. One that carries had such a bit before.
            if ((digits | (digits + (0x06 * ones & mask))) & (0xf0 * ones) != 0) Fail.word(err, pos);
        }
    }

    /// @notice The number of the digits that bytes `index` and `index` + 1 are.
    function twoDigits(uint256 digits, uint256 index) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := add(mul(10, byte(index, digits)), byte(add(index, 1), digits))
        }
    }

    /// @notice Unix seconds of a UTC date; clock = hour << 16 | minute << 8 | second. 1970 ≤ year ≤ 9999.
    function unixTime(uint256 year, uint256 month, uint256 day, uint256 clock, bytes4 err, uint256 pos)
        internal
        pure
        returns (uint64)
    {
        uint256 hour = clock >> 16;
        uint256 minute = (clock >> 8) & 0xff;
        uint256 second = clock & 0xff;
        if (year < 1970 || month == 0 || month > 12 || day == 0 || hour > 23 || minute > 59 || second > 59) {
            Fail.word(err, pos);
        }
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        // Days of the months, one byte each from January.
        uint256 length = uint8(bytes12(0x1f1c1f1e1f1e1f1f1e1f1e1f)[month - 1]);
        if (day > length + (month == 2 && leap ? 1 : 0)) Fail.word(err, pos);
        // Days from civil: years counted from March, so that the leap day comes last.
        uint256 y = month > 2 ? year : year - 1;
        uint256 m = month > 2 ? month - 3 : month + 9;
        uint256 dayNumber = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
        // 719468 days from 0000-03-01 to 1970-01-01.
        return uint64((dayNumber - 719468) * 86400 + hour * 3600 + minute * 60 + second);
    }
}
