// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {TeeKind} from "../types/ProtocolTypes.sol";

/// @notice What an appraisal policy may have against claims that a verifier has proven.
/// @dev Names are those of packages/attestation, per vendor; Intel's other ones are in IDcapErrors. `Registry…` stands where the
///      vendor's policy in TypeScript has no such rule.
interface IAppraisalErrors {
    error DcapEnclaveDebug();
    error DcapProductNotAccepted(bytes32 product);
    error DcapPlatformNotAccepted(bytes32 platformId);
    error SnpVmplTooHigh();
    error SnpDebugAllowed();
    error SnpMigrationAgentAllowed();
    error SnpSmtAllowed();
    error SnpCxlAllowed();
    error SnpPageSwapAllowed();
    error SnpSingleSocketNotRequired();
    error SnpAes256XtsNotRequired();
    error SnpCiphertextHidingOff();
    error SnpRaplOn();
    error SnpAliasCheckIncomplete();
    error SnpFirmwareProvisional();
    error SnpLaunchTcbBelowMinimum();
    error SnpVlekNotAllowed();
    error SnpTcbBelowMinimum(bytes8 required, bytes8 reported);
    error SnpProductNotAllowed(bytes32 product);
    error SnpCspNotAllowed(bytes32 product);
    error SnpPlatformDenied(bytes32 platformId);
    error SnpPlatformNotAllowed(bytes32 platformId);
    error CcaLifecycleNotAccepted();
    error CcaPlatformNotAccepted(bytes32 platformId);
    error NitroDebugMode();
    error NvidiaDebugNotExcluded();
    error NvidiaProductNotAccepted(bytes32 product);
    error NvidiaPlatformNotAccepted(bytes32 platformId);
    error NvidiaDriverVersionNotAccepted(bytes8 required, bytes8 reported);
    error NvidiaVbiosVersionNotAccepted(bytes8 required, bytes8 reported);
    error RegistryFlagsNotAccepted(TeeKind kind, uint32 flags);
    error RegistryProductNotAccepted(TeeKind kind, bytes32 product);
    error RegistryPlatformDenied(bytes32 platformId);
    error RegistryPlatformNotAllowed(bytes32 platformId);
    error RegistryTcbBelowMinimum(bytes8 required, bytes8 reported);
}
