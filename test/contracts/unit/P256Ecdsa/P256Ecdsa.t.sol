// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P256Ecdsa} from "../../../../contracts/crypto/P256Ecdsa.sol";
import {TestBase} from "../../support/TestBase.sol";

/// @dev RFC 6979 A.2.5, P-256 with SHA-256, messages "sample" and "test".
contract P256EcdsaTest is TestBase {
    bytes32 private constant X = 0x60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6;
    bytes32 private constant Y = 0x7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299;
    bytes32 private constant R = 0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716;
    bytes32 private constant S = 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8;
    bytes32 private constant R_TEST = 0xf1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367;
    bytes32 private constant S_TEST = 0x019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083;
    uint256 private constant N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;

    function test_hasPrecompile_OnOsaka() public view {
        assertTrue(P256Ecdsa.hasPrecompile(), "the test chain has EIP-7951");
    }

    function test_verify_AcceptsHighAndLowS_BothWays() public view {
        for (uint256 i = 0; i < 2; i++) {
            bool precompile = i == 0;
            assertTrue(P256Ecdsa.verify(precompile, sha256("sample"), R, S, X, Y), "high S");
            assertTrue(P256Ecdsa.verify(precompile, sha256("sample"), R, bytes32(N - uint256(S)), X, Y), "low S");
            assertTrue(P256Ecdsa.verify(precompile, sha256("test"), R_TEST, S_TEST, X, Y), "another message");
        }
    }

    function test_verify_RefusesTheEdges_BothWays() public view {
        bytes32 hash = sha256("sample");
        for (uint256 i = 0; i < 2; i++) {
            bool precompile = i == 0;
            assertTrue(!P256Ecdsa.verify(precompile, sha256("other"), R, S, X, Y), "another message");
            assertTrue(!P256Ecdsa.verify(precompile, hash, 0, S, X, Y), "r = 0");
            assertTrue(!P256Ecdsa.verify(precompile, hash, R, 0, X, Y), "s = 0");
            assertTrue(!P256Ecdsa.verify(precompile, hash, bytes32(N), S, X, Y), "r = n");
            assertTrue(!P256Ecdsa.verify(precompile, hash, R, bytes32(N), X, Y), "s = n");
            assertTrue(!P256Ecdsa.verify(precompile, hash, R, bytes32(type(uint256).max), X, Y), "s > n");
            assertTrue(!P256Ecdsa.verify(precompile, hash, R, S, 0, 0), "infinity");
            assertTrue(!P256Ecdsa.verify(precompile, hash, R, S, X, bytes32(uint256(Y) + 1)), "off the curve");
        }
    }

    /// @dev Precompile and Solidity agree, whatever the input.
    function testFuzz_verify_BothWaysAgree(bytes32 hash, uint256 flip, uint8 field) public view {
        bytes32[4] memory parts = [R, S, X, Y];
        parts[field % 4] = bytes32(uint256(parts[field % 4]) ^ (flip % 4));
        if (field % 3 == 0) hash = sha256("sample");
        bool precompile = P256Ecdsa.verify(true, hash, parts[0], parts[1], parts[2], parts[3]);
        bool solidity = P256Ecdsa.verify(false, hash, parts[0], parts[1], parts[2], parts[3]);
        assertTrue(precompile == solidity, "same verdict");
    }
}
