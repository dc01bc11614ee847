// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDcapErrors} from "../../interfaces/IDcapErrors.sol";
import {TcbStatus} from "../../types/ProtocolTypes.sol";
import {SvnLevels} from "./SvnLevels.sol";
import {TcbStatuses} from "./TcbStatuses.sol";

/// @title Intel's TCB evaluation of a TDX platform, its TDX module and its QE
/// @dev Reads the packed TCB info: tdxModule (MRSIGNER 48 ‖ attributes 8 ‖ mask 8) ‖ count u8 ‖ identities (version u8 ‖
///      MRSIGNER 48 ‖ attributes 8 ‖ mask 8 ‖ levels) ‖ count u8 ‖ levels (SGX 16 ‖ TDX 16 ‖ PCESVN u16 ‖ status u8).
library TcbEvaluation {
    uint256 private constant MODULE = 64;
    uint256 private constant LEVEL = 35;

    struct Platform {
        bytes16 sgxComponents;
        uint16 pceSvn;
        /// TEE_TCB_SVN: byte 0 module ISVSVN, byte 1 module version.
        bytes16 teeTcbSvn;
        /// keccak256 of MRSIGNERSEAM.
        bytes32 mrSignerSeam;
        bytes8 seamAttributes;
    }

    /// @notice Status of the platform converged with its TDX module.
    function evaluate(bytes memory info, Platform memory p) internal pure returns (TcbStatus) {
        uint256 version = uint8(p.teeTcbSvn[1]);
        (uint256 identity, uint256 levels) = _findIdentity(info, version);
        TcbStatus platform = _platformLevel(info, levels, p, version);
        if (version == 0) {
            _checkModule(info, 0, p);
            return platform;
        }
        if (identity == 0) revert IDcapErrors.DcapModuleIdentityMissing(version);
        _checkModule(info, identity + 1, p);
        (bool found, TcbStatus module) = SvnLevels.find(info, identity + 1 + MODULE, uint8(p.teeTcbSvn[0]));
        if (!found) revert IDcapErrors.DcapModuleLevelNotFound(uint8(p.teeTcbSvn[0]));
        return TcbStatuses.converge(platform, module);
    }

    /// @dev Offset of the identity of this module version (zero: none) and of the platform levels behind the identities.
    function _findIdentity(bytes memory info, uint256 version) private pure returns (uint256 identity, uint256 levels) {
        uint256 count = uint8(info[MODULE]);
        levels = MODULE + 1;
        for (uint256 i = 0; i < count; ++i) {
            if (identity == 0 && uint8(info[levels]) == version) identity = levels;
            levels += 1 + MODULE;
            levels += 1 + 3 * uint256(uint8(info[levels]));
        }
    }

    function _checkModule(bytes memory info, uint256 pos, Platform memory p) private pure {
        bytes32 mrSigner;
        bytes8 attributes;
        bytes8 mask;
        assembly ("memory-safe") {
            let start := add(add(info, 0x20), pos)
            mrSigner := keccak256(start, 48)
            let words := mload(add(start, 48))
            attributes := and(words, shl(192, 0xffffffffffffffff))
            mask := and(shl(64, words), shl(192, 0xffffffffffffffff))
        }
        if (mrSigner != p.mrSignerSeam || p.seamAttributes & mask != attributes) {
            revert IDcapErrors.DcapModuleIdentityMismatch();
        }
    }

    /// @dev First level the platform reaches in every component. The TDX components of a module with its own identity
    ///      (version > 0) start at index 2: the first two are the module's, judged by its identity.
    function _platformLevel(bytes memory info, uint256 pos, Platform memory p, uint256 version)
        private
        pure
        returns (TcbStatus)
    {
        uint256 count = uint8(info[pos]);
        uint256 tdxFrom = version > 0 ? 2 : 0;
        ++pos;
        for (uint256 i = 0; i < count; ++i) {
            bytes16 sgx;
            bytes16 tdx;
            uint256 tail;
            assembly ("memory-safe") {
                let start := add(add(info, 0x20), pos)
                let words := mload(start)
                sgx := and(words, shl(128, 0xffffffffffffffffffffffffffffffff))
                tdx := shl(128, words)
                tail := shr(232, mload(add(start, 32)))
            }
            pos += LEVEL;
            if (p.pceSvn >= tail >> 8 && _reaches(p.sgxComponents, sgx, 0) && _reaches(p.teeTcbSvn, tdx, tdxFrom)) {
                return TcbStatus(uint8(tail));
            }
        }
        revert IDcapErrors.DcapTcbLevelNotFound();
    }

    /// @dev Component by component, never as one number: 2.1 does not reach 1.5.
    function _reaches(bytes16 actual, bytes16 needed, uint256 from) private pure returns (bool) {
        for (uint256 i = from; i < 16; ++i) {
            if (uint8(actual[i]) < uint8(needed[i])) return false;
        }
        return true;
    }
}
