// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Reverts with an error chosen at run time
/// @dev One parser reads four kinds of certificate: the caller says which custom error a fault there is.
library Fail {
    /// @notice error X()
    function bare(bytes4 selector) internal pure {
        assembly ("memory-safe") {
            mstore(0, selector)
            revert(0, 4)
        }
    }

    /// @notice error X(uint256 offset), or any error with one word.
    function word(bytes4 selector, uint256 offset) internal pure {
        assembly ("memory-safe") {
            mstore(0, selector)
            mstore(4, offset)
            revert(0, 0x24)
        }
    }

    /// @notice error X(uint64 from, uint64 to), or any error with two words.
    function pair(bytes4 selector, uint256 from, uint256 to) internal pure {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, selector)
            mstore(add(free, 4), from)
            mstore(add(free, 0x24), to)
            revert(free, 0x44)
        }
    }

    /// @notice Reverts with pair(selector, from, to) unless from ≤ block.timestamp ≤ to.
    function unlessNow(bytes4 selector, uint64 from, uint64 to) internal view {
        if (block.timestamp < from || block.timestamp > to) pair(selector, from, to);
    }
}
