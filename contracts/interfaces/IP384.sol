// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title ECDSA verification over P-384 (FIPS 186-5, 6.4.2)
/// @notice What every back-end offers. A verifier is given one when it is deployed, by what calldata costs on its chain:
///         `P384` takes a slope for every step (some 15 KB, the least execution), `P384Sparse` that or any smaller number
///         down to those of a small table (0.9 KB).
/// @dev Stateless. True only for a valid signature, whatever the hints are: wrong hints make a valid signature be refused.
///      r is accepted as x modulo n, x + n included. s is not normalised: (r, n - s) verifies as well, so a signature is
///      never a replay key. Signatures made to meet an exceptional case of the addition law are refused (docs/specs/p384.md).
interface IP384 {
    /// @notice Whether `signature` (r, s: 96 bytes) is valid for `digest` under the key (x, y: 96 bytes).
    /// @dev Proves as well that the key is a point of the curve. Says nothing about who holds it.
    /// @param digest Any length: the leftmost 384 bits count, a shorter one whole.
    /// @param hints `p384Hints` of packages/abi, in the form of this back-end.
    function verify(bytes calldata digest, bytes calldata key, bytes calldata signature, bytes calldata hints)
        external
        view
        returns (bool);

    /// @notice Whether `signature` is valid for `digest` under the key of which `table` is the comb table.
    /// @dev The caller vouches that `table` is `P384Tables.tableOf` of the key's hash; it is not checked here.
    /// @param hints `p384HintsForTable` of packages/abi, in the form of this back-end.
    function verifyWithTable(bytes calldata digest, address table, bytes calldata signature, bytes calldata hints)
        external
        view
        returns (bool);
}
