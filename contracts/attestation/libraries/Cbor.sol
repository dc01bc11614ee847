// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Fail} from "./Fail.sol";

/// @notice What a document may look like, and how much of it may still be read.
struct CborRules {
    /// Selector of the error(uint256 offset) to revert with.
    bytes4 err;
    /// Items that may still be read; counted down. A fault when it runs out.
    uint256 itemsLeft;
    /// Levels below the outermost item.
    uint256 maxDepth;
    /// Every head is as short as it can be (RFC 8949 §4.2.1).
    bool shortestHeads;
    /// The outermost map may have indefinite length (0xbf), as in the payloads of AWS Nitro.
    bool indefiniteTopMap;
}

/// @notice Keys of a map with the places of their values: the newest of a linked list in memory, or zero.
/// @dev A node is three words: the node before it, the key's word (see Cbor.textKey and Cbor.negativeKey), the place of
///      the value.
type CborEntries is uint256;

/// @title Strict CBOR reading over calldata (RFC 8949)
/// @notice `check` and `entriesOf` read whole items by the rules of packages/attestation's reader: well-formed, UTF-8
///         texts, keys that are integers or texts, no key twice in any map, definite lengths (but for the outermost map
///         where the rules allow it), bounded count and depth. Bytes behind the item are the caller's to refuse.
/// @dev The getters below them read one head each and trust no length beyond `doc.length`, but see only heads: call them
///      on what check or entriesOf has read. Offsets are into `doc`; arguments are below 2^64, so no sum overflows.
library Cbor {
    uint256 internal constant UNSIGNED = 0;
    uint256 internal constant NEGATIVE = 1;
    uint256 internal constant BYTES = 2;
    uint256 internal constant TEXT = 3;
    uint256 internal constant ARRAY = 4;
    uint256 internal constant MAP = 5;
    uint256 internal constant TAG = 6;
    uint256 internal constant SIMPLE = 7;

    uint256 private constant FALSE = 0xf4;
    uint256 private constant TRUE = 0xf5;
    uint256 private constant NULL = 0xf6;
    uint256 private constant INDEFINITE_MAP = 0xbf;
    uint256 private constant BREAK = 0xff;
    /// Instead of a map's entries: an array or a tag. No node of a list is there.
    uint256 private constant NO_MAP = 1;
    /// Entries of a map of indefinite length; what is left of them stays above MANY.
    uint256 private constant UNKNOWN = 1 << 255;
    uint256 private constant MANY = 1 << 254;
    uint256 private constant HIGH_BITS = 0x8080808080808080808080808080808080808080808080808080808080808080;

    /// @notice Reads the item at `pos` with everything in it and returns the place behind it.
    function check(bytes calldata doc, uint256 pos, CborRules memory rules) internal pure returns (uint256 stop) {
        (,, stop) = _walk(doc, pos, rules);
    }

    /// @notice Like check, of a map; keeps the places of its values.
    function entriesOf(bytes calldata doc, uint256 pos, CborRules memory rules)
        internal
        pure
        returns (CborEntries entries, uint256 count, uint256 stop)
    {
        if (majorOf(doc, pos) != MAP) Fail.word(rules.err, pos);
        return _walk(doc, pos, rules);
    }

    /// @notice Place of the value of a key, or zero. A value is never at zero: its map's head is before it.
    /// @param key An unsigned integer itself, negativeKey or textKey.
    function find(CborEntries entries, uint256 key) internal pure returns (uint256 pos) {
        assembly ("memory-safe") {
            for { let node := entries } node { node := mload(node) } {
                if eq(mload(add(node, 0x20)), key) {
                    pos := mload(add(node, 0x40))
                    break
                }
            }
        }
    }

    /// @notice The last entry that is left, and the ones before it. Reverts for none.
    function pop(CborEntries entries) internal pure returns (uint256 key, uint256 pos, CborEntries rest) {
        assert(CborEntries.unwrap(entries) != 0);
        assembly ("memory-safe") {
            rest := mload(entries)
            key := mload(add(entries, 0x20))
            pos := mload(add(entries, 0x40))
        }
    }

    /// @notice The word that stands for a text as a key: keccak256, which a constant has at no cost. Equal to no integer's
    ///         word: those are below 2^65.
    function textKey(string memory content) internal pure returns (uint256) {
        return uint256(keccak256(bytes(content)));
    }

    /// @notice The word that stands for the key -1 - argument.
    function negativeKey(uint64 argument) internal pure returns (uint256) {
        return 1 << 64 | uint256(argument);
    }

    /// @notice Major type of the item at `pos`; 8 at the end of the document.
    function majorOf(bytes calldata doc, uint256 pos) internal pure returns (uint256) {
        return pos < doc.length ? uint8(doc[pos]) >> 5 : 8;
    }

    /// @notice Major type and argument of a head of definite length, and the place behind it. Of a float and of a simple
    ///         value, the argument is its bits.
    /// @param pos At most doc.length.
    function head(bytes calldata doc, uint256 pos, bool shortest, bytes4 err)
        internal
        pure
        returns (uint256 major, uint256 argument, uint256 start)
    {
        uint256 bad;
        assembly ("memory-safe") {
            // Bytes behind the document are cut off, or refused by the last line. No sum overflows: both terms are below 2^64.
            let word := calldataload(add(doc.offset, pos))
            major := shr(253, word)
            argument := and(shr(248, word), 0x1f)
            start := add(pos, 1)
            if gt(argument, 23) {
                bad := gt(argument, 27)
                let size := shl(sub(argument, 24), 1)
                start := add(start, size)
                argument := shr(sub(256, shl(3, size)), shl(8, word))
                switch major
                // RFC 8949 §3.3: below 32 the two-byte form is not well-formed. The bits of a float are no length.
                case 7 { bad := or(bad, and(eq(size, 1), lt(argument, 32))) }
                default {
                    if shortest {
                        // 24, 2^8, 2^16, 2^32: the first argument that needs this size.
                        let least := shl(shl(2, size), 1)
                        if eq(size, 1) { least := 24 }
                        bad := or(bad, lt(argument, least))
                    }
                }
            }
            bad := or(bad, gt(start, doc.length))
        }
        if (bad != 0) Fail.word(err, pos);
    }

    /// @notice Argument of an item of this major type, and the place behind its head.
    function expect(bytes calldata doc, uint256 pos, uint256 wanted, bytes4 err)
        internal
        pure
        returns (uint256 argument, uint256 start)
    {
        uint256 major;
        (major, argument, start) = head(doc, pos, false, err);
        if (major != wanted) Fail.word(err, pos);
    }

    /// @notice The content of a byte string is [start, stop).
    function byteString(bytes calldata doc, uint256 pos, bytes4 err) internal pure returns (uint256 start, uint256 stop) {
        return _string(doc, pos, BYTES, err);
    }

    /// @notice The content of a text is [start, stop).
    function text(bytes calldata doc, uint256 pos, bytes4 err) internal pure returns (uint256 start, uint256 stop) {
        return _string(doc, pos, TEXT, err);
    }

    /// @notice keccak256 of a text, to compare with a constant's.
    function textHash(bytes calldata doc, uint256 pos, bytes4 err) internal pure returns (bytes32) {
        (uint256 start, uint256 stop) = _string(doc, pos, TEXT, err);
        return keccak256(doc[start:stop]);
    }

    /// @notice A boolean. Null and every other simple value are none.
    function boolean(bytes calldata doc, uint256 pos, bytes4 err) internal pure returns (bool) {
        uint256 first = pos < doc.length ? uint8(doc[pos]) : 0;
        if (first != TRUE && first != FALSE) Fail.word(err, pos);
        return first == TRUE;
    }

    /// @notice Whether the item is null.
    function isNull(bytes calldata doc, uint256 pos) internal pure returns (bool) {
        return pos < doc.length && uint8(doc[pos]) == NULL;
    }

    function _string(bytes calldata doc, uint256 pos, uint256 wanted, bytes4 err)
        private
        pure
        returns (uint256 start, uint256 stop)
    {
        (stop, start) = expect(doc, pos, wanted, err);
        unchecked {
            stop += start;
        }
        if (stop > doc.length) Fail.word(err, pos);
    }

    /// @dev Reads one item, and of a map the entries. One loop over a stack of the arrays, maps and tags that are open, four words
    ///      each: elements or entries left; the entries of a map so far, or NO_MAP; the largest key; elements or entries in all.
    ///      The item itself is the one element of the lowest, so the level of an item is the place of its frame.
    ///      Long, because functions of one assembly block are its own: the loop is the last third.
    // solhint-disable-next-line function-max-lines
    function _walk(bytes calldata doc, uint256 pos, CborRules memory rules)
        private
        pure
        returns (CborEntries entries, uint256 count, uint256 behind)
    {
        assembly ("memory-safe") {
            function fail(r, where) {
                mstore(0, mload(r))
                mstore(4, where)
                revert(0, 0x24)
            }
            // As head, by the rules.
            function readHead(r, base, end, place) -> major, argument, next {
                let word := calldataload(add(base, place))
                major := shr(253, word)
                argument := and(shr(248, word), 0x1f)
                next := add(place, 1)
                if gt(argument, 23) { argument, next := readArgument(r, word, major, argument, place) }
                if gt(next, end) { fail(r, place) }
            }
            function readArgument(r, word, major, info, place) -> argument, next {
                if gt(info, 27) { fail(r, place) }
                let size := shl(sub(info, 24), 1)
                next := add(add(place, 1), size)
                argument := shr(sub(256, shl(3, size)), shl(8, word))
                // The least argument of a simple value, of a head that has to be short, and of any.
                let least := 0
                switch major
                case 7 { least := shl(5, eq(size, 1)) }
                default {
                    if mload(add(r, 0x60)) {
                        least := shl(shl(2, size), 1)
                        if eq(size, 1) { least := 24 }
                    }
                }
                if lt(argument, least) { fail(r, place) }
            }
            // Size of the UTF-8 sequence that the word begins with, or zero for none (Unicode 16, table 3-7).
            function sequence(word) -> size {
                let first := byte(0, word)
                let second := byte(1, word)
                size := lt(first, 0x80)
                if and(gt(first, 0xc1), lt(first, 0xe0)) { size := shl(1, eq(shr(6, second), 2)) }
                if and(gt(first, 0xdf), lt(first, 0xf5)) {
                    let from := 0x80
                    let to := 0xbf
                    switch first
                    case 0xe0 { from := 0xa0 }
                    case 0xed { to := 0x9f }
                    case 0xf0 { from := 0x90 }
                    case 0xf4 { to := 0x8f }
                    let inside := and(iszero(lt(second, from)), iszero(gt(second, to)))
                    inside := and(inside, eq(shr(6, byte(2, word)), 2))
                    size := mul(3, inside)
                    if gt(first, 0xef) { size := shl(2, and(inside, eq(shr(6, byte(3, word)), 2))) }
                }
            }
            // The place behind a text: well-formed UTF-8 (RFC 3629). ASCII goes by whole words. Bytes behind the text read as
            // zero, which continue nothing.
            function readText(r, base, end, place, length) -> next {
                next := add(place, length)
                if gt(next, end) { fail(r, place) }
                for {} lt(place, next) {} {
                    let word := calldataload(add(base, place))
                    let rest := sub(next, place)
                    if lt(rest, 32) {
                        let shift := sub(256, shl(3, rest))
                        word := shl(shift, shr(shift, word))
                    }
                    let size := 32
                    if and(word, HIGH_BITS) { size := sequence(word) }
                    if iszero(size) { fail(r, place) }
                    place := add(place, size)
                }
            }
            // Reads a key, which must be new, and appends it to the map's entries. Returns the place of its value.
            function readKey(r, base, end, place, frame) -> next {
                let major, argument, start := readHead(r, base, end, place)
                next := start
                let key := or(shl(64, major), argument)
                let node := mload(0x40)
                if gt(major, NEGATIVE) {
                    if iszero(eq(major, TEXT)) { fail(r, place) }
                    next := readText(r, base, end, start, argument)
                    calldatacopy(node, add(base, start), argument)
                    key := keccak256(node, argument)
                }
                let list := mload(add(frame, 0x20))
                // Ascending keys need no search.
                switch or(iszero(list), gt(key, mload(add(frame, 0x40))))
                case 0 {
                    for { let other := list } other { other := mload(other) } {
                        if eq(mload(add(other, 0x20)), key) { fail(r, place) }
                    }
                }
                default { mstore(add(frame, 0x40), key) }
                mstore(0x40, add(node, 0x60))
                mstore(node, list)
                mstore(add(node, 0x20), key)
                mstore(add(node, 0x40), next)
                mstore(add(frame, 0x20), node)
            }

            let base := doc.offset
            let end := doc.length
            let left := mload(add(rules, 0x20))
            let bottom := mload(0x40)
            let top := add(bottom, shl(7, mload(add(rules, 0x40))))
            // A container on the last level has a frame, but no item in it may be read.
            mstore(0x40, add(top, 0x100))
            let frame := bottom
            mstore(frame, 1)
            mstore(add(frame, 0x20), NO_MAP)
            // A map of indefinite length, in its own frame.
            if mload(add(rules, 0x80)) {
                if and(lt(pos, end), eq(byte(0, calldataload(add(base, pos))), INDEFINITE_MAP)) {
                    if iszero(left) { fail(rules, pos) }
                    left := sub(left, 1)
                    mstore(frame, 0)
                    frame := add(frame, 0x80)
                    mstore(frame, UNKNOWN)
                    mstore(add(frame, 0x20), 0)
                    mstore(add(frame, 0x60), UNKNOWN)
                    pos := add(pos, 1)
                }
            }
            for {} 1 {} {
                let open := mload(frame)
                let isKeyed := iszero(eq(mload(add(frame, 0x20)), NO_MAP))
                // No entries are left behind the break.
                if gt(open, MANY) {
                    if and(lt(pos, end), eq(byte(0, calldataload(add(base, pos))), BREAK)) {
                        open := 0
                        pos := add(pos, 1)
                    }
                }
                if iszero(open) {
                    if eq(frame, bottom) { break }
                    frame := sub(frame, 0x80)
                    continue
                }
                mstore(frame, sub(open, 1))
                // A key is an item as well.
                if or(lt(left, add(1, isKeyed)), gt(frame, top)) { fail(rules, pos) }
                left := sub(left, add(1, isKeyed))
                if isKeyed { pos := readKey(rules, base, end, pos, frame) }

                let major, argument, next := readHead(rules, base, end, pos)
                pos := next
                // Numbers and simple values end with their heads.
                if or(lt(major, BYTES), eq(major, SIMPLE)) { continue }
                if lt(major, ARRAY) {
                    if eq(major, TEXT) {
                        pos := readText(rules, base, end, next, argument)
                        continue
                    }
                    pos := add(next, argument)
                    if gt(pos, end) { fail(rules, next) }
                    continue
                }
                if eq(major, TAG) { argument := 1 }
                frame := add(frame, 0x80)
                mstore(frame, argument)
                mstore(add(frame, 0x20), mul(NO_MAP, iszero(eq(major, MAP))))
                mstore(add(frame, 0x60), argument)
            }
            mstore(add(rules, 0x20), left)
            entries := mload(add(bottom, 0xa0))
            count := sub(mload(add(bottom, 0xe0)), mload(add(bottom, 0x80)))
            behind := pos
        }
    }
}
