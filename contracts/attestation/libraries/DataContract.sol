// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDcapErrors} from "../../interfaces/IDcapErrors.sol";

/// @title Bytes kept as the code of a contract: a fifth of the price of storage slots, one cold account to read
library DataContract {
    /// Longest data in bytes: code may have 24,576 (EIP-170), one of them STOP. Beyond 65,534 the length would not fit its
    /// two bytes and the data would be cut.
    uint256 internal constant MAX_BYTES = 24_575;

    /// @dev Init code: copy what follows it and return it. The first byte kept is STOP, so the data never runs.
    function write(bytes memory data) internal returns (address pointer) {
        if (data.length > MAX_BYTES) revert IDcapErrors.DcapStorageFailed();
        bytes memory code = bytes.concat(hex"61", bytes2(uint16(data.length + 1)), hex"80600a3d393df300", data);
        assembly ("memory-safe") {
            pointer := create(0, add(code, 0x20), mload(code))
        }
        if (pointer == address(0)) revert IDcapErrors.DcapStorageFailed();
    }

    function read(address pointer) internal view returns (bytes memory data) {
        return readFrom(pointer, 0);
    }

    /// @notice The data from byte `start` on.
    function readFrom(address pointer, uint256 start) internal view returns (bytes memory data) {
        uint256 size = pointer.code.length;
        // The STOP in front is no data.
        if (size < start + 1) revert IDcapErrors.DcapStorageFailed();
        return readSlice(pointer, start, size - 1 - start);
    }

    /// @notice `size` bytes from byte `start` on. The caller knows that there are as many: what lies beyond reads as zero.
    function readSlice(address pointer, uint256 start, uint256 size) internal view returns (bytes memory data) {
        data = new bytes(size);
        assembly ("memory-safe") {
            extcodecopy(pointer, add(data, 0x20), add(start, 1), size)
        }
    }

    /// @notice Like readSlice, `count` words.
    function readWords(address pointer, uint256 start, uint256 count) internal view returns (bytes32[] memory words) {
        words = new bytes32[](count);
        assembly ("memory-safe") {
            extcodecopy(pointer, add(words, 0x20), add(start, 1), shl(5, count))
        }
    }
}
