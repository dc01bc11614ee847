// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ECDSA384} from "@solarity/solidity-lib/libs/crypto/ECDSA384.sol";

/// @title The peer of the gas benchmark: ECDSA384 of @solarity/solidity-lib on P-384
contract SolarityPeer {
    /// @notice Gas of one verification and its answer.
    function measure(bytes memory signature, bytes memory key, bytes memory digest)
        external
        view
        returns (uint256 gasUsed, bool valid)
    {
        ECDSA384.Parameters memory curve = ECDSA384.Parameters({
            a: hex"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffc",
            b: hex"b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
            gx: hex"aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
            gy: hex"3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
            p: hex"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
            n: hex"ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
        });
        gasUsed = gasleft();
        valid = ECDSA384.verify(curve, digest, signature, key);
        gasUsed -= gasleft();
    }
}
