// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Tables} from "../../crypto/P384Tables.sol";
import {ISha384} from "../../crypto/RsaPss.sol";
import {IEvidenceVerifier} from "../../interfaces/IEvidenceVerifier.sol";
import {INitroEndorsements} from "../../interfaces/INitroEndorsements.sol";
import {INitroErrors} from "../../interfaces/INitroErrors.sol";
import {IP384} from "../../interfaces/IP384.sol";
import {ClaimFlags} from "../../types/ClaimFlags.sol";
import {Claims, TeeKind} from "../../types/ProtocolTypes.sol";
import {Der} from "../libraries/Der.sol";
import {Fail} from "../libraries/Fail.sol";
import {NitroDocument} from "../libraries/NitroDocument.sol";
import {P384Signature} from "../libraries/P384Signature.sol";

/// @title Verifier of AWS Nitro attestation documents
/// @notice Evidence and claims: docs/specs/onchain-attestation.md. The layout is NitroDocument's.
/// @dev Proves: a hypervisor of AWS under the pinned root signed the document, and the chain in the document is the registered one and
///      in force now. Does NOT prove: freshness within the three hours that a signing certificate lives (the registry's challenge
///      does), that the PCRs are wanted, or anything against AWS, which runs the machine. AWS names no machine: platformId is zero.
///      (r, n - s) is valid as well, so the same document has two encodings: evidence counts by what it binds, never by its bytes.
contract NitroVerifier is IEvidenceVerifier, INitroErrors {
    using NitroDocument for bytes;
    using NitroDocument for NitroDocument.Document;
    using P384Signature for P384Signature.Backend;

    /// @dev PCR3 and PCR4 are the IAM role and the id of the parent instance: where an enclave runs, not what.
    uint256 private constant PARENT_PCRS = 1 << 3 | 1 << 4;
    uint256 private constant REPORT_DATA_BYTES = 64;

    INitroEndorsements public immutable store;
    ISha384 private immutable _sha384;
    IP384 private immutable _p384;
    P384Tables private immutable _tables;

    /// @param store_ Where the certificates are.
    /// @param sha384 Sha512.
    /// @param p384 A back-end of P-384.
    /// @param tables Of the same back-end.
    constructor(INitroEndorsements store_, ISha384 sha384, IP384 p384, P384Tables tables) {
        store = store_;
        (_sha384, _p384, _tables) = (sha384, p384, tables);
    }

    /// @notice The form of the evidence alone.
    /// @return certificateId Id of the signing certificate, as the document carries it.
    /// @return signedStop Where what is signed ends, and the proof of the signature begins.
    function parse(bytes calldata evidence) external pure returns (bytes32 certificateId, uint256 signedStop) {
        NitroDocument.Document memory document = NitroDocument.parse(evidence);
        certificateId = _certificateId(document.payloadOf(evidence), document);
        _expectId(evidence, certificateId);
        signedStop = document.signedStop;
    }

    /// @inheritdoc IEvidenceVerifier
    function verify(bytes calldata evidence) external view returns (Claims memory claims) {
        NitroDocument.Document memory document = NitroDocument.parse(evidence);
        bytes calldata payload = document.payloadOf(evidence);
        bytes32 certificateId = _certificateId(payload, document);
        _expectId(evidence, certificateId);
        INitroEndorsements.SigningKey memory signer = store.signingKeyOf(certificateId);
        _checkSignature(evidence, document.signedStop, signer.key);
        claims.teeKind = TeeKind.Nitro;
        claims.simulated = signer.simulated;
        claims.earliestExpiry = signer.earliestExpiry;
        claims.product = "Nitro";
        if (_isDebug(payload, document.pcrs)) claims.flags = ClaimFlags.DEBUG;
        claims.measurement = _measurement(payload, document.pcrs);
        bytes calldata userData = payload.slice(document.userData);
        if (userData.length == REPORT_DATA_BYTES) {
            claims.reportDataHigh = bytes32(userData);
            claims.reportDataLow = bytes32(userData[32:]);
        }
    }

    function _checkSignature(bytes calldata evidence, uint256 signedStop, bytes memory key) private view {
        bytes calldata signature = evidence[NitroDocument.SIGNATURE:NitroDocument.SIGNED];
        bool valid = P384Signature.Backend(_sha384, _p384, _tables).verify(
            evidence[NitroDocument.SIGNED:signedStop], key, signature, evidence[signedStop:]
        );
        if (!valid) revert NitroDocumentSignatureInvalid();
    }

    /// @dev Id of the signing certificate below its bundle, as NitroEndorsements makes ids: of every signed part, root to leaf.
    function _certificateId(bytes calldata payload, NitroDocument.Document memory document)
        private
        pure
        returns (bytes32 id)
    {
        uint256[] memory bundle = document.bundle;
        id = keccak256(payload.slice(bundle[0]));
        for (uint256 i = 1; i < bundle.length; ++i) {
            id = _idBelow(id, payload.slice(bundle[i]), NitroCaMalformed.selector);
        }
        id = _idBelow(id, payload.slice(document.certificate), NitroCertificateMalformed.selector);
    }

    /// @dev The id in front of the evidence is not signed: it only says what the sender meant.
    function _expectId(bytes calldata evidence, bytes32 carried) private pure {
        bytes32 given = bytes32(evidence[:32]);
        if (given != carried) revert NitroCertificateMismatch(given, carried);
    }

    function _idBelow(bytes32 parentId, bytes calldata der, bytes4 malformed) private pure returns (bytes32) {
        (uint256 start, uint256 stop) = Der.expect(der, 0, der.length, Der.SEQUENCE, malformed);
        if (stop != der.length) Fail.word(malformed, stop);
        (, stop) = Der.expect(der, start, stop, Der.SEQUENCE, malformed);
        return keccak256(bytes.concat(parentId, keccak256(der[start:stop])));
    }

    /// @dev PCR0, PCR1 and PCR2 are zero: the parent instance reads the console. One that is not there measures nothing either.
    function _isDebug(bytes calldata payload, uint256[32] memory pcrs) private pure returns (bool) {
        for (uint256 index = 0; index < 3; ++index) {
            bytes calldata value = payload.slice(pcrs[index]);
            if (value.length == 0) continue;
            // 32, 48 or 64 bytes: the first and the last 32 cover all.
            if (bytes32(value) != 0 || bytes32(value[value.length - 32:]) != 0) return false;
        }
        return true;
    }

    /// @dev keccak256 of index ‖ size ‖ value of every PCR in the document but the parent instance's, by ascending index.
    function _measurement(bytes calldata payload, uint256[32] memory pcrs)
        private
        pure
        returns (bytes32 measurement)
    {
        assembly ("memory-safe") {
            let start := mload(0x40)
            let place := start
            for { let index := 0 } lt(index, 32) { index := add(index, 1) } {
                let range := mload(add(pcrs, shl(5, index)))
                if or(iszero(range), and(shr(index, PARENT_PCRS), 1)) { continue }
                let from := shr(128, range)
                let size := sub(and(range, 0xffffffffffffffffffffffffffffffff), from)
                mstore8(place, index)
                mstore8(add(place, 1), size)
                calldatacopy(add(place, 2), add(payload.offset, from), size)
                place := add(place, add(size, 2))
            }
            measurement := keccak256(start, sub(place, start))
        }
    }
}
