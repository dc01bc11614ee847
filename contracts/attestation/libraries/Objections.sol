// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAppraisalErrors as E} from "../../interfaces/IAppraisalErrors.sol";
import {IDcapErrors} from "../../interfaces/IDcapErrors.sol";
import {ClaimFlags} from "../../types/ClaimFlags.sol";
import {TeeKind} from "../../types/ProtocolTypes.sol";

/// @title Names of a policy's objections: the vendor's own code where packages/attestation has one
/// @dev Every function returns revert data.
library Objections {
    /// @param flags Denied flags that the claims carry, at least one. The one is named that packages/attestation checks first.
    function flag(TeeKind kind, uint32 flags) internal pure returns (bytes memory) {
        bytes4 selector;
        if (kind == TeeKind.SevSnp && flags & ClaimFlags.LOW_PRIVILEGE != 0) selector = E.SnpVmplTooHigh.selector;
        else if (flags & ClaimFlags.DEBUG != 0) selector = _debug(kind);
        else if (kind == TeeKind.SevSnp) selector = _snpFlag(flags);
        else if (kind == TeeKind.Tdx && flags & ClaimFlags.MIGRATABLE != 0) {
            selector = IDcapErrors.DcapServiceTdNotAccepted.selector;
        }
        if (selector == 0) return abi.encodeWithSelector(E.RegistryFlagsNotAccepted.selector, kind, flags);
        return abi.encodeWithSelector(selector);
    }

    /// @param flags Of the claims: a VLEK names its cloud provider in the product.
    function product(TeeKind kind, bytes32 name, uint32 flags) internal pure returns (bytes memory) {
        bytes4 selector = E.RegistryProductNotAccepted.selector;
        if (_isIntel(kind)) selector = E.DcapProductNotAccepted.selector;
        else if (kind == TeeKind.SevSnp && flags & ClaimFlags.SHARED_KEY != 0) selector = E.SnpCspNotAllowed.selector;
        else if (kind == TeeKind.SevSnp) selector = E.SnpProductNotAllowed.selector;
        else if (kind == TeeKind.NvidiaGpu) selector = E.NvidiaProductNotAccepted.selector;
        else return abi.encodeWithSelector(selector, kind, name);
        return abi.encodeWithSelector(selector, name);
    }

    function tcb(TeeKind kind, bytes8 required, bytes8 reported) internal pure returns (bytes memory) {
        bytes4 selector = E.RegistryTcbBelowMinimum.selector;
        if (kind == TeeKind.SevSnp) selector = E.SnpTcbBelowMinimum.selector;
        else if (kind == TeeKind.NvidiaGpu) selector = _nvidiaTcb(required, reported);
        return abi.encodeWithSelector(selector, required, reported);
    }

    function platformDenied(TeeKind kind, bytes32 platformId) internal pure returns (bytes memory) {
        if (kind == TeeKind.SevSnp) return abi.encodeWithSelector(E.SnpPlatformDenied.selector, platformId);
        return _platform(kind, platformId, E.RegistryPlatformDenied.selector);
    }

    function platformNotAllowed(TeeKind kind, bytes32 platformId) internal pure returns (bytes memory) {
        if (kind == TeeKind.SevSnp) return abi.encodeWithSelector(E.SnpPlatformNotAllowed.selector, platformId);
        return _platform(kind, platformId, E.RegistryPlatformNotAllowed.selector);
    }

    /// Order of packages/attestation/src/snp/appraise.ts.
    function _snpFlag(uint32 flags) private pure returns (bytes4) {
        if (flags & ClaimFlags.MIGRATABLE != 0) return E.SnpMigrationAgentAllowed.selector;
        if (flags & ClaimFlags.SMT_ALLOWED != 0) return E.SnpSmtAllowed.selector;
        if (flags & ClaimFlags.CXL_ALLOWED != 0) return E.SnpCxlAllowed.selector;
        if (flags & ClaimFlags.PAGE_SWAP_ALLOWED != 0) return E.SnpPageSwapAllowed.selector;
        if (flags & ClaimFlags.MULTI_SOCKET != 0) return E.SnpSingleSocketNotRequired.selector;
        if (flags & ClaimFlags.NO_AES_256_XTS != 0) return E.SnpAes256XtsNotRequired.selector;
        if (flags & ClaimFlags.CIPHERTEXT_VISIBLE != 0) return E.SnpCiphertextHidingOff.selector;
        if (flags & ClaimFlags.RAPL_ON != 0) return E.SnpRaplOn.selector;
        if (flags & ClaimFlags.NO_ALIAS_CHECK != 0) return E.SnpAliasCheckIncomplete.selector;
        if (flags & ClaimFlags.PROVISIONAL_FIRMWARE != 0) return E.SnpFirmwareProvisional.selector;
        if (flags & ClaimFlags.LAUNCHED_BELOW_TCB != 0) return E.SnpLaunchTcbBelowMinimum.selector;
        if (flags & ClaimFlags.SHARED_KEY != 0) return E.SnpVlekNotAllowed.selector;
        return 0;
    }

    /// Three bytes of the driver, then five of the VBIOS (NvidiaVerifier).
    function _nvidiaTcb(bytes8 required, bytes8 reported) private pure returns (bytes4) {
        for (uint256 i = 0; i < 3; ++i) {
            if (uint8(reported[i]) < uint8(required[i])) return E.NvidiaDriverVersionNotAccepted.selector;
        }
        return E.NvidiaVbiosVersionNotAccepted.selector;
    }

    function _debug(TeeKind kind) private pure returns (bytes4) {
        if (kind == TeeKind.Tdx) return IDcapErrors.DcapTdDebug.selector;
        if (kind == TeeKind.Sgx) return E.DcapEnclaveDebug.selector;
        if (kind == TeeKind.SevSnp) return E.SnpDebugAllowed.selector;
        if (kind == TeeKind.Cca) return E.CcaLifecycleNotAccepted.selector;
        if (kind == TeeKind.Nitro) return E.NitroDebugMode.selector;
        if (kind == TeeKind.NvidiaGpu) return E.NvidiaDebugNotExcluded.selector;
        return 0;
    }

    function _platform(TeeKind kind, bytes32 platformId, bytes4 otherwise) private pure returns (bytes memory) {
        bytes4 selector = otherwise;
        if (_isIntel(kind)) selector = E.DcapPlatformNotAccepted.selector;
        else if (kind == TeeKind.Cca) selector = E.CcaPlatformNotAccepted.selector;
        else if (kind == TeeKind.NvidiaGpu) selector = E.NvidiaPlatformNotAccepted.selector;
        return abi.encodeWithSelector(selector, platformId);
    }

    function _isIntel(TeeKind kind) private pure returns (bool) {
        return kind == TeeKind.Tdx || kind == TeeKind.Sgx;
    }
}
