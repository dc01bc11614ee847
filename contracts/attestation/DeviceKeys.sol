// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Tables} from "../crypto/P384Tables.sol";
import {ISha384, RsaPss} from "../crypto/RsaPss.sol";
import {IP384} from "../interfaces/IP384.sol";
import {ChainParser} from "./ChainParser.sol";
import {DeviceEntries, DeviceEntry} from "./libraries/DeviceEntries.sol";
import {Fail} from "./libraries/Fail.sol";
import {P384Signature} from "./libraries/P384Signature.sol";
import {X509Chain} from "./libraries/X509Chain.sol";

/// @title Registry of verified certificates of one vendor: the base of the stores of AMD, AWS and NVIDIA
/// @notice Anyone registers a certificate below one that is registered; its signature is verified once. Expiry and revocation of
///         the whole ancestry are checked again at each use. Nobody can remove or change an entry.
/// @dev Proves of an entry: its certificate is pinned, or signed by the key of its parent, which is a CA that may issue it. A pinned
///      certificate counts by the hash of its DER, so its signature needs no verification. A vendor's store says what a role may
///      be, names the errors, and adds its facts. DeviceChains checks chains, DeviceCrls keeps CRLs.
abstract contract DeviceKeys {
    using P384Signature for P384Signature.Backend;
    using DeviceEntries for address;
    using DeviceEntries for DeviceEntry;

    /// Contracts of the vendor's cryptography; stateless, shared by all stores.
    struct Crypto {
        ISha384 sha384;
        IP384 p384;
        P384Tables tables;
        RsaPss rsaPss;
        ChainParser parser;
    }

    enum Pin { None, Vendor, Simulation }

    event CertificatePinned(bytes32 indexed certificateHash, bool simulated);
    event CertificateRegistered(bytes32 indexed parentId, bytes32 indexed keyId, uint8 role, bool simulated, uint64 notAfter);

    ISha384 internal immutable SHA384;
    IP384 internal immutable P384;
    P384Tables internal immutable TABLES;
    RsaPss internal immutable RSA_PSS;
    ChainParser internal immutable PARSER;

    /// CAs and leaf at most, root included.
    uint256 internal constant MAX_DEPTH = 8;

    /// Data contracts with a DeviceEntry.
    mapping(bytes32 keyId => address) private _entries;
    mapping(bytes32 certificateHash => Pin) private _pins;

    /// @param pinned keccak256 of the DER of the vendor's certificates that count for what they are.
    /// @param simulationRoots The same of simulated roots; the vendor's store says where there may be any.
    constructor(Crypto memory crypto, bytes32[] memory pinned, bytes32[] memory simulationRoots) {
        (SHA384, P384, TABLES) = (crypto.sha384, crypto.p384, crypto.tables);
        (RSA_PSS, PARSER) = (crypto.rsaPss, crypto.parser);
        _pin(pinned, Pin.Vendor);
        _pin(simulationRoots, Pin.Simulation);
    }

    function _pin(bytes32[] memory certificateHashes, Pin pin) private {
        for (uint256 i = 0; i < certificateHashes.length; ++i) {
            _pins[certificateHashes[i]] = pin;
            emit CertificatePinned(certificateHashes[i], pin == Pin.Simulation);
        }
    }

    /// @dev Under which it is said whether a certificate is revoked: see DeviceEntry.statusIds.
    function _statusId(bytes32 keyId, DeviceEntry memory parent) internal pure virtual returns (bytes32);

    /// @notice Id of a certificate below a parent: of the bytes that are signed, so that another signature over them makes no new key.
    function _keyIdOf(bytes32 parentId, bytes calldata der, X509Chain.Signed memory signed) internal pure returns (bytes32) {
        return keccak256(bytes.concat(parentId, keccak256(der[signed.start:signed.stop])));
    }

    function _isPinned(bytes calldata der) internal view returns (bool) {
        return _pins[keccak256(der)] != Pin.None;
    }

    /// @notice Reverts with `notPinned`, an error(bytes32 certificateHash), unless the certificate is pinned.
    /// @return simulated Whether it is a simulation's.
    function _expectPinned(bytes calldata der, bytes4 notPinned) internal view returns (bool simulated) {
        Pin pin = _pins[keccak256(der)];
        if (pin == Pin.None) Fail.word(notPinned, uint256(keccak256(der)));
        return pin == Pin.Simulation;
    }

    function _backend() internal view returns (P384Signature.Backend memory) {
        return P384Signature.Backend(SHA384, P384, TABLES);
    }

    /// @notice Whether the key of `issuer` has signed. Another kind of key verifies nothing.
    /// @param proof See P384Signature; ignored for RSA-PSS.
    function _isSigned(
        bytes calldata der,
        X509Chain.Signed memory signed,
        DeviceEntry memory issuer,
        bytes calldata proof
    ) internal view returns (bool) {
        (bytes32 high, bytes16 low) = SHA384.sha384(der[signed.start:signed.stop]);
        if (signed.scheme == X509Chain.Scheme.RsaPssSha384) {
            return issuer.keyKind == X509Chain.KeyKind.Rsa4096
                && RSA_PSS.verifyDigest(high, low, issuer.key, signed.signature);
        }
        return issuer.keyKind == X509Chain.KeyKind.P384
            && _backend().verifyDigest(high, low, issuer.key, signed.signature, proof);
    }

    /// @notice Keeps a pinned certificate that the store has checked.
    function _keepRoot(
        bytes32 rootId,
        X509Chain.Certificate memory c,
        uint8 role,
        bool simulated,
        bytes memory facts
    ) internal {
        DeviceEntry memory none;
        none.chainNotAfter = type(uint64).max;
        none.pathLength = type(uint16).max;
        DeviceEntry memory own;
        (own.role, own.simulated, own.facts) = (role, simulated, facts);
        _keep(rootId, 0, none, c, own, false);
    }

    /// @notice Keeps a certificate that the store has checked. The same again is the same.
    /// @param own Role, facts, and whether it is a simulation's.
    /// @param needsStatus Whether a current word on its revocation is needed at each use.
    function _keep(
        bytes32 keyId,
        bytes32 parentId,
        DeviceEntry memory parent,
        X509Chain.Certificate memory c,
        DeviceEntry memory own,
        bool needsStatus
    ) internal {
        if (_entries[keyId] == address(0)) {
            own.parentId = parentId;
            own.issuerId = keccak256(bytes.concat(parent.issuerId, c.subject, keccak256(c.key)));
            (own.subject, own.serial, own.notBefore, own.notAfter) = (c.subject, c.serial, c.notBefore, c.notAfter);
            (own.isCa, own.keyUsage, own.depth) = (c.isCa, c.keyUsage, parent.depth + 1);
            (own.keyKind, own.key) = (c.keyKind, c.key);
            _takeOver(parent, own, uint16(c.pathLength));
            if (parentId != 0) {
                own.statusIds[0] = _statusId(keyId, parent);
                if (needsStatus) own.statusDue |= 1;
            }
            _entries[keyId] = own.write();
        }
        emit CertificateRegistered(parentId, keyId, own.role, own.simulated, c.notAfter);
    }

    /// @dev What an entry has from its ancestors.
    /// @param pathLength Its own: below 256, or the maximum.
    function _takeOver(DeviceEntry memory parent, DeviceEntry memory own, uint16 pathLength) private pure {
        own.chainNotBefore = own.notBefore > parent.chainNotBefore ? own.notBefore : parent.chainNotBefore;
        own.chainNotAfter = own.notAfter < parent.chainNotAfter ? own.notAfter : parent.chainNotAfter;
        // RFC 5280, 4.2.1.9. Below zero there are only leaves, which issue nothing.
        uint16 below = parent.pathLength;
        if (below != type(uint16).max && below != 0) --below;
        own.pathLength = pathLength < below ? pathLength : below;
        own.statusDue = parent.statusDue << 1;
        own.statusIds = new bytes32[](parent.depth);
        for (uint256 i = 1; i < parent.depth; ++i) own.statusIds[i] = parent.statusIds[i - 1];
    }

    /// @notice The entry; reverts with `missing`, an error(bytes32 keyId), when there is none.
    function _entryOf(bytes32 keyId, bytes4 missing) internal view returns (DeviceEntry memory) {
        address data = _entries[keyId];
        if (data == address(0)) Fail.word(missing, uint256(keyId));
        return data.read();
    }
}
