// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICcaErrors} from "../../interfaces/ICcaErrors.sol";
import {Cbor, CborEntries, CborRules} from "../../attestation/libraries/Cbor.sol";

/// @title The CBOR reader behind a call: for tests
contract CborCheck {
    /// @notice Hash of the tree that a document is; zero where the reader refuses it or bytes follow the item.
    function digests(bytes[] calldata docs, uint256 maxItems, uint256 maxDepth, bool shortestHeads, bool indefiniteTopMap)
        external
        view
        returns (bytes32[] memory found)
    {
        found = new bytes32[](docs.length);
        for (uint256 i = 0; i < docs.length; ++i) {
            CborRules memory rules = CborRules(ICcaErrors.CcaTokenMalformed.selector, maxItems, maxDepth, shortestHeads, indefiniteTopMap);
            try this.digest(docs[i], rules) returns (bytes32 hash) {
                found[i] = hash;
            } catch {}
        }
    }

    /// @notice Reads a whole document, then again by the getters.
    function digest(bytes calldata doc, CborRules memory rules) external pure returns (bytes32 hash) {
        bool indefinite = rules.indefiniteTopMap;
        uint256 stop = Cbor.check(doc, 0, rules);
        require(stop == doc.length, ICcaErrors.CcaTokenMalformed(stop));
        (hash, stop) = _digest(doc, 0, indefinite);
        assert(stop == doc.length);
    }

    /// @notice Gas of reading a document whole.
    function gasOf(bytes calldata doc, bool indefiniteTopMap) external view returns (uint256) {
        uint256 before = gasleft();
        Cbor.check(doc, 0, CborRules(ICcaErrors.CcaTokenMalformed.selector, 4096, 8, true, indefiniteTopMap));
        return before - gasleft();
    }

    function _digest(bytes calldata doc, uint256 pos, bool indefinite) private pure returns (bytes32 hash, uint256 stop) {
        bytes4 err = ICcaErrors.CcaTokenMalformed.selector;
        uint256 major = Cbor.majorOf(doc, pos);
        if (major == Cbor.MAP) return _digestMap(doc, pos, indefinite);
        uint256 argument;
        if (major == Cbor.BYTES || major == Cbor.TEXT) {
            (argument, stop) = major == Cbor.BYTES ? Cbor.byteString(doc, pos, err) : Cbor.text(doc, pos, err);
            return (keccak256(abi.encodePacked(uint8(major), doc[argument:stop])), stop);
        }
        if (major == Cbor.SIMPLE) {
            (,, stop) = Cbor.head(doc, pos, false, err);
            argument = Cbor.isNull(doc, pos) ? 22 : 0;
            if (doc[pos] == 0xf4 || doc[pos] == 0xf5) argument = Cbor.boolean(doc, pos, err) ? 21 : 20;
            return (keccak256(abi.encodePacked(uint8(major), uint64(argument))), stop);
        }
        (argument, stop) = Cbor.expect(doc, pos, major, err);
        hash = keccak256(abi.encodePacked(uint8(major), uint64(argument)));
        if (major < Cbor.BYTES) return (hash, stop);
        bytes32 inner;
        for (uint256 left = major == Cbor.TAG ? 1 : argument; left > 0; --left) {
            (inner, stop) = _digest(doc, stop, false);
            hash = keccak256(abi.encodePacked(hash, inner));
        }
    }

    function _digestMap(bytes calldata doc, uint256 pos, bool indefinite) private pure returns (bytes32 hash, uint256 stop) {
        CborRules memory rules = CborRules(ICcaErrors.CcaTokenMalformed.selector, 4096, 64, false, indefinite);
        CborEntries entries;
        uint256 count;
        (entries, count, stop) = Cbor.entriesOf(doc, pos, rules);
        hash = keccak256(abi.encodePacked(uint8(Cbor.MAP), uint64(count)));
        // From the last entry to the first.
        for (; count > 0; --count) {
            (uint256 key, uint256 value, CborEntries rest) = Cbor.pop(entries);
            assert(Cbor.find(entries, key) == value);
            (bytes32 inner,) = _digest(doc, value, false);
            hash = keccak256(abi.encodePacked(hash, key, inner));
            entries = rest;
        }
    }
}
