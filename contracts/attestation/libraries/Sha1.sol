// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title SHA-1 (FIPS 180-4, 6.1), to recognise a name or key that an OCSP response identifies by it
/// @dev Proves nothing about who made a message: SHA-1 has collisions. Only identifiers are compared with it, behind a signature.
library Sha1 {
    uint256 private constant BLOCK = 64;
    uint256 private constant WORD = 0xffffffff;

    function hash(bytes memory message) internal pure returns (bytes20) {
        bytes memory padded = _pad(message);
        uint256[5] memory state =
            [uint256(0x67452301), uint256(0xefcdab89), uint256(0x98badcfe), uint256(0x10325476), uint256(0xc3d2e1f0)];
        uint256[80] memory words;
        for (uint256 pos = 0; pos < padded.length; pos += BLOCK) {
            _schedule(padded, pos, words);
            _rounds(state, words);
        }
        return bytes20(
            uint160((state[0] << 128) | (state[1] << 96) | (state[2] << 64) | (state[3] << 32) | state[4])
        );
    }

    /// @dev 0x80, zeros, eight bytes of bit length, up to a multiple of 64.
    function _pad(bytes memory message) private pure returns (bytes memory) {
        uint256 zeros = (BLOCK - (message.length + 9) % BLOCK) % BLOCK;
        return bytes.concat(message, hex"80", new bytes(zeros), bytes8(uint64(message.length * 8)));
    }

    function _schedule(bytes memory padded, uint256 pos, uint256[80] memory words) private pure {
        unchecked {
            for (uint256 t = 0; t < 16; ++t) {
                uint256 word;
                assembly ("memory-safe") {
                    word := shr(224, mload(add(add(padded, 0x20), add(pos, shl(2, t)))))
                }
                words[t] = word;
            }
            for (uint256 t = 16; t < 80; ++t) {
                words[t] = _rotate(words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16], 1);
            }
        }
    }

    function _rounds(uint256[5] memory state, uint256[80] memory words) private pure {
        unchecked {
            (uint256 a, uint256 b, uint256 c, uint256 d, uint256 e) = (state[0], state[1], state[2], state[3], state[4]);
            for (uint256 t = 0; t < 80; ++t) {
                uint256 next = (_rotate(a, 5) + _mix(t, b, c, d) + e + words[t]) & WORD;
                (e, d, c, b, a) = (d, c, _rotate(b, 30), a, next);
            }
            state[0] = (state[0] + a) & WORD;
            state[1] = (state[1] + b) & WORD;
            state[2] = (state[2] + c) & WORD;
            state[3] = (state[3] + d) & WORD;
            state[4] = (state[4] + e) & WORD;
        }
    }

    /// @dev Function and constant of round t.
    function _mix(uint256 t, uint256 b, uint256 c, uint256 d) private pure returns (uint256) {
        unchecked {
            if (t < 20) return ((b & c) | (~b & d & WORD)) + 0x5a827999;
            if (t < 40) return (b ^ c ^ d) + 0x6ed9eba1;
            if (t < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
            return (b ^ c ^ d) + 0xca62c1d6;
        }
    }

    function _rotate(uint256 word, uint256 bits) private pure returns (uint256) {
        return ((word << bits) | (word >> (32 - bits))) & WORD;
    }
}
