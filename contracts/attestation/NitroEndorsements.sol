// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {INitroEndorsements} from "../interfaces/INitroEndorsements.sol";
import {INitroErrors} from "../interfaces/INitroErrors.sol";
import {DeviceChains} from "./DeviceChains.sol";
import {DeviceCrls} from "./DeviceCrls.sol";
import {DeviceKeys} from "./DeviceKeys.sol";
import {DeviceEntry} from "./libraries/DeviceEntries.sol";
import {Fail} from "./libraries/Fail.sol";
import {X509Chain} from "./libraries/X509Chain.sol";
import {X509Fields} from "./libraries/X509Fields.sol";

/// @title Store of AWS's certificates and CRLs for Nitro Enclaves
/// @notice See INitroEndorsements.
contract NitroEndorsements is DeviceChains, DeviceCrls, INitroEndorsements, INitroErrors {
    // Roles.
    uint8 private constant ROOT = 0;
    uint8 private constant CA = 1;
    uint8 private constant SIGNER = 2;

    /// @notice keccak256 of the DER of "aws.nitro-enclaves" (Root G1; SHA-256 641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b).
    bytes32 public constant AWS_ROOT_G1 = 0x311d96fcd5c5e0ccf72ef548e2ea7d4c0cd53ad7c4cc49e67471aed41d61f185;
    /// @dev CRLDistributionPoints, 2.5.29.31.
    bytes3 private constant DISTRIBUTION_POINTS = 0x551d1f;

    /// @notice Whether certificates count without the CRL that they name a place for. A revocation that is kept counts even so.
    /// @dev False wherever evidence is worth something. True only to replay published documents, which come without CRLs.
    bool public immutable dangerouslySkipRevocation;

    /// @param crypto The cryptographic contracts of this chain.
    /// @param devMode True only on test chains: allows the next two.
    /// @param simulationRoots keccak256 of the DER of simulated roots; none in production.
    constructor(Crypto memory crypto, bool devMode, bytes32[] memory simulationRoots, bool dangerouslySkipRevocation_)
        DeviceKeys(crypto, _pinned(), simulationRoots)
    {
        if (!devMode && (simulationRoots.length != 0 || dangerouslySkipRevocation_)) revert NitroTestChainOnly();
        dangerouslySkipRevocation = dangerouslySkipRevocation_;
    }

    /// @inheritdoc INitroEndorsements
    function registerRoot(bytes calldata certificate) external returns (bytes32 rootId) {
        bool simulated = _expectPinned(certificate, NitroRootNotPinned.selector);
        rootId = keccak256(certificate);
        _keepRoot(rootId, _parseCa(certificate, NitroRootMalformed.selector), ROOT, simulated, "");
    }

    /// @inheritdoc INitroEndorsements
    function registerCa(bytes32 parentId, bytes calldata certificate, bytes calldata proof) external returns (bytes32) {
        return _registerBelow(parentId, certificate, _parseCa(certificate, NitroCaMalformed.selector), proof, CA);
    }

    /// @inheritdoc INitroEndorsements
    function registerCertificate(bytes32 parentId, bytes calldata certificate, bytes calldata proof)
        external
        returns (bytes32)
    {
        X509Chain.Certificate memory c = _parse(certificate, NitroCertificateMalformed.selector);
        if (c.isCa || c.keyUsage & X509Chain.DIGITAL_SIGNATURE == 0) revert NitroCertificateMalformed(0);
        return _registerBelow(parentId, certificate, c, proof, SIGNER);
    }

    /// @inheritdoc INitroEndorsements
    function uploadCrl(bytes32 caId, bytes calldata crl, bytes calldata proof, uint256 count) external {
        DeviceEntry memory issuer = _entryOf(caId, NitroCaMissing.selector);
        // Whatever a leaf says about its use of keys, it issues nothing.
        if (!issuer.isCa) revert NitroCrlIssuerMismatch();
        _uploadCrl(issuer, crl, proof, count);
    }

    /// @inheritdoc INitroEndorsements
    function signingKeyOf(bytes32 certificateId) external view returns (SigningKey memory) {
        DeviceEntry memory signer = _entryOf(certificateId, NitroCertificateMissing.selector);
        if (signer.role != SIGNER) revert NitroCertificateMissing(certificateId);
        return SigningKey({key: signer.key, simulated: signer.simulated, earliestExpiry: _checkCurrent(signer)});
    }

    function _pinned() private pure returns (bytes32[] memory pinned) {
        pinned = new bytes32[](1);
        pinned[0] = AWS_ROOT_G1;
    }

    /// @dev P-384 and ECDSA with SHA-384 only.
    function _parse(bytes calldata der, bytes4 malformed) private view returns (X509Chain.Certificate memory c) {
        c = PARSER.certificate(der, malformed);
        if (c.keyKind == X509Chain.KeyKind.P384 && c.signed.scheme == X509Chain.Scheme.EcdsaSha384) return c;
        Fail.word(malformed, 0);
    }

    function _parseCa(bytes calldata der, bytes4 malformed) private view returns (X509Chain.Certificate memory c) {
        c = _parse(der, malformed);
        if (!X509Chain.isCaThat(c, X509Chain.SIGNS_CERTIFICATES)) Fail.word(malformed, 0);
    }

    function _registerBelow(
        bytes32 parentId,
        bytes calldata der,
        X509Chain.Certificate memory c,
        bytes calldata proof,
        uint8 role
    ) private returns (bytes32 keyId) {
        DeviceEntry memory parent = _entryOf(parentId, NitroCaMissing.selector);
        DeviceEntry memory own;
        own.role = role;
        bool needsCrl = !dangerouslySkipRevocation && _namesCrl(der, c);
        keyId = _register(parentId, parent, der, c, proof, own, needsCrl);
        _refuseRevoked(parent.issuerId, c.serial, _errors(role).revoked);
    }

    /// @inheritdoc DeviceChains
    function _statusEnd(bytes32 issuerId, bool isDue) internal view override returns (uint64) {
        Crl memory crl = _crls[issuerId];
        if (crl.hasRevoked) return 0;
        if (!isDue) return type(uint64).max;
        return block.timestamp >= crl.thisUpdate && block.timestamp <= crl.nextUpdate ? crl.nextUpdate : 0;
    }

    /// @inheritdoc DeviceChains
    function _checkStatus(bytes32 issuerId, DeviceEntry memory entry) internal view override returns (uint64 end) {
        end = entry.statusDue & 1 == 1 ? _currentCrl(issuerId).nextUpdate : type(uint64).max;
        _refuseRevoked(issuerId, entry.serial, _errors(entry.role).revoked);
    }

    /// @dev A certificate without distribution points is on no CRL: AWS lets it live hours instead.
    function _namesCrl(bytes calldata der, X509Chain.Certificate memory c) private pure returns (bool) {
        uint256 pos = c.extensionsStart;
        while (pos < c.extensionsStop) {
            bytes32 id;
            (id,,, pos) = X509Fields.extension(der, pos, c.extensionsStop, NitroCaMalformed.selector);
            if (id == DISTRIBUTION_POINTS) return true;
        }
        return false;
    }

    function _errors(uint8 role) internal pure override returns (Errors memory) {
        if (role == SIGNER) {
            return Errors({
                malformed: NitroCertificateMalformed.selector,
                issuerNotCa: NitroCertificateIssuerMismatch.selector,
                pathLengthExceeded: NitroCaPathLengthExceeded.selector,
                issuerMismatch: NitroCertificateIssuerMismatch.selector,
                signatureInvalid: NitroCertificateSignatureInvalid.selector,
                expired: NitroCertificateExpired.selector,
                revoked: NitroCertificateRevoked.selector,
                missing: NitroCertificateMissing.selector
            });
        }
        return Errors({
            malformed: role == ROOT ? NitroRootMalformed.selector : NitroCaMalformed.selector,
            issuerNotCa: NitroCaIssuerMismatch.selector,
            pathLengthExceeded: NitroCaPathLengthExceeded.selector,
            issuerMismatch: NitroCaIssuerMismatch.selector,
            signatureInvalid: NitroCaSignatureInvalid.selector,
            expired: role == ROOT ? NitroRootExpired.selector : NitroCaExpired.selector,
            revoked: NitroCaRevoked.selector,
            missing: NitroCaMissing.selector
        });
    }

    function _crlErrors() internal pure override returns (CrlErrors memory) {
        return CrlErrors({
            missing: NitroCrlMissing.selector,
            malformed: NitroCrlMalformed.selector,
            issuerMismatch: NitroCrlIssuerMismatch.selector,
            signatureInvalid: NitroCrlSignatureInvalid.selector,
            expired: NitroCrlExpired.selector,
            rollback: NitroCrlRollback.selector
        });
    }
}
