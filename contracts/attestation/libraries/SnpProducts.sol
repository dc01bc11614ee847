// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Product lines of EPYC with SEV-SNP, and the layouts that depend on them
/// @dev A line is its name in ASCII, left-aligned. Bergamo and Siena are of the Genoa line: same root, same layouts.
library SnpProducts {
    bytes32 internal constant MILAN = "Milan";
    bytes32 internal constant GENOA = "Genoa";
    bytes32 internal constant TURIN = "Turin";

    /// @notice Line of a processor; zero for one not known here. The stepping says nothing about the line.
    /// @dev Source: AMD 57230. Family 0x19: models 0x00-0x0F Milan, 0x10-0x1F and 0xA0-0xAF Genoa; 0x1A: 0x00-0x11 Turin.
    function ofCpuid(uint256 family, uint256 model) internal pure returns (bytes32) {
        if (family == 0x19) {
            if (model <= 0x0f) return MILAN;
            if (model <= 0x1f || (model >= 0xa0 && model <= 0xaf)) return GENOA;
        }
        return family == 0x1a && model <= 0x11 ? TURIN : bytes32(0);
    }

    /// @notice Bytes of TCB_VERSION that no component uses; they are zero.
    /// @dev Source: AMD 56860, TCB_VERSION. Wire order: boot loader, tee, 4 reserved, snp, microcode; Turin: fmc, boot loader,
    ///      tee, snp, 3 reserved, microcode.
    function reservedTcb(bytes32 product) internal pure returns (bytes8) {
        return product == TURIN ? bytes8(0x00000000ffffff00) : bytes8(0x0000ffffffff0000);
    }

    /// @notice Bytes of CHIP_ID in use, and of hwID in a VCEK certificate.
    function chipIdSize(bytes32 product) internal pure returns (uint256) {
        return product == TURIN ? 8 : 64;
    }

    /// @notice structVersion of VCEK and VLEK certificates (AMD 57230).
    function structVersion(bytes32 product) internal pure returns (uint256) {
        return product == TURIN ? 1 : 0;
    }

    /// @notice Whether every component of `tcb` is at least that of `minimum`; both of one layout.
    /// @dev Four bytes at a time, each with a guard bit above it: a byte that is smaller borrows its guard and no other.
    function covers(bytes8 tcb, bytes8 minimum) internal pure returns (bool) {
        uint256 mask = 0x00ff00ff00ff00ff;
        uint256 guard = 0x0100010001000100;
        (uint256 a, uint256 b) = (uint64(tcb), uint64(minimum));
        unchecked {
            uint256 even = ((a & mask) | guard) - (b & mask);
            uint256 odd = (((a >> 8) & mask) | guard) - ((b >> 8) & mask);
            return even & odd & guard == guard;
        }
    }
}
