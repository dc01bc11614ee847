// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";

/// @title The peer of the gas benchmark on P-256: @openzeppelin/contracts
contract OpenZeppelinPeer {
    /// @notice As P256Check: by the precompile, or as on a chain without it.
    function verify(bool usePrecompile, bytes32 hash, bytes32 r, bytes32 s, bytes32 x, bytes32 y)
        external
        view
        returns (bool)
    {
        return usePrecompile ? P256.verify(hash, r, s, x, y) : P256.verifySolidity(hash, r, s, x, y);
    }
}
