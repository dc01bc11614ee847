// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Tables} from "../crypto/P384Tables.sol";
import {ISha384, RsaPss} from "../crypto/RsaPss.sol";
import {IP384} from "../interfaces/IP384.sol";
import {ChainParser} from "./ChainParser.sol";
import {DataContract} from "./libraries/DataContract.sol";
import {Fail} from "./libraries/Fail.sol";
import {P384Signature} from "./libraries/P384Signature.sol";
import {X509Chain} from "./libraries/X509Chain.sol";

/// @title Registry of verified certificates of one vendor: the base of the stores of AMD, AWS and NVIDIA
/// @notice Anyone registers a certificate below one that is registered; its signature is verified once. Expiry and revocation of
///         the whole ancestry are checked again at each use. Nobody can remove or change an entry.
/// @dev Proves of an entry: its certificate is pinned, or signed by the key of its parent, which is a CA that may issue it. A pinned
///      certificate counts by the hash of its DER, so its signature needs no verification. A vendor's store names the errors
///      of each role, says what a role may be, and adds its facts.
abstract contract DeviceKeys {
    using P384Signature for P384Signature.Backend;

    /// Contracts of the vendor's cryptography; stateless, shared by all stores.
    struct Crypto {
        ISha384 sha384;
        IP384 p384;
        P384Tables tables;
        RsaPss rsaPss;
        ChainParser parser;
    }

    struct Pin {
        /// keccak256 of the DER.
        bytes32 certificateHash;
        bool simulated;
    }

    /// @dev Kept as code: one account to read.
    struct Entry {
        /// Zero: a root, pinned.
        bytes32 parentId;
        /// Under which the CRL of what it signs is kept: the same for a renewed certificate of the same name and key.
        bytes32 issuerId;
        bytes32 subject;
        uint256 serial;
        uint64 notBefore;
        uint64 notAfter;
        /// The vendor's own numbering.
        uint8 role;
        bool simulated;
        /// Whether a current CRL of its parent is needed at each use.
        bool needsCrl;
        bool isCa;
        uint8 keyUsage;
        /// CAs that may follow below it by its own path length and those of its ancestors.
        uint256 pathLength;
        /// Entries of its chain, itself and the root included.
        uint8 depth;
        X509Chain.KeyKind keyKind;
        bytes key;
        /// What the vendor's store has read in the certificate.
        bytes facts;
    }

    /// Selectors of the vendor's errors for certificates of one role.
    struct Errors {
        /// error(uint256 offset)
        bytes4 malformed;
        /// error(): the parent is no CA that signs certificates
        bytes4 issuerNotCa;
        /// error(): more CAs below one than its path length allows, or a chain of more than MAX_DEPTH
        bytes4 pathLengthExceeded;
        /// error()
        bytes4 issuerMismatch;
        /// error()
        bytes4 signatureInvalid;
        /// error(uint64 notBefore, uint64 notAfter)
        bytes4 expired;
        /// error(uint64 revokedAt)
        bytes4 revoked;
        /// error(bytes32 id): no such entry
        bytes4 missing;
    }

    /// Selectors of the vendor's errors for CRLs.
    struct CrlErrors {
        /// error(bytes32 issuerId)
        bytes4 missing;
        /// error(uint256 offset)
        bytes4 malformed;
        /// error()
        bytes4 issuerMismatch;
        /// error()
        bytes4 signatureInvalid;
        /// error(uint64 thisUpdate, uint64 nextUpdate)
        bytes4 expired;
        /// error(uint64 stored, uint64 given)
        bytes4 rollback;
    }

    /// One slot.
    struct Crl {
        uint64 thisUpdate;
        /// Zero: not there.
        uint64 nextUpdate;
        uint120 number;
        /// Whether any certificate of this issuer was ever revoked: where none was, there is nothing to look up.
        bool hasRevoked;
    }

    event CertificateRegistered(bytes32 indexed parentId, bytes32 indexed keyId, uint8 role, bool simulated, uint64 notAfter);
    event CrlUploaded(bytes32 indexed issuerId, uint64 thisUpdate, uint64 nextUpdate);
    event CertificateRevoked(bytes32 indexed issuerId, uint256 serial, uint64 revokedAt);

    ISha384 internal immutable SHA384;
    IP384 internal immutable P384;
    P384Tables internal immutable TABLES;
    RsaPss internal immutable RSA_PSS;
    ChainParser internal immutable PARSER;

    /// CAs and leaf at most, root included.
    uint256 internal constant MAX_DEPTH = 8;

    /// Revocations are kept for ever: a later CRL without an entry does not bring a certificate back. Unix seconds, zero: not revoked.
    mapping(bytes32 issuerId => mapping(uint256 serial => uint64)) public revokedAt;
    mapping(bytes32 issuerId => Crl) internal _crls;
    /// Bytes of the revocations of a CRL that are kept. Not an offset in the DER: another signature over the same CRL may be longer.
    mapping(bytes32 crlId => uint256) private _progress;
    /// Data contracts with an Entry, ABI-encoded.
    mapping(bytes32 keyId => address) private _entries;
    /// 1: pinned, 2: pinned and simulated.
    mapping(bytes32 certificateHash => uint8) private _pins;

    constructor(Crypto memory crypto, Pin[] memory pins) {
        (SHA384, P384, TABLES) = (crypto.sha384, crypto.p384, crypto.tables);
        (RSA_PSS, PARSER) = (crypto.rsaPss, crypto.parser);
        for (uint256 i = 0; i < pins.length; ++i) {
            _pins[pins[i].certificateHash] = pins[i].simulated ? 2 : 1;
        }
    }

    /// @dev Errors of a role.
    function _errors(uint8 role) internal pure virtual returns (Errors memory);
    function _crlErrors() internal pure virtual returns (CrlErrors memory);

    /// @notice Id of a certificate below a parent: of the bytes that are signed, so that another signature over them makes no new key.
    function _keyIdOf(bytes32 parentId, bytes calldata der, X509Chain.Signed memory signed) internal pure returns (bytes32) {
        return keccak256(bytes.concat(parentId, keccak256(der[signed.start:signed.stop])));
    }

    function _isPinned(bytes calldata der) internal view returns (bool pinned, bool simulated) {
        uint8 pin = _pins[keccak256(der)];
        return (pin != 0, pin == 2);
    }

    /// @notice Checks name, signature and revocation of a parsed certificate below `parent` at this moment, its validity included.
    /// @dev What the certificate itself may be (CA or leaf, key usage) is for the store to check before.
    /// @param proof Of the signature: see P384Signature; ignored for RSA-PSS.
    function _checkIssued(
        bytes calldata der,
        X509Chain.Certificate memory c,
        Entry memory parent,
        bytes calldata proof,
        Errors memory errors
    ) internal view {
        if (!parent.isCa || parent.keyUsage & X509Chain.SIGNS_CERTIFICATES == 0) Fail.bare(errors.issuerNotCa);
        // RFC 5280, 4.2.1.9: the path length counts CAs.
        if ((c.isCa && parent.pathLength == 0) || parent.depth == MAX_DEPTH) Fail.bare(errors.pathLengthExceeded);
        if (c.issuer != parent.subject) Fail.bare(errors.issuerMismatch);
        if (!_isSigned(der, c.signed, parent, proof)) Fail.bare(errors.signatureInvalid);
        Fail.unlessNow(errors.expired, c.notBefore, c.notAfter);
        uint64 revoked = revokedAt[parent.issuerId][c.serial];
        if (revoked != 0) Fail.word(errors.revoked, revoked);
    }

    /// @notice Whether the key of `issuer` has signed. Another kind of key verifies nothing.
    function _isSigned(bytes calldata der, X509Chain.Signed memory signed, Entry memory issuer, bytes calldata proof)
        internal
        view
        returns (bool)
    {
        (bytes32 high, bytes16 low) = SHA384.sha384(der[signed.start:signed.stop]);
        if (signed.scheme == X509Chain.Scheme.RsaPssSha384) {
            return issuer.keyKind == X509Chain.KeyKind.Rsa4096
                && RSA_PSS.verifyDigest(high, low, issuer.key, signed.signature);
        }
        return issuer.keyKind == X509Chain.KeyKind.P384
            && P384Signature.Backend(P384, TABLES).verify(bytes.concat(high, low), issuer.key, signed.signature, proof);
    }

    /// @notice Keeps a certificate that the store has checked. The same again is the same.
    /// @param parent Empty for a root.
    function _keep(
        bytes32 keyId,
        bytes32 parentId,
        Entry memory parent,
        X509Chain.Certificate memory c,
        Entry memory own
    ) internal {
        if (_entries[keyId] == address(0)) {
            own.parentId = parentId;
            own.issuerId = keccak256(bytes.concat(parent.issuerId, c.subject, keccak256(c.key)));
            (own.subject, own.serial, own.notBefore, own.notAfter) = (c.subject, c.serial, c.notBefore, c.notAfter);
            (own.isCa, own.keyUsage, own.depth) = (c.isCa, c.keyUsage, parent.depth + 1);
            own.pathLength = _pathLengthBelow(parent, c.pathLength);
            (own.keyKind, own.key) = (c.keyKind, c.key);
            _entries[keyId] = DataContract.write(abi.encode(own));
        }
        emit CertificateRegistered(parentId, keyId, own.role, own.simulated, c.notAfter);
    }

    function _pathLengthBelow(Entry memory parent, uint256 ownLength) private pure returns (uint256) {
        if (parent.depth == 0 || parent.pathLength == type(uint256).max || parent.pathLength == 0) return ownLength;
        return ownLength < parent.pathLength ? ownLength : parent.pathLength - 1;
    }

    /// @notice The entry; reverts with `missing` when there is none.
    function _entryOf(bytes32 keyId, bytes4 missing) internal view returns (Entry memory) {
        address data = _entries[keyId];
        if (data == address(0)) Fail.word(missing, uint256(keyId));
        return abi.decode(DataContract.read(data), (Entry));
    }

    function _isRegistered(bytes32 keyId) internal view returns (bool) {
        return _entries[keyId] != address(0);
    }

    /// @notice The entry and its ancestors, the entry first, the root last. Nothing is checked.
    function _chainOf(bytes32 keyId, bytes4 missing) internal view returns (Entry[] memory chain) {
        chain = new Entry[](MAX_DEPTH);
        uint256 length = 0;
        // A longer chain is never kept.
        for (bytes32 id = keyId; id != 0; id = chain[length - 1].parentId) {
            chain[length] = _entryOf(id, missing);
            ++length;
        }
        assembly ("memory-safe") {
            mstore(chain, length)
        }
    }

    /// @notice Checks validity and revocation of a whole chain now: from the entry up to the root its validity, then its CRLs.
    /// @return earliestExpiry Unix seconds: the first end of validity among certificates and CRLs.
    function _checkCurrent(Entry[] memory chain) internal view virtual returns (uint64 earliestExpiry) {
        earliestExpiry = type(uint64).max;
        for (uint256 i = 0; i < chain.length; ++i) {
            Fail.unlessNow(_errors(chain[i].role).expired, chain[i].notBefore, chain[i].notAfter);
            if (chain[i].notAfter < earliestExpiry) earliestExpiry = chain[i].notAfter;
        }
        for (uint256 i = 0; i + 1 < chain.length; ++i) {
            uint64 nextUpdate = _checkNotRevoked(chain[i], chain[i + 1]);
            if (nextUpdate < earliestExpiry) earliestExpiry = nextUpdate;
        }
    }

    /// @return nextUpdate Of the CRL; the maximum where none is needed.
    function _checkNotRevoked(Entry memory entry, Entry memory parent) internal view returns (uint64 nextUpdate) {
        nextUpdate = type(uint64).max;
        if (entry.needsCrl) nextUpdate = _currentCrl(parent.issuerId).nextUpdate;
        uint64 revoked = revokedAt[parent.issuerId][entry.serial];
        if (revoked != 0) Fail.word(_errors(entry.role).revoked, revoked);
    }

    function _currentCrl(bytes32 issuerId) internal view returns (Crl memory crl) {
        crl = _crls[issuerId];
        CrlErrors memory errors = _crlErrors();
        if (crl.nextUpdate == 0) Fail.word(errors.missing, uint256(issuerId));
        Fail.unlessNow(errors.expired, crl.thisUpdate, crl.nextUpdate);
    }

    /// @notice Verifies a CRL of `issuer` and keeps `count` revocations from where the last call with this CRL stopped. Its window
    ///         counts from the call on that keeps the last of them. Never goes back to an older CRL.
    function _uploadCrl(Entry memory issuer, bytes calldata der, bytes calldata proof, uint256 count) internal {
        CrlErrors memory errors = _crlErrors();
        X509Chain.Crl memory c = PARSER.crl(der, errors.malformed);
        if (c.issuer != issuer.subject || issuer.keyUsage & X509Chain.SIGNS_CRLS == 0) Fail.bare(errors.issuerMismatch);
        if (!_isSigned(der, c.signed, issuer, proof)) Fail.bare(errors.signatureInvalid);
        Fail.unlessNow(errors.expired, c.thisUpdate, c.nextUpdate);
        if (c.number > type(uint120).max) Fail.word(errors.malformed, 0);
        Crl memory stored = _crls[issuer.issuerId];
        if (c.thisUpdate < stored.thisUpdate || c.number < stored.number) {
            Fail.pair(errors.rollback, stored.thisUpdate, c.thisUpdate);
        }
        if (!_keepRevocations(issuer.issuerId, der, c, count)) return;
        Crl storage kept = _crls[issuer.issuerId];
        (kept.thisUpdate, kept.nextUpdate, kept.number) = (c.thisUpdate, c.nextUpdate, uint120(c.number));
        emit CrlUploaded(issuer.issuerId, c.thisUpdate, c.nextUpdate);
    }

    /// @return finished Whether all revocations of the CRL are kept now.
    function _keepRevocations(bytes32 issuerId, bytes calldata der, X509Chain.Crl memory c, uint256 count)
        private
        returns (bool finished)
    {
        if (c.entriesStart == c.entriesStop) return true;
        bytes32 crlId = keccak256(bytes.concat(issuerId, keccak256(der[c.signed.start:c.signed.stop])));
        uint256 pos = c.entriesStart + _progress[crlId];
        if (pos == c.entriesStop) return true;
        (uint256[] memory serials, uint64[] memory dates, uint256 next) =
            PARSER.crlEntries(der, pos, c.entriesStop, count, _crlErrors().malformed);
        _progress[crlId] = next - c.entriesStart;
        if (serials.length != 0) _crls[issuerId].hasRevoked = true;
        for (uint256 i = 0; i < serials.length; ++i) {
            if (revokedAt[issuerId][serials[i]] != 0) continue;
            revokedAt[issuerId][serials[i]] = dates[i];
            emit CertificateRevoked(issuerId, serials[i], dates[i]);
        }
        return next == c.entriesStop;
    }
}
