// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Der} from "./Der.sol";
import {Fail} from "./Fail.sol";

/// @title X.509 certificates and CRLs with P-256 keys and ECDSA-SHA256, as Intel issues them
/// @dev Anything else (other curve, other hash, unknown critical extension) is malformed. Signatures are the caller's to check.
library X509 {
    struct Certificate {
        /// sha256 of the to-be-signed part.
        bytes32 tbsHash;
        uint256 serial;
        /// keccak256 of the DER names.
        bytes32 issuer;
        bytes32 subject;
        /// keccak256 of the subject's common name.
        bytes32 commonName;
        uint64 notBefore;
        uint64 notAfter;
        bytes32 x;
        bytes32 y;
        bool isCa;
        /// First byte of KeyUsage: bit 7 digitalSignature, bit 2 keyCertSign, bit 1 cRLSign.
        uint8 keyUsage;
        /// Content of the SGX extension, zero where there is none.
        uint256 sgxStart;
        uint256 sgxStop;
        bytes32 r;
        bytes32 s;
    }

    struct Crl {
        bytes32 tbsHash;
        bytes32 issuer;
        uint64 thisUpdate;
        uint64 nextUpdate;
        uint256 number;
        /// Where the revoked entries lie; equal where there are none.
        uint256 entriesStart;
        uint256 entriesStop;
        bytes32 r;
        bytes32 s;
    }

    uint8 internal constant DIGITAL_SIGNATURE = 0x80;
    uint8 internal constant SIGNS_CERTIFICATES_AND_CRLS = 0x06;

    /// @dev SEQUENCE { ecdsa-with-SHA256 }.
    bytes12 private constant ALGORITHM = 0x300a06082a8648ce3d040302;
    /// @dev SubjectPublicKeyInfo up to the uncompressed point: id-ecPublicKey, prime256v1, BIT STRING.
    bytes27 private constant KEY_HEAD = 0x3059301306072a8648ce3d020106082a8648ce3d03010703420004;
    bytes9 private constant SGX_EXTENSION = 0x2a864886f84d010d01;
    bytes3 private constant BASIC_CONSTRAINTS = 0x551d13;
    bytes3 private constant KEY_USAGE = 0x551d0f;
    bytes3 private constant CRL_NUMBER = 0x551d14;
    bytes3 private constant COMMON_NAME = 0x550403;

    function parseCertificate(bytes calldata der, bytes4 err) internal pure returns (Certificate memory c) {
        (uint256 pos, uint256 end) = _openSigned(der, err);
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        // Version 3: [0] { INTEGER 2 }.
        if (pos + 5 > stop || bytes5(der[pos:pos + 5]) != 0xa003020102) Fail.word(err, pos);
        (c.serial, pos) = Der.unsigned(der, pos + 5, stop, err);
        pos = _algorithm(der, pos, stop, err);
        (c.issuer,, pos) = _name(der, pos, stop, err);
        pos = _validity(c, der, pos, stop, err);
        (c.subject, c.commonName, pos) = _name(der, pos, stop, err);
        if (pos + 91 > stop || bytes27(der[pos:pos + 27]) != KEY_HEAD) Fail.word(err, pos);
        c.x = bytes32(der[pos + 27:pos + 59]);
        c.y = bytes32(der[pos + 59:pos + 91]);
        _extensions(c, der, pos + 91, stop, err);
        (c.tbsHash, c.r, c.s) = _closeSigned(der, stop, err);
    }

    function parseCrl(bytes calldata der, bytes4 err) internal pure returns (Crl memory c) {
        (uint256 pos, uint256 end) = _openSigned(der, err);
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        // Version 2: INTEGER 1.
        if (pos + 3 > stop || bytes3(der[pos:pos + 3]) != 0x020101) Fail.word(err, pos);
        pos = _algorithm(der, pos + 3, stop, err);
        (c.issuer,, pos) = _name(der, pos, stop, err);
        (c.thisUpdate, pos) = Der.time(der, pos, stop, err);
        (c.nextUpdate, pos) = Der.time(der, pos, stop, err);
        if (pos < stop && uint8(der[pos]) == Der.SEQUENCE) {
            (c.entriesStart, c.entriesStop) = Der.expect(der, pos, stop, Der.SEQUENCE, err);
            // RFC 5280: absent rather than empty.
            if (c.entriesStart == c.entriesStop) Fail.word(err, pos);
            pos = c.entriesStop;
        }
        c.number = _crlNumber(der, pos, stop, err);
        (c.tbsHash, c.r, c.s) = _closeSigned(der, stop, err);
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

    function _openSigned(bytes calldata der, bytes4 err) private pure returns (uint256 pos, uint256 end) {
        (pos, end) = Der.expect(der, 0, der.length, Der.SEQUENCE, err);
        if (end != der.length) Fail.word(err, end);
    }

    /// @dev The signed part runs from the outer head to `tbsStop`; behind it algorithm and BIT STRING { SEQUENCE { r, s } }.
    function _closeSigned(bytes calldata der, uint256 tbsStop, bytes4 err)
        private
        pure
        returns (bytes32 tbsHash, bytes32 r, bytes32 s)
    {
        (uint256 tbsStart, uint256 end) = _openSigned(der, err);
        tbsHash = sha256(der[tbsStart:tbsStop]);
        uint256 pos = _algorithm(der, tbsStop, end, err);
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.BIT_STRING, err);
        if (stop != end || pos == stop || der[pos] != 0) Fail.word(err, pos);
        (pos, stop) = Der.expect(der, pos + 1, end, Der.SEQUENCE, err);
        if (stop != end) Fail.word(err, stop);
        uint256 value;
        (value, pos) = Der.unsigned(der, pos, end, err);
        r = bytes32(value);
        (value, pos) = Der.unsigned(der, pos, end, err);
        s = bytes32(value);
        if (pos != end) Fail.word(err, pos);
    }

    function _algorithm(bytes calldata der, uint256 pos, uint256 end, bytes4 err) private pure returns (uint256) {
        if (pos + 12 > end || bytes12(der[pos:pos + 12]) != ALGORITHM) Fail.word(err, pos);
        return pos + 12;
    }

    function _validity(Certificate memory c, bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        private
        pure
        returns (uint256 stop)
    {
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        (c.notBefore, pos) = Der.time(der, pos, stop, err);
        (c.notAfter, pos) = Der.time(der, pos, stop, err);
        if (pos != stop) Fail.word(err, pos);
    }

    /// @dev Hash of the whole name and of its common name (zero where it has none; two are refused).
    function _name(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        private
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

    function _extensions(Certificate memory c, bytes calldata der, uint256 pos, uint256 stop, bytes4 err) private pure {
        uint256 close;
        (pos, close) = Der.expect(der, pos, stop, 0xa3, err);
        if (close != stop) Fail.word(err, close);
        (pos, close) = Der.expect(der, pos, stop, Der.SEQUENCE, err);
        if (close != stop) Fail.word(err, close);
        uint256 seen;
        while (pos < stop) {
            bytes32 id;
            bool critical;
            uint256 value;
            uint256 from = pos;
            (id, critical, value, pos) = _extension(der, pos, stop, err);
            uint256 kind;
            if (id == BASIC_CONSTRAINTS) {
                kind = 1;
                c.isCa = _basicConstraints(der, value, pos, err);
            } else if (id == KEY_USAGE) {
                kind = 2;
                c.keyUsage = _keyUsage(der, value, pos, err);
            } else if (id == SGX_EXTENSION) {
                kind = 4;
                (c.sgxStart, c.sgxStop) = (value, pos);
            } else if (critical) {
                Fail.word(err, from);
            }
            if (seen & kind != 0) Fail.word(err, from);
            seen |= kind;
        }
        // Both are in every certificate of these chains; without them a leaf could pass as anything.
        if (seen & 3 != 3) Fail.word(err, stop);
    }

    function _extension(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        private
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
            if (pos + 3 > stop || bytes3(der[pos:pos + 3]) != 0x0101ff) Fail.word(err, pos);
            critical = true;
            pos += 3;
        }
        (value, pos) = Der.expect(der, pos, stop, Der.OCTET_STRING, err);
        if (pos != stop) Fail.word(err, pos);
    }

    /// @dev SEQUENCE { [BOOLEAN TRUE], [INTEGER pathLen, only for a CA] }.
    function _basicConstraints(bytes calldata der, uint256 pos, uint256 end, bytes4 err) private pure returns (bool isCa) {
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        if (stop != end) Fail.word(err, stop);
        if (pos == stop) return false;
        if (pos + 3 > stop || bytes3(der[pos:pos + 3]) != 0x0101ff) Fail.word(err, pos);
        pos += 3;
        if (pos != stop) (, pos) = Der.unsigned(der, pos, stop, err);
        if (pos != stop) Fail.word(err, pos);
        return true;
    }

    function _keyUsage(bytes calldata der, uint256 pos, uint256 end, bytes4 err) private pure returns (uint8) {
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.BIT_STRING, err);
        if (stop != end || stop - pos < 2 || uint8(der[pos]) > 7) Fail.word(err, pos);
        return uint8(der[pos + 1]);
    }

    /// @dev [0] { SEQUENCE OF Extension } with the CRL number, which every CRL must have; unknown critical ones are refused.
    function _crlNumber(bytes calldata der, uint256 pos, uint256 stop, bytes4 err) private pure returns (uint256 number) {
        uint256 close;
        (pos, close) = Der.expect(der, pos, stop, 0xa0, err);
        if (close != stop) Fail.word(err, close);
        (pos, close) = Der.expect(der, pos, stop, Der.SEQUENCE, err);
        if (close != stop) Fail.word(err, close);
        bool found;
        while (pos < stop) {
            uint256 from = pos;
            (bytes32 id, bool critical, uint256 value, uint256 next) = _extension(der, pos, stop, err);
            pos = next;
            if (id == CRL_NUMBER) {
                if (found) Fail.word(err, from);
                found = true;
                (number, value) = Der.unsigned(der, value, next, err);
                if (value != next) Fail.word(err, value);
            } else if (critical) {
                Fail.word(err, from);
            }
        }
        if (!found) Fail.word(err, stop);
    }
}
