// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Packed TCB levels in Intel's order: highest first
/// @dev Intel signs them in this order, and the first one reached counts, so another order in the document must not change
///      which one that is. A level is its SVNs in order of weight, then one byte of status: a higher level is the greater
///      byte string.
library LevelList {
    /// @notice The list with one more level, behind every one that is not lower. All levels have the same length, at most 65.
    function insert(bytes memory list, bytes memory level) internal pure returns (bytes memory longer) {
        uint256 size = level.length;
        longer = bytes.concat(list, level);
        for (uint256 pos = list.length; pos != 0 && _isHigher(level, longer, pos - size); pos -= size) {
            assembly ("memory-safe") {
                let place := add(add(longer, 0x20), pos)
                mcopy(place, sub(place, size), size)
                mcopy(sub(place, size), add(level, 0x20), size)
            }
        }
    }

    /// @dev Whether the SVNs of `level` are above those of the level at `pos`.
    function _isHigher(bytes memory level, bytes memory list, uint256 pos) private pure returns (bool) {
        uint256 svns = level.length - 1;
        uint256 first = svns < 32 ? svns : 32;
        (uint256 left, uint256 right) = (_number(level, 0, first), _number(list, pos, first));
        if (left != right || svns == first) return left > right;
        return _number(level, 32, svns - 32) > _number(list, pos + 32, svns - 32);
    }

    /// @dev `size` bytes, 1 to 32, as a number.
    function _number(bytes memory data, uint256 pos, uint256 size) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(sub(256, shl(3, size)), mload(add(add(data, 0x20), pos)))
        }
    }
}
