// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {INvidiaKeys} from "./INvidiaKeys.sol";

/// @notice Certificates of NVIDIA's GPUs and switches below the pinned "NVIDIA Device Identity CA".
interface INvidiaEndorsements is INvidiaKeys {
    /// @notice What evidence is judged by.
    struct AttestationKey {
        /// P-384 key x ‖ y, 96 bytes.
        bytes key;
        /// 48 bytes: identity of the firmware that holds the key; empty where the certificate says none.
        bytes fwid;
        /// ASCII, left-aligned: `GH100`, `GB20X` (X: any digit), `LS10`.
        bytes32 chip;
        /// keccak256 of the SHA-256 of the SubjectPublicKeyInfo of the boot ROM's certificate: the same for every attestation key of the
        /// device, of which each firmware has another.
        bytes32 platformId;
        bool simulated;
        /// Unix seconds: the first end among certificates and OCSP answers.
        uint64 earliestExpiry;
    }

    /// @param certificate DER of the attestation key, issued by the device's boot ROM `parentId`, the third certificate below the root.
    /// @param hardwareModel Common name of the boot ROM's certificate, for example `GH100 A01 GSP BROM`: checked against it.
    function registerAttestationKey(
        bytes32 parentId,
        bytes calldata certificate,
        bytes calldata hardwareModel,
        bytes calldata proof
    ) external returns (bytes32 akId);

    /// @notice A key whose whole chain is valid and good now. Reverts with what is missing, expired or revoked.
    /// @dev Every certificate between root and leaf needs an OCSP answer. Nobody can answer for the leaf, which the device itself
    ///      has issued.
    function attestationKeyOf(bytes32 akId) external view returns (AttestationKey memory);
}
