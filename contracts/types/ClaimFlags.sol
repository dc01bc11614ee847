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
    /// The guest may run where two threads share a core (AMD: SMT allowed).
    uint32 internal constant SMT_ALLOWED = 1 << 3;
    /// The platform has not reported that it found no aliased memory at boot (AMD: ALIAS_CHECK_COMPLETE).
    uint32 internal constant NO_ALIAS_CHECK = 1 << 4;
    /// Firmware runs that its host can still undo, or the guest was launched under a newer one (AMD: committed below current).
    uint32 internal constant PROVISIONAL_FIRMWARE = 1 << 5;
    /// The guest was launched under older firmware than the `tcb` says (AMD: LAUNCH_TCB below REPORTED_TCB).
    uint32 internal constant LAUNCHED_BELOW_TCB = 1 << 6;
    /// The guest may have memory on CXL devices (AMD).
    uint32 internal constant CXL_ALLOWED = 1 << 7;
    /// The host may swap pages of the guest out (AMD).
    uint32 internal constant PAGE_SWAP_ALLOWED = 1 << 8;
    /// The guest may run on more than one socket (AMD).
    uint32 internal constant MULTI_SOCKET = 1 << 9;
    /// The guest does not ask for memory encryption with AES-256-XTS (AMD).
    uint32 internal constant NO_AES_256_XTS = 1 << 10;
    /// Power measurement is on: a side channel (AMD: RAPL neither disabled nor forbidden).
    uint32 internal constant RAPL_ON = 1 << 11;
    /// The host can read the guest's ciphertext (AMD: ciphertext hiding neither on nor asked for).
    uint32 internal constant CIPHERTEXT_VISIBLE = 1 << 12;
    /// Less privileged software of the guest asked for the evidence (AMD: VMPL 1 to 3).
    uint32 internal constant LOW_PRIVILEGE = 1 << 13;
}
