// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {DeviceKeys} from "./DeviceKeys.sol";
import {DeviceEntry} from "./libraries/DeviceEntries.sol";
import {Fail} from "./libraries/Fail.sol";
import {X509Chain} from "./libraries/X509Chain.sol";

/// @title Chains of any length, as AWS and NVIDIA have them
/// @dev A use reads the entry of the leaf alone, and what is said under its status ids; where anything calls for it, the whole chain is
///      walked, which says what is wrong.
abstract contract DeviceChains is DeviceKeys {
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

    function _errors(uint8 role) internal pure virtual returns (Errors memory);

    /// @dev What is said under a status id, at a glance.
    /// @return end Unix seconds until when that is good; the maximum where nothing is there and nothing is due. Zero where only
    ///         `_checkStatus` can tell.
    function _statusEnd(bytes32 statusId, bool isDue) internal view virtual returns (uint64 end);

    /// @dev Reverts where a certificate is revoked, or it is not known as it must be.
    /// @return end As that of `_statusEnd`, never zero.
    function _checkStatus(bytes32 statusId, DeviceEntry memory entry) internal view virtual returns (uint64 end);

    /// @notice Registers a parsed certificate below `parent`; returns its id.
    /// @param own Role and facts.
    /// @param needsStatus Whether a current word on its revocation is needed at each use.
    function _register(
        bytes32 parentId,
        DeviceEntry memory parent,
        bytes calldata der,
        X509Chain.Certificate memory c,
        bytes calldata proof,
        DeviceEntry memory own,
        bool needsStatus
    ) internal returns (bytes32 keyId) {
        _checkIssued(der, c, parent, proof, _errors(own.role));
        keyId = _keyIdOf(parentId, der, c.signed);
        own.simulated = parent.simulated;
        _keep(keyId, parentId, parent, c, own, needsStatus);
    }

    /// @notice Checks name, signature and validity of a parsed certificate below `parent` at this moment.
    /// @dev What the certificate itself may be (CA or leaf, key usage) is for the store to check before; whether it is revoked, after.
    /// @param proof Of the signature: see P384Signature; ignored for RSA-PSS.
    function _checkIssued(
        bytes calldata der,
        X509Chain.Certificate memory c,
        DeviceEntry memory parent,
        bytes calldata proof,
        Errors memory errors
    ) internal view {
        if (!parent.isCa || parent.keyUsage & X509Chain.SIGNS_CERTIFICATES == 0) Fail.bare(errors.issuerNotCa);
        // RFC 5280, 4.2.1.9: the path length counts CAs.
        if ((c.isCa && parent.pathLength == 0) || parent.depth == MAX_DEPTH) Fail.bare(errors.pathLengthExceeded);
        if (c.issuer != parent.subject) Fail.bare(errors.issuerMismatch);
        if (!_isSigned(der, c.signed, parent, proof)) Fail.bare(errors.signatureInvalid);
        Fail.unlessNow(errors.expired, c.notBefore, c.notAfter);
    }

    /// @notice Reverts unless the leaf and all its ancestors are valid now, and none of them is revoked.
    /// @return earliestExpiry Unix seconds: the first end among certificates and what is said of their revocation.
    function _checkCurrent(DeviceEntry memory leaf) internal view returns (uint64 earliestExpiry) {
        _checkValid(leaf);
        earliestExpiry = leaf.chainNotAfter;
        for (uint256 i = 0; i < leaf.statusIds.length; ++i) {
            uint64 end = _statusEnd(leaf.statusIds[i], (leaf.statusDue >> i) & 1 == 1);
            if (end == 0) return _walk(leaf);
            if (end < earliestExpiry) earliestExpiry = end;
        }
    }

    /// @notice Reverts unless the leaf and all its ancestors are valid now: for the first one from the leaf upwards that is not.
    function _checkValid(DeviceEntry memory leaf) internal view {
        if (block.timestamp >= leaf.chainNotBefore && block.timestamp <= leaf.chainNotAfter) return;
        DeviceEntry memory entry = leaf;
        Fail.unlessNow(_errors(entry.role).expired, entry.notBefore, entry.notAfter);
        while (entry.parentId != 0) {
            entry = _entryOf(entry.parentId, _errors(entry.role).missing);
            Fail.unlessNow(_errors(entry.role).expired, entry.notBefore, entry.notAfter);
        }
    }

    /// @dev Revocation of a valid chain, from the leaf upwards.
    function _walk(DeviceEntry memory leaf) private view returns (uint64 earliestExpiry) {
        DeviceEntry memory entry = leaf;
        earliestExpiry = leaf.chainNotAfter;
        for (uint256 i = 0; i < leaf.statusIds.length; ++i) {
            uint64 end = _checkStatus(leaf.statusIds[i], entry);
            if (end < earliestExpiry) earliestExpiry = end;
            entry = _entryOf(entry.parentId, _errors(entry.role).missing);
        }
    }
}
