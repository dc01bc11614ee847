// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEvidenceVerifier} from "./IEvidenceVerifier.sol";

/// @notice Verifier of Intel's quotes of one TEE: TDX (versions 4 and 5) or SGX (versions 3 to 5).
interface IDcapVerifier is IEvidenceVerifier {
    /// @notice Checks the layout of evidence alone and reverts with the format errors; `verify` does this first.
    /// @dev Proves nothing but the layout. evidence = pckId ‖ quote cut before the certification data of its QE report
    ///      (docs/specs/dcap-onchain.md).
    /// @return pckId Id of the PCK certificate in the store.
    /// @return authenticationDataSize Bytes of QE authentication data.
    function parse(bytes calldata evidence) external pure returns (bytes32 pckId, uint256 authenticationDataSize);
}
