// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P256Ecdsa} from "../../crypto/P256Ecdsa.sol";

/// @title P256Ecdsa behind a call: for test vectors
contract P256Check {
    /// @notice Whether (r, s) is a signature over `hash` by (x, y), by the precompile or in Solidity.
    function verify(bool usePrecompile, bytes32 hash, bytes32 r, bytes32 s, bytes32 x, bytes32 y)
        external
        view
        returns (bool)
    {
        return P256Ecdsa.verify(usePrecompile, hash, r, s, x, y);
    }

    /// @notice Whether this chain has the precompile.
    function hasPrecompile() external view returns (bool) {
        return P256Ecdsa.hasPrecompile();
    }
}
