// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICryptoErrors} from "../interfaces/ICryptoErrors.sol";

/// @notice SHA-384 as the contract Sha512 computes it.
interface ISha384 {
    function sha384(bytes calldata message) external pure returns (bytes32 high, bytes16 low);
}

/// @notice MGF1 with SHA-384 as the contract Mgf1Sha384 computes it.
interface IMgf1Sha384 {
    function mask(bytes32 high, bytes16 low) external pure returns (bytes32[15] memory words);
}

/// @title RSASSA-PSS verification (RFC 8017, 8.1.2): 4,096-bit modulus, exponent 65537, SHA-384, MGF1-SHA-384, salt of 48
/// @notice Stateless. The parameters of AMD's certificates; every other combination is refused, not adapted to.
/// @dev MODEXP (address 5) raises; EIP-7883 prices that at 131,072 gas for 512-byte operands and this exponent.
contract RsaPss {
    uint256 private constant MODULUS_BYTES = 512;
    uint256 private constant HASH_BYTES = 48;
    /// Masked data block: 512 - 48 bytes of hash - 1 of trailer.
    uint256 private constant BLOCK_BYTES = 463;
    /// SHA-384 of the empty message.
    bytes32 private constant EMPTY_HIGH = 0x38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da;
    bytes16 private constant EMPTY_LOW = 0x274edebfe76f65fbd51ad2f14898b95b;
    /// keccak256 of the mask of that hash: ten hashes, of which the block needs all.
    bytes32 private constant EMPTY_MASK = 0xf8c689a89e77b915c34f34ffc28e2e61df0772a40e918c99e65643e0b2310d06;

    /// The contract that computes SHA-384.
    ISha384 public immutable HASHER;
    /// The contract that computes the mask.
    IMgf1Sha384 public immutable MASKER;

    /// @param hasher The contract Sha512.
    /// @param masker The contract Mgf1Sha384.
    constructor(ISha384 hasher, IMgf1Sha384 masker) {
        (bytes32 high, bytes16 low) = hasher.sha384("");
        if (high != EMPTY_HIGH || low != EMPTY_LOW) revert ICryptoErrors.CryptoHashWrong(address(hasher));
        if (keccak256(abi.encode(masker.mask(high, low))) != EMPTY_MASK) {
            revert ICryptoErrors.CryptoHashWrong(address(masker));
        }
        (HASHER, MASKER) = (hasher, masker);
    }

    /// @notice Whether `signature` is the signature over `message` by the key with `modulus`; both numbers of 512 bytes.
    function verify(bytes calldata message, bytes calldata modulus, bytes calldata signature)
        external
        view
        returns (bool)
    {
        (bytes32 high, bytes16 low) = HASHER.sha384(message);
        return verifyDigest(high, low, modulus, signature);
    }

    /// @notice As verify, for a message whose SHA-384 is `high` and `low`.
    /// @dev Proves: signature < modulus, and the encoded message signature^65537 mod modulus is a PSS encoding of the digest
    ///      with the top bit clear, 414 zero bytes, 0x01, a salt of 48 bytes and the trailer 0xbc.
    function verifyDigest(bytes32 high, bytes16 low, bytes calldata modulus, bytes calldata signature)
        public
        view
        returns (bool)
    {
        if (modulus.length != MODULUS_BYTES || signature.length != MODULUS_BYTES) return false;
        // 4,096 bits exactly: an encoded message has 4,095, so its first byte is that of the block. MODEXP takes odd and even.
        if (uint8(modulus[0]) < 0x80 || uint8(modulus[MODULUS_BYTES - 1]) & 1 == 0) return false;
        if (!_isBelow(signature, modulus)) return false;
        bytes memory encoded = _raise(signature, modulus);
        if (encoded[MODULUS_BYTES - 1] != 0xbc || uint8(encoded[0]) > 0x7f) return false;
        bytes32 hashHigh;
        bytes16 hashLow;
        assembly ("memory-safe") {
            hashHigh := mload(add(encoded, 495))
            hashLow := shl(128, shr(128, mload(add(encoded, 527))))
        }
        bytes memory salt = _unmask(encoded, hashHigh, hashLow);
        if (salt.length != HASH_BYTES) return false;
        (bytes32 gotHigh, bytes16 gotLow) = HASHER.sha384(abi.encodePacked(bytes8(0), high, low, salt));
        return gotHigh == hashHigh && gotLow == hashLow;
    }

    /// @dev Compares big-endian numbers of 512 bytes.
    function _isBelow(bytes calldata a, bytes calldata b) private pure returns (bool) {
        for (uint256 place = 0; place < MODULUS_BYTES; place += 32) {
            bytes32 x = bytes32(a[place:place + 32]);
            bytes32 y = bytes32(b[place:place + 32]);
            if (x != y) return x < y;
        }
        return false;
    }

    /// @dev signature^65537 mod modulus, 512 bytes.
    function _raise(bytes calldata signature, bytes calldata modulus) private view returns (bytes memory raised) {
        bytes memory input = abi.encodePacked(MODULUS_BYTES, uint256(3), MODULUS_BYTES, signature, uint24(65_537), modulus);
        bool success;
        (success, raised) = address(5).staticcall(input);
        if (!success || raised.length != MODULUS_BYTES) revert ICryptoErrors.CryptoPrecompileMissing(address(5));
    }

    /// @dev The salt behind 414 zero bytes and 0x01 in the unmasked block; empty if the block is not of that form.
    function _unmask(bytes memory encoded, bytes32 hashHigh, bytes16 hashLow) private view returns (bytes memory salt) {
        bytes32[15] memory mask = MASKER.mask(hashHigh, hashLow);
        salt = new bytes(HASH_BYTES);
        bool padded;
        assembly ("memory-safe") {
            let masked := add(encoded, 32)
            // Bytes 0-414: zeros, the first bit being no part of the block, then 0x01 at 414.
            let wrong := shr(1, shl(1, xor(mload(masked), mload(mask))))
            for { let place := 32 } lt(place, 384) { place := add(place, 32) } {
                wrong := or(wrong, xor(mload(add(masked, place)), mload(add(mask, place))))
            }
            // Word of bytes 383-414, whose first byte the loop has seen.
            padded := iszero(or(wrong, xor(xor(mload(add(masked, 383)), mload(add(mask, 383))), 1)))
            mstore(add(salt, 32), xor(mload(add(masked, 415)), mload(add(mask, 415))))
            let last := xor(mload(add(masked, 431)), mload(add(mask, 431)))
            mstore(add(salt, 48), last)
        }
        if (!padded) return "";
    }
}
