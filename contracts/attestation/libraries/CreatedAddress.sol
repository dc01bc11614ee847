// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Address of a contract that another one makes with CREATE
/// @dev The last 20 bytes of keccak256(rlp([creator, nonce])) (Ethereum Yellow Paper, section 7). A contract's nonce begins at 1
///      (EIP-161) and counts its creations.
library CreatedAddress {
    /// Of RLP: a string of 20 bytes, and the bases of longer strings and lists.
    uint256 private constant ADDRESS_STRING = 0x94;
    uint256 private constant STRING = 0x80;
    uint256 private constant LIST = 0xc0;

    /// @param nonce At least 1.
    function compute(address creator, uint64 nonce) internal pure returns (address) {
        bytes memory number = _number(nonce);
        // Safe: 21 bytes and at most 9, below the 56 where lists get a longer form.
        uint8 list = uint8(LIST + 21 + number.length);
        bytes32 hash = keccak256(abi.encodePacked(list, uint8(ADDRESS_STRING), creator, number));
        return address(uint160(uint256(hash)));
    }

    /// RLP of a number: itself below 0x80, else its length and its bytes without leading zeros.
    function _number(uint64 value) private pure returns (bytes memory) {
        if (value < STRING) return abi.encodePacked(uint8(value));
        bytes memory digits;
        for (uint64 rest = value; rest != 0; rest >>= 8) {
            digits = bytes.concat(bytes1(uint8(rest)), digits);
        }
        return bytes.concat(bytes1(uint8(STRING + digits.length)), digits);
    }
}
