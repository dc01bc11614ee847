// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// Cheatcodes of the test runner that the tests use.
interface Vm {
    function addr(uint256 privateKey) external pure returns (address);
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function warp(uint256 timestamp) external;
    function roll(uint256 blockNumber) external;
    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function expectRevert(bytes calldata data) external;
    function expectRevert(bytes4 selector) external;
    function expectEmit(address emitter) external;
    function getCode(string calldata artifact) external view returns (bytes memory creationCode);
    function assume(bool condition) external pure;
    function etch(address target, bytes calldata code) external;
}

/// Base of every Solidity test: cheatcodes and assertions that print both sides.
abstract contract TestBase {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    error NotEqual(string what, uint256 got, uint256 expected);
    error NotEqualWords(string what, bytes32 got, bytes32 expected);
    error NotTrue(string what);
    error NotDeployed(string artifact, bytes failure);

    /// Deploys a contract of ours from its artifact ("path:Name" below contracts/) with encoded constructor arguments.
    /// @dev Instead of `new`, which makes the compiler optimise the whole contract again inside every test that embeds it.
    function deployArtifact(string memory artifact, bytes memory args) internal returns (address deployed) {
        bytes memory code = bytes.concat(vm.getCode(string.concat("contracts/", artifact)), args);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        if (deployed != address(0)) return deployed;
        bytes memory failure;
        assembly ("memory-safe") {
            failure := mload(0x40)
            mstore(failure, returndatasize())
            returndatacopy(add(failure, 0x20), 0, returndatasize())
            mstore(0x40, add(failure, and(add(returndatasize(), 0x3f), not(0x1f))))
        }
        revert NotDeployed(artifact, failure);
    }

    function assertEq(uint256 got, uint256 expected, string memory what) internal pure {
        require(got == expected, NotEqual(what, got, expected));
    }

    function assertWord(bytes32 got, bytes32 expected, string memory what) internal pure {
        require(got == expected, NotEqualWords(what, got, expected));
    }

    function assertTrue(bool condition, string memory what) internal pure {
        require(condition, NotTrue(what));
    }

    function bound(uint256 value, uint256 min, uint256 max) internal pure returns (uint256) {
        return min + (value % (max - min + 1));
    }

    function signWith(uint256 privateKey, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return abi.encodePacked(r, s, v);
    }
}
