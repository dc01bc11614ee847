// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {NvidiaRimDocument} from "../attestation/libraries/NvidiaRimDocument.sol";
import {INvidiaKeys} from "./INvidiaKeys.sol";

/// @notice Reference integrity manifests (RIM) of NVIDIA's drivers and VBIOS, read from the signed documents.
/// @dev Does NOT prove: that a manifest is the newest for its firmware, or for which board it is; the signed part names edition,
///      product and version only.
interface INvidiaRims is INvidiaKeys {
    event RimUploaded(bytes32 indexed signerId, bytes32 indexed rimId, bytes32 indexed version, bytes32 product, uint256 active);

    /// @param certificate DER of a signer of manifests below the CA `parentId`.
    function registerSigner(bytes32 parentId, bytes calldata certificate, bytes calldata proof) external returns (bytes32 signerId);

    /// @notice Keeps the reference values of one manifest. The same again is the same.
    /// @dev At once, some 300 gas a byte: 8 M at 25 kB (the longest published one has 22,059 bytes), the cap of a transaction (EIP-7825) at 53 kB.
    /// @param document Canonical XML 1.1 of the manifest without its enveloped signature.
    /// @param digest SHA-384 that the signature states for it: 48 bytes.
    /// @param signature r ‖ s over SignedInfo, which follows from the digest: NVIDIA's signatures have one form.
    /// @return rimId keccak256(signerId ‖ digest).
    function uploadRim(
        bytes32 signerId,
        bytes calldata document,
        bytes calldata digest,
        bytes calldata signature,
        bytes calldata proof
    ) external returns (bytes32 rimId);

    /// @notice A manifest whose signer's whole chain is valid and good now. Reverts with what is missing, expired or revoked.
    function rimOf(bytes32 rimId)
        external
        view
        returns (NvidiaRimDocument.Rim memory rim, bool simulated, uint64 earliestExpiry);
}
