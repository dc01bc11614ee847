// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {TestBase} from "../../support/TestBase.sol";

interface ISha512 {
    function sha384(bytes calldata message) external pure returns (bytes32 high, bytes16 low);
    function sha512(bytes calldata message) external pure returns (bytes32 high, bytes32 low);
}

/// Examples of FIPS 180-4 and NIST's "Examples with Intermediate Values".
contract Sha384Test is TestBase {
    string private constant TWO_BLOCKS =
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";
    ISha512 private sha;

    function setUp() public {
        sha = ISha512(deployArtifact("crypto/Sha512.sol:Sha512", ""));
    }

    function test_sha384_Examples() public view {
        assert384(
            "", hex"38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b"
        );
        assert384(
            "abc", hex"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
        );
        assert384(
            bytes(TWO_BLOCKS),
            hex"09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039"
        );
    }

    function test_sha512_Examples() public view {
        assert512(
            "abc",
            hex"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        );
        assert512(
            bytes(TWO_BLOCKS),
            hex"8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"
        );
    }

    function assert384(bytes memory message, bytes memory expected) private view {
        (bytes32 high, bytes16 low) = sha.sha384(message);
        assertWord(keccak256(abi.encodePacked(high, low)), keccak256(expected), "SHA-384");
    }

    function assert512(bytes memory message, bytes memory expected) private view {
        (bytes32 high, bytes32 low) = sha.sha512(message);
        assertWord(keccak256(abi.encodePacked(high, low)), keccak256(expected), "SHA-512");
    }
}
