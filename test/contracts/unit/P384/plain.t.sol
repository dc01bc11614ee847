// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {TestBase} from "../../support/TestBase.sol";

interface IP384Plain {
    function verify(bytes calldata digest, bytes calldata key, bytes calldata signature) external view returns (bool);
}

/// Signatures of RFC 6979, A.2.6: P-384, message "sample".
contract P384PlainTest is TestBase {
    bytes private constant KEY =
        hex"ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13"
        hex"8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720";
    /// With SHA-384.
    bytes private constant SIGNATURE =
        hex"94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"
        hex"99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8";
    /// With SHA-256: a digest shorter than the order.
    bytes private constant SHORT_SIGNATURE =
        hex"21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33bde1e888e63355d92fa2b3c36d8fb2cd"
        hex"f3aa443fb107745bf4bd77cb3891674632068a10ca67e3d45db2266fa7d1feebefdc63eccd1ac42ec0cb8668a4fa0ab0";
    bytes private constant DIGEST =
        hex"9a9083505bc92276aec4be312696ef7bf3bf603f4bbd381196a029f340585312313bca4a9b5b890efee42c77b1ee25fe";

    IP384Plain private plain;

    function setUp() public {
        plain = IP384Plain(deployArtifact("crypto/P384Plain.sol:P384Plain", ""));
    }

    function test_verify_AcceptsTheSignatures() public view {
        assertTrue(plain.verify(DIGEST, KEY, SIGNATURE), "SHA-384");
        assertTrue(plain.verify(abi.encodePacked(sha256("sample")), KEY, SHORT_SIGNATURE), "SHA-256");
        // Only the leftmost 384 bits count.
        assertTrue(plain.verify(bytes.concat(DIGEST, hex"ff"), KEY, SIGNATURE), "longer digest");
    }

    /// hardhat-config: fuzz.runs = 8
    function testFuzz_verify_RefusesAnyChangedBit(uint256 bit) public view {
        bit = bound(bit, 0, 767);
        bytes memory changed = SIGNATURE;
        changed[bit / 8] = bytes1(uint8(changed[bit / 8]) ^ uint8(1 << (bit % 8)));
        assertTrue(!plain.verify(DIGEST, KEY, changed), "changed signature");
    }

    function test_verify_RefusesOtherLengthsAndPoints() public view {
        assertTrue(!plain.verify(DIGEST, KEY, bytes.concat(SIGNATURE, hex"00")), "97 bytes");
        assertTrue(!plain.verify(DIGEST, bytes.concat(hex"04", KEY), SIGNATURE), "97 bytes of key");
        assertTrue(!plain.verify(DIGEST, new bytes(96), SIGNATURE), "no point");
        assertTrue(!plain.verify(DIGEST, KEY, new bytes(96)), "r = s = 0");
        assertTrue(!plain.verify("", KEY, SIGNATURE), "no digest");
    }
}
