// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {INitroEndorsements} from "../interfaces/INitroEndorsements.sol";
import {INitroErrors} from "../interfaces/INitroErrors.sol";
import {DeviceKeys} from "./DeviceKeys.sol";
import {Fail} from "./libraries/Fail.sol";
import {X509Chain} from "./libraries/X509Chain.sol";

/// @title Store of AWS's certificates and CRLs for Nitro Enclaves
/// @notice See INitroEndorsements.
contract NitroEndorsements is DeviceKeys, INitroEndorsements, INitroErrors {
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

    /// @param testChain True only on test chains: allows the next two.
    /// @param simulationRoot keccak256 of the DER of a simulation root; zero for none.
    constructor(Crypto memory crypto, bool testChain, bytes32 simulationRoot, bool dangerouslySkipRevocation_)
        DeviceKeys(crypto, _pins(simulationRoot))
    {
        if (!testChain && (simulationRoot != 0 || dangerouslySkipRevocation_)) revert NitroTestChainOnly();
        dangerouslySkipRevocation = dangerouslySkipRevocation_;
    }

    /// @inheritdoc INitroEndorsements
    function registerRoot(bytes calldata certificate) external returns (bytes32 rootId) {
        (bool pinned, bool simulated) = _isPinned(certificate);
        rootId = keccak256(certificate);
        if (!pinned) revert NitroRootNotPinned(rootId);
        X509Chain.Certificate memory c = _parse(certificate, NitroRootMalformed.selector);
        _expectCa(c, NitroRootMalformed.selector);
        Entry memory none;
        Entry memory own;
        (own.role, own.simulated) = (ROOT, simulated);
        _keep(rootId, 0, none, c, own);
    }

    /// @inheritdoc INitroEndorsements
    function registerCa(bytes32 parentId, bytes calldata certificate, bytes calldata proof) external returns (bytes32) {
        X509Chain.Certificate memory c = _parse(certificate, NitroCaMalformed.selector);
        _expectCa(c, NitroCaMalformed.selector);
        return _register(parentId, certificate, c, proof, CA);
    }

    /// @inheritdoc INitroEndorsements
    function registerCertificate(bytes32 parentId, bytes calldata certificate, bytes calldata proof)
        external
        returns (bytes32)
    {
        X509Chain.Certificate memory c = _parse(certificate, NitroCertificateMalformed.selector);
        if (c.isCa || c.keyUsage & X509Chain.DIGITAL_SIGNATURE == 0) revert NitroCertificateMalformed(0);
        return _register(parentId, certificate, c, proof, SIGNER);
    }

    /// @inheritdoc INitroEndorsements
    function uploadCrl(bytes32 caId, bytes calldata crl, bytes calldata proof, uint256 count) external {
        Entry memory issuer = _entryOf(caId, NitroCaMissing.selector);
        // Whatever a leaf says about its use of keys, it issues nothing.
        if (!issuer.isCa) revert NitroCrlIssuerMismatch();
        _uploadCrl(issuer, crl, proof, count);
    }

    /// @inheritdoc INitroEndorsements
    function signingKeyOf(bytes32 certificateId) external view returns (SigningKey memory) {
        Entry[] memory chain = _chainOf(certificateId, NitroCertificateMissing.selector);
        if (chain[0].role != SIGNER) revert NitroCertificateMissing(certificateId);
        uint64 earliestExpiry = _checkCurrent(chain);
        return SigningKey({key: chain[0].key, simulated: chain[0].simulated, earliestExpiry: earliestExpiry});
    }

    function _pins(bytes32 simulationRoot) private pure returns (Pin[] memory pins) {
        pins = new Pin[](simulationRoot == 0 ? 1 : 2);
        pins[0] = Pin({certificateHash: AWS_ROOT_G1, simulated: false});
        if (simulationRoot != 0) pins[1] = Pin({certificateHash: simulationRoot, simulated: true});
    }

    /// @dev P-384 and ECDSA with SHA-384 only.
    function _parse(bytes calldata der, bytes4 malformed) private view returns (X509Chain.Certificate memory c) {
        c = PARSER.certificate(der, malformed);
        if (c.keyKind == X509Chain.KeyKind.P384 && c.signed.scheme == X509Chain.Scheme.EcdsaSha384) return c;
        Fail.word(malformed, 0);
    }

    function _expectCa(X509Chain.Certificate memory c, bytes4 malformed) private pure {
        if (!c.isCa || c.keyUsage & X509Chain.SIGNS_CERTIFICATES == 0) Fail.word(malformed, 0);
    }

    function _register(
        bytes32 parentId,
        bytes calldata der,
        X509Chain.Certificate memory c,
        bytes calldata proof,
        uint8 role
    ) private returns (bytes32 keyId) {
        Entry memory parent = _entryOf(parentId, NitroCaMissing.selector);
        _checkIssued(der, c, parent, proof, _errors(role));
        keyId = _keyIdOf(parentId, der, c.signed);
        Entry memory own;
        (own.role, own.simulated) = (role, parent.simulated);
        own.needsCrl = !dangerouslySkipRevocation && _namesCrl(der, c);
        _keep(keyId, parentId, parent, c, own);
    }

    /// @dev A certificate without distribution points is on no CRL: AWS lets it live hours instead.
    function _namesCrl(bytes calldata der, X509Chain.Certificate memory c) private pure returns (bool) {
        uint256 pos = c.extensionsStart;
        while (pos < c.extensionsStop) {
            bytes32 id;
            (id,,, pos) = X509Chain.extension(der, pos, c.extensionsStop, NitroCaMalformed.selector);
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
