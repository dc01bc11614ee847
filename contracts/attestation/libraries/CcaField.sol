// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Cbor, CborEntries, CborRules} from "./Cbor.sol";
import {Fail} from "./Fail.sol";

/// @notice One map of claims: where its values are and how to refuse them.
struct CcaFields {
    CborEntries entries;
    /// error(uint256 label)
    bytes4 missing;
    /// error(uint256 offset): another type, size or value than documented
    bytes4 malformed;
}

/// @title Typed access to the claims of CCA tokens; fields that nobody asks for are ignored (RFC 9711 §7.2.3)
/// @dev Every reader refuses a missing field; `has` asks first. `doc` is the document that the fields were opened in.
library CcaField {
    /// Bounds of signed content; EAT lets an encoder choose longer heads ("variant serialization").
    uint256 private constant MAX_ITEMS = 4096;
    uint256 private constant MAX_DEPTH = 8;

    /// @notice Opens a document that is one map. `err` is for one that is no single well-formed item.
    function open(bytes calldata doc, bytes4 err, bytes4 missing, bytes4 malformed)
        internal
        pure
        returns (CcaFields memory fields)
    {
        uint256 stop;
        if (Cbor.majorOf(doc, 0) == Cbor.MAP) (fields, stop) = inner(doc, 0, err, missing, malformed);
        else stop = Cbor.check(doc, 0, _rules(err));
        if (stop != doc.length) Fail.word(err, stop);
        if (Cbor.majorOf(doc, 0) != Cbor.MAP) Fail.word(malformed, 0);
    }

    /// @notice Opens the map at `pos` inside an open document. Also returns the place behind it.
    function element(bytes calldata doc, uint256 pos, CcaFields memory outer)
        internal
        pure
        returns (CcaFields memory fields, uint256 stop)
    {
        return inner(doc, pos, outer.malformed, outer.missing, outer.malformed);
    }

    function inner(bytes calldata doc, uint256 pos, bytes4 err, bytes4 missing, bytes4 malformed)
        internal
        pure
        returns (CcaFields memory fields, uint256 stop)
    {
        (fields.missing, fields.malformed) = (missing, malformed);
        (fields.entries,, stop) = Cbor.entriesOf(doc, pos, _rules(err));
    }

    function has(CcaFields memory fields, uint256 label) internal pure returns (bool) {
        return Cbor.find(fields.entries, label) != 0;
    }

    /// @notice Place of a value.
    function placeOf(CcaFields memory fields, uint256 label) internal pure returns (uint256 pos) {
        pos = Cbor.find(fields.entries, label);
        if (pos == 0) Fail.word(fields.missing, label);
    }

    /// @notice Refuses the value of a field that is there.
    function wrong(CcaFields memory fields, uint256 label) internal pure {
        Fail.word(fields.malformed, placeOf(fields, label));
    }

    function byteString(CcaFields memory fields, bytes calldata doc, uint256 label)
        internal
        pure
        returns (bytes calldata content)
    {
        (uint256 start, uint256 stop) = Cbor.byteString(doc, placeOf(fields, label), fields.malformed);
        return doc[start:stop];
    }

    /// @notice A byte string of exactly this size.
    function sized(CcaFields memory fields, bytes calldata doc, uint256 label, uint256 size)
        internal
        pure
        returns (bytes calldata content)
    {
        content = byteString(fields, doc, label);
        if (content.length != size) wrong(fields, label);
    }

    /// @notice keccak256 of a byte string of 32, 48 or 64 bytes (cca-hash-type).
    function measure(CcaFields memory fields, bytes calldata doc, uint256 label) internal pure returns (bytes32 digest) {
        (digest,) = measureAt(fields, doc, placeOf(fields, label));
    }

    /// @notice Like measure, of an element of an array. Also returns the place behind it.
    function measureAt(CcaFields memory fields, bytes calldata doc, uint256 pos)
        internal
        pure
        returns (bytes32 digest, uint256 stop)
    {
        uint256 start;
        (start, stop) = Cbor.byteString(doc, pos, fields.malformed);
        uint256 size = stop - start;
        if (size != 32 && size != 48 && size != 64) Fail.word(fields.malformed, pos);
        digest = keccak256(doc[start:stop]);
    }

    function text(CcaFields memory fields, bytes calldata doc, uint256 label)
        internal
        pure
        returns (bytes calldata content)
    {
        (uint256 start, uint256 stop) = Cbor.text(doc, placeOf(fields, label), fields.malformed);
        return doc[start:stop];
    }

    /// @notice keccak256 of a text.
    function textHash(CcaFields memory fields, bytes calldata doc, uint256 label) internal pure returns (bytes32) {
        return keccak256(text(fields, doc, label));
    }

    /// @notice keccak256 of a text that may be absent: zero then, which no text hashes to.
    function optionalTextHash(CcaFields memory fields, bytes calldata doc, uint256 label) internal pure returns (bytes32) {
        return has(fields, label) ? textHash(fields, doc, label) : bytes32(0);
    }

    /// @notice An integer from 0 to `max`.
    function unsigned(CcaFields memory fields, bytes calldata doc, uint256 label, uint256 max)
        internal
        pure
        returns (uint256 value)
    {
        (value,) = Cbor.expect(doc, placeOf(fields, label), Cbor.UNSIGNED, fields.malformed);
        if (value > max) wrong(fields, label);
    }

    function boolean(CcaFields memory fields, bytes calldata doc, uint256 label) internal pure returns (bool) {
        return Cbor.boolean(doc, placeOf(fields, label), fields.malformed);
    }

    /// @notice Number of elements of an array and the place of the first.
    function list(CcaFields memory fields, bytes calldata doc, uint256 label)
        internal
        pure
        returns (uint256 count, uint256 first)
    {
        return Cbor.expect(doc, placeOf(fields, label), Cbor.ARRAY, fields.malformed);
    }

    /// @notice Like list, with one element or more.
    function someList(CcaFields memory fields, bytes calldata doc, uint256 label)
        internal
        pure
        returns (uint256 count, uint256 first)
    {
        (count, first) = list(fields, doc, label);
        if (count == 0) wrong(fields, label);
    }

    function _rules(bytes4 err) private pure returns (CborRules memory) {
        return CborRules(err, MAX_ITEMS, MAX_DEPTH, false, false);
    }
}
