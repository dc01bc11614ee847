// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDcapErrors} from "../../interfaces/IDcapErrors.sol";
import {TcbStatus} from "../../types/ProtocolTypes.sol";
import {SvnLevels} from "./SvnLevels.sol";

/// @title Intel's TCB evaluation of an SGX or TDX platform and its TDX module
/// @dev Reads the packed TCB info. TDX: tdxModule (MRSIGNER 48 ‖ attributes 8) ‖ count u8 ‖ identities (version u8 ‖ MRSIGNER 48 ‖
///      attributes 8 ‖ levels) ‖ count u8 ‖ levels (SGX 16 ‖ PCESVN u16 ‖ TDX 16 ‖ status u8). SGX: count and levels alone, their
///      TDX components zero. The store has parsed it, so offsets in it are not checked again.
library TcbEvaluation {
    uint256 private constant MODULE = 56;
    uint256 private constant LEVEL = 35;
    /// Every other byte of a word, and the bit above each of them.
    uint256 private constant LANES = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
    uint256 private constant CARRIES = 0x0100010001000100010001000100010001000100010001000100010001000100;

    struct Platform {
        bytes16 sgxComponents;
        uint16 pceSvn;
        /// TEE_TCB_SVN: byte 0 module ISVSVN, byte 1 module version.
        bytes16 teeTcbSvn;
        /// keccak256 of MRSIGNERSEAM.
        bytes32 mrSignerSeam;
        bytes8 seamAttributes;
    }

    /// @notice What the platform has reached.
    struct Levels {
        /// Status of the first level that its SGX part reaches.
        TcbStatus sgx;
        /// Status of the first level that all of it reaches.
        TcbStatus platform;
        /// Status of its TDX module; UpToDate for one without levels of its own (version 0).
        TcbStatus module;
        /// Offset of the platform levels in the packed TCB info.
        uint256 start;
    }

    /// @notice Status of the first level that an SGX platform reaches, by the TCB info of SGX.
    function findSgxLevel(bytes memory info, bytes16 components, uint16 pceSvn) internal pure returns (TcbStatus sgx) {
        (sgx,) = _platformLevel(info, 0, Platform(components, pceSvn, 0, 0, 0), 0);
    }

    /// @notice Finds the levels of the platform and of its TDX module, which must be the one its identity describes.
    function findLevels(bytes memory info, Platform memory p) internal pure returns (Levels memory levels) {
        uint256 version = uint8(p.teeTcbSvn[1]);
        uint256 identity;
        (identity, levels.start) = _findIdentity(info, version);
        (levels.sgx, levels.platform) = _platformLevel(info, levels.start, p, version);
        if (version == 0) {
            _checkModule(info, 0, p);
            levels.module = TcbStatus.UpToDate;
            return levels;
        }
        if (identity == 0) revert IDcapErrors.DcapModuleIdentityMissing(version);
        _checkModule(info, identity + 1, p);
        bool found;
        (found, levels.module) = SvnLevels.find(info, identity + 1 + MODULE, uint8(p.teeTcbSvn[0]));
        if (!found) revert IDcapErrors.DcapModuleLevelNotFound(uint8(p.teeTcbSvn[0]));
    }

    /// @notice Intel's advice for TD 1.5: a TD that was launched on an outdated module, while the machine runs a current one by
    ///         now, need only be launched again. Answers `status` where that does not apply.
    /// @dev Source: Intel Quote Verification Library, step 4.1.2.4.17.4.3 (TD relaunch check). The caller has seen that the QE is
    ///      UpToDate.
    /// @param teeTcbSvn2 TEE_TCB_SVN_2: byte 0 ISVSVN and byte 1 version of the module that runs now, byte 2 SVN of its loader.
    /// @param status Of platform and module together.
    function adviseRelaunch(bytes memory info, Levels memory levels, bytes16 teeTcbSvn2, TcbStatus status)
        internal
        pure
        returns (TcbStatus)
    {
        // Nothing but the module may be outdated.
        bool helps = levels.module == TcbStatus.OutOfDate
            && (status == TcbStatus.OutOfDate || status == TcbStatus.OutOfDateConfigurationNeeded)
            && (levels.sgx == TcbStatus.UpToDate || levels.sgx == TcbStatus.SWHardeningNeeded
                || levels.sgx == TcbStatus.ConfigurationNeeded
                || levels.sgx == TcbStatus.ConfigurationAndSWHardeningNeeded);
        if (!helps || !_isNewest(info, levels.start, teeTcbSvn2)) return status;
        bool asksForConfiguration = levels.sgx == TcbStatus.ConfigurationNeeded
            || levels.sgx == TcbStatus.ConfigurationAndSWHardeningNeeded
            || status == TcbStatus.OutOfDateConfigurationNeeded;
        return asksForConfiguration ? TcbStatus.TDRelaunchAdvisedConfigurationNeeded : TcbStatus.TDRelaunchAdvised;
    }

    /// @dev Whether module and loader are not below the newest level there is.
    function _isNewest(bytes memory info, uint256 start, bytes16 svns) private pure returns (bool) {
        uint256 version = uint8(svns[1]);
        // TDX components of the first level, behind the count, SGX components and PCESVN.
        uint256 components = start + 1 + 18;
        uint256 module = _byte(info, components);
        if (version != 0) {
            (uint256 identity,) = _findIdentity(info, version);
            if (identity == 0) revert IDcapErrors.DcapModuleIdentityMissing(version);
            // ISVSVN u16 of the first level of its own.
            uint256 level = identity + 1 + MODULE + 1;
            module = (_byte(info, level) << 8) | _byte(info, level + 1);
        }
        return uint8(svns[0]) >= module && uint8(svns[2]) >= _byte(info, components + 2);
    }

    /// @dev Offset of the identity of this module version (zero: none) and of the platform levels behind the identities.
    function _findIdentity(bytes memory info, uint256 version) private pure returns (uint256 identity, uint256 levels) {
        uint256 count = _byte(info, MODULE);
        levels = MODULE + 1;
        for (uint256 i = 0; i < count; ++i) {
            if (identity == 0 && _byte(info, levels) == version) identity = levels;
            levels += 1 + MODULE;
            levels += 1 + 3 * _byte(info, levels);
        }
    }

    /// @dev Intel's library demands SEAMATTRIBUTES of zero beside equality; no production module has any.
    function _checkModule(bytes memory info, uint256 pos, Platform memory p) private pure {
        bytes32 mrSigner;
        bytes8 attributes;
        assembly ("memory-safe") {
            let start := add(add(info, 0x20), pos)
            mrSigner := keccak256(start, 48)
            attributes := and(mload(add(start, 48)), shl(192, 0xffffffffffffffff))
        }
        if (mrSigner != p.mrSignerSeam || attributes != 0 || p.seamAttributes != 0) {
            revert IDcapErrors.DcapModuleIdentityMismatch();
        }
    }

    /// @dev First level that the SGX part (SGX components and PCE) reaches, and first that the TDX components reach too. Those of
    ///      a module with its own identity (version > 0) start at index 2: the first two are the module's, judged by its identity.
    function _platformLevel(bytes memory info, uint256 pos, Platform memory p, uint256 version)
        private
        pure
        returns (TcbStatus sgx, TcbStatus)
    {
        uint256 actual = uint256(bytes32(p.sgxComponents)) | uint256(uint128(p.teeTcbSvn));
        // Nothing is above 255: the two components are reached by whatever they are.
        if (version > 0) actual |= 0xffff << 112;
        uint256 count = _byte(info, pos);
        ++pos;
        for (uint256 i = 0; i < count; ++i) {
            uint256 needed;
            uint256 pceSvn;
            assembly ("memory-safe") {
                let start := add(add(info, 0x20), pos)
                let tdx := shr(128, mload(add(start, 18)))
                needed := or(shl(128, shr(128, mload(start))), tdx)
                pceSvn := shr(240, mload(add(start, 16)))
            }
            uint256 reached = p.pceSvn < pceSvn ? 0 : _reached(actual, needed);
            if (reached >> 128 == CARRIES >> 128) {
                TcbStatus status = TcbStatus(_byte(info, pos + LEVEL - 1));
                if (sgx == TcbStatus.Unknown) sgx = status;
                if (reached == CARRIES) return (sgx, status);
            }
            pos += LEVEL;
        }
        revert IDcapErrors.DcapTcbLevelNotFound();
    }

    /// @dev Compares 32 components, each with its own: 2.1 does not reach 1.5. Even and odd bytes apart, each in a lane of 16
    ///      bits: 256 + actual - needed lies between 1 and 511, so no lane borrows from the next, and its bit 8 is set if and
    ///      only if actual ≥ needed. Answers that bit of every lane, set where both of its bytes are reached.
    function _reached(uint256 actual, uint256 needed) private pure returns (uint256) {
        unchecked {
            uint256 odd = ((actual & LANES) | CARRIES) - (needed & LANES);
            uint256 even = (((actual >> 8) & LANES) | CARRIES) - ((needed >> 8) & LANES);
            return odd & even & CARRIES;
        }
    }

    function _byte(bytes memory data, uint256 pos) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := byte(0, mload(add(add(data, 0x20), pos)))
        }
    }
}
