// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEvidenceVerifier} from "./IEvidenceVerifier.sol";

/// @notice Verifier of AMD SEV-SNP attestation reports, versions 2, 3 and 5, of Milan, Genoa and Turin.
interface ISnpVerifier is IEvidenceVerifier {
    /// @notice Checks the report alone and reverts with what is wrong with its form; `verify` does this first.
    /// @dev Proves nothing but the layout. evidence = vekId 32 ‖ report up to the end of its signature, 816 ‖ proof of that signature (P384Signature).
    /// @return vekId Id of the endorsement key in the store.
    function parse(bytes calldata evidence) external pure returns (bytes32 vekId);
}
