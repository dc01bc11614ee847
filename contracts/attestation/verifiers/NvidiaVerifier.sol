// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Tables} from "../../crypto/P384Tables.sol";
import {ISha384} from "../../crypto/RsaPss.sol";
import {IEvidenceVerifier} from "../../interfaces/IEvidenceVerifier.sol";
import {INvidiaEndorsements} from "../../interfaces/INvidiaEndorsements.sol";
import {INvidiaErrors} from "../../interfaces/INvidiaErrors.sol";
import {INvidiaRims} from "../../interfaces/INvidiaRims.sol";
import {IP384} from "../../interfaces/IP384.sol";
import {ClaimFlags} from "../../types/ClaimFlags.sol";
import {Claims, TeeKind} from "../../types/ProtocolTypes.sol";
import {NvidiaChip} from "../libraries/NvidiaChip.sol";
import {NvidiaOpaque} from "../libraries/NvidiaOpaque.sol";
import {NvidiaReport} from "../libraries/NvidiaReport.sol";
import {NvidiaRimDocument} from "../libraries/NvidiaRimDocument.sol";
import {NvidiaVersions} from "../libraries/NvidiaVersions.sol";
import {P384Signature} from "../libraries/P384Signature.sol";

/// @title Verifier of SPDM reports of NVIDIA GPUs (Hopper, Blackwell) and NVSwitches (LS10)
/// @notice Evidence: attestation key id (32) ‖ driver RIM id (32) ‖ VBIOS RIM id (32) ‖ size of the report (4) ‖ report ‖ proof of its
///         signature (P384Signature). A switch has no driver: its driver RIM id is zero.
/// @dev Proves: the device whose attestation key is certified below NVIDIA's root signed this report as the answer to the nonce in it;
///      its firmware is what the two manifests say. Does NOT prove: that the nonce is the caller's (claims.reportDataHigh), that
///      the device sits in the machine that hands the evidence over.
contract NvidiaVerifier is IEvidenceVerifier, INvidiaErrors {
    using P384Signature for P384Signature.Backend;

    /// @dev What a report is judged by, once its signature is verified.
    struct Judged {
        NvidiaReport.Layout spdm;
        NvidiaOpaque.Fields opaque;
        INvidiaEndorsements.AttestationKey ak;
    }

    uint256 private constant DRIVER_RIM = 32;
    uint256 private constant VBIOS_RIM = 64;
    uint256 private constant SIZE = 96;
    uint256 private constant REPORT = 100;
    /// RIM index whose measurement counts only while the decoder NVDEC0 is enabled.
    uint256 private constant NVDEC0_INDEX = 35;
    /// First driver branch whose reports carry the firmware identity.
    uint256 private constant FWID_SINCE_DRIVER = 550;

    INvidiaEndorsements public immutable endorsements;
    INvidiaRims public immutable rims;
    /// @notice Whether a manifest may be left out (id zero): the claims then have the flag DEBUG, because nothing excludes it. Only on
    ///         test chains: false in production.
    bool public immutable dangerouslySkipRims;
    ISha384 private immutable _sha384;
    IP384 private immutable _p384;
    P384Tables private immutable _tables;

    constructor(
        INvidiaEndorsements endorsements_,
        INvidiaRims rims_,
        ISha384 sha384_,
        IP384 p384,
        P384Tables tables,
        bool dangerouslySkipRims_
    ) {
        // Stores that skip revocation are of a test chain: no other may leave out manifests.
        if (dangerouslySkipRims_ && !endorsements_.dangerouslySkipRevocation()) revert NvidiaDevModeRequired();
        (endorsements, rims, dangerouslySkipRims) = (endorsements_, rims_, dangerouslySkipRims_);
        (_sha384, _p384, _tables) = (sha384_, p384, tables);
    }

    /// @inheritdoc IEvidenceVerifier
    function verify(bytes calldata evidence) external view returns (Claims memory claims) {
        if (evidence.length < REPORT) revert NvidiaReportMalformed(0);
        uint256 stop = REPORT + uint32(bytes4(evidence[SIZE:REPORT]));
        if (stop > evidence.length) revert NvidiaReportMalformed(0);
        bytes calldata report = evidence[REPORT:stop];
        Judged memory judged;
        judged.spdm = NvidiaReport.parse(report);
        judged.opaque = NvidiaOpaque.parse(report, judged.spdm.opaqueStart, judged.spdm.opaqueStop);
        judged.ak = endorsements.attestationKeyOf(bytes32(evidence[:DRIVER_RIM]));
        _checkSignature(report, judged, evidence[stop:]);
        _checkFwid(report, judged);
        claims.simulated = judged.ak.simulated;
        claims.earliestExpiry = judged.ak.earliestExpiry;
        bool complete = _checkFirmware(evidence, report, judged, claims);
        claims.teeKind = TeeKind.NvidiaGpu;
        if (!complete) claims.flags = ClaimFlags.DEBUG;
        claims.product = judged.ak.chip;
        claims.platformId = judged.ak.platformId;
        claims.tcb = NvidiaVersions.tcb(judged.opaque.driverVersion, judged.opaque.vbiosVersion);
        claims.measurement = _measurement(judged);
        claims.reportDataHigh = judged.spdm.nonce;
    }

    /// @dev The attestation key signs request and response up to the signature.
    function _checkSignature(bytes calldata report, Judged memory judged, bytes calldata proof) private view {
        uint256 end = judged.spdm.signature;
        bytes calldata signature = report[end:end + NvidiaReport.SIGNATURE];
        bool valid = P384Signature.Backend(_sha384, _p384, _tables).verify(
            report[:end], judged.ak.key, signature, proof
        );
        if (!valid) revert NvidiaReportSignatureInvalid();
    }

    /// @dev Reports from driver 550 on carry the firmware identity; older ones and those of switches may not. Who claims an older driver
    ///      has to have its manifest met, and claims.tcb says so: a policy with a floor refuses it. The certificate always names one.
    function _checkFwid(bytes calldata report, Judged memory judged) private pure {
        if (judged.ak.fwid.length == 0) revert NvidiaFwidMissing();
        uint256 place = judged.opaque.fwid;
        if (place == 0) {
            if (judged.ak.chip != NvidiaChip.LS10 && _isFwidDue(judged.opaque.driverVersion)) revert NvidiaFwidMissing();
        } else if (keccak256(report[place:place + NvidiaReport.DIGEST]) != keccak256(judged.ak.fwid)) {
            revert NvidiaFwidMismatch();
        }
    }

    /// @dev Without a version the newest counts.
    function _isFwidDue(bytes32 version) private pure returns (bool) {
        return version == 0 || NvidiaVersions.driver(version)[0] >= FWID_SINCE_DRIVER;
    }

    /// @return complete Every manifest that this kind of device has is there, and every active value is met.
    function _checkFirmware(
        bytes calldata evidence,
        bytes calldata report,
        Judged memory judged,
        Claims memory claims
    ) private view returns (bool complete) {
        bytes32 driverId = bytes32(evidence[DRIVER_RIM:VBIOS_RIM]);
        bytes32 vbiosId = bytes32(evidence[VBIOS_RIM:SIZE]);
        bool isSwitch = judged.ak.chip == NvidiaChip.LS10;
        if (isSwitch && driverId != 0) revert NvidiaRimUnrelated(driverId);
        NvidiaRimDocument.Rim memory driver;
        NvidiaRimDocument.Rim memory vbios;
        if (!isSwitch) driver = _rim(driverId, judged, judged.opaque.driverVersion, false, claims);
        vbios = _rim(vbiosId, judged, judged.opaque.vbiosVersion, true, claims);
        _checkMeasurements(report, judged, driver, vbios);
        return (isSwitch || driverId != 0) && vbiosId != 0;
    }

    /// @dev A manifest that is for this firmware: edition, product and version are signed; a board is not named. VBIOS versions are
    ///      compared in capitals.
    function _rim(bytes32 id, Judged memory judged, bytes32 version, bool anyCase, Claims memory claims)
        private
        view
        returns (NvidiaRimDocument.Rim memory rim)
    {
        if (id == 0) {
            if (!dangerouslySkipRims) revert NvidiaRimMissing(id);
            return rim;
        }
        bool simulated;
        uint64 earliestExpiry;
        (rim, simulated, earliestExpiry) = rims.rimOf(id);
        bool isSwitch = judged.ak.chip == NvidiaChip.LS10;
        bool related = (rim.edition == NvidiaRimDocument.Edition.Switch) == isSwitch
            && NvidiaChip.isProduct(rim.product, judged.ak.chip, judged.opaque.chipInfo)
            && version != 0 && (anyCase ? _capitals(rim.version) : rim.version) == version;
        if (!related) revert NvidiaRimUnrelated(id);
        if (simulated) claims.simulated = true;
        if (earliestExpiry < claims.earliestExpiry) claims.earliestExpiry = earliestExpiry;
    }

    function _capitals(bytes32 text) private pure returns (bytes32 capitals) {
        for (uint256 i = 0; i < 32; ++i) {
            bytes1 letter = text[i];
            if (letter >= "a" && letter <= "z") letter ^= 0x20;
            capitals |= bytes32(letter) >> (8 * i);
        }
    }

    /// @dev Each active value must be met by one of its alternatives; a block that the report lacks is a mismatch. RIM index i is block
    ///      i + 1. Source: NVIDIA attestation SDK, generate_set_measurement_claims.
    function _checkMeasurements(
        bytes calldata report,
        Judged memory judged,
        NvidiaRimDocument.Rim memory driver,
        NvidiaRimDocument.Rim memory vbios
    ) private pure {
        if (driver.active & vbios.active != 0) revert NvidiaRimConflict(driver.active & vbios.active);
        bool hasDecoder = ((driver.active | vbios.active) >> NVDEC0_INDEX) & 1 == 1;
        if (hasDecoder && judged.opaque.nvdec0 == NvidiaOpaque.Flag.Unstated) revert NvidiaNvdecStatusInvalid();
        _compare(report, judged, driver.measurements);
        _compare(report, judged, vbios.measurements);
    }

    function _compare(bytes calldata report, Judged memory judged, bytes memory packed) private pure {
        for (uint256 pos = 0; pos < packed.length;) {
            uint256 index = uint8(packed[pos]);
            uint256 alternatives = uint8(packed[pos + 1]);
            bool counts = index != NVDEC0_INDEX || judged.opaque.nvdec0 == NvidiaOpaque.Flag.Enabled;
            if (counts) {
                uint256 place = index + 1 < NvidiaReport.INDEXES ? judged.spdm.digests[index + 1] : 0;
                if (place == 0 || !_isOneOf(report, place, packed, pos + 2, alternatives)) {
                    revert NvidiaMeasurementMismatch(index);
                }
            }
            pos += 2 + alternatives * NvidiaReport.DIGEST;
        }
    }

    /// @dev Whether the digest at `place` of the report is one of those at `pos` of `packed`.
    function _isOneOf(bytes calldata report, uint256 place, bytes memory packed, uint256 pos, uint256 alternatives)
        private
        pure
        returns (bool)
    {
        bytes32 high = bytes32(report[place:place + 32]);
        bytes16 low = bytes16(report[place + 32:place + 48]);
        for (uint256 i = 0; i < alternatives; ++i) {
            bytes32 first;
            bytes32 second;
            assembly ("memory-safe") {
                let value := add(add(packed, 0x20), add(pos, mul(i, 48)))
                first := mload(value)
                second := mload(add(value, 32))
            }
            if (first == high && bytes16(second) == low) return true;
        }
        return false;
    }

    /// @dev keccak256 of five words: chip, version of the driver, version of the VBIOS (ASCII, left-aligned; zero where it is
    ///      not stated), mode (0xff where it is not), protected PCIe (0 unstated, 1 disabled, 2 enabled).
    function _measurement(Judged memory judged) private pure returns (bytes32) {
        NvidiaOpaque.Fields memory o = judged.opaque;
        return keccak256(
            abi.encode(judged.ak.chip, o.driverVersion, o.vbiosVersion, uint256(o.mode), uint256(o.protectedPcie))
        );
    }
}
