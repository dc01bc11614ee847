// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P256Ecdsa} from "../../crypto/P256Ecdsa.sol";
import {P384Tables} from "../../crypto/P384Tables.sol";
import {ISha384} from "../../crypto/RsaPss.sol";
import {Sha512} from "../../crypto/Sha512.sol";
import {ICcaEndorsements} from "../../interfaces/ICcaEndorsements.sol";
import {ICcaErrors} from "../../interfaces/ICcaErrors.sol";
import {IEvidenceVerifier} from "../../interfaces/IEvidenceVerifier.sol";
import {IP384} from "../../interfaces/IP384.sol";
import {ClaimFlags} from "../../types/ClaimFlags.sol";
import {Claims, TeeKind} from "../../types/ProtocolTypes.sol";
import {CcaCollection} from "../libraries/CcaCollection.sol";
import {CcaPlatform, CcaPlatformToken} from "../libraries/CcaPlatformToken.sol";
import {CcaRealmKey} from "../libraries/CcaRealmKey.sol";
import {CcaRealm, CcaRealmToken} from "../libraries/CcaRealmToken.sol";
import {CoseErrors, CoseMessage, CoseSign1} from "../libraries/CoseSign1.sol";
import {P384Signature} from "../libraries/P384Signature.sol";

/// @title Verifier of Arm CCA attestation tokens
/// @notice Evidence: id of the platform attestation key (CPAK) in CcaEndorsements, 32 bytes ‖ size of the token, 2 bytes ‖ token as
///         received ‖ size of the platform's proof, 2 bytes ‖ platform's proof ‖ realm's proof. The platform's proof is the CPAK, x ‖ y,
///         and on P-384 the proof of the signature (P384Signature); the realm's proof is that of the other signature, empty on
///         P-256. `encodeCcaEvidence` of packages/abi makes it.
/// @dev Proves: the platform token is signed by a key that governance vouches for as this platform's (ICcaEndorsements: there is no
///      vendor's chain), and it vouches for the key that signed the realm token.
///      Does NOT prove: freshness, that firmware or realm are wanted, or that the lifecycle is secured (ClaimFlags.DEBUG).
///      Sources: Arm DEN0137 §A7.2; draft-ffm-rats-cca-token-00 and -03. ES512 (P-521) is not verified on-chain.
contract CcaVerifier is IEvidenceVerifier, ICcaErrors {
    using P384Signature for P384Signature.Backend;

    /// 9999-12-31T23:59:59Z, which RFC 5280 §4.1.2.5 writes for "no expiry": nothing in a CCA token expires.
    uint64 private constant NO_EXPIRY = 253_402_300_799;
    bytes32 private constant MEASUREMENT_TAG = keccak256("spartan-cca-measurement/1");
    uint256 private constant ID_BYTES = 32;
    uint256 private constant SIZE_BYTES = 2;

    ICcaEndorsements public immutable ENDORSEMENTS;
    Sha512 public immutable SHA512;
    IP384 public immutable P384;
    P384Tables public immutable TABLES;
    bool private immutable _precompile;

    constructor(ICcaEndorsements endorsements, Sha512 sha512, IP384 p384, P384Tables tables) {
        (ENDORSEMENTS, SHA512, P384, TABLES) = (endorsements, sha512, p384, tables);
        _precompile = P256Ecdsa.hasPrecompile();
    }

    /// @inheritdoc IEvidenceVerifier
    function verify(bytes calldata evidence) external view returns (Claims memory claims) {
        require(evidence.length >= ID_BYTES, CcaTokenMalformed(0));
        (bytes calldata token, bytes calldata rest) = _cut(evidence[ID_BYTES:]);
        (bytes calldata platformToken, bytes calldata realmToken) = CcaCollection.read(token);
        CoseMessage memory platformMessage = CoseSign1.parse(platformToken, _errors(CcaPlatformTokenMalformed.selector));
        CcaPlatform memory platform = CcaPlatformToken.parse(_payload(platformToken, platformMessage));
        CoseMessage memory realmMessage = CoseSign1.parse(realmToken, _errors(CcaRealmTokenMalformed.selector));
        (CcaRealm memory realm, bytes calldata realmKey) = CcaRealmToken.parse(_payload(realmToken, realmMessage));
        (uint256 curve, bytes memory point) = CcaRealmKey.read(realmKey, realm.legacy);

        (bytes calldata platformProof, bytes calldata realmProof) = _cut(rest);
        claims.simulated = _checkAnchor(bytes32(evidence), platform.identity, platformMessage.curve);
        require(
            _isSignedByAnchor(bytes32(evidence), platformToken, platformMessage, platformProof),
            CcaPlatformSignatureInvalid()
        );
        _checkBound(realm.keyHashAlgorithm, realmKey, platform.challenge);
        // Algorithm and curve belong together: a key verifies nothing under another curve's algorithm.
        require(
            curve == realmMessage.curve && _isSigned(realmToken, realmMessage, point, realmProof),
            CcaRealmSignatureInvalid()
        );
        _setClaims(claims, platform, realm);
    }

    function _setClaims(Claims memory claims, CcaPlatform memory platform, CcaRealm memory realm) private pure {
        claims.teeKind = TeeKind.Cca;
        if (!platform.secured) claims.flags = ClaimFlags.DEBUG;
        claims.earliestExpiry = NO_EXPIRY;
        claims.product = platform.implementationId;
        claims.platformId = platform.instance;
        claims.measurement = keccak256(
            abi.encode(
                MEASUREMENT_TAG,
                realm.hashAlgorithm,
                realm.initialMeasurement,
                realm.extensibleMeasurements,
                realm.personalizationValue,
                platform.implementationId,
                platform.configuration,
                platform.software
            )
        );
        (claims.reportDataHigh, claims.reportDataLow) = (realm.challengeHigh, realm.challengeLow);
    }

    /// @dev A key of another platform is not there for this one.
    function _checkAnchor(bytes32 id, bytes32 platform, uint256 curve) private view returns (bool simulated) {
        ICcaEndorsements.TrustAnchor memory anchor = ENDORSEMENTS.trustAnchorOf(id);
        require(anchor.curve != 0 && anchor.platform == platform, CcaTrustAnchorMissing(id));
        require(anchor.revokedAt == 0, CcaTrustAnchorRevoked(anchor.revokedAt));
        require(block.timestamp >= anchor.activeFrom, CcaTrustAnchorNotYetActive(anchor.activeFrom));
        require(anchor.curve == curve, CcaTrustAnchorCurveMismatch(anchor.curve, curve));
        return anchor.simulated;
    }

    function _isSignedByAnchor(bytes32 id, bytes calldata token, CoseMessage memory message, bytes calldata proof)
        private
        view
        returns (bool)
    {
        uint256 size = message.curve == CoseSign1.P256 ? 64 : 96;
        return proof.length >= size && keccak256(proof[:size]) == id
            && _isSigned(token, message, proof[:size], proof[size:]);
    }

    /// @dev Platform claim 10 is the hash, by the algorithm in realm claim 44240, of the content of realm claim 44237.
    function _checkBound(bytes32 algorithm, bytes calldata realmKey, bytes32 challenge) private view {
        bytes memory digest;
        if (algorithm == CcaRealmToken.SHA_256) {
            digest = bytes.concat(sha256(realmKey));
        } else if (algorithm == CcaRealmToken.SHA_384) {
            (bytes32 high, bytes16 low) = SHA512.sha384(realmKey);
            digest = bytes.concat(high, low);
        } else {
            (bytes32 high, bytes32 low) = SHA512.sha512(realmKey);
            digest = bytes.concat(high, low);
        }
        require(keccak256(digest) == challenge, CcaRakNotBound(keccak256(digest), challenge));
    }

    /// @dev The key is on the curve of the message's algorithm.
    function _isSigned(bytes calldata token, CoseMessage memory message, bytes memory key, bytes calldata proof)
        private
        view
        returns (bool)
    {
        bytes memory signed = CoseSign1.toBeSigned(token, message);
        bytes calldata signature = token[message.signatureStart:message.signatureStop];
        if (message.curve == CoseSign1.P256) {
            (bytes32 x, bytes32 y) = abi.decode(key, (bytes32, bytes32));
            (bytes32 r, bytes32 s) = (bytes32(signature[:32]), bytes32(signature[32:]));
            return proof.length == 0 && P256Ecdsa.verify(_precompile, sha256(signed), r, s, x, y);
        }
        (bytes32 high, bytes16 low) = SHA512.sha384(signed);
        return P384Signature.Backend(ISha384(address(SHA512)), P384, TABLES).verifyDigest(high, low, key, signature, proof);
    }

    function _payload(bytes calldata token, CoseMessage memory message) private pure returns (bytes calldata) {
        return token[message.payloadStart:message.payloadStop];
    }

    /// @dev Content behind its size, and what follows.
    function _cut(bytes calldata sized) private pure returns (bytes calldata content, bytes calldata rest) {
        require(sized.length >= SIZE_BYTES, CcaTokenMalformed(0));
        uint256 stop = SIZE_BYTES + uint16(bytes2(sized));
        require(stop <= sized.length, CcaTokenMalformed(stop));
        return (sized[SIZE_BYTES:stop], sized[stop:]);
    }

    function _errors(bytes4 malformed) private pure returns (CoseErrors memory) {
        return CoseErrors(
            malformed, CcaAlgorithmUnsupported.selector, CcaCriticalHeaderUnsupported.selector
        );
    }
}
