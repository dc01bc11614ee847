// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISha384} from "../../crypto/RsaPss.sol";

/// @title Chains of SHA-384 for NIST's Monte Carlo test
/// @notice For tests: many hashes by the contract per call. Keeps nothing, is trusted by nobody.
contract Sha384Chain {
    ISha384 public immutable HASHER;

    /// @param hasher The contract Sha512.
    constructor(ISha384 hasher) {
        HASHER = hasher;
    }

    /// @notice The last three digests (48 bytes each) after `steps` hashes, each over the three digests before it.
    function run(bytes calldata lastThree, uint256 steps) external view returns (bytes memory) {
        bytes memory message = lastThree;
        for (uint256 i = 0; i < steps; ++i) {
            (bytes32 high, bytes16 low) = HASHER.sha384(message);
            assembly ("memory-safe") {
                let start := add(message, 32)
                mcopy(start, add(start, 48), 96)
                mstore(add(start, 96), high)
                // 16 bytes, left-aligned; the zeros behind them fall on the padding of the 144 bytes.
                mstore(add(start, 128), low)
            }
        }
        return message;
    }
}
