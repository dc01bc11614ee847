// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Versions of an NVIDIA device's firmware as numbers that a policy can set a floor for
/// @dev Reads texts that NvidiaOpaque has found to be versions: dotted decimal parts of at most four digits for a driver, five dotted
///      hexadecimal bytes in capitals for a VBIOS; zero for none.
library NvidiaVersions {
    /// Branches count from here: 580 is 80, so that one byte holds those of the coming years. No older branch has a manifest.
    uint256 internal constant FIRST_BRANCH = 500;
    uint256 private constant VBIOS_BYTES = 5;

    /// @notice `Claims.tcb`: driver branch above 500, its second and third part, then the five bytes of the VBIOS. A part above 255 is
    ///         255, one that is not there is 0. A newer version of the same line is nowhere smaller, so a floor may be set byte by
    ///         byte; one on a later part means something only together with the parts before it.
    function tcb(bytes32 driverVersion, bytes32 vbiosVersion) internal pure returns (bytes8) {
        uint256[4] memory parts = driver(driverVersion);
        uint256 above = parts[0] > FIRST_BRANCH ? parts[0] - FIRST_BRANCH : 0;
        uint256 packed = (_byte(above) << 56) | (_byte(parts[1]) << 48) | (_byte(parts[2]) << 40);
        return bytes8(uint64(packed | _vbios(vbiosVersion)));
    }

    /// @notice Parts of a driver version, the branch first; zero for those that are not there.
    function driver(bytes32 version) internal pure returns (uint256[4] memory parts) {
        uint256 part = 0;
        for (uint256 i = 0; i < 32 && version[i] != 0; ++i) {
            if (version[i] == ".") ++part;
            else parts[part] = parts[part] * 10 + uint8(version[i]) - 0x30;
        }
    }

    function _vbios(bytes32 version) private pure returns (uint256 packed) {
        if (version == 0) return 0;
        for (uint256 i = 0; i < VBIOS_BYTES; ++i) {
            packed = (packed << 8) | (_digit(version[3 * i]) << 4) | _digit(version[3 * i + 1]);
        }
    }

    function _digit(bytes1 letter) private pure returns (uint256) {
        return letter > "9" ? uint8(letter) - 0x37 : uint8(letter) - 0x30;
    }

    function _byte(uint256 value) private pure returns (uint256) {
        return value > 0xff ? 0xff : value;
    }
}
