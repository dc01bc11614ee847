// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISnpEndorsements} from "../interfaces/ISnpEndorsements.sol";
import {ISnpErrors} from "../interfaces/ISnpErrors.sol";
import {DeviceCrls} from "./DeviceCrls.sol";
import {DeviceKeys} from "./DeviceKeys.sol";
import {DataContract} from "./libraries/DataContract.sol";
import {DeviceEntry} from "./libraries/DeviceEntries.sol";
import {Fail} from "./libraries/Fail.sol";
import {SnpProducts} from "./libraries/SnpProducts.sol";
import {SnpVek} from "./libraries/SnpVek.sol";
import {X509Chain} from "./libraries/X509Chain.sol";

/// @title Store of AMD's endorsements
/// @notice See ISnpEndorsements. Order and codes are those of packages/attestation/src/snp/chain.ts.
contract SnpEndorsements is DeviceCrls, ISnpEndorsements, ISnpErrors {
    /// @dev An endorsement key: packed, and kept as code. Nothing is issued below it, so it needs no DeviceEntry.
    struct VekRecord {
        bytes32[3] key;
        /// product 5 ‖ TCB 8 ‖ notBefore 8 ‖ notAfter 8 of the whole chain ‖ isVlek 1 ‖ simulated 1 ‖ zero 1.
        bytes32 head;
        bytes32 identity;
        /// Under which the CRL of the root is kept.
        bytes32 rootIssuerId;
        bytes32 intermediateId;
        uint256 serial;
        uint256 intermediateSerial;
    }

    uint8 private constant ROOT = 1;
    uint8 private constant ASK = 2;
    uint8 private constant ASVK = 3;
    uint8 private constant ENDORSEMENT_KEY = 4;

    /// VekRecord: nine words.
    uint256 private constant RECORD_BYTES = 288;
    bytes32 private constant VCEK_NAME = keccak256("SEV-VCEK");
    bytes32 private constant VLEK_NAME = keccak256("SEV-VLEK");

    /// True: a root without a CRL passes, as simulated. Dev mode only.
    bool public immutable dangerouslySkipCrl;

    /// Data contracts with a VekRecord.
    mapping(bytes32 vekId => address) private _veks;

    /// @param crypto The cryptographic contracts of this chain.
    /// @param devMode True only on test chains: allows simulation roots.
    /// @param simulationRoots keccak256 of the DER of simulated ARKs; none in production.
    /// @param dangerouslySkipCrl_ Whether a root needs no CRL; where there is one it counts. Dev mode only.
    constructor(Crypto memory crypto, bool devMode, bytes32[] memory simulationRoots, bool dangerouslySkipCrl_)
        DeviceKeys(crypto, _pinned(), simulationRoots)
    {
        if (!devMode && (simulationRoots.length != 0 || dangerouslySkipCrl_)) revert SnpSimulationRootForbidden();
        dangerouslySkipCrl = dangerouslySkipCrl_;
    }

    /// @inheritdoc ISnpEndorsements
    function registerRoot(bytes calldata certificate) external returns (bytes32 rootId) {
        X509Chain.Certificate memory c = PARSER.certificate(certificate, SnpRootMalformed.selector);
        _expectCa(c, X509Chain.SIGNS_CERTIFICATES | X509Chain.SIGNS_CRLS, SnpRootMalformed.selector);
        // The ASK is a CA below it.
        if (c.pathLength == 0) revert SnpRootMalformed(0);
        bool simulated = _expectPinned(certificate, SnpRootNotPinned.selector);
        bytes32 product = _productNamed("ARK-", c.commonName);
        if (product == 0) revert SnpProductUnknown(0);
        rootId = _keyIdOf(0, certificate, c.signed);
        _keepRoot(rootId, c, ROOT, simulated, bytes.concat(product));
    }

    /// @inheritdoc ISnpEndorsements
    function registerIntermediate(bytes32 rootId, bytes calldata certificate) external returns (bytes32 intermediateId) {
        DeviceEntry memory root = _rootOf(rootId);
        X509Chain.Certificate memory c = _parsed(
            certificate, root, SnpIntermediateMalformed.selector, SnpIntermediateSignatureInvalid.selector
        );
        _expectCa(c, X509Chain.SIGNS_CERTIFICATES, SnpIntermediateMalformed.selector);
        if (c.issuer != root.subject) revert SnpIntermediateIssuerMismatch();
        if (!_isSigned(certificate, c.signed, root, certificate[:0])) revert SnpIntermediateSignatureInvalid();
        DeviceEntry memory own;
        bytes32 product = bytes32(root.facts);
        if (_productNamed("SEV-", c.commonName) == product) own.role = ASK;
        else if (_productNamed("SEV-VLEK-", c.commonName) == product) own.role = ASVK;
        else revert SnpIntermediateWrong();
        // AMD has six of them, which do not change: what else a root of AMD's signs is none.
        if (!root.simulated && !_isPinned(certificate)) revert SnpIntermediateWrong();
        intermediateId = _keyIdOf(rootId, certificate, c.signed);
        (own.simulated, own.facts) = (root.simulated, root.facts);
        _keep(intermediateId, rootId, root, c, own, true);
    }

    /// @inheritdoc ISnpEndorsements
    function registerVek(bytes32 intermediateId, bytes calldata certificate) external returns (bytes32 vekId) {
        DeviceEntry memory issuer = _entryOf(intermediateId, SnpIntermediateMissing.selector);
        if (issuer.role == ROOT) revert SnpIntermediateMissing(intermediateId);
        X509Chain.Certificate memory c = _parsedVek(certificate, issuer);
        bool isVlek = c.commonName == VLEK_NAME;
        if (isVlek != (issuer.role == ASVK)) revert SnpIntermediateWrong();
        if (c.issuer != issuer.subject) revert SnpVekIssuerMismatch();
        if (!_isSigned(certificate, c.signed, issuer, certificate[:0])) revert SnpVekSignatureInvalid();
        SnpVek.Facts memory facts = SnpVek.read(certificate, c.extensionsStart, c.extensionsStop, isVlek);
        if (facts.product != bytes32(issuer.facts)) revert SnpProductMismatch(bytes32(issuer.facts), facts.product);
        vekId = _keyIdOf(intermediateId, certificate, c.signed);
        if (_veks[vekId] == address(0)) _keepVek(vekId, intermediateId, issuer, c, facts, isVlek);
        emit VekRegistered(intermediateId, vekId, facts.identity, facts.product, facts.tcb, isVlek);
        emit CertificateRegistered(intermediateId, vekId, ENDORSEMENT_KEY, issuer.simulated, c.notAfter);
    }

    /// @inheritdoc ISnpEndorsements
    function uploadCrl(bytes32 rootId, bytes calldata crl, uint256 count) external {
        _uploadCrl(_rootOf(rootId), crl, crl[:0], count);
    }

    /// @inheritdoc ISnpEndorsements
    function vekOf(bytes32 vekId) external view returns (Vek memory vek) {
        address data = _veks[vekId];
        if (data == address(0)) revert SnpVekMissing(vekId);
        // Nine words, as the struct has them; only the store's own code is ever there.
        VekRecord memory r = abi.decode(DataContract.readSlice(data, 0, RECORD_BYTES), (VekRecord));
        uint256 head = uint256(r.head);
        (uint64 from, uint64 until) = (uint64(head >> 88), uint64(head >> 24));
        if (block.timestamp < from || block.timestamp > until) _refuseExpired(r.intermediateId, from, until);
        vek.earliestExpiry = _checkCrl(r, until);
        vek.key = r.key;
        vek.isVlek = uint8(head >> 16) == 1;
        vek.simulated = uint8(head >> 8) == 1 || vek.earliestExpiry == 0;
        (vek.product, vek.tcb) = (bytes32(bytes5(r.head)), bytes8(r.head << 40));
        vek.identity = r.identity;
        if (vek.earliestExpiry == 0) vek.earliestExpiry = until;
    }

    function _crlErrors() internal pure override returns (CrlErrors memory) {
        return CrlErrors({
            missing: SnpCrlMissing.selector,
            malformed: SnpCrlMalformed.selector,
            issuerMismatch: SnpCrlIssuerMismatch.selector,
            signatureInvalid: SnpCrlSignatureInvalid.selector,
            expired: SnpCrlExpired.selector,
            rollback: SnpCrlRollback.selector
        });
    }

    /// @dev keccak256 of the DER as AMD's KDS publishes it: ARK, ASK, ASVK of Milan, Genoa, Turin (docs/specs/onchain-attestation.md).
    function _pinned() private pure returns (bytes32[] memory pinned) {
        bytes32[9] memory amd = [
            bytes32(0x631fd564035c8ccf97866e09d5dbda438859755418716a746f7598a268fc23bd),
            0xf0339b7ca1121c3791d5c4b567c9eff93d6d8bc2940d6dd4de0886cb689b5d9e,
            0x8e2f3f150b3d918d144a64c133876412f01e4d5ec1f1e030e06ac77da10723ee,
            0x67d8fc62175313b97969a686cb3c0567fab12e8b3b8d962cf21c33f7a4a5ed84,
            0xfc7bc65f5b5fccc584c7aa80aac49dc4a45ec86c9b2e557f1ce4b89d73a5662a,
            0x260765c123b6ac4f2d7d71cd8743286a48f290553c818f730c4631ef64684d20,
            0x5d5329805074e13bc72fe986a83fbdbe5a37b84a521672f8a78330a925f4b955,
            0x48d68e564c570c2fb89e5f5c3627264881f5f39fecc909d3b3f9ccab00c4ea01,
            0x9496ec5f1f4e086c6820c36ba5f55d580363ff6a239e8dfcea0f83ca624fa9f9
        ];
        pinned = new bytes32[](amd.length);
        for (uint256 i = 0; i < amd.length; ++i) pinned[i] = amd[i];
    }

    function _rootOf(bytes32 rootId) private view returns (DeviceEntry memory root) {
        root = _entryOf(rootId, SnpRootMissing.selector);
        if (root.role != ROOT) revert SnpRootMissing(rootId);
    }

    /// @dev Product line for which `commonName` is keccak256(prefix ‖ line); zero when it is of none.
    function _productNamed(bytes memory prefix, bytes32 commonName) private pure returns (bytes32) {
        bytes32[3] memory lines = [SnpProducts.MILAN, SnpProducts.GENOA, SnpProducts.TURIN];
        for (uint256 i = 0; i < 3; ++i) {
            if (keccak256(bytes.concat(prefix, bytes5(lines[i]))) == commonName) return lines[i];
        }
        return 0;
    }

    function _expectCa(X509Chain.Certificate memory c, uint8 uses, bytes4 malformed) private pure {
        if (!X509Chain.isCaThat(c, uses)) Fail.word(malformed, 0);
    }

    /// @dev Parses a certificate. One that does not parse because it was changed after signing is refused for its signature.
    function _parsed(bytes calldata der, DeviceEntry memory issuer, bytes4 malformed, bytes4 signatureInvalid)
        private
        view
        returns (X509Chain.Certificate memory c)
    {
        try PARSER.certificate(der, malformed) returns (X509Chain.Certificate memory parsed) {
            return parsed;
        } catch (bytes memory reason) {
            (X509Chain.Signed memory signed,) = X509Chain.parseSigned(der, 0, der.length, malformed);
            if (!_isSigned(der, signed, issuer, der[:0])) Fail.bare(signatureInvalid);
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
    }

    /// @dev A leaf for signing with a P-384 key and one of the two common names.
    function _parsedVek(bytes calldata der, DeviceEntry memory issuer) private view returns (X509Chain.Certificate memory c) {
        c = _parsed(der, issuer, SnpVekMalformed.selector, SnpVekSignatureInvalid.selector);
        bool isNamed = c.commonName == VCEK_NAME || c.commonName == VLEK_NAME;
        bool isLeaf = !c.isCa && (!c.hasKeyUsage || c.keyUsage & X509Chain.DIGITAL_SIGNATURE != 0);
        if (isNamed && isLeaf && c.keyKind == X509Chain.KeyKind.P384) return c;
        if (!_isSigned(der, c.signed, issuer, der[:0])) revert SnpVekSignatureInvalid();
        revert SnpVekMalformed(0);
    }

    function _keepVek(
        bytes32 vekId,
        bytes32 intermediateId,
        DeviceEntry memory issuer,
        X509Chain.Certificate memory c,
        SnpVek.Facts memory facts,
        bool isVlek
    ) private {
        uint64 from = c.notBefore > issuer.chainNotBefore ? c.notBefore : issuer.chainNotBefore;
        uint64 until = c.notAfter < issuer.chainNotAfter ? c.notAfter : issuer.chainNotAfter;
        bytes32 rootIssuerId = issuer.statusIds[0];
        bytes memory head = abi.encodePacked(
            bytes5(facts.product), facts.tcb, from, until, isVlek, issuer.simulated, bytes1(0)
        );
        _veks[vekId] = DataContract.write(
            abi.encodePacked(c.key, head, facts.identity, rootIssuerId, intermediateId, c.serial, issuer.serial)
        );
    }

    /// @dev CRL of the root, and what it names.
    /// @return earliestExpiry The first of `until` and the CRL's end; zero where it was passed over.
    function _checkCrl(VekRecord memory r, uint64 until) private view returns (uint64 earliestExpiry) {
        Crl memory crl = _crls[r.rootIssuerId];
        bool skipped = dangerouslySkipCrl && crl.nextUpdate == 0;
        if (!skipped) {
            // Reverts with what is wrong.
            if (block.timestamp < crl.thisUpdate || block.timestamp > crl.nextUpdate) _currentCrl(r.rootIssuerId);
            earliestExpiry = crl.nextUpdate < until ? crl.nextUpdate : until;
        }
        if (!crl.hasRevoked) return earliestExpiry;
        uint64 revoked = revokedAt[r.rootIssuerId][r.intermediateSerial];
        if (revoked != 0) revert SnpIntermediateRevoked(revoked);
        // The CRL is the root's; a serial of the intermediate's own numbering in it is refused all the same.
        revoked = revokedAt[r.rootIssuerId][r.serial];
        if (revoked != 0) revert SnpVekRevoked(revoked);
    }

    /// @dev The root's end counts before the intermediate's, that before the endorsement key's.
    function _refuseExpired(bytes32 intermediateId, uint64 from, uint64 until) private view {
        DeviceEntry memory issuer = _entryOf(intermediateId, SnpIntermediateMissing.selector);
        DeviceEntry memory root = _entryOf(issuer.parentId, SnpRootMissing.selector);
        Fail.unlessNow(SnpRootExpired.selector, root.notBefore, root.notAfter);
        Fail.unlessNow(SnpIntermediateExpired.selector, issuer.notBefore, issuer.notAfter);
        revert SnpVekExpired(from, until);
    }
}
