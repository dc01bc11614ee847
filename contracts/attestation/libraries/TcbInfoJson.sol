// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDcapErrors} from "../../interfaces/IDcapErrors.sol";
import {TcbStatus} from "../../types/ProtocolTypes.sol";
import {Fail} from "./Fail.sol";
import {LevelList} from "./LevelList.sol";
import {StrictJson} from "./StrictJson.sol";
import {SvnLevels} from "./SvnLevels.sol";
import {TcbStatuses} from "./TcbStatuses.sol";

/// @title Intel's TCB info, version 3, and for SGX also version 2: signed JSON to packed bytes
/// @dev Packed form in docs/specs/dcap-onchain.md, read back by TcbEvaluation. Version 2 has no id and numbers the components.
///      Source: Intel PCS API v4, "Get TCB Info"; version 2: API v3.
library TcbInfoJson {
    struct TcbInfo {
        uint64 issueDate;
        uint64 nextUpdate;
        uint32 evaluationNumber;
        bytes6 fmspc;
        uint16 pceId;
        bytes packed;
    }

    struct Parts {
        bool isSgx;
        uint256 version;
        /// Forms of components seen: FORM_LISTED, FORM_NUMBERED.
        uint256 forms;
        bytes module;
        bytes identities;
        bytes levels;
    }

    bytes4 private constant MALFORMED = IDcapErrors.DcapTcbInfoMalformed.selector;
    uint256 private constant ID = 0x1;
    uint256 private constant TDX_MODULE = 0x100;
    uint256 private constant ALL_KEYS = 0x3ff;
    uint256 private constant IDENTITIES = 0x400;
    uint256 private constant FORM_LISTED = 1;
    uint256 private constant FORM_NUMBERED = 2;
    /// Bits 3 to 18: sgxtcbcomp01svn to sgxtcbcomp16svn.
    uint256 private constant SIXTEEN_NUMBERED = 0x7fff8;

    /// @param isSgx The document must be of SGX; else of TDX.
    function parse(bytes calldata json, bool isSgx) internal pure returns (TcbInfo memory info) {
        Parts memory parts;
        parts.isSgx = isSgx;
        if (!isSgx) parts.identities = hex"00";
        uint256 pos = StrictJson.expect(json, 0, "{", MALFORMED);
        uint256 seen;
        bool again = true;
        while (again) {
            bytes32 key;
            uint256 from = pos;
            uint256 bit;
            (key, pos) = StrictJson.key(json, pos, MALFORMED);
            (bit, pos) = _head(info, parts, json, key, pos);
            if (bit == 0) (bit, pos) = _platform(info, json, key, pos);
            if (bit == 0) (bit, pos) = _tcb(parts, json, key, pos);
            if (bit == 0) Fail.word(MALFORMED, from);
            seen = StrictJson.once(seen, bit, from, MALFORMED);
            (again, pos) = StrictJson.more(json, pos, "}", MALFORMED);
        }
        // What the kind and version need not have counts as seen.
        seen |= isSgx ? TDX_MODULE | IDENTITIES : IDENTITIES;
        bool isVersion2 = parts.version == 2;
        if (isVersion2) seen |= ID;
        if (
            pos != json.length || seen != ALL_KEYS | IDENTITIES
                || parts.forms != (isVersion2 ? FORM_NUMBERED : FORM_LISTED)
        ) Fail.word(MALFORMED, pos);
        info.packed = bytes.concat(parts.module, parts.identities, parts.levels);
    }

    /// @dev Keys that say what the document is and when it holds. Answers the key's bit, zero when it is none of these.
    function _head(TcbInfo memory info, Parts memory parts, bytes calldata json, bytes32 key, uint256 pos)
        private
        pure
        returns (uint256 bit, uint256 next)
    {
        bytes32 word;
        uint256 value;
        if (key == "id") {
            (word, next) = StrictJson.word(json, pos, MALFORMED);
            if (word != (parts.isSgx ? bytes32("SGX") : bytes32("TDX"))) revert IDcapErrors.DcapTcbInfoIdMismatch();
            return (ID, next);
        }
        if (key == "version") {
            (value, next) = StrictJson.number(json, pos, MALFORMED);
            if (value != 3 && !(parts.isSgx && value == 2)) revert IDcapErrors.DcapTcbInfoVersionUnsupported(value);
            parts.version = value;
            return (0x2, next);
        }
        if (key == "issueDate") {
            (info.issueDate, next) = StrictJson.date(json, pos, MALFORMED);
            return (0x4, next);
        }
        if (key == "nextUpdate") {
            (info.nextUpdate, next) = StrictJson.date(json, pos, MALFORMED);
            return (0x8, next);
        }
        if (key == "tcbEvaluationDataNumber") {
            (value, next) = StrictJson.number(json, pos, MALFORMED);
            info.evaluationNumber = uint32(value);
            return (0x80, next);
        }
        return (0, pos);
    }

    /// @dev Keys that say which platforms it is for, and how they are compared.
    function _platform(TcbInfo memory info, bytes calldata json, bytes32 key, uint256 pos)
        private
        pure
        returns (uint256 bit, uint256 next)
    {
        bytes32 word;
        if (key == "fmspc") {
            (word, next) = StrictJson.hexadecimal(json, pos, 6, MALFORMED);
            info.fmspc = bytes6(word);
            return (0x10, next);
        }
        if (key == "pceId") {
            (word, next) = StrictJson.hexadecimal(json, pos, 2, MALFORMED);
            info.pceId = uint16(bytes2(word));
            return (0x20, next);
        }
        if (key == "tcbType") {
            uint256 value;
            (value, next) = StrictJson.number(json, pos, MALFORMED);
            // 0: component-wise comparison, the only type there is.
            if (value != 0) Fail.word(MALFORMED, pos);
            return (0x40, next);
        }
        return (0, pos);
    }

    function _tcb(Parts memory parts, bytes calldata json, bytes32 key, uint256 pos)
        private
        pure
        returns (uint256 bit, uint256 next)
    {
        if (key == "tcbLevels") {
            (parts.levels, next) = _levels(parts, json, pos);
            return (0x200, next);
        }
        if (parts.isSgx) return (0, pos);
        if (key == "tdxModule") {
            (,parts.module,, next) = _module(json, pos, false);
            return (TDX_MODULE, next);
        }
        if (key == "tdxModuleIdentities") {
            (parts.identities, next) = _identities(json, pos);
            return (IDENTITIES, next);
        }
        return (0, pos);
    }

    function _identities(bytes calldata json, uint256 pos) private pure returns (bytes memory packed, uint256 next) {
        uint256 count;
        bool again;
        (again, next) = StrictJson.openArray(json, pos, MALFORMED);
        while (again) {
            bytes1 version;
            bytes memory module;
            bytes memory levels;
            (version, module, levels, next) = _module(json, next, true);
            packed = bytes.concat(packed, version, module, levels);
            ++count;
            (again, next) = StrictJson.more(json, next, "]", MALFORMED);
        }
        if (count > 255) Fail.word(MALFORMED, pos);
        packed = bytes.concat(bytes1(uint8(count)), packed);
    }

    /// @dev MRSIGNER 48 ‖ attributes 8; an identity has an id and levels besides. The mask is read and not kept: attributes
    ///      other than zero are refused whatever it says.
    function _module(bytes calldata json, uint256 pos, bool identity)
        private
        pure
        returns (bytes1 version, bytes memory module, bytes memory levels, uint256 next)
    {
        bytes32[3] memory words;
        next = StrictJson.expect(json, pos, "{", MALFORMED);
        uint256 seen;
        bool again = true;
        while (again) {
            bytes32 key;
            uint256 from = next;
            (key, next) = StrictJson.key(json, next, MALFORMED);
            if (key == "mrsigner") {
                seen = StrictJson.once(seen, 1, from, MALFORMED);
                (words[0], words[1], next) = StrictJson.hexadecimal48(json, next, MALFORMED);
            } else if (key == "attributes") {
                seen = StrictJson.once(seen, 2, from, MALFORMED);
                (words[2], next) = StrictJson.hexadecimal(json, next, 8, MALFORMED);
            } else if (key == "attributesMask") {
                seen = StrictJson.once(seen, 4, from, MALFORMED);
                (, next) = StrictJson.hexadecimal(json, next, 8, MALFORMED);
            } else if (identity && key == "id") {
                seen = StrictJson.once(seen, 8, from, MALFORMED);
                (version, next) = _moduleVersion(json, next);
            } else if (identity && key == "tcbLevels") {
                seen = StrictJson.once(seen, 16, from, MALFORMED);
                (levels, next) = SvnLevels.parse(json, next, MALFORMED);
            } else {
                Fail.word(MALFORMED, from);
            }
            (again, next) = StrictJson.more(json, next, "}", MALFORMED);
        }
        if (seen != (identity ? 31 : 7)) Fail.word(MALFORMED, next);
        module = bytes.concat(words[0], bytes16(words[1]), bytes8(words[2]));
    }

    /// @dev "TDX_03" → 3.
    function _moduleVersion(bytes calldata json, uint256 pos) private pure returns (bytes1 version, uint256 next) {
        uint256 stop;
        (pos, stop, next) = StrictJson.text(json, pos, MALFORMED);
        if (stop - pos != 6 || bytes4(json[pos:pos + 4]) != "TDX_") Fail.word(MALFORMED, pos);
        version = bytes1(uint8(StrictJson.nibbles(json, pos + 4, 2, MALFORMED)));
    }

    function _levels(Parts memory parts, bytes calldata json, uint256 pos)
        private
        pure
        returns (bytes memory packed, uint256 next)
    {
        uint256 count;
        bool again;
        (again, next) = StrictJson.openArray(json, pos, MALFORMED);
        while (again) {
            bytes memory level;
            (level, next) = _level(parts, json, next);
            packed = LevelList.insert(packed, level);
            ++count;
            (again, next) = StrictJson.more(json, next, "]", MALFORMED);
        }
        if (count == 0 || count > 255) Fail.word(MALFORMED, pos);
        packed = bytes.concat(bytes1(uint8(count)), packed);
    }

    function _level(Parts memory parts, bytes calldata json, uint256 pos)
        private
        pure
        returns (bytes memory level, uint256 next)
    {
        next = StrictJson.expect(json, pos, "{", MALFORMED);
        uint256 seen;
        TcbStatus status;
        bool again = true;
        while (again) {
            bytes32 key;
            uint256 from = next;
            (key, next) = StrictJson.key(json, next, MALFORMED);
            if (key == "tcb") {
                seen = StrictJson.once(seen, 1, from, MALFORMED);
                (level, next) = _tcbOfLevel(parts, json, next);
            } else if (key == "tcbDate") {
                seen = StrictJson.once(seen, 2, from, MALFORMED);
                (, next) = StrictJson.date(json, next, MALFORMED);
            } else if (key == "tcbStatus") {
                seen = StrictJson.once(seen, 4, from, MALFORMED);
                (status, next) = TcbStatuses.read(json, next, MALFORMED);
            } else if (key == "advisoryIDs") {
                seen = StrictJson.once(seen, 8, from, MALFORMED);
                next = StrictJson.skipTexts(json, next, MALFORMED);
            } else {
                Fail.word(MALFORMED, from);
            }
            (again, next) = StrictJson.more(json, next, "}", MALFORMED);
        }
        if (seen & 7 != 7) Fail.word(MALFORMED, next);
        level = bytes.concat(level, bytes1(uint8(status)));
    }

    /// @dev SGX components 16 ‖ PCESVN 2 ‖ TDX components 16 (zero for SGX): in order of weight.
    function _tcbOfLevel(Parts memory parts, bytes calldata json, uint256 pos)
        private
        pure
        returns (bytes memory packed, uint256 next)
    {
        next = StrictJson.expect(json, pos, "{", MALFORMED);
        uint256 seen;
        bytes16 sgx;
        bytes16 tdx;
        uint256 pceSvn;
        bool again = true;
        while (again) {
            bytes32 key;
            uint256 from = next;
            (key, next) = StrictJson.key(json, next, MALFORMED);
            if (key == "pcesvn") {
                seen = StrictJson.once(seen, 4, from, MALFORMED);
                (pceSvn, next) = StrictJson.number(json, next, MALFORMED);
                if (pceSvn > 0xffff) Fail.word(MALFORMED, from);
            } else if (key == "sgxtcbcomponents") {
                seen = StrictJson.once(seen, 1, from, MALFORMED);
                (sgx, next) = _components(json, next);
            } else if (!parts.isSgx && key == "tdxtcbcomponents") {
                seen = StrictJson.once(seen, 2, from, MALFORMED);
                (tdx, next) = _components(json, next);
            } else {
                uint256 index = parts.isSgx ? _numbered(key) : 0;
                if (index == 0) Fail.word(MALFORMED, from);
                seen = StrictJson.once(seen, 4 << index, from, MALFORMED);
                uint256 svn;
                (svn, next) = StrictJson.number(json, next, MALFORMED);
                if (svn > 0xff) Fail.word(MALFORMED, from);
                sgx |= bytes16(uint128(svn << (128 - 8 * index)));
            }
            (again, next) = StrictJson.more(json, next, "}", MALFORMED);
        }
        if (seen == (parts.isSgx ? 5 : 7)) parts.forms |= FORM_LISTED;
        else if (seen == 4 | SIXTEEN_NUMBERED) parts.forms |= FORM_NUMBERED;
        else Fail.word(MALFORMED, next);
        packed = bytes.concat(sgx, bytes2(uint16(pceSvn)), tdx);
    }

    /// @dev "sgxtcbcomp01svn" → 1, up to 16; zero for any other key.
    function _numbered(bytes32 key) private pure returns (uint256 index) {
        uint256 tens = uint256(uint8(key[10])) ^ 0x30;
        uint256 ones = uint256(uint8(key[11])) ^ 0x30;
        if (bytes10(key) != "sgxtcbcomp" || key << 96 != "svn" || tens > 1 || ones > 9) return 0;
        index = 10 * tens + ones;
        return index > 16 ? 0 : index;
    }

    function _components(bytes calldata json, uint256 pos) private pure returns (bytes16, uint256 next) {
        uint256 value;
        next = StrictJson.expect(json, pos, "[", MALFORMED);
        for (uint256 i = 0; i < 16; ++i) {
            if (i != 0) next = StrictJson.expect(json, next, ",", MALFORMED);
            uint256 svn;
            (svn, next) = _component(json, next);
            value = (value << 8) | svn;
        }
        next = StrictJson.expect(json, next, "]", MALFORMED);
        return (bytes16(uint128(value)), next);
    }

    function _component(bytes calldata json, uint256 pos) private pure returns (uint256 svn, uint256 next) {
        next = StrictJson.expect(json, pos, "{", MALFORMED);
        uint256 seen;
        bool again = true;
        while (again) {
            bytes32 key;
            uint256 from = next;
            (key, next) = StrictJson.key(json, next, MALFORMED);
            if (key == "svn") {
                seen = StrictJson.once(seen, 1, from, MALFORMED);
                (svn, next) = StrictJson.number(json, next, MALFORMED);
                if (svn > 0xff) Fail.word(MALFORMED, from);
            } else if (key == "category" || key == "type") {
                seen = StrictJson.once(seen, key == "category" ? 2 : 4, from, MALFORMED);
                (,, next) = StrictJson.text(json, next, MALFORMED);
            } else {
                Fail.word(MALFORMED, from);
            }
            (again, next) = StrictJson.more(json, next, "}", MALFORMED);
        }
        if (seen & 1 == 0) Fail.word(MALFORMED, next);
    }
}
