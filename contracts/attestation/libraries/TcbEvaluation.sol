// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IDcapErrors} from "../../interfaces/IDcapErrors.sol";
import {TcbStatus} from "../../types/ProtocolTypes.sol";
import {SvnLevels} from "./SvnLevels.sol";
import {TcbStatuses} from "./TcbStatuses.sol";

/// @title Intel's TCB evaluation of a TDX platform, its TDX module and its QE
/// @dev Reads the packed TCB info: tdxModule (MRSIGNER 48 ‖ attributes 8) ‖ count u8 ‖ identities (version u8 ‖ MRSIGNER 48 ‖
///      attributes 8 ‖ levels) ‖ count u8 ‖ levels (SGX 16 ‖ PCESVN u16 ‖ TDX 16 ‖ status u8). The store has parsed it, so
///      offsets in it are not checked again.
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

    /// @dev First level the platform reaches in every component. The TDX components of a module with its own identity
    ///      (version > 0) start at index 2: the first two are the module's, judged by its identity.
    function _platformLevel(bytes memory info, uint256 pos, Platform memory p, uint256 version)
        private
        pure
        returns (TcbStatus)
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
            if (p.pceSvn >= pceSvn && _reached(actual, needed) == CARRIES) {
                return TcbStatus(_byte(info, pos + LEVEL - 1));
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
