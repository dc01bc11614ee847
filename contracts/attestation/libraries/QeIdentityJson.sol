// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDcapErrors} from "../../interfaces/IDcapErrors.sol";
import {Fail} from "./Fail.sol";
import {StrictJson} from "./StrictJson.sol";
import {SvnLevels} from "./SvnLevels.sol";

/// @title Intel's QE identity, version 2, for one quoting enclave: signed JSON to packed bytes
/// @dev Packed: miscselect 4 ‖ mask 4 ‖ attributes 16 ‖ mask 16 ‖ mrsigner 32 ‖ isvprodid u16 ‖ levels (SvnLevels).
library QeIdentityJson {
    struct QeIdentity {
        uint64 issueDate;
        uint64 nextUpdate;
        uint32 evaluationNumber;
        bytes packed;
    }

    struct Fields {
        bytes4 miscselect;
        bytes4 miscselectMask;
        bytes16 attributes;
        bytes16 attributesMask;
        bytes32 mrsigner;
        bytes2 isvprodid;
        bytes levels;
    }

    bytes4 private constant MALFORMED = IDcapErrors.DcapQeIdentityMalformed.selector;
    uint256 private constant ALL_KEYS = 0xfff;

    /// @param id Of the quoting enclave: QE for SGX, TD_QE for TDX.
    function parse(bytes calldata json, bytes32 id) internal pure returns (QeIdentity memory identity) {
        Fields memory f;
        uint256 pos = StrictJson.expect(json, 0, "{", MALFORMED);
        uint256 seen;
        bool again = true;
        while (again) {
            bytes32 key;
            uint256 from = pos;
            uint256 bit;
            (key, pos) = StrictJson.key(json, pos, MALFORMED);
            (bit, pos) = _head(identity, json, key, pos, id);
            if (bit == 0) (bit, pos) = _enclave(f, json, key, pos);
            if (bit == 0) Fail.word(MALFORMED, from);
            seen = StrictJson.once(seen, bit, from, MALFORMED);
            (again, pos) = StrictJson.more(json, pos, "}", MALFORMED);
        }
        if (pos != json.length || seen != ALL_KEYS) Fail.word(MALFORMED, pos);
        identity.packed = bytes.concat(
            f.miscselect, f.miscselectMask, f.attributes, f.attributesMask, f.mrsigner, f.isvprodid, f.levels
        );
    }

    function _head(QeIdentity memory identity, bytes calldata json, bytes32 key, uint256 pos, bytes32 id)
        private
        pure
        returns (uint256 bit, uint256 next)
    {
        bytes32 word;
        uint256 value;
        if (key == "id") {
            (word, next) = StrictJson.word(json, pos, MALFORMED);
            if (word != id) revert IDcapErrors.DcapQeIdentityIdMismatch();
            return (0x1, next);
        }
        if (key == "version") {
            (value, next) = StrictJson.number(json, pos, MALFORMED);
            if (value != 2) revert IDcapErrors.DcapQeIdentityVersionUnsupported(value);
            return (0x2, next);
        }
        if (key == "issueDate") {
            (identity.issueDate, next) = StrictJson.date(json, pos, MALFORMED);
            return (0x4, next);
        }
        if (key == "nextUpdate") {
            (identity.nextUpdate, next) = StrictJson.date(json, pos, MALFORMED);
            return (0x8, next);
        }
        if (key == "tcbEvaluationDataNumber") {
            (value, next) = StrictJson.number(json, pos, MALFORMED);
            identity.evaluationNumber = uint32(value);
            return (0x10, next);
        }
        return (0, pos);
    }

    function _enclave(Fields memory f, bytes calldata json, bytes32 key, uint256 pos)
        private
        pure
        returns (uint256 bit, uint256 next)
    {
        bytes32 word;
        uint256 value;
        if (key == "miscselect" || key == "miscselectMask") {
            (word, next) = StrictJson.hexadecimal(json, pos, 4, MALFORMED);
            if (key == "miscselect") f.miscselect = bytes4(word);
            else f.miscselectMask = bytes4(word);
            return (key == "miscselect" ? 0x20 : 0x40, next);
        }
        if (key == "attributes" || key == "attributesMask") {
            (word, next) = StrictJson.hexadecimal(json, pos, 16, MALFORMED);
            if (key == "attributes") f.attributes = bytes16(word);
            else f.attributesMask = bytes16(word);
            return (key == "attributes" ? 0x80 : 0x100, next);
        }
        if (key == "mrsigner") {
            (f.mrsigner, next) = StrictJson.hexadecimal(json, pos, 32, MALFORMED);
            return (0x200, next);
        }
        if (key == "isvprodid") {
            (value, next) = StrictJson.number(json, pos, MALFORMED);
            if (value > 0xffff) Fail.word(MALFORMED, pos);
            f.isvprodid = bytes2(uint16(value));
            return (0x400, next);
        }
        if (key == "tcbLevels") {
            (f.levels, next) = SvnLevels.parse(json, pos, MALFORMED);
            return (0x800, next);
        }
        return (0, pos);
    }
}
