// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISnpErrors} from "../../interfaces/ISnpErrors.sol";
import {ClaimFlags} from "../../types/ClaimFlags.sol";
import {Fail} from "./Fail.sol";
import {SnpProducts} from "./SnpProducts.sol";

/// @title Attestation report of SEV-SNP, versions 2, 3 and 5
/// @dev Source: AMD 56860 (SEV-SNP Firmware ABI), ATTESTATION_REPORT. Integers little-endian; bytes 0x000-0x29F are
///      signed. Version 4 has no public layout. Every function but `check` wants a report that `check` has passed.
library SnpReport {
    /// Up to the end of the signature: what lies behind it up to 0x4A0 is not signed, and zero (packages/abi checks it).
    uint256 internal constant SIZE = 0x330;
    uint256 internal constant SIGNED_SIZE = 0x2a0;
    uint256 internal constant REPORT_DATA = 0x050;
    uint256 internal constant CHIP_ID = 0x1a0;

    // Words of 32 bytes from which several fields are read.
    uint256 private constant HEAD = 0x000; // version 4, guest SVN 4, policy 8, family id 16
    uint256 private constant STATE = 0x030; // VMPL 4, algorithm 4, current TCB 8, platform info 8, key info 4, reserved 4
    uint256 private constant REPORTED = 0x180; // reported TCB 8, CPUID 3, reserved 21
    uint256 private constant COMMITTED = 0x1e0; // committed TCB 8, current and committed version 4 each, launch TCB 8, mitigations 8
    uint256 private constant MITIGATIONS = 0x200; // current mitigation vector 8, reserved up to 0x2A0
    /// r and s: 48 bytes of 72, then zeros.
    uint256 private constant R = 0x2a0;
    uint256 private constant S = 0x2e8;

    uint256 private constant VMPL_HOST = 0xffffffff;
    uint256 private constant MAX_VMPL = 3;
    /// Guest policy: bits 16 up (AMD 56860, guest policy).
    uint256 private constant SMT_ALLOWED = 1 << 16;
    uint256 private constant MUST_BE_ONE = 1 << 17;
    uint256 private constant MIGRATION_AGENT_ALLOWED = 1 << 18;
    uint256 private constant DEBUG_ALLOWED = 1 << 19;
    uint256 private constant SINGLE_SOCKET = 1 << 20;
    uint256 private constant CXL_ALLOWED = 1 << 21;
    uint256 private constant AES_256_XTS = 1 << 22;
    uint256 private constant POLICY_RAPL_DISABLED = 1 << 23;
    uint256 private constant POLICY_CIPHERTEXT_HIDING = 1 << 24;
    uint256 private constant PAGE_SWAP_DISABLED = 1 << 25;
    uint256 private constant POLICY_BITS = 26;
    /// PLATFORM_INFO. Bit 6 has no public meaning, but firmware of Turin sets it.
    uint256 private constant RAPL_DISABLED = 1 << 3;
    uint256 private constant CIPHERTEXT_HIDING = 1 << 4;
    uint256 private constant ALIAS_CHECK_COMPLETE = 1 << 5;
    /// Key information.
    uint256 private constant MASK_CHIP_KEY = 1 << 1;
    uint256 private constant KEY_BITS = 5;
    uint256 private constant VCEK = 0;
    uint256 private constant VLEK = 1;
    uint256 private constant NONE = 7;

    /// @notice Reverts unless the report has its documented layout, every reserved bit its value, and a guest asked for it.
    /// @dev Proves nothing about who made it.
    /// @return head Version, guest SVN and policy as numbers: `version` and `flags` take it.
    /// @return state VMPL, algorithm, platform and key information as numbers: `isVlek` and `flags` take it.
    function check(bytes calldata report) internal pure returns (uint256 head, uint256 state) {
        if (report.length != SIZE) revert ISnpErrors.SnpReportMalformed(report.length);
        (head, state) = (_reversed(_word(report, HEAD)), _reversed(_word(report, STATE)));
        uint256 v = version(head);
        if (v != 2 && v != 3 && v != 5) revert ISnpErrors.SnpReportVersionUnsupported(v);
        if (uint32(state >> 32) != 1) revert ISnpErrors.SnpSignatureAlgorithmUnsupported(uint32(state >> 32));
        _checkReserved(report, state, v);
        uint256 policy = _policy(head);
        if (policy >> POLICY_BITS != 0) revert ISnpErrors.SnpPolicyReservedNonzero(policy);
        if (policy & MUST_BE_ONE == 0) revert ISnpErrors.SnpPolicyBit17Clear(policy);
        uint256 vmpl = uint32(state);
        if (vmpl > MAX_VMPL && vmpl != VMPL_HOST) revert ISnpErrors.SnpVmplInvalid(vmpl);
        if (_platformInfo(state) > 0xff) revert ISnpErrors.SnpReportReservedNonzero(0x040);
        _checkKeyInfo(uint32(state >> 192));
        _checkPadding(report);
        // SNP_HV_REPORT_REQ: the host chose REPORTDATA.
        if (vmpl == VMPL_HOST) revert ISnpErrors.SnpHostRequested();
    }

    function version(uint256 head) internal pure returns (uint256) {
        return uint32(head);
    }

    /// @notice Whether a cloud provider's key (VLEK) signed, else the chip's (VCEK).
    function isVlek(uint256 state) internal pure returns (bool) {
        return (state >> 194) & 7 == VLEK;
    }

    /// @notice CPUID family and model; before version 3 there is none.
    function cpuid(bytes calldata report) internal pure returns (uint256 family, uint256 model) {
        bytes32 word = _word(report, REPORTED);
        (family, model) = (uint8(word[8]), uint8(word[9]));
    }

    function reportedTcb(bytes calldata report) internal pure returns (bytes8) {
        return bytes8(_word(report, REPORTED));
    }

    function currentTcb(bytes calldata report) internal pure returns (bytes8) {
        return bytes8(_word(report, STATE) << 64);
    }

    function committedTcb(bytes calldata report) internal pure returns (bytes8) {
        return bytes8(_word(report, COMMITTED));
    }

    function launchTcb(bytes calldata report) internal pure returns (bytes8) {
        return bytes8(_word(report, COMMITTED) << 128);
    }

    /// @notice keccak256 of CHIP_ID, and whether it is masked (all zero).
    function chipId(bytes calldata report) internal pure returns (bytes32 id, bool isMasked) {
        id = keccak256(report[CHIP_ID:CHIP_ID + 64]);
        isMasked = _word(report, CHIP_ID) | _word(report, CHIP_ID + 32) == 0;
    }

    /// @notice First and second half of REPORTDATA.
    function reportData(bytes calldata report) internal pure returns (bytes32 high, bytes32 low) {
        return (_word(report, REPORT_DATA), _word(report, REPORT_DATA + 32));
    }

    /// @notice keccak256 of all that says what the guest is: guest SVN 4 ‖ policy 8 ‖ FAMILY_ID 16 ‖ IMAGE_ID 16 ‖ VMPL 4 ‖
    ///         MEASUREMENT 48 ‖ HOST_DATA 32 ‖ ID_KEY_DIGEST 48 ‖ AUTHOR_KEY_DIGEST 48, each as it stands in the report.
    function measurement(bytes calldata report) internal pure returns (bytes32) {
        return keccak256(bytes.concat(report[0x004:0x034], report[0x090:0x140]));
    }

    /// @notice r ‖ s, 96 bytes, big-endian.
    function signature(bytes calldata report) internal pure returns (bytes memory rs) {
        rs = new bytes(96);
        (uint256 rLow, uint256 rHigh) = (_reversed(_word(report, R)), _reversed(_word(report, R + 32)));
        (uint256 sLow, uint256 sHigh) = (_reversed(_word(report, S)), _reversed(_word(report, S + 32)));
        assembly ("memory-safe") {
            // Of the high words only the first 16 bytes in the report are the number's: the last ones here.
            mstore(add(rs, 32), shl(128, rHigh))
            mstore(add(rs, 48), rLow)
            mstore(add(rs, 80), or(shl(128, sHigh), shr(128, sLow)))
            mstore(add(rs, 96), sLow)
        }
    }

    /// @notice Bits of ClaimFlags, but for SHARED_KEY. Reserved bytes of all TCBs have to be zero.
    function flags(bytes calldata report, uint256 head, uint256 state) internal pure returns (uint32 f) {
        (uint256 policy, uint256 platform) = (_policy(head), _platformInfo(state));
        if (policy & DEBUG_ALLOWED != 0) f |= ClaimFlags.DEBUG;
        if (policy & MIGRATION_AGENT_ALLOWED != 0) f |= ClaimFlags.MIGRATABLE;
        if (policy & SMT_ALLOWED != 0) f |= ClaimFlags.SMT_ALLOWED;
        if (policy & CXL_ALLOWED != 0) f |= ClaimFlags.CXL_ALLOWED;
        if (policy & PAGE_SWAP_DISABLED == 0) f |= ClaimFlags.PAGE_SWAP_ALLOWED;
        if (policy & SINGLE_SOCKET == 0) f |= ClaimFlags.MULTI_SOCKET;
        if (policy & AES_256_XTS == 0) f |= ClaimFlags.NO_AES_256_XTS;
        if (policy & POLICY_RAPL_DISABLED == 0 && platform & RAPL_DISABLED == 0) f |= ClaimFlags.RAPL_ON;
        if (policy & POLICY_CIPHERTEXT_HIDING == 0 && platform & CIPHERTEXT_HIDING == 0) f |= ClaimFlags.CIPHERTEXT_VISIBLE;
        if (platform & ALIAS_CHECK_COMPLETE == 0) f |= ClaimFlags.NO_ALIAS_CHECK;
        if (uint32(state) != 0) f |= ClaimFlags.LOW_PRIVILEGE;
        if (_isProvisional(report)) f |= ClaimFlags.PROVISIONAL_FIRMWARE;
        if (!SnpProducts.covers(launchTcb(report), reportedTcb(report))) f |= ClaimFlags.LAUNCHED_BELOW_TCB;
    }

    /// @notice Firmware that runs and that the host cannot go below any more: build, minor, major, zero, as in the report.
    function firmware(bytes calldata report) internal pure returns (bytes4 current, bytes4 committed) {
        bytes32 word = _word(report, COMMITTED);
        return (bytes4(word << 64), bytes4(word << 96));
    }

    /// @notice major ‖ minor ‖ build of a firmware version as a number to compare.
    function firmwareNumber(bytes4 firmwareVersion) internal pure returns (uint256) {
        return (uint256(uint8(firmwareVersion[2])) << 16) | (uint256(uint8(firmwareVersion[1])) << 8)
            | uint8(firmwareVersion[0]);
    }

    /// @dev Firmware that is not committed: the host can go back to an older one.
    function _isProvisional(bytes calldata report) private pure returns (bool) {
        (bytes4 current, bytes4 committed) = firmware(report);
        bytes8 running = currentTcb(report);
        return current != committed || !SnpProducts.covers(committedTcb(report), running)
            || !SnpProducts.covers(running, launchTcb(report));
    }

    function _policy(uint256 head) private pure returns (uint256) {
        return uint64(head >> 64);
    }

    function _platformInfo(uint256 state) private pure returns (uint256) {
        return uint64(state >> 128);
    }

    function _checkReserved(bytes calldata report, uint256 state, uint256 v) private pure {
        uint256 cpuidMask = v < 3 ? type(uint192).max : type(uint168).max;
        uint256 wrong = (state >> 224) | (uint256(_word(report, REPORTED)) & cpuidMask);
        uint256 committed = uint256(_word(report, COMMITTED));
        uint256 mitigations = uint256(_word(report, MITIGATIONS));
        wrong |= (committed & (0xff000000ff << 128)) | (mitigations & type(uint192).max);
        if (v < 5) wrong |= uint64(committed) | mitigations;
        // Bytes 0x220 to 0x29F.
        wrong |= uint256(_word(report, 0x220) | _word(report, 0x240) | _word(report, 0x260) | _word(report, 0x280));
        if (wrong == 0) return;
        // Which byte it is, only for the error.
        bytes4 err = ISnpErrors.SnpReportReservedNonzero.selector;
        _expectZero(report, 0x04c, 0x050, err);
        _expectZero(report, v < 3 ? 0x188 : 0x18b, 0x1a0, err);
        _expectZero(report, 0x1eb, 0x1ec, err);
        _expectZero(report, 0x1ef, 0x1f0, err);
        _expectZero(report, v < 5 ? 0x1f8 : 0x208, SIGNED_SIZE, err);
    }

    /// @dev With a masked chip key the firmware writes zeros where the signature of a VCEK would stand; a VLEK still signs.
    function _checkKeyInfo(uint256 keyInfo) private pure {
        if (keyInfo >> KEY_BITS != 0) revert ISnpErrors.SnpReportReservedNonzero(0x048);
        uint256 signingKey = (keyInfo >> 2) & 7;
        bool isMasked = keyInfo & MASK_CHIP_KEY != 0 && signingKey == VCEK;
        if (isMasked || signingKey == NONE) revert ISnpErrors.SnpReportUnsigned(keyInfo);
        if (signingKey > VLEK) revert ISnpErrors.SnpSigningKeyUnsupported(signingKey);
    }

    /// @dev Bytes 48 to 71 of r and of s.
    function _checkPadding(bytes calldata report) private pure {
        if ((_word(report, R + 48) | _word(report, S + 40) << 64) >> 64 == 0) return;
        bytes4 err = ISnpErrors.SnpSignaturePaddingNonzero.selector;
        _expectZero(report, R + 48, S, err);
        _expectZero(report, S + 48, SIZE, err);
    }

    /// @dev Reverts with the offset of the first byte in [start, stop) that is not zero.
    function _expectZero(bytes calldata report, uint256 start, uint256 stop, bytes4 err) private pure {
        for (uint256 pos = start; pos < stop; ++pos) {
            if (report[pos] != 0) Fail.word(err, pos);
        }
    }

    /// @dev The 32 bytes at `offset` ≤ SIZE - 32.
    function _word(bytes calldata report, uint256 offset) private pure returns (bytes32 value) {
        assembly ("memory-safe") {
            value := calldataload(add(report.offset, offset))
        }
    }

    /// @dev The word as a little-endian number: neighbouring bytes change places first, then pairs, and so on.
    function _reversed(bytes32 word) private pure returns (uint256) {
        uint256 v = uint256(word);
        v = ((v >> 8) & 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff)
            | ((v & 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff) << 8);
        v = ((v >> 16) & 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff)
            | ((v & 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff) << 16);
        v = ((v >> 32) & 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff)
            | ((v & 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff) << 32);
        v = ((v >> 64) & 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff)
            | ((v & 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff) << 64);
        return (v >> 128) | (v << 128);
    }
}
