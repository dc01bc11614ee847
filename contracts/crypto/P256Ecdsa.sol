// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";

/// @title ECDSA over P-256, by precompile (EIP-7951, address 0x100) or in Solidity
/// @dev High-S signatures are accepted: Intel's hardware and signers do not normalise s. Never use one as a replay key.
library P256Ecdsa {
    address private constant PRECOMPILE = address(0x100);
    uint256 private constant HALF_N = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8;

    /// @dev Probe vector: RFC 6979 A.2.5, P-256, SHA-256, message "sample".
    bytes32 private constant PROBE_HASH = 0xaf2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf;
    bytes32 private constant PROBE_R = 0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716;
    bytes32 private constant PROBE_S = 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8;
    bytes32 private constant PROBE_X = 0x60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6;
    bytes32 private constant PROBE_Y = 0x7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299;

    /// @notice Whether this chain's precompile accepts a good signature and refuses a bad one.
    /// @dev Where it is missing a call succeeds with no data, so only the answer decides, never the success alone.
    function hasPrecompile() internal view returns (bool) {
        return native(PROBE_HASH, PROBE_R, PROBE_S, PROBE_X, PROBE_Y)
            && !native(~PROBE_HASH, PROBE_R, PROBE_S, PROBE_X, PROBE_Y);
    }

    /// @notice Whether (r, s) is a signature over `hash` by the key (x, y).
    /// @param usePrecompile Result of hasPrecompile, kept by the caller.
    function verify(bool usePrecompile, bytes32 hash, bytes32 r, bytes32 s, bytes32 x, bytes32 y)
        internal
        view
        returns (bool)
    {
        return usePrecompile ? native(hash, r, s, x, y) : fallbackVerify(hash, r, s, x, y);
    }

    function native(bytes32 hash, bytes32 r, bytes32 s, bytes32 x, bytes32 y) internal view returns (bool valid) {
        address precompile = PRECOMPILE;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, hash)
            mstore(add(input, 0x20), r)
            mstore(add(input, 0x40), s)
            mstore(add(input, 0x60), x)
            mstore(add(input, 0x80), y)
            let success := staticcall(gas(), precompile, input, 0xa0, 0x00, 0x20)
            valid := and(and(success, eq(returndatasize(), 0x20)), eq(mload(0x00), 1))
        }
    }

    function fallbackVerify(bytes32 hash, bytes32 r, bytes32 s, bytes32 x, bytes32 y) internal view returns (bool) {
        if (uint256(s) > HALF_N) {
            if (uint256(s) >= P256.N) return false;
            s = bytes32(P256.N - uint256(s));
        }
        return P256.verifySolidity(hash, r, s, x, y);
    }
}
