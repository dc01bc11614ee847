// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Claims} from "../types/ProtocolTypes.sol";

/// @notice One TEE kind's verifier: bytes in, claims out. Reverts with the reason when anything fails.
interface IEvidenceVerifier {
    /// @notice Verifies evidence with the endorsements held by the store at block.timestamp.
    /// @dev Proves: the evidence is signed by genuine hardware under the pinned root (or the simulation root, flagged).
    ///      Does NOT prove: that the measurement is wanted, freshness, or that the platform's owner has not extracted keys.
    /// @param evidence Encoding of the TEE kind (docs/specs/onchain-attestation.md).
    function verify(bytes calldata evidence) external view returns (Claims memory claims);
}
