// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {DataContract} from "./DataContract.sol";
import {X509Chain} from "./X509Chain.sol";

/// @dev A certificate as the stores on DeviceKeys keep it, with what a use needs of its ancestors. It never changes, and neither do they:
///      what is taken over from them stays true. Only revocations come later, so an entry keeps where those are looked up.
struct DeviceEntry {
    /// Zero: a root, pinned.
    bytes32 parentId;
    /// Under which the CRL of what it signs is kept: the same for a renewed certificate of the same name and key.
    bytes32 issuerId;
    bytes32 subject;
    uint256 serial;
    uint64 notBefore;
    uint64 notAfter;
    /// Of itself and all its ancestors at once.
    uint64 chainNotBefore;
    uint64 chainNotAfter;
    /// The vendor's own numbering.
    uint8 role;
    bool simulated;
    bool isCa;
    uint8 keyUsage;
    /// Entries of its chain, itself and the root included.
    uint8 depth;
    X509Chain.KeyKind keyKind;
    /// Bit i: whether a current word on revocation is needed under statusIds[i] at each use.
    uint8 statusDue;
    /// CAs that may follow below it by its own path length and those of its ancestors; the maximum: any number.
    uint16 pathLength;
    /// Under which the vendor says what it has revoked: of itself, its parent and so on, the root excluded.
    bytes32[] statusIds;
    bytes key;
    /// What the vendor's store has read in the certificate.
    bytes facts;
}

/// @title Keeps entries: packed, as code
library DeviceEntries {
    /// parentId, issuerId, subject, serial, four times 8 bytes of validity; the nine bytes from role to pathLength.
    uint256 private constant HEAD_BYTES = 5 * 32 + 9;

    function write(DeviceEntry memory e) internal returns (address) {
        bytes memory validity = abi.encodePacked(e.notBefore, e.notAfter, e.chainNotBefore, e.chainNotAfter);
        bytes memory kind = abi.encodePacked(
            e.role, e.simulated, e.isCa, e.keyUsage, e.depth, uint8(e.keyKind), e.statusDue, e.pathLength
        );
        return DataContract.write(
            abi.encodePacked(e.parentId, e.issuerId, e.subject, e.serial, validity, kind, e.statusIds, e.key, e.facts)
        );
    }

    /// @param data What `write` has answered.
    function read(address data) internal view returns (DeviceEntry memory e) {
        uint256 validity;
        uint256 kind;
        // The sixth word runs on into what follows.
        (e.parentId, e.issuerId, e.subject, e.serial, validity, kind) = abi.decode(
            DataContract.readSlice(data, 0, 6 * 32), (bytes32, bytes32, bytes32, uint256, uint256, uint256)
        );
        (e.notBefore, e.notAfter) = (uint64(validity >> 192), uint64(validity >> 128));
        (e.chainNotBefore, e.chainNotAfter) = (uint64(validity >> 64), uint64(validity));
        (e.role, e.simulated, e.isCa) = (uint8(kind >> 248), uint8(kind >> 240) == 1, uint8(kind >> 232) == 1);
        (e.keyUsage, e.depth, e.keyKind) = (uint8(kind >> 224), uint8(kind >> 216), X509Chain.KeyKind(uint8(kind >> 208)));
        (e.statusDue, e.pathLength) = (uint8(kind >> 200), uint16(kind >> 184));
        e.statusIds = DataContract.readWords(data, HEAD_BYTES, e.depth - 1);
        uint256 place = HEAD_BYTES + 32 * e.statusIds.length;
        e.key = DataContract.readSlice(data, place, e.keyKind == X509Chain.KeyKind.P384 ? 96 : 512);
        e.facts = DataContract.readFrom(data, place + e.key.length);
    }
}
