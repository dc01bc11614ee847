// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Cbor, CborEntries, CborRules} from "./Cbor.sol";
import {Fail} from "./Fail.sol";

/// @notice A COSE_Sign1 message (RFC 9052 §4.2): places in its document. Nothing verified yet.
struct CoseMessage {
    /// Curve of the algorithm, which it is meant for alone (RFC 9053 §2.1): 1 for ES256, 2 for ES384.
    uint256 curve;
    uint256 protectedStart;
    uint256 protectedStop;
    uint256 payloadStart;
    uint256 payloadStop;
    uint256 signatureStart;
    uint256 signatureStop;
}

/// @notice Selectors of the errors(uint256 offset) to revert with.
struct CoseErrors {
    bytes4 malformed;
    bytes4 algorithmUnsupported;
    bytes4 criticalUnsupported;
}

/// @title COSE_Sign1 with ES256 or ES384 (RFC 9052, RFC 9053), tag 18 in front
/// @dev What packages/attestation demands of a message, in its order: unsigned framing in shortest form, a known algorithm in the
///      protected header, no label twice, no critical header but the algorithm, no unprotected header: whatever stands there is not
///      signed.
library CoseSign1 {
    uint256 internal constant P256 = 1;
    uint256 internal constant P384 = 2;

    uint256 private constant TAG = 18;
    /// Header labels (RFC 9052 §3.1).
    uint256 private constant ALGORITHM = 1;
    uint256 private constant CRITICAL = 2;
    /// Arguments of the algorithms' ids, -7 and -35.
    uint256 private constant ES256_ARGUMENT = 6;
    uint256 private constant ES384_ARGUMENT = 34;
    /// Array of four, text of ten characters: "Signature1".
    bytes12 private constant SIG_STRUCTURE_HEAD = 0x846a5369676e617475726531;
    bytes1 private constant EMPTY_BYTE_STRING = 0x40;
    bytes1 private constant EMPTY_MAP = 0xa0;

    /// @notice Reads a message that fills the document.
    function parse(bytes calldata doc, CoseErrors memory errors) internal pure returns (CoseMessage memory message) {
        bytes4 err = errors.malformed;
        (uint256 argument, uint256 pos) = _head(doc, 0, Cbor.TAG, err);
        if (argument != TAG) Fail.word(err, 0);
        (argument, pos) = _head(doc, pos, Cbor.ARRAY, err);
        if (argument != 4) Fail.word(err, pos);
        (message.protectedStart, message.protectedStop) = _byteString(doc, pos, err);
        pos = message.protectedStop;
        if (pos == doc.length || doc[pos] != EMPTY_MAP) Fail.word(err, pos);
        (message.payloadStart, message.payloadStop) = _byteString(doc, pos + 1, err);
        (message.signatureStart, message.signatureStop) = _byteString(doc, message.payloadStop, err);
        if (message.signatureStop != doc.length) Fail.word(err, message.signatureStop);
        bytes calldata header = doc[message.protectedStart:message.protectedStop];
        CborEntries headers = headersOf(header, CborRules(err, 64, 8, false, false), errors);
        message.curve = curveOf(header, headers, errors);
        uint256 size = message.curve == P256 ? 64 : 96;
        if (message.signatureStop - message.signatureStart != size) Fail.word(err, message.signatureStart);
    }

    /// @notice `["Signature1", protected, external_aad = empty, payload]` in deterministic encoding (RFC 9052 §4.4): what is signed.
    function toBeSigned(bytes calldata doc, CoseMessage memory message) internal pure returns (bytes memory) {
        bytes calldata header = doc[message.protectedStart:message.protectedStop];
        bytes calldata payload = doc[message.payloadStart:message.payloadStop];
        return bytes.concat(
            SIG_STRUCTURE_HEAD,
            _byteStringHead(header.length),
            header,
            EMPTY_BYTE_STRING,
            _byteStringHead(payload.length),
            payload
        );
    }

    /// @dev Framing is unsigned, so only its shortest form is read.
    function _head(bytes calldata doc, uint256 pos, uint256 wanted, bytes4 err)
        private
        pure
        returns (uint256 argument, uint256 start)
    {
        uint256 major;
        (major, argument, start) = Cbor.head(doc, pos, true, err);
        if (major != wanted) Fail.word(err, pos);
    }

    function _byteString(bytes calldata doc, uint256 pos, bytes4 err)
        private
        pure
        returns (uint256 start, uint256 stop)
    {
        (stop, start) = _head(doc, pos, Cbor.BYTES, err);
        stop += start;
        if (stop > doc.length) Fail.word(err, start);
    }

    /// @notice Labels of a protected header. No critical one but the algorithm's, which is there then.
    /// @dev RFC 9052 §3: an empty header may be a byte string of length zero.
    function headersOf(bytes calldata header, CborRules memory rules, CoseErrors memory errors)
        internal
        pure
        returns (CborEntries headers)
    {
        if (header.length == 0) return headers;
        bytes4 err = errors.malformed;
        uint256 stop;
        (headers,, stop) = Cbor.entriesOf(header, 0, rules);
        if (stop != header.length) Fail.word(err, stop);
        uint256 pos = Cbor.find(headers, CRITICAL);
        if (pos == 0) return headers;
        (uint256 left, uint256 label) = Cbor.expect(header, pos, Cbor.ARRAY, err);
        if (left == 0) Fail.word(err, pos);
        for (; left > 0; --left) {
            (uint256 major, uint256 argument, uint256 next) = Cbor.head(header, label, false, err);
            if (major > Cbor.NEGATIVE && major != Cbor.TEXT) Fail.word(err, label);
            // The algorithm alone has a meaning here.
            if (major != Cbor.UNSIGNED || argument != ALGORITHM || Cbor.find(headers, ALGORITHM) == 0) {
                Fail.word(errors.criticalUnsupported, label);
            }
            label = next;
        }
    }

    /// @notice Curve of the algorithm that a protected header names; any other algorithm is unsupported.
    function curveOf(bytes calldata header, CborEntries headers, CoseErrors memory errors)
        internal
        pure
        returns (uint256)
    {
        uint256 pos = Cbor.find(headers, ALGORITHM);
        if (pos != 0) {
            (uint256 major, uint256 argument,) = Cbor.head(header, pos, false, errors.malformed);
            if (major == Cbor.NEGATIVE && argument == ES256_ARGUMENT) return P256;
            if (major == Cbor.NEGATIVE && argument == ES384_ARGUMENT) return P384;
        }
        Fail.word(errors.algorithmUnsupported, pos);
    }

    /// @dev Shortest head; what is read here is shorter than 2^16.
    function _byteStringHead(uint256 length) private pure returns (bytes memory) {
        if (length < 24) return abi.encodePacked(uint8(0x40 | length));
        if (length < 0x100) return abi.encodePacked(uint16(0x5800 | length));
        return abi.encodePacked(uint24(0x590000 | length));
    }
}
