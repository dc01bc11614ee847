// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {DeviceKeys} from "./DeviceKeys.sol";
import {DeviceEntry} from "./libraries/DeviceEntries.sol";
import {Fail} from "./libraries/Fail.sol";
import {X509Chain} from "./libraries/X509Chain.sol";
import {X509Fields} from "./libraries/X509Fields.sol";

/// @title CRLs of a vendor that revokes by them: AMD and AWS
/// @dev Proves of a revocation: the issuer of the certificate has signed it. Does NOT prove that there is no newer CRL.
abstract contract DeviceCrls is DeviceKeys {
    /// Selectors of the vendor's errors.
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

    event CrlUploaded(bytes32 indexed issuerId, uint64 thisUpdate, uint64 nextUpdate);
    event CertificateRevoked(bytes32 indexed issuerId, uint256 serial, uint64 revokedAt);

    /// Revocations are kept for ever: a later CRL without an entry does not bring a certificate back. Unix seconds, zero: not revoked.
    mapping(bytes32 issuerId => mapping(uint256 serial => uint64)) public revokedAt;
    mapping(bytes32 issuerId => Crl) internal _crls;
    /// Bytes of the revocations of a CRL that are kept. Not an offset in the DER: another signature over the same CRL may be longer.
    mapping(bytes32 crlId => uint256) private _progress;

    function _crlErrors() internal pure virtual returns (CrlErrors memory);

    /// @inheritdoc DeviceKeys
    /// @dev The CRL of its issuer.
    function _statusId(bytes32, DeviceEntry memory parent) internal pure override returns (bytes32) {
        return parent.issuerId;
    }

    function _currentCrl(bytes32 issuerId) internal view returns (Crl memory crl) {
        crl = _crls[issuerId];
        CrlErrors memory errors = _crlErrors();
        if (crl.nextUpdate == 0) Fail.word(errors.missing, uint256(issuerId));
        Fail.unlessNow(errors.expired, crl.thisUpdate, crl.nextUpdate);
    }

    /// @param revoked error(uint64 revokedAt)
    function _refuseRevoked(bytes32 issuerId, uint256 serial, bytes4 revoked) internal view {
        uint64 date = revokedAt[issuerId][serial];
        if (date != 0) Fail.word(revoked, date);
    }

    /// @notice Verifies a CRL of `issuer` and keeps `count` revocations from where the last call with this CRL stopped. Its window
    ///         counts from the call on that keeps the last of them. Never goes back to an older CRL.
    /// @param proof See P384Signature; ignored for RSA-PSS.
    function _uploadCrl(DeviceEntry memory issuer, bytes calldata der, bytes calldata proof, uint256 count) internal {
        CrlErrors memory errors = _crlErrors();
        X509Chain.Crl memory c = PARSER.crl(der, errors.malformed);
        if (c.issuer != issuer.subject || issuer.keyUsage & X509Chain.SIGNS_CRLS == 0) Fail.bare(errors.issuerMismatch);
        if (!_isSigned(der, c.signed, issuer, proof)) Fail.bare(errors.signatureInvalid);
        X509Fields.CrlBody memory body = c.body;
        Fail.unlessNow(errors.expired, body.thisUpdate, body.nextUpdate);
        if (body.number > type(uint120).max) Fail.word(errors.malformed, 0);
        Crl memory stored = _crls[issuer.issuerId];
        if (body.thisUpdate < stored.thisUpdate || body.number < stored.number) {
            Fail.pair(errors.rollback, stored.thisUpdate, body.thisUpdate);
        }
        bytes32 crlId = keccak256(bytes.concat(issuer.issuerId, keccak256(der[c.signed.start:c.signed.stop])));
        if (!_keepRevocations(issuer.issuerId, crlId, der, body, count)) return;
        Crl storage kept = _crls[issuer.issuerId];
        (kept.thisUpdate, kept.nextUpdate, kept.number) = (body.thisUpdate, body.nextUpdate, uint120(body.number));
        emit CrlUploaded(issuer.issuerId, body.thisUpdate, body.nextUpdate);
    }

    /// @return finished Whether all revocations of the CRL are kept now.
    function _keepRevocations(
        bytes32 issuerId,
        bytes32 crlId,
        bytes calldata der,
        X509Fields.CrlBody memory body,
        uint256 count
    ) private returns (bool finished) {
        if (body.entriesStart == body.entriesStop) return true;
        uint256 pos = body.entriesStart + _progress[crlId];
        if (pos == body.entriesStop) return true;
        (uint256[] memory serials, uint64[] memory dates, uint256 next) =
            PARSER.crlEntries(der, pos, body.entriesStop, count, _crlErrors().malformed);
        _progress[crlId] = next - body.entriesStart;
        if (serials.length != 0) _crls[issuerId].hasRevoked = true;
        for (uint256 i = 0; i < serials.length; ++i) {
            if (revokedAt[issuerId][serials[i]] != 0) continue;
            revokedAt[issuerId][serials[i]] = dates[i];
            emit CertificateRevoked(issuerId, serials[i], dates[i]);
        }
        return next == body.entriesStop;
    }
}
