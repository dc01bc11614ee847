// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Sha512} from "../crypto/Sha512.sol";
import {INvidiaErrors} from "../interfaces/INvidiaErrors.sol";
import {INvidiaKeys} from "../interfaces/INvidiaKeys.sol";
import {DeviceChains} from "./DeviceChains.sol";
import {DeviceKeys} from "./DeviceKeys.sol";
import {NvidiaParser} from "./NvidiaParser.sol";
import {DeviceEntry} from "./libraries/DeviceEntries.sol";
import {Fail} from "./libraries/Fail.sol";
import {NvidiaOcsp} from "./libraries/NvidiaOcsp.sol";
import {X509Chain} from "./libraries/X509Chain.sol";

/// @title What NVIDIA's two stores share: certificates below a pinned root, revocation by OCSP
/// @notice See INvidiaKeys.
abstract contract NvidiaKeys is DeviceChains, INvidiaKeys, INvidiaErrors {
    /// One slot.
    struct Answer {
        NvidiaOcsp.Status status;
        uint64 thisUpdate;
        uint64 nextUpdate;
    }

    /// Errors that device and manifest have each of their own, beside Errors.
    struct OcspErrors {
        /// error(bytes32 id)
        bytes4 missing;
        /// error(uint64 since)
        bytes4 onHold;
        /// error(bytes32 certificateHash)
        bytes4 rootNotPinned;
        /// error(bytes32 id): not the certificate of a key that signs evidence or manifests
        bytes4 leafMissing;
    }

    uint8 internal constant ROOT = 0;
    uint8 internal constant CA = 1;
    uint8 internal constant LEAF = 2;

    /// @inheritdoc INvidiaKeys
    bool public immutable dangerouslySkipRevocation;
    NvidiaParser internal immutable NVIDIA;
    mapping(bytes32 keyId => Answer) private _answers;

    /// @param crypto The cryptographic contracts of this chain.
    /// @param parser Of NVIDIA's own formats.
    /// @param root keccak256 of the DER of the vendor's root.
    /// @param devMode True only on test chains: allows the next two.
    /// @param simulationRoots keccak256 of the DER of simulated roots; none in production.
    constructor(
        Crypto memory crypto,
        NvidiaParser parser,
        bytes32 root,
        bool devMode,
        bytes32[] memory simulationRoots,
        bool dangerouslySkipRevocation_
    ) DeviceKeys(crypto, _only(root), simulationRoots) {
        if (!devMode && (simulationRoots.length != 0 || dangerouslySkipRevocation_)) revert NvidiaDevModeRequired();
        dangerouslySkipRevocation = dangerouslySkipRevocation_;
        NVIDIA = parser;
    }

    function _only(bytes32 root) private pure returns (bytes32[] memory pinned) {
        pinned = new bytes32[](1);
        pinned[0] = root;
    }

    function _ocspErrors() internal pure virtual returns (OcspErrors memory);
    /// @dev Whether a leaf needs an answer too.
    function _leafNeedsAnswer() internal pure virtual returns (bool);
    /// @dev What to keep of a CA.
    function _factsOfCa(X509Chain.Certificate memory) internal pure virtual returns (bytes memory) {
        return "";
    }

    /// @inheritdoc INvidiaKeys
    function ocspAnswers(bytes32 keyId) external view returns (uint8, uint64, uint64) {
        Answer memory answer = _answers[keyId];
        return (uint8(answer.status), answer.thisUpdate, answer.nextUpdate);
    }

    /// @inheritdoc INvidiaKeys
    function registerRoot(bytes calldata certificate) external returns (bytes32 keyId) {
        bool simulated = _expectPinned(certificate, _ocspErrors().rootNotPinned);
        Errors memory errors = _errors(ROOT);
        X509Chain.Certificate memory c = _parsedCa(certificate, errors);
        Fail.unlessNow(errors.expired, c.notBefore, c.notAfter);
        keyId = _keyIdOf(0, certificate, c.signed);
        _keepRoot(keyId, c, ROOT, simulated, "");
    }

    /// @inheritdoc INvidiaKeys
    function registerCa(bytes32 parentId, bytes calldata certificate, bytes calldata proof) external returns (bytes32) {
        X509Chain.Certificate memory c = _parsedCa(certificate, _errors(CA));
        return _registerBelow(parentId, certificate, c, proof, CA, _factsOfCa(c));
    }

    function _parsedCa(bytes calldata der, Errors memory errors) private view returns (X509Chain.Certificate memory c) {
        c = PARSER.certificate(der, errors.malformed);
        if (!X509Chain.isCaThat(c, X509Chain.SIGNS_CERTIFICATES)) Fail.bare(errors.issuerNotCa);
    }

    function _parsedLeaf(bytes calldata der) internal view returns (X509Chain.Certificate memory c) {
        bytes4 malformed = _errors(LEAF).malformed;
        c = PARSER.certificate(der, malformed);
        bool signs = !c.isCa && c.keyUsage & X509Chain.DIGITAL_SIGNATURE != 0 && c.keyKind == X509Chain.KeyKind.P384;
        // Who answers for certificates signs nothing else.
        signs = signs && !NVIDIA.isOcspSigner(der, c.extensionsStart, c.extensionsStop, malformed);
        if (!signs) Fail.word(_ocspErrors().leafMissing, uint256(keccak256(der)));
    }

    function _registerBelow(
        bytes32 parentId,
        bytes calldata der,
        X509Chain.Certificate memory c,
        bytes calldata proof,
        uint8 role,
        bytes memory facts
    ) internal returns (bytes32) {
        DeviceEntry memory parent = _entryOf(parentId, _errors(role).missing);
        DeviceEntry memory own;
        (own.role, own.facts) = (role, facts);
        bool needsAnswer = !dangerouslySkipRevocation && (role == CA || _leafNeedsAnswer());
        return _register(parentId, parent, der, c, proof, own, needsAnswer);
    }

    function _leafOf(bytes32 leafId) internal view returns (DeviceEntry memory leaf) {
        leaf = _entryOf(leafId, _errors(LEAF).missing);
        if (leaf.role != LEAF) Fail.word(_ocspErrors().leafMissing, uint256(leafId));
    }

    /// @inheritdoc DeviceKeys
    /// @dev OCSP answers are for one certificate.
    function _statusId(bytes32 keyId, DeviceEntry memory) internal pure override returns (bytes32) {
        return keyId;
    }

    /// @inheritdoc DeviceChains
    function _statusEnd(bytes32 keyId, bool isDue) internal view override returns (uint64) {
        Answer memory answer = _answers[keyId];
        if (answer.status == NvidiaOcsp.Status.None && !isDue) return type(uint64).max;
        bool isGood = answer.status == NvidiaOcsp.Status.Good && block.timestamp >= answer.thisUpdate
            && block.timestamp <= answer.nextUpdate;
        return isGood ? answer.nextUpdate : 0;
    }

    /// @inheritdoc DeviceChains
    function _checkStatus(bytes32 keyId, DeviceEntry memory entry) internal view override returns (uint64) {
        Answer memory answer = _answers[keyId];
        if (answer.status == NvidiaOcsp.Status.None) {
            if (entry.statusDue & 1 == 1) Fail.word(_ocspErrors().missing, uint256(keyId));
            return type(uint64).max;
        }
        if (answer.status == NvidiaOcsp.Status.Revoked) Fail.word(_errors(entry.role).revoked, answer.thisUpdate);
        Fail.unlessNow(NvidiaOcspExpired.selector, answer.thisUpdate, answer.nextUpdate);
        if (answer.status == NvidiaOcsp.Status.OnHold) Fail.word(_ocspErrors().onHold, answer.thisUpdate);
        if (answer.status == NvidiaOcsp.Status.Unknown) revert NvidiaCertificateStatusUnknown(answer.thisUpdate);
        return answer.nextUpdate;
    }

    /// @inheritdoc INvidiaKeys
    function uploadOcsp(
        bytes32 keyId,
        bytes calldata issuerName,
        bytes calldata response,
        bytes calldata proof,
        bytes calldata responderProof
    ) external {
        bytes4 missing = _errors(CA).missing;
        DeviceEntry memory entry = _entryOf(keyId, missing);
        // Nobody answers for a root.
        DeviceEntry memory issuer = _entryOf(entry.parentId, missing);
        NvidiaOcsp.Response memory r =
            NVIDIA.ocsp(response, NvidiaOcspMalformed.selector, NvidiaOcspUnsuccessful.selector);
        NvidiaOcsp.Single memory found = _singleOf(keyId, entry.serial, issuer, issuerName, response, r);
        DeviceEntry memory signer = _responder(r, issuer, response, responderProof);
        X509Chain.Signed memory signed =
            X509Chain.Signed(X509Chain.Scheme.EcdsaSha384, r.signedStart, r.signedStop, r.signature);
        if (!_isSigned(response, signed, signer, proof)) revert NvidiaOcspSignatureInvalid();
        // RFC 6960, 4.2.2.1: without an end, newer information is always to be had: an end of zero is over.
        Fail.unlessNow(NvidiaOcspExpired.selector, found.thisUpdate, found.nextUpdate);
        _keepAnswer(keyId, found);
    }

    /// @dev The one status of this certificate: serial, and the hashes of the issuer's name and key under its own algorithm.
    function _singleOf(
        bytes32 keyId,
        uint256 serial,
        DeviceEntry memory issuer,
        bytes calldata issuerName,
        bytes calldata response,
        NvidiaOcsp.Response memory r
    ) private view returns (NvidiaOcsp.Single memory found) {
        if (keccak256(issuerName) != issuer.subject) Fail.bare(_errors(CA).issuerMismatch);
        NvidiaOcsp.Single[] memory all =
            NVIDIA.ocspStatuses(response, r.statuses, r.statusesStop, NvidiaOcspMalformed.selector);
        for (uint256 i = 0; i < all.length; ++i) {
            if (all[i].serial != serial || _identity(all[i].hash, issuerName) != all[i].nameHash) continue;
            if (_identity(all[i].hash, _keyBits(issuer.key)) != all[i].keyHash) continue;
            // Two answers could say two things.
            if (found.status != NvidiaOcsp.Status.None) revert NvidiaOcspMalformed(r.statuses);
            found = all[i];
        }
        if (found.status == NvidiaOcsp.Status.None) Fail.word(_ocspErrors().missing, uint256(keyId));
    }

    /// @dev keccak256 of a hash, as the parser gives it.
    function _identity(NvidiaOcsp.Hash hash, bytes memory subject) private view returns (bytes32) {
        if (hash == NvidiaOcsp.Hash.Sha1) return keccak256(bytes.concat(NVIDIA.sha1(subject)));
        if (hash == NvidiaOcsp.Hash.Sha256) return keccak256(bytes.concat(sha256(subject)));
        if (hash == NvidiaOcsp.Hash.Sha384) {
            (bytes32 high, bytes16 low) = SHA384.sha384(subject);
            return keccak256(bytes.concat(high, low));
        }
        (bytes32 first, bytes32 second) = Sha512(address(SHA384)).sha512(subject);
        return keccak256(bytes.concat(first, second));
    }

    /// @dev Bits of the key's BIT STRING: an uncompressed point.
    function _keyBits(bytes memory key) private pure returns (bytes memory) {
        return bytes.concat(hex"04", key);
    }

    /// @dev The issuer itself, or the certificate that came along by which it appoints another (RFC 6960, 4.2.2.2).
    function _responder(
        NvidiaOcsp.Response memory r,
        DeviceEntry memory issuer,
        bytes calldata response,
        bytes calldata responderProof
    ) private view returns (DeviceEntry memory signer) {
        if (_isResponder(r, issuer.subject, issuer.key)) return issuer;
        for (uint256 pos = r.certificates; pos < r.certificatesStop;) {
            (X509Chain.Certificate memory c, bool signsOcsp, uint256 next) =
                NVIDIA.responder(response, pos, r.certificatesStop, NvidiaOcspMalformed.selector);
            if (c.keyKind == X509Chain.KeyKind.P384 && _isResponder(r, c.subject, c.key)) {
                _checkIssued(response[pos:next], c, issuer, responderProof, _unauthorized());
                if (!signsOcsp || c.isCa || c.keyUsage & X509Chain.DIGITAL_SIGNATURE == 0) {
                    revert NvidiaOcspResponderUnauthorized();
                }
                (signer.key, signer.keyKind) = (c.key, c.keyKind);
                return signer;
            }
            pos = next;
        }
        revert NvidiaOcspResponderUnauthorized();
    }

    function _isResponder(NvidiaOcsp.Response memory r, bytes32 subject, bytes memory key) private view returns (bool) {
        return r.byKey ? bytes32(NVIDIA.sha1(_keyBits(key))) == r.responder : subject == r.responder;
    }

    /// @dev Whatever is wrong with a responder's certificate, it may not answer.
    function _unauthorized() private pure returns (Errors memory errors) {
        bytes4 code = NvidiaOcspResponderUnauthorized.selector;
        return Errors(code, code, code, code, code, code, code, code);
    }

    function _keepAnswer(bytes32 keyId, NvidiaOcsp.Single memory found) private {
        Answer memory stored = _answers[keyId];
        bool isGood = found.status == NvidiaOcsp.Status.Good;
        if (stored.status == NvidiaOcsp.Status.Revoked) {
            if (found.status == NvidiaOcsp.Status.Revoked) return;
            Fail.word(_errors(CA).revoked, stored.thisUpdate);
        }
        // Says nothing of the certificate: a responder that does not know the hash in the request answers so to anybody.
        bool isUnknown = found.status == NvidiaOcsp.Status.Unknown;
        if (isUnknown && stored.status == NvidiaOcsp.Status.Good && block.timestamp <= stored.nextUpdate) {
            revert NvidiaOcspRollback(stored.thisUpdate, found.thisUpdate);
        }
        // Of two answers of one moment the worse one stays, and of two good ones the one that ends later.
        bool isSame = found.thisUpdate == stored.thisUpdate;
        bool isBetter = isGood && stored.status != NvidiaOcsp.Status.Good && stored.status != NvidiaOcsp.Status.None;
        if (found.thisUpdate < stored.thisUpdate || (isSame && isBetter)) {
            revert NvidiaOcspRollback(stored.thisUpdate, found.thisUpdate);
        }
        if (isSame && isGood && found.nextUpdate <= stored.nextUpdate) return;
        _answers[keyId] = Answer(found.status, found.thisUpdate, found.nextUpdate);
        emit OcspAnswered(keyId, uint8(found.status), found.thisUpdate, found.nextUpdate);
    }
}
