// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Reverts of the cryptographic contracts: what the chain or the deployment lacks, never an invalid signature
interface ICryptoErrors {
    /// @notice The table given to the constructor of P384 is not the generator's.
    error CryptoTableUnknown(bytes32 got, bytes32 expected);

    /// @notice The chain has no precompile at this address, or another one.
    error CryptoPrecompileMissing(address precompile);

    /// @notice The contract given as SHA-384 does not compute SHA-384.
    error CryptoHashWrong(address hasher);

    /// @notice Nobody has made the comb table of this key.
    error CryptoTableMissing(bytes32 keyId);
}
