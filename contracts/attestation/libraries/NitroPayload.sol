// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {INitroErrors} from "../../interfaces/INitroErrors.sol";
import {Cbor, CborEntries, CborRules} from "./Cbor.sol";
import {Fail} from "./Fail.sol";

/// @title The map of fields in the payload of an AWS Nitro attestation document
/// @notice Finds the fields, and refuses payloads that are not one well-formed map of known fields.
/// @dev Two ways to the same answer. The short one reads what AWS's hypervisors write: each field named once by its text, PCRs
///      ascending and of 48 bytes. It refuses nothing but malformed values; whatever else it meets goes the long way, by Cbor's
///      reader, which says what is wrong or accepts the unusual. A payload taken by the short way is taken by the long one, with
///      the same fields: every key is one of nine texts and is there once, every value is checked, and the map ends with the
///      payload.
library NitroPayload {
    using Cbor for bytes;
    using Cbor for CborEntries;

    /// @dev Where the value of each field is in the payload; zero: not there.
    struct Fields {
        uint256 moduleId;
        uint256 digest;
        uint256 timestamp;
        uint256 pcrs;
        uint256 certificate;
        uint256 bundle;
        uint256 publicKey;
        uint256 userData;
        uint256 nonce;
    }

    uint256 private constant FIELDS = 9;
    uint256 private constant MAX_ITEMS = 256;
    uint256 private constant MAX_DEPTH = 3;
    uint256 private constant BREAK = 0xff;
    uint256 private constant INDEFINITE_MAP = 0xbf;

    // Names with their heads: text, length in the head.
    uint256 private constant MODULE_ID = 0x696d6f64756c655f6964;
    uint256 private constant DIGEST = 0x66646967657374;
    uint256 private constant TIMESTAMP = 0x6974696d657374616d70;
    uint256 private constant PCRS = 0x6470637273;
    uint256 private constant CERTIFICATE = 0x6b6365727469666963617465;
    uint256 private constant BUNDLE = 0x68636162756e646c65;
    uint256 private constant PUBLIC_KEY = 0x6a7075626c69635f6b6579;
    uint256 private constant USER_DATA = 0x69757365725f64617461;
    uint256 private constant NONCE = 0x656e6f6e6365;

    bytes4 private constant MALFORMED = INitroErrors.NitroDocumentMalformed.selector;

    /// @notice The fields of a payload.
    /// @param pcrs By index, filled only if `pcrsRead`: [start, stop) in the payload as start << 128 | stop.
    function locate(bytes calldata payload)
        internal
        pure
        returns (Fields memory at, uint256[32] memory pcrs, bool pcrsRead)
    {
        if (_locatePlain(payload, at, pcrs)) return (at, pcrs, true);
        uint256[32] memory none;
        return (_locateAny(payload), none, false);
    }

    /// @dev The short way. False, with whatever is in `at` and `pcrs` then, for payloads that are written in another way.
    function _locatePlain(bytes calldata payload, Fields memory at, uint256[32] memory pcrs) private pure returns (bool) {
        CborRules memory rules = CborRules({
            err: MALFORMED,
            itemsLeft: MAX_ITEMS,
            // Below the map itself.
            maxDepth: MAX_DEPTH - 1,
            shortestHeads: true,
            indefiniteTopMap: false
        });
        // Positions stay below the payload's end, which the last line asks for, and a few words more.
        unchecked {
            uint256 head = _byte(payload, 0);
            bool indefinite = head == INDEFINITE_MAP;
            // At most nine fields, so that their number is in the head.
            if (!indefinite && (head < 0xa0 || head > 0xa0 + FIELDS)) return false;
            uint256 pos = 1;
            for (uint256 left = head - 0xa0; indefinite ? _byte(payload, pos) != BREAK : left > 0; --left) {
                uint256 slot;
                (slot, pos) = _slot(payload, pos);
                // Unknown, or there already. Values are never at zero.
                if (slot == FIELDS || _get(at, slot) != 0 || pos >= payload.length) return false;
                _set(at, slot, pos);
                if (slot == 3) pos = _plainPcrs(payload, pos, pcrs);
                else pos = payload.check(pos, rules);
                if (pos == 0) return false;
            }
            if (indefinite) ++pos;
            return pos == payload.length;
        }
    }

    /// @dev Which field the key at `pos` names, nine for none, and where its value is.
    function _slot(bytes calldata payload, uint256 pos) private pure returns (uint256 slot, uint256 stop) {
        unchecked {
            uint256 word = _word(payload, pos);
            uint256 size = (word >> 248) - 0x60;
            // Names have 4 to 11 letters. A smaller first byte wraps around.
            if (size > 11) return (FIELDS, pos);
            stop = pos + 1 + size;
            word >>= 248 - 8 * size;
            if (word == MODULE_ID) slot = 0;
            else if (word == DIGEST) slot = 1;
            else if (word == TIMESTAMP) slot = 2;
            else if (word == PCRS) slot = 3;
            else if (word == CERTIFICATE) slot = 4;
            else if (word == BUNDLE) slot = 5;
            else if (word == PUBLIC_KEY) slot = 6;
            else if (word == USER_DATA) slot = 7;
            else slot = word == NONCE ? 8 : FIELDS;
        }
    }

    /// @dev PCRs in ascending order, 48 bytes each, fewer than 24. The place behind them, or zero for another form.
    function _plainPcrs(bytes calldata payload, uint256 pos, uint256[32] memory pcrs) private pure returns (uint256) {
        unchecked {
            uint256 left = _byte(payload, pos) - 0xa0;
            if (left == 0 || left > 23) return 0;
            ++pos;
            for (uint256 least = 0; left > 0; --left) {
                uint256 word = _word(payload, pos);
                uint256 index = word >> 248;
                if (index == 0x18) {
                    // From 24 on the index is in a byte of its own.
                    index = uint8(word >> 240);
                    if (index < 0x18) return 0;
                    word <<= 8;
                    ++pos;
                } else if (index > 0x17) {
                    return 0;
                }
                // Byte string of 48.
                if (index < least || index > 31 || uint16(word >> 232) != 0x5830) return 0;
                pos += 3;
                pcrs[index] = pos << 128 | (pos + 48);
                pos += 48;
                least = index + 1;
            }
            return pos > payload.length ? 0 : pos;
        }
    }

    /// @dev The long way: any well-formed map of known fields, or what is wrong.
    function _locateAny(bytes calldata payload) private pure returns (Fields memory at) {
        (CborEntries entries, uint256 count, uint256 stop) = payload.entriesOf(
            0,
            CborRules({
                err: MALFORMED,
                itemsLeft: MAX_ITEMS,
                maxDepth: MAX_DEPTH,
                shortestHeads: true,
                indefiniteTopMap: true
            })
        );
        if (stop != payload.length) Fail.word(MALFORMED, stop);
        at.moduleId = entries.find(uint256(keccak256("module_id")));
        at.digest = entries.find(uint256(keccak256("digest")));
        at.timestamp = entries.find(uint256(keccak256("timestamp")));
        at.pcrs = entries.find(uint256(keccak256("pcrs")));
        at.certificate = entries.find(uint256(keccak256("certificate")));
        at.bundle = entries.find(uint256(keccak256("cabundle")));
        at.publicKey = entries.find(uint256(keccak256("public_key")));
        at.userData = entries.find(uint256(keccak256("user_data")));
        at.nonce = entries.find(uint256(keccak256("nonce")));
        // No key is there twice, so a field more than these is another one.
        uint256 known;
        for (uint256 slot = 0; slot < FIELDS; ++slot) {
            if (_get(at, slot) != 0) ++known;
        }
        if (known != count) revert INitroErrors.NitroFieldUnknown(count, known);
    }

    /// @dev Field by its place in the struct.
    function _get(Fields memory at, uint256 slot) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(at, shl(5, slot)))
        }
    }

    function _set(Fields memory at, uint256 slot, uint256 value) private pure {
        assembly ("memory-safe") {
            mstore(add(at, shl(5, slot)), value)
        }
    }

    function _word(bytes calldata payload, uint256 pos) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(payload.offset, pos))
        }
    }

    function _byte(bytes calldata payload, uint256 pos) private pure returns (uint256) {
        return _word(payload, pos) >> 248;
    }
}
