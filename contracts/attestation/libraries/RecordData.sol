// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {TcbStatus, TeeKind, TrustTier} from "../../types/ProtocolTypes.sol";
import {DataContract} from "./DataContract.sol";

/// @title What never changes about one Attestation Result, packed and kept as the code of a contract
/// @dev Two fifths of the price of storage slots, and one cold account to read instead of a dozen slots. Numbers big-endian:
///      owner 20 ‖ operator 20 ‖ epoch 5 ‖ registeredAt 5 ‖ activeUntil 5 ‖ validUntil 5 ‖ notAfter 5 ‖ teeKind 1 ‖ tcbStatus 1 ‖ tier 1 ‖
///      moduleVersion 2 ‖ keysetDigest 32 ‖ measurement 32 ‖ platformId 32 ‖ evidenceHash 32 ‖ hpkeKeyDigest 32 ‖
///      attestedAt 5 ‖ length of receiptSigner 2 ‖ receiptSigner ‖ endpoint.
library RecordData {
    struct Facts {
        address owner;
        address operator;
        uint40 epoch;
        uint40 registeredAt;
        /// When the newest evidence was taken; later than registeredAt after a renewal.
        uint40 attestedAt;
        uint40 activeUntil;
        uint40 validUntil;
        uint40 notAfter;
        TeeKind teeKind;
        TcbStatus tcbStatus;
        TrustTier tier;
        uint16 moduleVersion;
        bytes32 keysetDigest;
        bytes32 measurement;
        bytes32 platformId;
        bytes32 evidenceHash;
        bytes32 hpkeKeyDigest;
        bytes receiptSigner;
        string endpoint;
    }

    // Offsets in bytes.
    uint256 private constant NUMBERS = 40;
    uint256 private constant DIGESTS = 70;
    uint256 private constant ATTESTED_AT = 230;
    uint256 private constant SIGNER_LENGTH = 235;
    uint256 private constant SIGNER = 237;
    // Bits from the right end of the word at NUMBERS.
    uint256 private constant EPOCH = 216;
    uint256 private constant REGISTERED_AT = 176;
    uint256 private constant ACTIVE_UNTIL = 136;
    uint256 private constant VALID_UNTIL = 96;
    uint256 private constant NOT_AFTER = 56;
    uint256 private constant TEE_KIND = 48;
    uint256 private constant TCB_STATUS = 40;
    uint256 private constant TIER = 32;
    uint256 private constant MODULE_VERSION = 16;

    function write(Facts memory f) internal returns (address pointer) {
        return DataContract.write(pack(f));
    }

    function pack(Facts memory f) internal pure returns (bytes memory) {
        bytes memory numbers = abi.encodePacked(
            f.epoch,
            f.registeredAt,
            f.activeUntil,
            f.validUntil,
            f.notAfter,
            uint8(f.teeKind),
            uint8(f.tcbStatus),
            uint8(f.tier),
            f.moduleVersion
        );
        return abi.encodePacked(
            f.owner,
            f.operator,
            numbers,
            f.keysetDigest,
            f.measurement,
            f.platformId,
            f.evidenceHash,
            f.hpkeKeyDigest,
            f.attestedAt,
            uint16(f.receiptSigner.length),
            f.receiptSigner,
            f.endpoint
        );
    }

    /// @notice The packed bytes, for readers that need little of them. `pointer` is one that `write` returned.
    function load(address pointer) internal view returns (bytes memory data) {
        return DataContract.read(pointer);
    }

    function unpack(bytes memory data) internal pure returns (Facts memory f) {
        f.owner = ownerOf(data);
        f.operator = operatorOf(data);
        uint256 numbers = uint256(_word(data, NUMBERS));
        f.epoch = uint40(numbers >> EPOCH);
        f.registeredAt = uint40(numbers >> REGISTERED_AT);
        f.activeUntil = uint40(numbers >> ACTIVE_UNTIL);
        f.validUntil = uint40(numbers >> VALID_UNTIL);
        f.notAfter = uint40(numbers >> NOT_AFTER);
        f.teeKind = TeeKind(uint8(numbers >> TEE_KIND));
        f.tcbStatus = TcbStatus(uint8(numbers >> TCB_STATUS));
        f.tier = TrustTier(uint8(numbers >> TIER));
        f.moduleVersion = uint16(numbers >> MODULE_VERSION);
        f.keysetDigest = _word(data, DIGESTS);
        f.measurement = measurementOf(data);
        f.platformId = platformIdOf(data);
        f.evidenceHash = _word(data, DIGESTS + 96);
        f.hpkeKeyDigest = _word(data, DIGESTS + 128);
        f.attestedAt = uint40(bytes5(_word(data, ATTESTED_AT)));
        uint256 signerBytes = uint16(bytes2(_word(data, SIGNER_LENGTH)));
        f.receiptSigner = _slice(data, SIGNER, SIGNER + signerBytes);
        f.endpoint = string(_slice(data, SIGNER + signerBytes, data.length));
    }

    function ownerOf(bytes memory data) internal pure returns (address) {
        return address(bytes20(_word(data, 0)));
    }

    function operatorOf(bytes memory data) internal pure returns (address) {
        return address(bytes20(_word(data, 20)));
    }

    function epochOf(bytes memory data) internal pure returns (uint40) {
        return uint40(uint256(_word(data, NUMBERS)) >> EPOCH);
    }

    function timesOf(bytes memory data)
        internal
        pure
        returns (uint40 registeredAt, uint40 activeUntil, uint40 validUntil)
    {
        uint256 numbers = uint256(_word(data, NUMBERS));
        return (uint40(numbers >> REGISTERED_AT), uint40(numbers >> ACTIVE_UNTIL), uint40(numbers >> VALID_UNTIL));
    }

    function moduleOf(bytes memory data) internal pure returns (TeeKind kind, uint16 version) {
        uint256 numbers = uint256(_word(data, NUMBERS));
        return (TeeKind(uint8(numbers >> TEE_KIND)), uint16(numbers >> MODULE_VERSION));
    }

    function measurementOf(bytes memory data) internal pure returns (bytes32) {
        return _word(data, DIGESTS + 32);
    }

    function platformIdOf(bytes memory data) internal pure returns (bytes32) {
        return _word(data, DIGESTS + 64);
    }

    function receiptSignerOf(bytes memory data) internal pure returns (bytes memory) {
        return _slice(data, SIGNER, SIGNER + uint16(bytes2(_word(data, SIGNER_LENGTH))));
    }

    function _word(bytes memory data, uint256 offset) private pure returns (bytes32 word) {
        // Safe: `pack` made at least SIGNER bytes, and every offset but the last two leaves a word; those two read into free
        // memory and keep five and two bytes that are there.
        assembly ("memory-safe") {
            word := mload(add(add(data, 0x20), offset))
        }
    }

    function _slice(bytes memory data, uint256 start, uint256 end) private pure returns (bytes memory part) {
        part = new bytes(end - start);
        // Safe: start ≤ end ≤ data.length by the layout; copies exactly the bytes between into fresh memory.
        assembly ("memory-safe") {
            mcopy(add(part, 0x20), add(add(data, 0x20), start), sub(end, start))
        }
    }
}
