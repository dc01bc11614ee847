// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Der} from "./Der.sol";
import {Fail} from "./Fail.sol";
import {X509Chain} from "./X509Chain.sol";
import {X509Fields} from "./X509Fields.sol";

/// @title Reads OCSP responses (RFC 6960, 4.2.1): successful, of the basic type, each element where it belongs
/// @dev Signatures, windows and who may answer are the store's to check. Extensions are read over (a nonce proves nothing to who
///      did not ask), unless they are critical.
library NvidiaOcsp {
    enum Status {
        /// Not a status: nothing is known.
        None,
        Good,
        Revoked,
        OnHold,
        Unknown
    }

    enum Hash {
        Sha1,
        Sha256,
        Sha384,
        Sha512
    }

    struct Response {
        /// Who claims to answer: keccak256 of the DER of a name; or the SHA-1 of a key, left-aligned, where `byKey`.
        bool byKey;
        bytes32 responder;
        /// Where the list of statuses lies.
        uint256 statuses;
        uint256 statusesStop;
        /// What is signed, and r ‖ s.
        uint256 signedStart;
        uint256 signedStop;
        bytes signature;
        /// Certificates that came along; equal where there are none.
        uint256 certificates;
        uint256 certificatesStop;
    }

    /// @notice What a responder says about one certificate.
    struct Single {
        Hash hash;
        /// keccak256 of the hashes of the issuer's name and of the bits of its key.
        bytes32 nameHash;
        bytes32 keyHash;
        uint256 serial;
        Status status;
        uint64 thisUpdate;
        /// Zero: the responder promises no end.
        uint64 nextUpdate;
    }

    struct Cursor {
        uint256 pos;
        uint256 stop;
    }

    uint256 private constant ENUMERATED = 0x0a;
    /// AlgorithmIdentifier { ecdsa-with-SHA384 }.
    bytes12 private constant ECDSA_SHA384 = 0x300a06082a8648ce3d040303;
    /// OBJECT IDENTIFIER id-pkix-ocsp-basic.
    bytes11 private constant BASIC = 0x06092b0601050507300101;
    bytes9 private constant NONCE = 0x2b0601050507300102;
    bytes5 private constant SHA1 = 0x2b0e03021a;
    bytes9 private constant SHA256 = 0x608648016503040201;
    bytes9 private constant SHA384 = 0x608648016503040202;
    bytes9 private constant SHA512 = 0x608648016503040203;
    bytes3 private constant EXTENDED_KEY_USAGE = 0x551d25;
    /// id-kp-OCSPSigning.
    bytes8 private constant OCSP_SIGNING = 0x2b06010505070309;
    /// CRLReason (RFC 5280, 5.3.1).
    uint256 private constant CERTIFICATE_HOLD = 6;
    uint256 private constant LAST_REASON = 10;
    uint256 private constant MAX_STATUSES = 64;

    /// @param unsuccessful error(uint256 status) for a responder's refusal.
    function parse(bytes calldata der, bytes4 err, bytes4 unsuccessful) internal pure returns (Response memory r) {
        Cursor memory cursor = _open(der, err, unsuccessful);
        uint256 pos;
        (pos, cursor.stop) = _last(der, cursor.pos, cursor.stop, Der.SEQUENCE, err);
        // The signed part, then its signature, then certificates.
        r.signedStart = pos;
        (cursor.pos, r.signedStop) = Der.expect(der, pos, cursor.stop, Der.SEQUENCE, err);
        _tail(r, der, cursor.stop, err);
        cursor.stop = r.signedStop;
        _responder(r, der, cursor, err);
        cursor.pos = _generalizedTime(der, cursor, err);
        (r.statuses, r.statusesStop) = Der.expect(der, cursor.pos, cursor.stop, Der.SEQUENCE, err);
        _extensions(der, r.statusesStop, cursor.stop, err);
    }

    /// @notice The statuses in [pos, end).
    function statuses(bytes calldata der, uint256 pos, uint256 end, bytes4 err) internal pure returns (Single[] memory found) {
        found = new Single[](MAX_STATUSES);
        uint256 count;
        for (; pos < end; ++count) {
            if (count == MAX_STATUSES) Fail.word(err, pos);
            (found[count], pos) = _single(der, pos, end, err);
        }
        assembly ("memory-safe") {
            mstore(found, count)
        }
    }

    /// @notice The certificate at `pos`, whether its extended key usage lets it sign OCSP responses, and where the next one begins.
    function responder(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        internal
        pure
        returns (X509Chain.Certificate memory c, bool signsOcsp, uint256 next)
    {
        (, next) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        bytes calldata certificate = der[pos:next];
        c = X509Chain.parseCertificate(certificate, EXTENDED_KEY_USAGE, err);
        signsOcsp = isResponder(certificate, c.extensionsStart, c.extensionsStop, err);
    }

    /// @notice Whether the extended key usage among the extensions in [pos, stop) of a certificate names OCSP signing.
    function isResponder(bytes calldata certificate, uint256 pos, uint256 stop, bytes4 err)
        internal
        pure
        returns (bool found)
    {
        while (pos < stop) {
            bytes32 id;
            uint256 value;
            (id,, value, pos) = X509Fields.extension(certificate, pos, stop, err);
            if (id == EXTENDED_KEY_USAGE) found = _hasPurpose(certificate, value, pos, err);
        }
    }

    function _hasPurpose(bytes calldata der, uint256 pos, uint256 end, bytes4 err) private pure returns (bool found) {
        (pos, end) = _last(der, pos, end, Der.SEQUENCE, err);
        while (pos < end) {
            uint256 start;
            (start, pos) = Der.expect(der, pos, end, Der.OID, err);
            if (pos - start == 8 && bytes8(der[start:pos]) == OCSP_SIGNING) found = true;
        }
    }

    function _single(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        private
        pure
        returns (Single memory s, uint256 next)
    {
        Cursor memory cursor;
        (cursor.pos, cursor.stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        next = cursor.stop;
        _certificateId(s, der, cursor, err);
        _status(s, der, cursor, err);
        s.thisUpdate = _time(der, cursor, err);
        if (cursor.pos < cursor.stop && uint8(der[cursor.pos]) == 0xa0) {
            Cursor memory wrapped;
            (wrapped.pos, wrapped.stop) = Der.expect(der, cursor.pos, cursor.stop, 0xa0, err);
            cursor.pos = wrapped.stop;
            s.nextUpdate = _time(der, wrapped, err);
            if (wrapped.pos != wrapped.stop) Fail.word(err, wrapped.pos);
        }
        _extensions(der, cursor.pos, cursor.stop, err);
    }

    /// @dev Like Der.expect, and nothing stands behind it.
    function _last(bytes calldata der, uint256 pos, uint256 end, uint256 tag, bytes4 err)
        private
        pure
        returns (uint256 start, uint256 stop)
    {
        (start, stop) = Der.expect(der, pos, end, tag, err);
        if (stop != end) Fail.word(err, stop);
    }

    /// @dev SEQUENCE { ENUMERATED 0, [0] { SEQUENCE { basic, OCTET STRING } } }: the content of the last.
    function _open(bytes calldata der, bytes4 err, bytes4 unsuccessful) private pure returns (Cursor memory cursor) {
        uint256 pos;
        uint256 stop;
        (pos, cursor.stop) = _last(der, 0, der.length, Der.SEQUENCE, err);
        uint256 from = pos;
        (pos, stop) = Der.expect(der, pos, cursor.stop, ENUMERATED, err);
        if (stop - pos != 1) Fail.word(err, from);
        uint256 code = uint8(der[pos]);
        if (code != 0) {
            if (code == 4 || code > 6 || stop != cursor.stop) Fail.word(err, from);
            Fail.word(unsuccessful, code);
        }
        (pos, stop) = _last(der, stop, cursor.stop, 0xa0, err);
        (pos, stop) = _last(der, pos, stop, Der.SEQUENCE, err);
        if (pos + 11 > stop || bytes11(der[pos:pos + 11]) != BASIC) Fail.word(err, pos);
        (cursor.pos, cursor.stop) = _last(der, pos + 11, stop, Der.OCTET_STRING, err);
    }

    /// @dev AlgorithmIdentifier, BIT STRING, and [0] { SEQUENCE OF Certificate } or nothing.
    function _tail(Response memory r, bytes calldata der, uint256 end, bytes4 err) private pure {
        uint256 pos = r.signedStop;
        if (pos + 12 > end || bytes12(der[pos:pos + 12]) != ECDSA_SHA384) Fail.word(err, pos);
        uint256 stop;
        (pos, stop) = Der.expect(der, pos + 12, end, Der.BIT_STRING, err);
        if (pos == stop || der[pos] != 0) Fail.word(err, pos);
        r.signature = X509Chain.ecdsaSignature(der, pos + 1, stop, err);
        if (stop == end) return;
        (pos, stop) = _last(der, stop, end, 0xa0, err);
        (r.certificates, r.certificatesStop) = _last(der, pos, stop, Der.SEQUENCE, err);
    }

    /// @dev [1] { Name } or [2] { OCTET STRING }. A version is written only when it is not 1, and there is no other.
    function _responder(Response memory r, bytes calldata der, Cursor memory cursor, bytes4 err) private pure {
        uint256 from = cursor.pos;
        (uint256 tag, uint256 pos, uint256 end) = Der.element(der, from, cursor.stop, err);
        cursor.pos = end;
        if (tag == 0xa1) {
            _last(der, pos, end, Der.SEQUENCE, err);
            r.responder = keccak256(der[pos:end]);
            return;
        }
        if (tag != 0xa2) Fail.word(err, from);
        (pos, end) = _last(der, pos, end, Der.OCTET_STRING, err);
        if (end - pos != 20) Fail.word(err, pos);
        r.byKey = true;
        r.responder = bytes32(der[pos:end]);
    }

    function _generalizedTime(bytes calldata der, Cursor memory cursor, bytes4 err) private pure returns (uint256) {
        _time(der, cursor, err);
        return cursor.pos;
    }

    function _time(bytes calldata der, Cursor memory cursor, bytes4 err) private pure returns (uint64 value) {
        if (cursor.pos >= cursor.stop || uint8(der[cursor.pos]) != Der.GENERALIZED_TIME) Fail.word(err, cursor.pos);
        (value, cursor.pos) = Der.time(der, cursor.pos, cursor.stop, err);
    }

    /// @dev AlgorithmIdentifier (parameters absent or NULL), two hashes, serial number.
    function _certificateId(Single memory s, bytes calldata der, Cursor memory cursor, bytes4 err) private pure {
        (uint256 pos, uint256 end) = Der.expect(der, cursor.pos, cursor.stop, Der.SEQUENCE, err);
        cursor.pos = end;
        (uint256 inner, uint256 stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        pos = stop;
        (uint256 id, uint256 idStop) = Der.expect(der, inner, stop, Der.OID, err);
        if (idStop != stop && (idStop + 2 != stop || bytes2(der[idStop:stop]) != 0x0500)) Fail.word(err, idStop);
        uint256 size;
        (s.hash, size) = _hash(der, id, idStop, err);
        (inner, stop) = Der.expect(der, pos, end, Der.OCTET_STRING, err);
        if (stop - inner != size) Fail.word(err, inner);
        s.nameHash = keccak256(der[inner:stop]);
        (inner, stop) = Der.expect(der, stop, end, Der.OCTET_STRING, err);
        if (stop - inner != size) Fail.word(err, inner);
        s.keyHash = keccak256(der[inner:stop]);
        (s.serial, stop) = Der.unsigned(der, stop, end, err);
        if (stop != end) Fail.word(err, stop);
    }

    function _hash(bytes calldata der, uint256 pos, uint256 stop, bytes4 err) private pure returns (Hash, uint256 size) {
        bytes32 id = stop - pos > 32 ? bytes32(0) : bytes32(der[pos:stop]);
        if (id == SHA1) return (Hash.Sha1, 20);
        if (id == SHA256) return (Hash.Sha256, 32);
        if (id == SHA512) return (Hash.Sha512, 64);
        if (id != SHA384) Fail.word(err, pos);
        return (Hash.Sha384, 48);
    }

    /// @dev [0] good, [1] revoked { time, [0] reason }, [2] unknown.
    function _status(Single memory s, bytes calldata der, Cursor memory cursor, bytes4 err) private pure {
        uint256 from = cursor.pos;
        Cursor memory inner;
        uint256 tag;
        (tag, inner.pos, inner.stop) = Der.element(der, from, cursor.stop, err);
        cursor.pos = inner.stop;
        if (tag == 0x80 && inner.pos == inner.stop) s.status = Status.Good;
        else if (tag == 0x82 && inner.pos == inner.stop) s.status = Status.Unknown;
        else if (tag != 0xa1) Fail.word(err, from);
        else s.status = _revocation(der, inner, err);
    }

    function _revocation(bytes calldata der, Cursor memory cursor, bytes4 err) private pure returns (Status) {
        _time(der, cursor, err);
        if (cursor.pos == cursor.stop) return Status.Revoked;
        (uint256 pos, uint256 stop) = _last(der, cursor.pos, cursor.stop, 0xa0, err);
        (pos, stop) = _last(der, pos, stop, ENUMERATED, err);
        if (stop - pos != 1 || uint8(der[pos]) > LAST_REASON) Fail.word(err, pos);
        return uint8(der[pos]) == CERTIFICATE_HOLD ? Status.OnHold : Status.Revoked;
    }

    /// @dev [1] { SEQUENCE OF Extension } or nothing. A nonce may be critical, as some requests have it and responders give it back.
    function _extensions(bytes calldata der, uint256 pos, uint256 end, bytes4 err) private pure {
        if (pos == end) return;
        uint256 stop;
        (pos, stop) = _last(der, pos, end, 0xa1, err);
        (pos, stop) = _last(der, pos, stop, Der.SEQUENCE, err);
        while (pos < stop) {
            uint256 from = pos;
            bytes32 id;
            bool critical;
            (id, critical,, pos) = X509Fields.extension(der, pos, stop, err);
            if (critical && id != NONCE) Fail.word(err, from);
        }
    }
}
