// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P256Ecdsa} from "../../crypto/P256Ecdsa.sol";
import {IDcapErrors} from "../../interfaces/IDcapErrors.sol";
import {IDcapVerifier} from "../../interfaces/IDcapVerifier.sol";
import {IEndorsementStore} from "../../interfaces/IEndorsementStore.sol";
import {Claims, TcbStatus, TeeKind} from "../../types/ProtocolTypes.sol";
import {DcapQuote} from "../libraries/DcapQuote.sol";
import {SvnLevels} from "../libraries/SvnLevels.sol";

/// @title What every DCAP quote is verified by, whatever it is a quote of
/// @dev The body of the quote and its TCB are the part of the contracts that inherit.
abstract contract DcapVerification is IDcapVerifier, IDcapErrors {
    using DcapQuote for bytes;

    // Offsets in the QE report.
    uint256 private constant QE_MISCSELECT = 16;
    uint256 private constant QE_ATTRIBUTES = 48;
    uint256 private constant QE_MR_SIGNER = 128;
    uint256 private constant QE_ISV_PROD_ID = 256;
    uint256 private constant QE_ISV_SVN = 258;
    uint256 private constant QE_REPORT_DATA = 320;

    IEndorsementStore public immutable store;
    bool private immutable _precompile;

    /// @param store_ Where the endorsements are.
    constructor(IEndorsementStore store_) {
        store = store_;
        _precompile = P256Ecdsa.hasPrecompile();
    }

    /// @inheritdoc IDcapVerifier
    function parse(bytes calldata evidence) external pure returns (bytes32 pckId, uint256 authenticationDataSize) {
        authenticationDataSize = _partsOf(evidence).authenticationDataSize;
        pckId = evidence.word(0);
    }

    /// @dev Reverts with the format errors.
    function _partsOf(bytes calldata evidence) internal pure virtual returns (DcapQuote.Parts memory);

    /// @dev PCK signs the QE report, the QE report binds the attestation key, the attestation key signs the quote, and the QE is the
    ///      one that its identity describes.
    function _checkQuote(bytes calldata evidence, IEndorsementStore.Endorsements memory e, DcapQuote.Parts memory parts)
        internal
        view
    {
        _checkSignatures(evidence, e, parts);
        _checkQe(evidence, parts.qeReport, e.qeIdentity);
        if (e.pceId != e.tcbInfoPceId) revert DcapPceidMismatch(e.tcbInfoPceId, e.pceId);
    }

    function _qeStatus(bytes calldata evidence, uint256 qeReport, bytes memory identity)
        internal
        pure
        returns (TcbStatus status)
    {
        bool found;
        uint256 isvSvn = evidence.u16(qeReport + QE_ISV_SVN);
        (found, status) = SvnLevels.find(identity, 74, isvSvn);
        if (!found) revert DcapQeLevelNotFound(isvSvn);
    }

    /// @dev The claims that need no body. A revoked level is refused whatever a policy says.
    function _claims(TeeKind kind, TcbStatus status, IEndorsementStore.Endorsements memory e)
        internal
        pure
        returns (Claims memory claims)
    {
        if (status == TcbStatus.Revoked) revert DcapTcbRevoked();
        claims.teeKind = kind;
        claims.simulated = e.simulated;
        claims.tcbStatus = status;
        claims.tcbEvaluationNumber = e.tcbInfoEvaluationNumber < e.qeIdentityEvaluationNumber
            ? e.tcbInfoEvaluationNumber
            : e.qeIdentityEvaluationNumber;
        claims.earliestExpiry = e.earliestExpiry;
        claims.product = bytes32(e.fmspc);
        claims.platformId = e.platformId;
    }

    function _checkSignatures(
        bytes calldata evidence,
        IEndorsementStore.Endorsements memory e,
        DcapQuote.Parts memory parts
    ) private view {
        uint256 start = parts.signedEnd;
        uint256 qeReport = parts.qeReport;
        uint256 qeSignature = qeReport + DcapQuote.QE_SIGNATURE;
        bytes32 hash = sha256(evidence[qeReport:qeSignature]);
        if (!_signed(evidence, hash, qeSignature, e.pckX, e.pckY)) revert DcapQeReportSignatureInvalid();
        uint256 key = start + DcapQuote.ATTESTATION_KEY;
        (bytes32 x, bytes32 y) = (evidence.word(key), evidence.word(key + 32));
        uint256 authenticationData = qeReport + DcapQuote.QE_AUTHENTICATION + 2;
        bytes calldata data = evidence[authenticationData:authenticationData + parts.authenticationDataSize];
        if (
            evidence.word(qeReport + QE_REPORT_DATA) != sha256(bytes.concat(x, y, data))
                || evidence.word(qeReport + QE_REPORT_DATA + 32) != 0
        ) revert DcapAttestationKeyNotBound();
        hash = sha256(evidence[DcapQuote.QUOTE:start]);
        if (!_signed(evidence, hash, start + DcapQuote.SIGNATURE, x, y)) revert DcapQuoteSignatureInvalid();
    }

    /// @dev The QE report against the QE identity, packed as QeIdentityJson says.
    function _checkQe(bytes calldata evidence, uint256 qeReport, bytes memory identity) private pure {
        bytes32 masks;
        bytes32 attributes;
        bytes32 mrSigner;
        uint256 productId;
        assembly ("memory-safe") {
            let start := add(identity, 0x20)
            masks := mload(start)
            attributes := mload(add(start, 8))
            mrSigner := mload(add(start, 40))
            productId := shr(240, mload(add(start, 72)))
        }
        bytes4 miscselect = bytes4(evidence.word(qeReport + QE_MISCSELECT));
        bytes16 actual = bytes16(evidence.word(qeReport + QE_ATTRIBUTES));
        if (
            miscselect & bytes4(masks << 32) != bytes4(masks)
                || actual & bytes16(attributes << 128) != bytes16(attributes)
                || evidence.word(qeReport + QE_MR_SIGNER) != mrSigner
                || evidence.u16(qeReport + QE_ISV_PROD_ID) != productId
        ) revert DcapQeIdentityMismatch();
    }

    /// @dev Signature r ‖ s at `pos` of the evidence.
    function _signed(bytes calldata evidence, bytes32 hash, uint256 pos, bytes32 x, bytes32 y) private view returns (bool) {
        return P256Ecdsa.verify(_precompile, hash, evidence.word(pos), evidence.word(pos + 32), x, y);
    }
}
