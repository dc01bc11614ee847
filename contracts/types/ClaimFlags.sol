// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Bits of `Claims.flags`: what evidence says of its guest or platform that a policy may refuse. Values are wire format:
///         append only. A test compares them with CLAIM_FLAGS in packages/abi.
library ClaimFlags {
    /// The guest's memory is open to its host for debugging.
    uint32 internal constant DEBUG = 1 << 0;
    /// The guest may be moved elsewhere by an agent that is not measured here (migration agent, service TD).
    uint32 internal constant MIGRATABLE = 1 << 1;
    /// The signing key is shared by many machines (VLEK): the evidence names no platform.
    uint32 internal constant SHARED_KEY = 1 << 2;
}
