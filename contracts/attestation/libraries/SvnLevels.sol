// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {TcbStatus} from "../../types/ProtocolTypes.sol";
import {Fail} from "./Fail.sol";
import {LevelList} from "./LevelList.sol";
import {StrictJson} from "./StrictJson.sol";
import {TcbStatuses} from "./TcbStatuses.sol";

/// @title Levels of a TDX module or QE: [{"tcb":{"isvsvn":n},"tcbDate":…,"tcbStatus":…,"advisoryIDs":[…]}, …]
/// @dev Packed: count u8, then per level isvsvn u16 ‖ status u8, highest first (LevelList).
library SvnLevels {
    function parse(bytes calldata json, uint256 pos, bytes4 err)
        internal
        pure
        returns (bytes memory packed, uint256 next)
    {
        uint256 count;
        bool again;
        (again, next) = StrictJson.openArray(json, pos, err);
        while (again) {
            bytes3 level;
            (level, next) = _level(json, next, err);
            packed = LevelList.insert(packed, bytes.concat(level));
            ++count;
            (again, next) = StrictJson.more(json, next, "]", err);
        }
        if (count == 0 || count > 255) Fail.word(err, pos);
        packed = bytes.concat(bytes1(uint8(count)), packed);
    }

    /// @notice First level an ISVSVN reaches. `pos` is the offset of the count in `packed`.
    function find(bytes memory packed, uint256 pos, uint256 isvSvn) internal pure returns (bool found, TcbStatus status) {
        uint256 count = uint8(packed[pos]);
        for (uint256 i = 0; i < count; ++i) {
            uint256 level;
            assembly ("memory-safe") {
                level := shr(232, mload(add(add(packed, 0x21), add(pos, mul(i, 3)))))
            }
            if (isvSvn >= level >> 8) return (true, TcbStatus(uint8(level)));
        }
    }

    function _level(bytes calldata json, uint256 pos, bytes4 err) private pure returns (bytes3, uint256) {
        pos = StrictJson.expect(json, pos, "{", err);
        uint256 seen;
        uint256 svn;
        TcbStatus status;
        bool again = true;
        while (again) {
            bytes32 key;
            uint256 from = pos;
            (key, pos) = StrictJson.key(json, pos, err);
            if (key == "tcb") {
                seen = StrictJson.once(seen, 1, from, err);
                (svn, pos) = _isvSvn(json, pos, err);
            } else if (key == "tcbDate") {
                seen = StrictJson.once(seen, 2, from, err);
                (, pos) = StrictJson.date(json, pos, err);
            } else if (key == "tcbStatus") {
                seen = StrictJson.once(seen, 4, from, err);
                (status, pos) = TcbStatuses.readPart(json, pos, err);
            } else if (key == "advisoryIDs") {
                seen = StrictJson.once(seen, 8, from, err);
                pos = StrictJson.skipTexts(json, pos, err);
            } else {
                Fail.word(err, from);
            }
            (again, pos) = StrictJson.more(json, pos, "}", err);
        }
        if (seen & 7 != 7) Fail.word(err, pos);
        return (bytes3(uint24((svn << 8) | uint8(status))), pos);
    }

    function _isvSvn(bytes calldata json, uint256 pos, bytes4 err) private pure returns (uint256 svn, uint256 next) {
        bytes32 key;
        (key, next) = StrictJson.key(json, StrictJson.expect(json, pos, "{", err), err);
        if (key != "isvsvn") Fail.word(err, pos);
        (svn, next) = StrictJson.number(json, next, err);
        if (svn > 0xffff) Fail.word(err, pos);
        next = StrictJson.expect(json, next, "}", err);
    }
}
