// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {INitroErrors} from "../../interfaces/INitroErrors.sol";
import {Cbor, CborEntries, CborRules} from "./Cbor.sol";
import {CoseErrors, CoseSign1} from "./CoseSign1.sol";
import {Fail} from "./Fail.sol";
import {NitroPayload} from "./NitroPayload.sol";

/// @title Layout of AWS Nitro attestation documents as NitroVerifier reads them
/// @notice Evidence: id of the signing certificate, 32 bytes ‖ signature r ‖ s, 96 bytes ‖ Sig_structure ‖ proof (P384Signature).
/// @dev The Sig_structure is exactly what is signed (RFC 9052, 4.4): ["Signature1", protected header, h'', payload]. The rest
///      of a COSE_Sign1 message (tag, unprotected headers) is not signed and not sent. Lengths come from the Sig_structure.
///      Proves: the form that the AWS Nitro Enclaves NSM API, docs/attestation_process.md, 2.2 and 3.2.2, asks for. Nothing
///      about who signed.
library NitroDocument {
    using Cbor for bytes;
    using Cbor for CborEntries;

    /// @dev A range is a byte string of the payload, [start, stop) as start << 128 | stop; zero: not there.
    struct Document {
        /// The payload in the evidence. It ends what is signed; the proof follows.
        uint256 payloadStart;
        uint256 signedStop;
        uint256 certificate;
        /// Root first.
        uint256[] bundle;
        /// By index.
        uint256[32] pcrs;
        uint256 userData;
    }

    uint256 internal constant SIGNATURE = 32;
    uint256 internal constant SIGNED = 128;
    uint256 internal constant MAX_PCRS = 32;

    /// @dev Array of four, text of ten: "Signature1".
    bytes12 private constant SIG_STRUCTURE = 0x846a5369676e617475726531;
    /// @dev Label of the algorithm in the protected header (RFC 9052, 3.1).
    uint256 private constant ALGORITHM = 1;

    uint256 private constant MAX_PAYLOAD = 16_384;
    uint256 private constant MAX_BUNDLE = 8;
    uint256 private constant MAX_CERTIFICATE = 1_024;
    uint256 private constant MAX_PUBLIC_KEY = 1_024;
    uint256 private constant MAX_OPTIONAL = 512;
    uint256 private constant MAX_TIMESTAMP = 2 ** 53 - 1;

    bytes4 private constant MALFORMED = INitroErrors.NitroDocumentMalformed.selector;
    bytes4 private constant WRONG = INitroErrors.NitroFieldMalformed.selector;

    /// @notice Reads a document; refuses whatever is not exactly of the documented form.
    function parse(bytes calldata evidence) internal pure returns (Document memory document) {
        (document.payloadStart, document.signedStop) = _openSigned(evidence);
        bytes calldata payload = payloadOf(document, evidence);
        NitroPayload.Fields memory fields = NitroPayload.locate(payload);
        _checkScalars(payload, fields);
        _mandatory(fields.pcrs, "pcrs");
        _readPcrs(document.pcrs, payload, fields.pcrs);
        _mandatory(fields.certificate, "certificate");
        (document.certificate,) = _sized(payload, fields.certificate, 1, MAX_CERTIFICATE);
        _mandatory(fields.bundle, "cabundle");
        document.bundle = _readBundle(payload, fields.bundle);
        _optional(payload, fields.publicKey, 1, MAX_PUBLIC_KEY);
        document.userData = _optional(payload, fields.userData, 0, MAX_OPTIONAL);
        _optional(payload, fields.nonce, 0, MAX_OPTIONAL);
    }

    /// @notice The bytes that all ranges of a document are in.
    function payloadOf(Document memory document, bytes calldata evidence) internal pure returns (bytes calldata) {
        return evidence[document.payloadStart:document.signedStop];
    }

    /// @notice The bytes of a range; none where it is not there.
    function slice(bytes calldata payload, uint256 range) internal pure returns (bytes calldata) {
        return payload[range >> 128:uint128(range)];
    }

    /// @dev Head of the Sig_structure and protected header. The payload is [start, stop), and stop ends what is signed.
    function _openSigned(bytes calldata evidence) private pure returns (uint256 start, uint256 stop) {
        uint256 pos = SIGNED + 12;
        if (evidence.length < pos || bytes12(evidence[SIGNED:pos]) != SIG_STRUCTURE) Fail.word(MALFORMED, SIGNED);
        uint256 header;
        (header, pos) = _signedString(evidence, pos);
        bytes calldata protectedHeader = evidence[header:pos];
        // external_aad is empty.
        if (pos >= evidence.length || evidence[pos] != 0x40) Fail.word(MALFORMED, pos);
        (start, stop) = _signedString(evidence, pos + 1);
        _checkHeader(protectedHeader);
        if (stop - start > MAX_PAYLOAD) Fail.word(MALFORMED, pos + 1);
    }

    /// @dev A byte string whose head is the shortest, as the Sig_structure has it (RFC 9052, 9).
    function _signedString(bytes calldata evidence, uint256 pos) private pure returns (uint256 start, uint256 stop) {
        uint256 major;
        (major, stop, start) = evidence.head(pos, true, MALFORMED);
        stop += start;
        if (major != Cbor.BYTES || stop > evidence.length) Fail.word(MALFORMED, pos);
    }

    /// @dev ES384, and no critical header besides the algorithm.
    function _checkHeader(bytes calldata header) private pure {
        // {1: -35}, as AWS writes it.
        if (header.length == 4 && bytes4(header) == 0xa1013822) return;
        CoseErrors memory errors = CoseErrors({
            malformed: MALFORMED,
            algorithmUnsupported: INitroErrors.NitroAlgorithmUnsupported.selector,
            criticalUnsupported: INitroErrors.NitroCriticalHeaderUnsupported.selector
        });
        CborRules memory rules =
            CborRules({err: MALFORMED, itemsLeft: 16, maxDepth: 3, shortestHeads: true, indefiniteTopMap: false});
        CborEntries headers = CoseSign1.headersOf(header, rules, errors);
        if (CoseSign1.curveOf(header, headers, errors) != CoseSign1.P384) {
            Fail.word(errors.algorithmUnsupported, headers.find(ALGORITHM));
        }
    }

    function _mandatory(uint256 place, bytes32 name) private pure {
        if (place == 0) revert INitroErrors.NitroFieldMissing(name);
    }

    /// @dev module_id: text that is not empty; digest: SHA384; timestamp: milliseconds above 0.
    function _checkScalars(bytes calldata payload, NitroPayload.Fields memory fields) private pure {
        _mandatory(fields.moduleId, "module_id");
        (uint256 start, uint256 stop) = payload.text(fields.moduleId, WRONG);
        if (start == stop) Fail.word(WRONG, fields.moduleId);
        _mandatory(fields.digest, "digest");
        if (payload.textHash(fields.digest, WRONG) != keccak256("SHA384")) Fail.word(WRONG, fields.digest);
        _mandatory(fields.timestamp, "timestamp");
        (uint256 timestamp,) = payload.expect(fields.timestamp, Cbor.UNSIGNED, WRONG);
        if (timestamp == 0 || timestamp > MAX_TIMESTAMP) Fail.word(WRONG, fields.timestamp);
    }

    /// @dev 1 to 32 values of 32, 48 or 64 bytes at indexes 0 to 31. That the map is well-formed, with shortest heads and no key
    ///      twice, is known here, so an index and a size have one form each.
    function _readPcrs(uint256[32] memory pcrs, bytes calldata payload, uint256 place) private pure {
        (uint256 count, uint256 pos) = payload.expect(place, Cbor.MAP, WRONG);
        if (count == 0 || count > MAX_PCRS) Fail.word(WRONG, place);
        // Positions are inside of the payload, which is shorter than 2^15.
        unchecked {
            for (; count > 0; --count) {
                uint256 word = _word(payload, pos);
                // Unsigned integers: up to 23 in the head itself, from 24 on in the byte behind it.
                uint256 index = word >> 248;
                uint256 size = 1;
                if (index == 0x18) (index, size) = (uint8(word >> 240), 2);
                else if (index > 0x17) Fail.word(WRONG, pos);
                if (index >= MAX_PCRS) Fail.word(WRONG, pos);
                pos += size;
                // A byte string with its length in one byte.
                word = _word(payload, pos);
                size = uint8(word >> 240);
                if (word >> 248 != 0x58 || (size != 48 && size != 32 && size != 64)) Fail.word(WRONG, pos);
                pos += 2;
                pcrs[index] = pos << 128 | (pos + size);
                pos += size;
            }
        }
    }

    function _word(bytes calldata payload, uint256 pos) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(payload.offset, pos))
        }
    }

    function _readBundle(bytes calldata payload, uint256 place) private pure returns (uint256[] memory bundle) {
        (uint256 count, uint256 pos) = payload.expect(place, Cbor.ARRAY, WRONG);
        if (count == 0 || count > MAX_BUNDLE) Fail.word(WRONG, place);
        bundle = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            (bundle[i], pos) = _sized(payload, pos, 1, MAX_CERTIFICATE);
        }
    }

    /// @dev A byte string of bounded size, null or nothing at all; zero for the latter two.
    function _optional(bytes calldata payload, uint256 place, uint256 least, uint256 most)
        private
        pure
        returns (uint256 range)
    {
        if (place != 0 && !payload.isNull(place)) (range,) = _sized(payload, place, least, most);
    }

    /// @return range Of a byte string of bounded size.
    /// @return stop Where it ends.
    function _sized(bytes calldata payload, uint256 place, uint256 least, uint256 most)
        private
        pure
        returns (uint256 range, uint256 stop)
    {
        uint256 start;
        (start, stop) = payload.byteString(place, WRONG);
        if (stop - start < least || stop - start > most) Fail.word(WRONG, place);
        range = start << 128 | stop;
    }
}
