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
        if (end > der.length || pos + 2 > end) Fail.word(err, pos);
        tag = uint8(der[pos]);
        // Multi-byte tags do not occur in any structure read here.
        if (tag & 0x1f == 0x1f) Fail.word(err, pos);
        uint256 length = uint8(der[pos + 1]);
        start = pos + 2;
        if (length > 0x7f) {
            uint256 size = length & 0x7f;
            if (size == 0 || size > 3 || start + size > end) Fail.word(err, pos);
            length = uintAt(der, start, size);
            start += size;
            // Canonical: no shorter form exists.
            if (length < 0x80 || (size > 1 && length >> (8 * (size - 1)) == 0)) Fail.word(err, pos);
        }
        stop = start + length;
        if (stop > end) Fail.word(err, pos);
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
        if (size == 0 || size > 33) Fail.word(err, pos);
        uint256 first = uint8(der[start]);
        if (first > 0x7f) Fail.word(err, pos);
        if (first == 0 && size > 1) {
            if (uint8(der[start + 1]) < 0x80) Fail.word(err, pos);
            ++start;
            --size;
        }
        if (size > 32) Fail.word(err, pos);
        value = uintAt(der, start, size);
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
        uint256 year;
        if (tag == UTC_TIME && stop - start == 13) {
            year = decimal(der, start, 2, err);
            year += year < 50 ? 2000 : 1900;
            start += 2;
        } else if (tag == GENERALIZED_TIME && stop - start == 15) {
            year = decimal(der, start, 4, err);
            start += 4;
        } else {
            Fail.word(err, pos);
        }
        if (der[stop - 1] != "Z") Fail.word(err, pos);
        value = unixTime(
            year,
            decimal(der, start, 2, err),
            decimal(der, start + 2, 2, err),
            (decimal(der, start + 4, 2, err) << 16) | (decimal(der, start + 6, 2, err) << 8)
                | decimal(der, start + 8, 2, err),
            err,
            pos
        );
    }

    /// @notice Big-endian number of `size` ≤ 32 bytes at `pos`, which the caller knows to be inside.
    function uintAt(bytes calldata data, uint256 pos, uint256 size) internal pure returns (uint256) {
        return size == 0 ? 0 : uint256(bytes32(data[pos:pos + size])) >> (256 - 8 * size);
    }

    /// @notice `digits` ASCII digits.
    function decimal(bytes calldata text, uint256 pos, uint256 digits, bytes4 err) internal pure returns (uint256 value) {
        for (uint256 i = pos; i < pos + digits; ++i) {
            uint256 digit = uint256(uint8(text[i])) ^ 0x30;
            if (digit > 9) Fail.word(err, i);
            value = value * 10 + digit;
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
