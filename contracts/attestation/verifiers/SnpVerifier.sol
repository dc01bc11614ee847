// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Tables} from "../../crypto/P384Tables.sol";
import {ISha384} from "../../crypto/RsaPss.sol";
import {IEvidenceVerifier} from "../../interfaces/IEvidenceVerifier.sol";
import {IP384} from "../../interfaces/IP384.sol";
import {ISnpEndorsements} from "../../interfaces/ISnpEndorsements.sol";
import {ISnpErrors} from "../../interfaces/ISnpErrors.sol";
import {ISnpVerifier} from "../../interfaces/ISnpVerifier.sol";
import {ClaimFlags} from "../../types/ClaimFlags.sol";
import {Claims, TeeKind} from "../../types/ProtocolTypes.sol";
import {P384Signature} from "../libraries/P384Signature.sol";
import {SnpProducts} from "../libraries/SnpProducts.sol";
import {SnpReport} from "../libraries/SnpReport.sol";

/// @title Verifier of AMD SEV-SNP attestation reports
/// @notice See ISnpVerifier. Every check, its order and its code are those of packages/attestation/src/snp (docs/specs/snp.md).
/// @dev Proves: the firmware of the chip that `platformId` names, or with SHARED_KEY of some machine of a cloud provider, signed
///      the report at the TCB that it reports. Does NOT prove: that the guest, its policy or the TCB are wanted.
///      `product` is the line; under a VLEK, which is worth less and differs by cloud provider, keccak256(line ‖ keccak256(CSP_ID)), so
///      that a policy accepts exactly the providers it names.
contract SnpVerifier is ISnpVerifier, ISnpErrors {
    using SnpReport for bytes;
    using P384Signature for P384Signature.Backend;

    uint256 private constant REPORT = 32;
    uint256 private constant PROOF = REPORT + SnpReport.SIZE;

    ISnpEndorsements public immutable store;
    ISha384 public immutable hasher;
    IP384 public immutable p384;
    P384Tables public immutable tables;

    /// @param store_ AMD's endorsements.
    /// @param hasher_ SHA-384.
    /// @param p384_ The back-end whose hints are cheapest on this chain.
    /// @param tables_ Comb tables of keys.
    constructor(ISnpEndorsements store_, ISha384 hasher_, IP384 p384_, P384Tables tables_) {
        (store, hasher, p384, tables) = (store_, hasher_, p384_, tables_);
    }

    /// @inheritdoc ISnpVerifier
    function parse(bytes calldata evidence) external pure returns (bytes32 vekId) {
        _report(evidence).check();
        return bytes32(evidence[:REPORT]);
    }

    /// @inheritdoc IEvidenceVerifier
    function verify(bytes calldata evidence) external view returns (Claims memory claims) {
        bytes calldata report = _report(evidence);
        (uint256 head, uint256 state) = report.check();
        ISnpEndorsements.Vek memory vek = store.vekOf(bytes32(evidence[:REPORT]));
        if (SnpReport.isVlek(state) != vek.isVlek) revert SnpSigningKeyMismatch(!vek.isVlek);
        if (SnpReport.version(head) >= 3) _checkProduct(report, vek.product);
        if (!vek.isVlek) _checkChip(report, vek.identity);
        _checkTcb(report, vek);
        if (!_isSigned(evidence, report, vek)) revert SnpReportSignatureInvalid();
        _checkOrder(report);
        claims.teeKind = TeeKind.SevSnp;
        claims.simulated = vek.simulated;
        claims.flags = report.flags(head, state);
        claims.earliestExpiry = vek.earliestExpiry;
        claims.tcb = vek.tcb;
        if (vek.isVlek) {
            claims.flags |= ClaimFlags.SHARED_KEY;
            claims.product = keccak256(bytes.concat(vek.product, vek.identity));
        } else {
            (claims.product, claims.platformId) = (vek.product, vek.identity);
        }
        claims.measurement = report.measurement();
        (claims.reportDataHigh, claims.reportDataLow) = report.reportData();
    }

    function _report(bytes calldata evidence) private pure returns (bytes calldata) {
        if (evidence.length < PROOF) revert SnpReportMalformed(evidence.length < REPORT ? 0 : evidence.length - REPORT);
        return evidence[REPORT:PROOF];
    }

    /// @dev The stepping is not compared.
    function _checkProduct(bytes calldata report, bytes32 product) private pure {
        (uint256 family, uint256 model) = report.cpuid();
        bytes32 processor = SnpProducts.ofCpuid(family, model);
        if (processor == 0) revert SnpProductUnknown(bytes32((family << 8) | model));
        if (processor != product) revert SnpProductMismatch(product, processor);
    }

    function _checkChip(bytes calldata report, bytes32 platformId) private pure {
        (bytes32 chipId, bool isMasked) = report.chipId();
        if (isMasked) revert SnpChipIdMasked();
        if (chipId != platformId) revert SnpHwidMismatch(platformId, chipId);
    }

    /// @dev All four TCBs have the layout of the product; the reported one is that of the key.
    function _checkTcb(bytes calldata report, ISnpEndorsements.Vek memory vek) private pure {
        bytes8 reserved = SnpProducts.reservedTcb(vek.product);
        bytes8 reported = report.reportedTcb();
        _expectNone(reported, reserved);
        _expectNone(report.currentTcb(), reserved);
        _expectNone(report.committedTcb(), reserved);
        _expectNone(report.launchTcb(), reserved);
        if (reported != vek.tcb) revert SnpTcbMismatch(reported, vek.tcb);
    }

    function _expectNone(bytes8 tcb, bytes8 reserved) private pure {
        if (tcb & reserved != 0) revert SnpTcbReservedNonzero(tcb);
    }

    /// @dev AMD 56860, REPORTED_TCB and COMMITTED_TCB: neither can be above what runs.
    function _checkOrder(bytes calldata report) private pure {
        bytes8 current = report.currentTcb();
        if (!SnpProducts.covers(current, report.reportedTcb())) {
            revert SnpReportedTcbAboveCurrent(report.reportedTcb(), current);
        }
        if (!SnpProducts.covers(current, report.committedTcb())) {
            revert SnpCommittedTcbAboveCurrent(report.committedTcb(), current);
        }
        (bytes4 running, bytes4 committed) = report.firmware();
        if (SnpReport.firmwareNumber(committed) > SnpReport.firmwareNumber(running)) {
            revert SnpCommittedTcbAboveCurrent(bytes8(committed), bytes8(running));
        }
    }

    /// @dev ECDSA P-384 with SHA-384 over bytes 0 to 0x29F. The proof is not signed, and no claim depends on it.
    function _isSigned(bytes calldata evidence, bytes calldata report, ISnpEndorsements.Vek memory vek)
        private
        view
        returns (bool)
    {
        bytes memory key = bytes.concat(vek.key[0], vek.key[1], vek.key[2]);
        return P384Signature.Backend(hasher, p384, tables).verify(
            report[:SnpReport.SIGNED_SIZE], key, report.signature(), evidence[PROOF:]
        );
    }
}
