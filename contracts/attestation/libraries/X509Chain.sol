// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Der} from "./Der.sol";
import {Fail} from "./Fail.sol";

/// @title X.509 certificates and CRLs of the chains of AMD, AWS and NVIDIA: P-384 and RSA-4096 keys, SHA-384 signatures
/// @dev RFC 5280. Another key or signature algorithm, an unknown critical or a repeated extension is malformed. Signatures,
///      validity and use are the caller's to check. Intel's, with P-256 keys, are read by X509.
library X509Chain {
    enum KeyKind { P384, Rsa4096 }
    enum Scheme { EcdsaSha384, RsaPssSha384 }

    struct Signed {
        Scheme scheme;
        /// The signed bytes are der[start:stop].
        uint256 start;
        uint256 stop;
        /// r ‖ s, 48 bytes each, or the 512 bytes of RSA.
        bytes signature;
    }

    struct Certificate {
        Signed signed;
        uint256 serial;
        /// keccak256 of the DER names.
        bytes32 issuer;
        bytes32 subject;
        /// keccak256 of the subject's common name; zero where it has none.
        bytes32 commonName;
        uint64 notBefore;
        uint64 notAfter;
        KeyKind keyKind;
        /// x ‖ y (96 bytes) or the modulus (512 bytes).
        bytes key;
        bool isCa;
        /// CAs that may follow below a CA; the maximum: any number.
        uint256 pathLength;
        bool hasKeyUsage;
        /// First byte of KeyUsage: bit 7 digitalSignature, bit 2 keyCertSign, bit 1 cRLSign.
        uint8 keyUsage;
        /// Content of the SEQUENCE OF Extension in the DER; equal where there is none.
        uint256 extensionsStart;
        uint256 extensionsStop;
    }

    struct Crl {
        Signed signed;
        bytes32 issuer;
        uint64 thisUpdate;
        uint64 nextUpdate;
        uint256 number;
        /// Where the revoked entries lie; equal where there are none.
        uint256 entriesStart;
        uint256 entriesStop;
    }

    /// Position in a certificate or CRL while it is read.
    struct Cursor {
        uint256 pos;
        uint256 stop;
    }

    uint8 internal constant DIGITAL_SIGNATURE = 0x80;
    uint8 internal constant SIGNS_CERTIFICATES = 0x04;
    uint8 internal constant SIGNS_CRLS = 0x02;

    /// @dev AlgorithmIdentifier { ecdsa-with-SHA384 }.
    bytes12 private constant ECDSA_SHA384 = 0x300a06082a8648ce3d040303;
    /// @dev AlgorithmIdentifier { id-RSASSA-PSS, SHA-384, MGF1 with SHA-384, salt 48 }: AMD writes it with and without the default
    ///      trailer field.
    bytes32 private constant PSS_SHA384 = keccak256(
        hex"304106092a864886f70d01010a3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130"
    );
    bytes32 private constant PSS_SHA384_TRAILER = keccak256(
        hex"304606092a864886f70d01010a3039a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130a303020101"
    );
    /// @dev SubjectPublicKeyInfo up to the uncompressed point: id-ecPublicKey, secp384r1, BIT STRING.
    bytes24 private constant P384_HEAD = 0x3076301006072a8648ce3d020106052b8104002203620004;
    /// @dev SubjectPublicKeyInfo up to the 512 bytes of the modulus: rsaEncryption, NULL, BIT STRING, SEQUENCE, INTEGER with sign byte.
    bytes32 private constant RSA_HEAD = 0x30820222300d06092a864886f70d01010105000382020f003082020a02820201;
    /// @dev The sign byte, and what follows the modulus: 65537.
    bytes5 private constant RSA_EXPONENT = 0x0203010001;
    bytes3 private constant BASIC_CONSTRAINTS = 0x551d13;
    bytes3 private constant KEY_USAGE = 0x551d0f;
    bytes3 private constant CRL_NUMBER = 0x551d14;
    bytes3 private constant COMMON_NAME = 0x550403;
    uint256 private constant MAX_EXTENSIONS = 32;

    /// @notice Whether a certificate is that of a CA whose key may be used so.
    /// @param uses Bits of KeyUsage.
    function isCaThat(Certificate memory c, uint8 uses) internal pure returns (bool) {
        return c.isCa && c.keyUsage & uses == uses;
    }

    /// @notice Reads a certificate; reverts with `err` and the place of the fault.
    function parseCertificate(bytes calldata der, bytes4 err) internal pure returns (Certificate memory c) {
        return parseCertificate(der, 0, err);
    }

    /// @notice Like it, for certificates with one more extension that may be critical, because the caller reads it.
    /// @param known Its OID, left-aligned.
    function parseCertificate(bytes calldata der, bytes32 known, bytes4 err) internal pure returns (Certificate memory c) {
        bytes32 algorithm;
        (c.signed, algorithm) = parseSigned(der, 0, der.length, err);
        Cursor memory cursor;
        (cursor.pos, cursor.stop) = Der.expect(der, c.signed.start, c.signed.stop, Der.SEQUENCE, err);
        // Version 3: [0] { INTEGER 2 }.
        if (cursor.pos + 5 > cursor.stop || bytes5(der[cursor.pos:cursor.pos + 5]) != 0xa003020102) Fail.word(err, cursor.pos);
        (c.serial, cursor.pos) = Der.unsigned(der, cursor.pos + 5, cursor.stop, err);
        _sameAlgorithm(der, cursor, algorithm, err);
        (c.issuer,) = _name(der, cursor, err);
        _validity(c, der, cursor, err);
        (c.subject, c.commonName) = _name(der, cursor, err);
        _key(c, der, cursor, err);
        _extensions(c, der, cursor, known, err);
    }

    /// @notice Reads a CRL but for its entries: `crlEntry` reads those.
    function parseCrl(bytes calldata der, bytes4 err) internal pure returns (Crl memory c) {
        bytes32 algorithm;
        (c.signed, algorithm) = parseSigned(der, 0, der.length, err);
        Cursor memory cursor;
        (cursor.pos, cursor.stop) = Der.expect(der, c.signed.start, c.signed.stop, Der.SEQUENCE, err);
        // Version 2: INTEGER 1.
        if (cursor.pos + 3 > cursor.stop || bytes3(der[cursor.pos:cursor.pos + 3]) != 0x020101) Fail.word(err, cursor.pos);
        cursor.pos += 3;
        _sameAlgorithm(der, cursor, algorithm, err);
        (c.issuer,) = _name(der, cursor, err);
        (c.thisUpdate, cursor.pos) = Der.time(der, cursor.pos, cursor.stop, err);
        (c.nextUpdate, cursor.pos) = Der.time(der, cursor.pos, cursor.stop, err);
        if (cursor.pos < cursor.stop && uint8(der[cursor.pos]) == Der.SEQUENCE) {
            (c.entriesStart, c.entriesStop) = Der.expect(der, cursor.pos, cursor.stop, Der.SEQUENCE, err);
            // RFC 5280, 5.1.2.6: absent rather than empty.
            if (c.entriesStart == c.entriesStop) Fail.word(err, cursor.pos);
            cursor.pos = c.entriesStop;
        }
        c.number = _crlNumber(der, cursor, err);
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

    /// @notice SEQUENCE { to be signed, AlgorithmIdentifier, BIT STRING } in [pos, end), nothing behind it.
    /// @return signed What is signed, and the signature.
    /// @return algorithm keccak256 of the AlgorithmIdentifier: the same has to stand inside the signed part.
    function parseSigned(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        internal
        pure
        returns (Signed memory signed, bytes32 algorithm)
    {
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        if (stop != end) Fail.word(err, stop);
        signed.start = pos;
        (, pos) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        signed.stop = pos;
        (algorithm, signed.scheme, pos) = _algorithm(der, pos, end, err);
        (pos, stop) = Der.expect(der, pos, end, Der.BIT_STRING, err);
        if (stop != end || pos == stop || der[pos] != 0) Fail.word(err, pos);
        if (signed.scheme == Scheme.EcdsaSha384) signed.signature = ecdsaSignature(der, pos + 1, end, err);
        else if (end - pos != 513) Fail.word(err, pos);
        else signed.signature = der[pos + 1:end];
    }

    /// @notice SEQUENCE { r, s } in [pos, end) as r ‖ s of 48 bytes each: shorter ones are padded.
    function ecdsaSignature(bytes calldata der, uint256 pos, uint256 end, bytes4 err) internal pure returns (bytes memory) {
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        if (stop != end) Fail.word(err, stop);
        bytes memory r;
        bytes memory s;
        (r, pos) = _integer48(der, pos, end, err);
        (s, pos) = _integer48(der, pos, end, err);
        if (pos != end) Fail.word(err, pos);
        return bytes.concat(r, s);
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

    /// @dev Non-negative INTEGER of at most 48 bytes, minimal encoding, padded to 48.
    function _integer48(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        private
        pure
        returns (bytes memory value, uint256 stop)
    {
        uint256 start;
        (start, stop) = Der.expect(der, pos, end, Der.INTEGER, err);
        if (start == stop || uint8(der[start]) > 0x7f) Fail.word(err, pos);
        if (der[start] == 0 && stop - start > 1) {
            ++start;
            if (uint8(der[start]) < 0x80) Fail.word(err, pos);
        }
        if (stop - start > 48) Fail.word(err, pos);
        value = bytes.concat(new bytes(48 - (stop - start)), der[start:stop]);
    }

    function _algorithm(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        private
        pure
        returns (bytes32 id, Scheme scheme, uint256 stop)
    {
        (, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        id = keccak256(der[pos:stop]);
        if (stop - pos == 12 && bytes12(der[pos:stop]) == ECDSA_SHA384) scheme = Scheme.EcdsaSha384;
        else if (id == PSS_SHA384 || id == PSS_SHA384_TRAILER) scheme = Scheme.RsaPssSha384;
        else Fail.word(err, pos);
    }

    function _sameAlgorithm(bytes calldata der, Cursor memory cursor, bytes32 algorithm, bytes4 err) private pure {
        uint256 pos = cursor.pos;
        (, cursor.pos) = Der.expect(der, pos, cursor.stop, Der.SEQUENCE, err);
        if (keccak256(der[pos:cursor.pos]) != algorithm) Fail.word(err, pos);
    }

    function _validity(Certificate memory c, bytes calldata der, Cursor memory cursor, bytes4 err) private pure {
        (uint256 pos, uint256 stop) = Der.expect(der, cursor.pos, cursor.stop, Der.SEQUENCE, err);
        (c.notBefore, pos) = Der.time(der, pos, stop, err);
        (c.notAfter, pos) = Der.time(der, pos, stop, err);
        if (pos != stop) Fail.word(err, pos);
        cursor.pos = stop;
    }

    /// @dev Hash of the whole name and of its common name (zero where it has none; two are refused).
    function _name(bytes calldata der, Cursor memory cursor, bytes4 err) private pure returns (bytes32 hash, bytes32 commonName) {
        uint256 from = cursor.pos;
        (uint256 pos, uint256 stop) = Der.expect(der, from, cursor.stop, Der.SEQUENCE, err);
        cursor.pos = stop;
        hash = keccak256(der[from:stop]);
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

    function _key(Certificate memory c, bytes calldata der, Cursor memory cursor, bytes4 err) private pure {
        uint256 pos = cursor.pos;
        if (pos + 120 <= cursor.stop && bytes24(der[pos:pos + 24]) == P384_HEAD) {
            c.keyKind = KeyKind.P384;
            c.key = der[pos + 24:pos + 120];
            cursor.pos = pos + 120;
            return;
        }
        // 32 bytes of head, the sign byte, 512 of modulus, 5 of exponent. 4,096 bits exactly.
        if (
            pos + 550 > cursor.stop || bytes32(der[pos:pos + 32]) != RSA_HEAD || der[pos + 32] != 0
                || uint8(der[pos + 33]) < 0x80 || bytes5(der[pos + 545:pos + 550]) != RSA_EXPONENT
        ) Fail.word(err, pos);
        c.keyKind = KeyKind.Rsa4096;
        c.key = der[pos + 33:pos + 545];
        cursor.pos = pos + 550;
    }

    function _extensions(Certificate memory c, bytes calldata der, Cursor memory cursor, bytes32 known, bytes4 err)
        private
        pure
    {
        c.pathLength = type(uint256).max;
        if (cursor.pos == cursor.stop) return;
        (uint256 pos, uint256 stop) = _extensionList(der, cursor, 0xa3, err);
        (c.extensionsStart, c.extensionsStop) = (pos, stop);
        bytes32[MAX_EXTENSIONS] memory seen;
        for (uint256 count = 0; pos < stop; ++count) {
            uint256 from = pos;
            bytes32 id;
            bool critical;
            uint256 value;
            (id, critical, value, pos) = extension(der, pos, stop, err);
            _once(seen, count, id, from, err);
            if (id == BASIC_CONSTRAINTS) _basicConstraints(c, der, value, pos, err);
            else if (id == KEY_USAGE) (c.hasKeyUsage, c.keyUsage) = (true, _keyUsage(der, value, pos, err));
            else if (critical && id != known) Fail.word(err, from);
        }
    }

    /// @dev [tag] { SEQUENCE OF Extension } up to the end.
    function _extensionList(bytes calldata der, Cursor memory cursor, uint256 tag, bytes4 err)
        private
        pure
        returns (uint256 pos, uint256 stop)
    {
        (pos, stop) = Der.expect(der, cursor.pos, cursor.stop, tag, err);
        if (stop != cursor.stop) Fail.word(err, stop);
        (pos, stop) = Der.expect(der, pos, cursor.stop, Der.SEQUENCE, err);
        if (stop != cursor.stop) Fail.word(err, stop);
    }

    function _once(bytes32[MAX_EXTENSIONS] memory seen, uint256 count, bytes32 id, uint256 place, bytes4 err) private pure {
        if (count == MAX_EXTENSIONS) Fail.word(err, place);
        for (uint256 i = 0; i < count; ++i) {
            if (seen[i] == id) Fail.word(err, place);
        }
        seen[count] = id;
    }

    /// @dev SEQUENCE { [BOOLEAN TRUE], [INTEGER pathLen, only for a CA] }.
    function _basicConstraints(Certificate memory c, bytes calldata der, uint256 pos, uint256 end, bytes4 err) private pure {
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        if (stop != end) Fail.word(err, stop);
        if (pos == stop) return;
        if (pos + 3 > stop || bytes3(der[pos:pos + 3]) != 0x0101ff) Fail.word(err, pos);
        pos += 3;
        c.isCa = true;
        if (pos != stop) (c.pathLength, pos) = Der.unsigned(der, pos, stop, err);
        if (pos != stop || (c.pathLength > 0xff && c.pathLength != type(uint256).max)) Fail.word(err, pos);
    }

    function _keyUsage(bytes calldata der, uint256 pos, uint256 end, bytes4 err) private pure returns (uint8) {
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.BIT_STRING, err);
        if (stop != end || stop - pos < 2 || uint8(der[pos]) > 7) Fail.word(err, pos);
        return uint8(der[pos + 1]);
    }

    /// @dev [0] { SEQUENCE OF Extension } with the CRL number, which every CRL must have; unknown critical ones are refused.
    function _crlNumber(bytes calldata der, Cursor memory cursor, bytes4 err) private pure returns (uint256 number) {
        (uint256 pos, uint256 stop) = _extensionList(der, cursor, 0xa0, err);
        bytes32[MAX_EXTENSIONS] memory seen;
        bool found;
        for (uint256 count = 0; pos < stop; ++count) {
            uint256 from = pos;
            (bytes32 id, bool critical, uint256 value, uint256 next) = extension(der, pos, stop, err);
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
        if (!found) Fail.word(err, stop);
    }
}
