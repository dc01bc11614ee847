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
    uint256 private constant HIGH_BITS = 0x8080808080808080808080808080808080808080808080808080808080808080;

    /// @notice Reads the item at `pos` with everything in it and returns the place behind it.
    function check(bytes calldata doc, uint256 pos, CborRules memory rules) internal pure returns (uint256 stop) {
        return _item(doc, pos, 0, rules);
    }

    /// @notice Like check, of a map; keeps the places of its values.
    function entriesOf(bytes calldata doc, uint256 pos, CborRules memory rules)
        internal
        pure
        returns (CborEntries entries, uint256 count, uint256 stop)
    {
        _spend(pos, 0, rules);
        (entries, count, stop) = _entries(doc, pos, 0, rules);
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

    function _spend(uint256 pos, uint256 depth, CborRules memory rules) private pure {
        uint256 left = rules.itemsLeft;
        if (left == 0 || depth > rules.maxDepth) Fail.word(rules.err, pos);
        unchecked {
            rules.itemsLeft = left - 1;
        }
    }

    function _item(bytes calldata doc, uint256 pos, uint256 depth, CborRules memory rules)
        private
        pure
        returns (uint256 stop)
    {
        _spend(pos, depth, rules);
        uint256 argument;
        assembly ("memory-safe") {
            // 5 for a map, also where the document has ended: it is read as one then, and refused.
            argument := shr(253, calldataload(add(doc.offset, pos)))
        }
        if (argument == MAP) {
            (,, stop) = _entries(doc, pos, depth, rules);
            return stop;
        }
        uint256 major;
        (major, argument, stop) = head(doc, pos, rules.shortestHeads, rules.err);
        // Numbers and simple values end with their heads.
        if (major < BYTES || major == SIMPLE) return stop;
        if (major < ARRAY) return _checkString(doc, major, argument, stop, rules.err);
        // Depth is bounded, and every element takes a byte or more, so that a count beyond the document ends there.
        unchecked {
            ++depth;
            if (major == TAG) return _item(doc, stop, depth, rules);
            for (; argument > 0; --argument) stop = _item(doc, stop, depth, rules);
        }
    }

    /// @dev A map: the entries in a list, no key twice.
    function _entries(bytes calldata doc, uint256 pos, uint256 depth, CborRules memory rules)
        private
        pure
        returns (CborEntries entries, uint256 count, uint256 stop)
    {
        uint256 left;
        bool indefinite = depth == 0 && rules.indefiniteTopMap && pos < doc.length && uint8(doc[pos]) == INDEFINITE_MAP;
        if (indefinite) {
            stop = pos + 1;
        } else {
            uint256 major;
            (major, left, stop) = head(doc, pos, rules.shortestHeads, rules.err);
            if (major != MAP) Fail.word(rules.err, pos);
        }
        uint256 largest;
        while (indefinite ? stop >= doc.length || uint8(doc[stop]) != BREAK : count < left) {
            _spend(stop, depth + 1, rules);
            uint256 key;
            uint256 keyPos = stop;
            (key, stop) = _key(doc, stop, rules);
            // Ascending keys need no search.
            if (count > 0 && key <= largest) {
                if (find(entries, key) != 0) Fail.word(rules.err, keyPos);
            } else {
                largest = key;
            }
            entries = _append(entries, key, stop);
            stop = _item(doc, stop, depth + 1, rules);
            unchecked {
                ++count;
            }
        }
        if (indefinite) ++stop;
    }

    function _append(CborEntries entries, uint256 key, uint256 pos) private pure returns (CborEntries node) {
        assembly ("memory-safe") {
            node := mload(0x40)
            mstore(0x40, add(node, 0x60))
            mstore(node, entries)
            mstore(add(node, 0x20), key)
            mstore(add(node, 0x40), pos)
        }
    }

    /// @dev The word that stands for a key, and the place behind it.
    function _key(bytes calldata doc, uint256 pos, CborRules memory rules) private pure returns (uint256 key, uint256 stop) {
        uint256 major;
        uint256 argument;
        (major, argument, stop) = head(doc, pos, rules.shortestHeads, rules.err);
        if (major <= NEGATIVE) return (major << 64 | argument, stop);
        if (major != TEXT) Fail.word(rules.err, pos);
        uint256 start = stop;
        stop = _checkString(doc, major, argument, start, rules.err);
        key = uint256(keccak256(doc[start:stop]));
    }

    function _checkString(bytes calldata doc, uint256 major, uint256 length, uint256 start, bytes4 err)
        private
        pure
        returns (uint256 stop)
    {
        unchecked {
            stop = start + length;
        }
        if (stop > doc.length) Fail.word(err, start);
        if (major == TEXT) _checkUtf8(doc[start:stop], start, err);
    }

    /// @dev Well-formed UTF-8 (RFC 3629): no surrogates, nothing overlong, nothing above U+10FFFF. ASCII by whole words.
    function _checkUtf8(bytes calldata content, uint256 offset, bytes4 err) private pure {
        uint256 i;
        uint256 length = content.length;
        // i never passes length, which is inside the document.
        unchecked {
            while (i < length) {
                uint256 word;
                assembly ("memory-safe") {
                    word := calldataload(add(content.offset, i))
                }
                uint256 rest = length - i;
                if (rest < 32) word = word >> (256 - 8 * rest) << (256 - 8 * rest);
                if (word & HIGH_BITS == 0) {
                    i += rest < 32 ? rest : 32;
                } else if (word >> 255 == 0) {
                    ++i;
                } else {
                    uint256 size = _sequence(word);
                    // Bytes behind the content read as zero, which continue nothing.
                    if (size == 0) Fail.word(err, offset + i);
                    i += size;
                }
            }
        }
    }

    /// @dev Bytes of the sequence at the start of the word, 2 to 4, or zero for none (Unicode 16, table 3-7).
    function _sequence(uint256 word) private pure returns (uint256) {
        uint256 first = word >> 248;
        uint256 second = (word >> 240) & 0xff;
        if (first >= 0xc2 && first <= 0xdf) return second >> 6 == 2 ? 2 : 0;
        uint256 from = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        uint256 to = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (first < 0xe0 || first > 0xf4 || second < from || second > to || (word >> 232) & 0xc0 != 0x80) return 0;
        if (first < 0xf0) return 3;
        return (word >> 224) & 0xc0 == 0x80 ? 4 : 0;
    }
}
