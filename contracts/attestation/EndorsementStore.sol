// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P256Ecdsa} from "../crypto/P256Ecdsa.sol";
import {IDcapErrors} from "../interfaces/IDcapErrors.sol";
import {IEndorsementStore} from "../interfaces/IEndorsementStore.sol";
import {TeeKind} from "../types/ProtocolTypes.sol";
import {CertificateParser} from "./CertificateParser.sol";
import {SignedJsonParser} from "./SignedJsonParser.sol";
import {DataContract} from "./libraries/DataContract.sol";
import {Fail} from "./libraries/Fail.sol";
import {QeIdentityJson} from "./libraries/QeIdentityJson.sol";
import {SgxExtension} from "./libraries/SgxExtension.sol";
import {TcbInfoJson} from "./libraries/TcbInfoJson.sol";
import {X509} from "./libraries/X509.sol";
import {X509Fields} from "./libraries/X509Fields.sol";

/// @title Store of Intel's endorsements
/// @notice See IEndorsementStore.
contract EndorsementStore is IEndorsementStore, IDcapErrors {
    /// @dev A root (its own issuer) or a PCK CA.
    struct Issuer {
        bytes32 rootId;
        bytes32 x;
        bytes32 y;
        /// keccak256 of its DER name: the issuer name of what it signs.
        bytes32 subject;
        uint256 serial;
        // One slot: all that reading needs beside the serial.
        uint64 notBefore;
        /// Zero: not there.
        uint64 notAfter;
        uint64 crlThisUpdate;
        /// Zero: its CRL is not there.
        uint64 crlNextUpdate;
        uint128 crlNumber;
    }

    struct Signer {
        bytes32 rootId;
        bytes32 x;
        bytes32 y;
        uint256 serial;
        uint64 notBefore;
        uint64 notAfter;
    }

    /// @dev Never changes, so it is kept as code: one account to read instead of eight slots.
    struct Pck {
        bytes32 rootId;
        bytes32 caId;
        bytes32 x;
        bytes32 y;
        uint256 serial;
        bytes32 platformId;
        bytes16 sgxComponents;
        uint64 notBefore;
        uint64 notAfter;
        bytes6 fmspc;
        uint16 pceSvn;
        uint16 pceId;
    }

    /// @dev TCB info or QE identity: one slot.
    struct Document {
        /// Data contract: DocumentHead, ABI-encoded, then the packed form; zero: not there.
        address data;
        uint64 issueDate;
        uint32 evaluationNumber;
    }

    struct DocumentHead {
        uint64 nextUpdate;
        uint16 pceId;
        // Of its signer.
        uint64 notBefore;
        uint64 notAfter;
        uint256 serial;
    }

    /// @notice keccak256 of the public key of Intel's root.
    bytes32 public constant INTEL_ROOT_ID = keccak256(
        hex"0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f567918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394"
    );
    bytes32 private constant TCB_SIGNING = keccak256("Intel SGX TCB Signing");
    /// ABI-encoded DocumentHead.
    uint256 private constant HEAD_BYTES = 5 * 32;

    /// @notice Id of the simulation root; zero where there is none.
    bytes32 public immutable simulationRootId;
    CertificateParser private immutable _certificates;
    SignedJsonParser private immutable _documents;
    bool private immutable _precompile;

    mapping(bytes32 issuerId => Issuer) private _issuers;
    mapping(bytes32 issuerId => mapping(uint256 serial => uint64)) public revokedAt;
    /// How far recordRevocations has come in a CRL, in bytes of its entries. By the hash of what is signed.
    mapping(bytes32 issuerId => mapping(bytes32 tbsHash => uint256)) private _recorded;
    mapping(bytes32 signerId => Signer) private _signers;
    /// Data contracts with a Pck, ABI-encoded.
    mapping(bytes32 pckId => address) private _pcks;
    mapping(bytes32 rootId => mapping(TeeKind kind => mapping(bytes6 fmspc => Document))) private _tcbInfos;
    mapping(bytes32 rootId => mapping(TeeKind kind => Document)) private _qeIdentities;

    /// @param devMode True only on test chains: allows a simulation root.
    /// @param simulationRootX Public key of the simulation root; (0, 0) for none.
    constructor(bool devMode, bytes32 simulationRootX, bytes32 simulationRootY) {
        if (simulationRootX != 0 || simulationRootY != 0) {
            if (!devMode) revert DcapSimulationRootForbidden();
            simulationRootId = keccak256(bytes.concat(simulationRootX, simulationRootY));
        }
        _certificates = new CertificateParser();
        _documents = new SignedJsonParser();
        _precompile = P256Ecdsa.hasPrecompile();
    }

    /// @inheritdoc IEndorsementStore
    function uploadRootCertificate(bytes calldata certificate) external returns (bytes32 rootId) {
        X509.Certificate memory c = _certificates.certificate(certificate, DcapRootCertificateMalformed.selector);
        if (!_signsCertificates(c)) revert DcapRootCertificateMalformed(0);
        rootId = keccak256(bytes.concat(c.x, c.y));
        if (rootId != INTEL_ROOT_ID && (rootId != simulationRootId)) revert DcapRootNotPinned(rootId);
        if (c.issuer != c.subject || !_signed(c.tbsHash, c.r, c.s, c.x, c.y)) revert DcapRootSignatureInvalid();
        Fail.unlessNow(DcapRootExpired.selector, c.notBefore, c.notAfter);
        if (_storeIssuer(rootId, rootId, c)) emit RootUploaded(rootId, rootId != INTEL_ROOT_ID, c.notAfter);
    }

    /// @inheritdoc IEndorsementStore
    function uploadRootCrl(bytes32 rootId, bytes calldata crl) external {
        Issuer storage root = _liveRoot(rootId);
        X509.Crl memory c = _certificates.crl(crl, DcapRootCrlMalformed.selector);
        if (c.issuer != root.subject) revert DcapRootCrlIssuerMismatch();
        if (!_signed(c.tbsHash, c.r, c.s, root.x, root.y)) revert DcapRootCrlSignatureInvalid();
        Fail.unlessNow(DcapRootCrlExpired.selector, c.body.thisUpdate, c.body.nextUpdate);
        _storeWindow(rootId, c, DcapRootCrlMalformed.selector, DcapRootCrlRollback.selector);
        _storeEntries(rootId, crl, c, type(uint256).max, DcapRootCrlMalformed.selector);
    }

    /// @inheritdoc IEndorsementStore
    function uploadPckCa(bytes32 rootId, bytes calldata certificate) external returns (bytes32 caId) {
        Issuer storage root = _liveRootWithCrl(rootId);
        X509.Certificate memory c = _certificates.certificate(certificate, DcapPckCaMalformed.selector);
        if (!_signsCertificates(c)) revert DcapPckCaMalformed(0);
        if (c.issuer != root.subject) revert DcapPckCaIssuerMismatch();
        if (!_signed(c.tbsHash, c.r, c.s, root.x, root.y)) revert DcapPckCaSignatureInvalid();
        Fail.unlessNow(DcapPckCaExpired.selector, c.notBefore, c.notAfter);
        _unlessRevoked(rootId, c.serial, DcapPckCaRevoked.selector);
        caId = keccak256(bytes.concat(rootId, c.x, c.y));
        if (_storeIssuer(caId, rootId, c)) emit PckCaUploaded(rootId, caId, c.notAfter);
    }

    /// @inheritdoc IEndorsementStore
    function uploadPckCrl(bytes32 caId, bytes calldata crl) external {
        X509.Crl memory c = _checkedPckCrl(caId, crl);
        _storeWindow(caId, c, DcapPckCrlMalformed.selector, DcapPckCrlRollback.selector);
        _storeEntries(caId, crl, c, type(uint256).max, DcapPckCrlMalformed.selector);
    }

    /// @inheritdoc IEndorsementStore
    function recordRevocations(bytes32 caId, bytes calldata crl, uint256 count) external {
        X509.Crl memory c = _checkedPckCrl(caId, crl);
        uint256 done = _storeEntries(caId, crl, c, count, DcapPckCrlMalformed.selector);
        _recorded[caId][c.tbsHash] = done;
        emit RevocationsRecorded(caId, c.tbsHash, done, c.body.entriesStop - c.body.entriesStart);
    }

    /// @inheritdoc IEndorsementStore
    function uploadPck(bytes32 caId, bytes calldata certificate) external returns (bytes32 pckId) {
        Issuer storage ca = _livePckCaWithCrl(caId);
        (X509.Certificate memory c, SgxExtension.Platform memory p) =
            _certificates.pck(certificate, DcapPckMalformed.selector);
        if (c.isCa || c.keyUsage & X509.DIGITAL_SIGNATURE == 0) revert DcapPckMalformed(0);
        if (c.issuer != ca.subject) revert DcapPckIssuerMismatch();
        if (!_signed(c.tbsHash, c.r, c.s, ca.x, ca.y)) revert DcapPckSignatureInvalid();
        Fail.unlessNow(DcapPckExpired.selector, c.notBefore, c.notAfter);
        _unlessRevoked(caId, c.serial, DcapPckRevoked.selector);
        pckId = keccak256(bytes.concat(caId, keccak256(certificate)));
        bytes32 platformId = keccak256(bytes.concat(p.ppid));
        Pck memory stored = Pck({
            rootId: ca.rootId,
            caId: caId,
            x: c.x,
            y: c.y,
            serial: c.serial,
            platformId: platformId,
            sgxComponents: p.components,
            notBefore: c.notBefore,
            notAfter: c.notAfter,
            fmspc: p.fmspc,
            pceSvn: p.pceSvn,
            pceId: p.pceId
        });
        // The id is of the exact certificate: the same again is the same.
        if (_pcks[pckId] == address(0)) _pcks[pckId] = DataContract.write(abi.encode(stored));
        emit PckUploaded(caId, pckId, platformId, p.fmspc, c.notAfter);
    }

    /// @inheritdoc IEndorsementStore
    function uploadTcbSigner(bytes32 rootId, bytes calldata certificate) external returns (bytes32 signerId) {
        Issuer storage root = _liveRootWithCrl(rootId);
        X509.Certificate memory c = _certificates.certificate(certificate, DcapTcbSignerMalformed.selector);
        if (
            c.commonName != TCB_SIGNING || c.issuer != root.subject || c.isCa
                || c.keyUsage & X509.DIGITAL_SIGNATURE == 0
        ) revert DcapTcbSignerWrong();
        if (!_signed(c.tbsHash, c.r, c.s, root.x, root.y)) revert DcapTcbSignerSignatureInvalid();
        Fail.unlessNow(DcapTcbSignerExpired.selector, c.notBefore, c.notAfter);
        _unlessRevoked(rootId, c.serial, DcapTcbSignerRevoked.selector);
        signerId = keccak256(bytes.concat(rootId, keccak256(certificate)));
        _signers[signerId] = Signer(rootId, c.x, c.y, c.serial, c.notBefore, c.notAfter);
        emit TcbSignerUploaded(rootId, signerId, c.notAfter);
    }

    /// @inheritdoc IEndorsementStore
    function uploadTcbInfo(TeeKind kind, bytes32 signerId, bytes calldata body, bytes calldata signature) external {
        if (kind != TeeKind.Tdx && kind != TeeKind.Sgx) revert DcapTeeTypeUnsupported(uint256(kind));
        Signer storage signer = _liveSigner(signerId);
        if (!_signedDocument(signer, body, signature)) revert DcapTcbInfoSignatureInvalid();
        TcbInfoJson.TcbInfo memory info = _documents.tcbInfo(kind, body);
        if (block.timestamp < info.issueDate) revert DcapTcbInfoNotYetValid(info.issueDate);
        if (block.timestamp > info.nextUpdate) revert DcapTcbInfoExpired(info.nextUpdate);
        bytes32 rootId = signer.rootId;
        bool isStored = _storeDocument(
            _tcbInfos[rootId][kind][info.fmspc],
            rootId,
            Document(address(0), info.issueDate, info.evaluationNumber),
            DocumentHead(info.nextUpdate, info.pceId, signer.notBefore, signer.notAfter, signer.serial),
            info.packed,
            DcapTcbInfoRollback.selector
        );
        if (isStored) {
            emit TcbInfoUploaded(rootId, kind, info.fmspc, info.evaluationNumber, info.issueDate, info.nextUpdate);
        }
    }

    /// @inheritdoc IEndorsementStore
    function uploadQeIdentity(TeeKind kind, bytes32 signerId, bytes calldata body, bytes calldata signature) external {
        if (kind != TeeKind.Tdx && kind != TeeKind.Sgx) revert DcapTeeTypeUnsupported(uint256(kind));
        Signer storage signer = _liveSigner(signerId);
        if (!_signedDocument(signer, body, signature)) revert DcapQeIdentitySignatureInvalid();
        QeIdentityJson.QeIdentity memory identity = _documents.qeIdentity(kind, body);
        if (block.timestamp < identity.issueDate) revert DcapQeIdentityNotYetValid(identity.issueDate);
        if (block.timestamp > identity.nextUpdate) revert DcapQeIdentityExpired(identity.nextUpdate);
        bytes32 rootId = signer.rootId;
        bool isStored = _storeDocument(
            _qeIdentities[rootId][kind],
            rootId,
            Document(address(0), identity.issueDate, identity.evaluationNumber),
            DocumentHead(identity.nextUpdate, 0, signer.notBefore, signer.notAfter, signer.serial),
            identity.packed,
            DcapQeIdentityRollback.selector
        );
        if (isStored) {
            emit QeIdentityUploaded(rootId, kind, identity.evaluationNumber, identity.issueDate, identity.nextUpdate);
        }
    }

    /// @inheritdoc IEndorsementStore
    function endorsementsOf(TeeKind kind, bytes32 pckId) external view returns (Endorsements memory e) {
        Pck memory pck = _pckOf(pckId);
        (bytes32 rootId, bytes32 caId) = (pck.rootId, pck.caId);
        Issuer storage root = _currentRootWithCrl(rootId);
        Issuer storage ca = _currentPckCaWithCrl(rootId, caId);
        Fail.unlessNow(DcapPckExpired.selector, pck.notBefore, pck.notAfter);
        _unlessRevoked(caId, pck.serial, DcapPckRevoked.selector);
        Document memory info = _tcbInfos[rootId][kind][pck.fmspc];
        if (info.data == address(0)) revert DcapTcbInfoMissing(bytes32(pck.fmspc));
        DocumentHead memory infoHead = _currentHead(rootId, info.data);
        if (block.timestamp > infoHead.nextUpdate) revert DcapTcbInfoExpired(infoHead.nextUpdate);
        Document memory identity = _qeIdentities[rootId][kind];
        if (identity.data == address(0)) revert DcapQeIdentityMissing(rootId);
        DocumentHead memory identityHead = _currentHead(rootId, identity.data);
        if (block.timestamp > identityHead.nextUpdate) revert DcapQeIdentityExpired(identityHead.nextUpdate);

        uint64 earliest = _min(_min(root.notAfter, root.crlNextUpdate), _min(ca.notAfter, ca.crlNextUpdate));
        earliest = _min(_min(earliest, pck.notAfter), _min(infoHead.notAfter, infoHead.nextUpdate));
        e.earliestExpiry = _min(earliest, _min(identityHead.notAfter, identityHead.nextUpdate));
        e.simulated = rootId != INTEL_ROOT_ID;
        e.tcbInfoEvaluationNumber = info.evaluationNumber;
        e.qeIdentityEvaluationNumber = identity.evaluationNumber;
        (e.pckX, e.pckY, e.platformId, e.fmspc) = (pck.x, pck.y, pck.platformId, pck.fmspc);
        (e.sgxComponents, e.pceSvn, e.pceId, e.tcbInfoPceId) = (pck.sgxComponents, pck.pceSvn, pck.pceId, infoHead.pceId);
        e.tcbInfo = DataContract.readFrom(info.data, HEAD_BYTES);
        e.qeIdentity = DataContract.readFrom(identity.data, HEAD_BYTES);
    }

    function _pckOf(bytes32 pckId) private view returns (Pck memory) {
        address data = _pcks[pckId];
        if (data == address(0)) revert DcapPckMissing(pckId);
        return abi.decode(DataContract.read(data), (Pck));
    }

    function _headOf(address data) private view returns (DocumentHead memory) {
        return abi.decode(DataContract.readSlice(data, 0, HEAD_BYTES), (DocumentHead));
    }

    /// @dev Reverts unless the signer of the document is still good; the document itself is the caller's to judge.
    function _currentHead(bytes32 rootId, address data) private view returns (DocumentHead memory head) {
        head = _headOf(data);
        Fail.unlessNow(DcapTcbSignerExpired.selector, head.notBefore, head.notAfter);
        _unlessRevoked(rootId, head.serial, DcapTcbSignerRevoked.selector);
    }

    function _liveRoot(bytes32 rootId) private view returns (Issuer storage root) {
        root = _issuers[rootId];
        // A PCK CA is an issuer too, but not its own root.
        if (rootId == 0 || root.rootId != rootId) revert DcapRootMissing(rootId);
        Fail.unlessNow(DcapRootExpired.selector, root.notBefore, root.notAfter);
    }

    function _liveRootWithCrl(bytes32 rootId) private view returns (Issuer storage) {
        _liveRoot(rootId);
        return _currentRootWithCrl(rootId);
    }

    /// @dev For the id of a root that is there.
    function _currentRootWithCrl(bytes32 rootId) private view returns (Issuer storage root) {
        root = _issuers[rootId];
        Fail.unlessNow(DcapRootExpired.selector, root.notBefore, root.notAfter);
        if (root.crlNextUpdate == 0) revert DcapRootCrlMissing(rootId);
        Fail.unlessNow(DcapRootCrlExpired.selector, root.crlThisUpdate, root.crlNextUpdate);
    }

    function _livePckCa(bytes32 caId) private view returns (Issuer storage) {
        bytes32 rootId = _issuers[caId].rootId;
        if (rootId == 0 || rootId == caId) revert DcapPckCaMissing(caId);
        _currentRootWithCrl(rootId);
        return _currentPckCa(rootId, caId);
    }

    function _livePckCaWithCrl(bytes32 caId) private view returns (Issuer storage) {
        bytes32 rootId = _livePckCa(caId).rootId;
        return _currentPckCaWithCrl(rootId, caId);
    }

    /// @dev For the id of a PCK CA that is there, below a root that is current.
    function _currentPckCa(bytes32 rootId, bytes32 caId) private view returns (Issuer storage ca) {
        ca = _issuers[caId];
        Fail.unlessNow(DcapPckCaExpired.selector, ca.notBefore, ca.notAfter);
        _unlessRevoked(rootId, ca.serial, DcapPckCaRevoked.selector);
    }

    function _currentPckCaWithCrl(bytes32 rootId, bytes32 caId) private view returns (Issuer storage ca) {
        ca = _currentPckCa(rootId, caId);
        if (ca.crlNextUpdate == 0) revert DcapPckCrlMissing(caId);
        Fail.unlessNow(DcapPckCrlExpired.selector, ca.crlThisUpdate, ca.crlNextUpdate);
    }

    function _liveSigner(bytes32 signerId) private view returns (Signer storage signer) {
        signer = _signers[signerId];
        bytes32 rootId = signer.rootId;
        if (rootId == 0) revert DcapTcbSignerMissing(signerId);
        _currentRootWithCrl(rootId);
        Fail.unlessNow(DcapTcbSignerExpired.selector, signer.notBefore, signer.notAfter);
        _unlessRevoked(rootId, signer.serial, DcapTcbSignerRevoked.selector);
    }

    function _checkedPckCrl(bytes32 caId, bytes calldata crl) private view returns (X509.Crl memory c) {
        Issuer storage ca = _livePckCa(caId);
        c = _certificates.crl(crl, DcapPckCrlMalformed.selector);
        if (c.issuer != ca.subject) revert DcapPckCrlIssuerMismatch();
        if (!_signed(c.tbsHash, c.r, c.s, ca.x, ca.y)) revert DcapPckCrlSignatureInvalid();
        Fail.unlessNow(DcapPckCrlExpired.selector, c.body.thisUpdate, c.body.nextUpdate);
    }

    /// @dev Intel leaves the CRL number at 1, so thisUpdate decides; a number that falls is a rollback too.
    function _storeWindow(bytes32 issuerId, X509.Crl memory c, bytes4 malformed, bytes4 rollback) private {
        if (c.body.number > type(uint128).max) Fail.word(malformed, 0);
        Issuer storage stored = _issuers[issuerId];
        if (c.body.thisUpdate < stored.crlThisUpdate || c.body.number < stored.crlNumber) {
            Fail.pair(rollback, stored.crlThisUpdate, c.body.thisUpdate);
        }
        stored.crlNumber = uint128(c.body.number);
        (stored.crlThisUpdate, stored.crlNextUpdate) = (c.body.thisUpdate, c.body.nextUpdate);
        emit CrlUploaded(issuerId, c.body.thisUpdate, c.body.nextUpdate);
    }

    /// @dev Revocations are kept for ever: a later CRL without an entry does not bring a certificate back. Goes on where
    ///      recordRevocations has stopped in this CRL, and answers how far it came, in bytes of the entries.
    function _storeEntries(bytes32 issuerId, bytes calldata crl, X509.Crl memory c, uint256 count, bytes4 malformed)
        private
        returns (uint256)
    {
        mapping(uint256 serial => uint64) storage revocations = revokedAt[issuerId];
        (uint256 start, uint256 stop) = (c.body.entriesStart, c.body.entriesStop);
        uint256 pos = start + _recorded[issuerId][c.tbsHash];
        for (; pos < stop && count != 0; --count) {
            (uint256 serial, uint64 date, uint256 next) = X509Fields.crlEntry(crl, pos, stop, malformed);
            pos = next;
            if (revocations[serial] != 0) continue;
            // Zero means "not revoked", so a revocation dated 1970 counts from second 1.
            revocations[serial] = date == 0 ? 1 : date;
            emit CertificateRevoked(issuerId, serial, date);
        }
        return pos - start;
    }

    function _unlessRevoked(bytes32 issuerId, uint256 serial, bytes4 err) private view {
        uint64 date = revokedAt[issuerId][serial];
        if (date != 0) Fail.word(err, date);
    }

    /// @dev Of two certificates of one key, the one that ends later stays unless it is revoked, so that nobody can shorten a
    ///      chain by uploading an older twin. False when the stored one stays.
    function _storeIssuer(bytes32 id, bytes32 rootId, X509.Certificate memory c) private returns (bool) {
        Issuer storage stored = _issuers[id];
        if (stored.notAfter > c.notAfter && revokedAt[rootId][stored.serial] == 0) return false;
        // Its CRL stays.
        (stored.rootId, stored.x, stored.y, stored.subject, stored.serial) = (rootId, c.x, c.y, c.subject, c.serial);
        (stored.notBefore, stored.notAfter) = (c.notBefore, c.notAfter);
        return true;
    }

    /// @dev Neither the issue date nor the evaluation number may fall. Where both are equal, what ends later stays. False when the
    ///      stored one stays.
    function _storeDocument(
        Document storage stored,
        bytes32 rootId,
        Document memory next,
        DocumentHead memory head,
        bytes memory packed,
        bytes4 rollback
    ) private returns (bool) {
        if (next.issueDate < stored.issueDate || next.evaluationNumber < stored.evaluationNumber) {
            Fail.pair(rollback, stored.issueDate, next.issueDate);
        }
        bool isTwin = stored.data != address(0) && next.issueDate == stored.issueDate
            && next.evaluationNumber == stored.evaluationNumber;
        if (isTwin && _endOf(rootId, _headOf(stored.data)) > _endOf(rootId, head)) return false;
        stored.data = DataContract.write(bytes.concat(abi.encode(head), packed));
        stored.issueDate = next.issueDate;
        stored.evaluationNumber = next.evaluationNumber;
        return true;
    }

    /// @dev Unix seconds: the end of the document or of its signer; zero when the signer is revoked.
    function _endOf(bytes32 rootId, DocumentHead memory head) private view returns (uint64) {
        return revokedAt[rootId][head.serial] != 0 ? 0 : _min(head.nextUpdate, head.notAfter);
    }

    function _signsCertificates(X509.Certificate memory c) private pure returns (bool) {
        return c.isCa && c.keyUsage & X509.SIGNS_CERTIFICATES_AND_CRLS == X509.SIGNS_CERTIFICATES_AND_CRLS;
    }

    function _signed(bytes32 hash, bytes32 r, bytes32 s, bytes32 x, bytes32 y) private view returns (bool) {
        return P256Ecdsa.verify(_precompile, hash, r, s, x, y);
    }

    function _signedDocument(Signer storage signer, bytes calldata body, bytes calldata signature)
        private
        view
        returns (bool)
    {
        return signature.length == 64
            && _signed(sha256(body), bytes32(signature[:32]), bytes32(signature[32:]), signer.x, signer.y);
    }

    function _min(uint64 a, uint64 b) private pure returns (uint64) {
        return a < b ? a : b;
    }
}
