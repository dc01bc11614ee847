// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Der} from "./Der.sol";
import {Fail} from "./Fail.sol";

/// @title Parts that certificates and CRLs of every vendor have in common (RFC 5280)
/// @dev An unknown critical or a repeated extension is malformed. Algorithms, keys and signatures are read by X509 (Intel's: P-256) and
///      X509Chain (P-384, RSA-4096).
library X509Fields {
    struct Extensions {
        /// Content of the SEQUENCE OF Extension; equal where there is none.
        uint256 start;
        uint256 stop;
        bool hasBasicConstraints;
        bool isCa;
        /// CAs that may follow below a CA, 0 to 255; the maximum: any number.
        uint256 pathLength;
        bool hasKeyUsage;
        /// First byte of KeyUsage: bit 7 digitalSignature, bit 2 keyCertSign, bit 1 cRLSign.
        uint8 keyUsage;
        /// Content of the extension that the caller reads; zero where there is none.
        uint256 knownStart;
        uint256 knownStop;
    }

    struct CrlBody {
        uint64 thisUpdate;
        uint64 nextUpdate;
        uint256 number;
        /// Where the revoked entries lie; equal where there are none.
        uint256 entriesStart;
        uint256 entriesStop;
    }

    bytes3 private constant BASIC_CONSTRAINTS = 0x551d13;
    bytes3 private constant KEY_USAGE = 0x551d0f;
    bytes3 private constant CRL_NUMBER = 0x551d14;
    bytes3 private constant COMMON_NAME = 0x550403;
    uint256 private constant MAX_EXTENSIONS = 32;

    /// @notice Version 3, which is [0] { INTEGER 2 }, and the serial number.
    function serialNumber(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        internal
        pure
        returns (uint256 serial, uint256 stop)
    {
        if (pos + 5 > end || bytes5(der[pos:pos + 5]) != 0xa003020102) Fail.word(err, pos);
        return Der.unsigned(der, pos + 5, end, err);
    }

    /// @notice Hash of the whole name and of its common name (zero where it has none; two are refused).
    function name(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        internal
        pure
        returns (bytes32 hash, bytes32 commonName, uint256 stop)
    {
        uint256 start = pos;
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        hash = keccak256(der[start:stop]);
        while (pos < stop) {
            (uint256 set, uint256 setStop) = Der.expect(der, pos, stop, Der.SET, err);
            pos = setStop;
            (uint256 pair, uint256 pairStop) = Der.expect(der, set, setStop, Der.SEQUENCE, err);
            if (pairStop != setStop) Fail.word(err, pairStop);
            (uint256 id, uint256 idStop) = Der.expect(der, pair, pairStop, Der.OID, err);
            (, uint256 value, uint256 valueStop) = Der.element(der, idStop, pairStop, err);
            if (valueStop != pairStop) Fail.word(err, valueStop);
            if (idStop - id == 3 && bytes3(der[id:idStop]) == COMMON_NAME) {
                if (commonName != 0) Fail.word(err, id);
                commonName = keccak256(der[value:valueStop]);
            }
        }
    }

    function validity(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        internal
        pure
        returns (uint64 notBefore, uint64 notAfter, uint256 stop)
    {
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        (notBefore, pos) = Der.time(der, pos, stop, err);
        (notAfter, pos) = Der.time(der, pos, stop, err);
        if (pos != stop) Fail.word(err, pos);
    }

    /// @notice The extensions of a certificate, from `pos` up to the end.
    /// @param known OID, left-aligned, of one more that may be critical, because the caller reads it; zero for none.
    function extensions(bytes calldata der, uint256 pos, uint256 end, bytes32 known, bytes4 err)
        internal
        pure
        returns (Extensions memory e)
    {
        e.pathLength = type(uint256).max;
        if (pos == end) return e;
        pos = _list(der, pos, end, 0xa3, err);
        (e.start, e.stop) = (pos, end);
        bytes32[MAX_EXTENSIONS] memory seen;
        for (uint256 count = 0; pos < end; ++count) {
            uint256 from = pos;
            bytes32 id;
            bool critical;
            uint256 value;
            (id, critical, value, pos) = extension(der, pos, end, err);
            _once(seen, count, id, from, err);
            if (id == BASIC_CONSTRAINTS) _basicConstraints(e, der, value, pos, err);
            else if (id == KEY_USAGE) (e.hasKeyUsage, e.keyUsage) = (true, _keyUsage(der, value, pos, err));
            else if (id == known) (e.knownStart, e.knownStop) = (value, pos);
            else if (critical) Fail.word(err, from);
        }
    }

    /// @notice One Extension at `pos`: its OID (at most 32 bytes, left-aligned), whether critical, and its value's content.
    function extension(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        internal
        pure
        returns (bytes32 id, bool critical, uint256 value, uint256 stop)
    {
        uint256 start;
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        (start, pos) = Der.expect(der, pos, stop, Der.OID, err);
        if (pos == start || pos - start > 32) Fail.word(err, start);
        // Left-aligned, an OID that ends in a zero byte would read as the one without it.
        id = der[pos - 1] == 0 ? keccak256(der[start:pos]) : bytes32(der[start:pos]);
        if (pos < stop && uint8(der[pos]) == Der.BOOLEAN) {
            // FALSE is the default, so DER writes only TRUE.
            if (pos + 3 > stop || bytes3(der[pos:pos + 3]) != 0x0101ff) Fail.word(err, pos);
            critical = true;
            pos += 3;
        }
        (value, pos) = Der.expect(der, pos, stop, Der.OCTET_STRING, err);
        if (pos != stop) Fail.word(err, pos);
    }

    /// @notice What follows the issuer of a CRL, from `pos` up to the end. Its entries are for `crlEntry`.
    function crlBody(bytes calldata der, uint256 pos, uint256 end, bytes4 err) internal pure returns (CrlBody memory body) {
        (body.thisUpdate, pos) = Der.time(der, pos, end, err);
        (body.nextUpdate, pos) = Der.time(der, pos, end, err);
        if (pos < end && uint8(der[pos]) == Der.SEQUENCE) {
            (body.entriesStart, body.entriesStop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
            // RFC 5280, 5.1.2.6: absent rather than empty.
            if (body.entriesStart == body.entriesStop) Fail.word(err, pos);
            pos = body.entriesStop;
        }
        body.number = _crlNumber(der, pos, end, err);
    }

    /// @notice One entry of a CRL; whatever reason it gives, the certificate is revoked.
    function crlEntry(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        internal
        pure
        returns (uint256 serial, uint64 revokedAt, uint256 stop)
    {
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        (serial, pos) = Der.unsigned(der, pos, stop, err);
        (revokedAt, pos) = Der.time(der, pos, stop, err);
        if (pos != stop) {
            (, pos) = Der.expect(der, pos, stop, Der.SEQUENCE, err);
            if (pos != stop) Fail.word(err, pos);
        }
    }

    /// @dev Opens [tag] { SEQUENCE OF Extension }, which reaches to the end.
    function _list(bytes calldata der, uint256 pos, uint256 end, uint256 tag, bytes4 err) private pure returns (uint256 start) {
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, tag, err);
        if (stop != end) Fail.word(err, stop);
        (start, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        if (stop != end) Fail.word(err, stop);
    }

    function _once(bytes32[MAX_EXTENSIONS] memory seen, uint256 count, bytes32 id, uint256 place, bytes4 err) private pure {
        if (count == MAX_EXTENSIONS) Fail.word(err, place);
        for (uint256 i = 0; i < count; ++i) {
            if (seen[i] == id) Fail.word(err, place);
        }
        seen[count] = id;
    }

    /// @dev SEQUENCE { [BOOLEAN TRUE], [INTEGER pathLen, only for a CA] }.
    function _basicConstraints(Extensions memory e, bytes calldata der, uint256 pos, uint256 end, bytes4 err) private pure {
        e.hasBasicConstraints = true;
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        if (stop != end) Fail.word(err, stop);
        if (pos == stop) return;
        if (pos + 3 > stop || bytes3(der[pos:pos + 3]) != 0x0101ff) Fail.word(err, pos);
        pos += 3;
        e.isCa = true;
        if (pos == stop) return;
        (e.pathLength, pos) = Der.unsigned(der, pos, stop, err);
        if (pos != stop || e.pathLength > 0xff) Fail.word(err, pos);
    }

    function _keyUsage(bytes calldata der, uint256 pos, uint256 end, bytes4 err) private pure returns (uint8) {
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.BIT_STRING, err);
        if (stop != end || stop - pos < 2 || uint8(der[pos]) > 7) Fail.word(err, pos);
        return uint8(der[pos + 1]);
    }

    /// @dev [0] { SEQUENCE OF Extension } with the CRL number, which every CRL must have.
    function _crlNumber(bytes calldata der, uint256 pos, uint256 end, bytes4 err) private pure returns (uint256 number) {
        pos = _list(der, pos, end, 0xa0, err);
        bytes32[MAX_EXTENSIONS] memory seen;
        bool found;
        for (uint256 count = 0; pos < end; ++count) {
            uint256 from = pos;
            (bytes32 id, bool critical, uint256 value, uint256 next) = extension(der, pos, end, err);
            pos = next;
            _once(seen, count, id, from, err);
            if (id == CRL_NUMBER) {
                found = true;
                (number, value) = Der.unsigned(der, value, next, err);
                if (value != next) Fail.word(err, value);
            } else if (critical) {
                Fail.word(err, from);
            }
        }
        if (!found) Fail.word(err, end);
    }
}
