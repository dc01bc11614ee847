// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {CcaField, CcaFields} from "./CcaField.sol";

/// @title What the profile of 2024 adds to the platform claims: one mandatory claim, and the forms of optional ones
/// @dev draft-ffm-rats-cca-token-03 §4.2; Arm DEN0137 §A7.2.3.3.6, .11 and .12. None of it becomes a claim here: a policy of the
///      library does not refer to it either.
library CcaPlatform2024 {
    using CcaField for CcaFields;

    uint256 private constant CLIENT_ID = 2394;
    uint256 private constant MANUFACTURING_CONFIGURATION = 2403;
    uint256 private constant DEVICES = 2404;
    uint256 private constant BOOT_KEYS = 2405;
    uint256 private constant PEER_SIGNERS = 2406;
    /// The security domain that may ask for a platform token: the Realm Management Security Domain.
    uint256 private constant CLIENT_ID_RMSD = 1;

    // Entries of a device that joined the platform at runtime.
    uint256 private constant DEVICE_HASH_ALGORITHM = 1;
    uint256 private constant DEVICE_MEASUREMENTS = 2;
    uint256 private constant DEVICE_CERTIFICATES = 3;
    uint256 private constant DEVICE_USES_IDE = 4;
    uint256 private constant DEVICE_PROTOCOL = 5;
    uint256 private constant DEVICE_NEGOTIATION = 6;
    uint256 private constant DEVICE_TYPE = 7;
    uint256 private constant DEVICE_ENCRYPTION = 8;
    bytes5 private constant SPDM = "spdm-";
    bytes32 private constant MEMORY_DEVICE = keccak256("cxl-type-3");
    /// The host encrypts, the target, or nobody: 0 to 2.
    uint256 private constant MAX_ENCRYPTION = 2;

    // Entries of a key of Trusted Board Boot.
    uint256 private constant KEY_NAME = 1;
    uint256 private constant KEY_ARRAY = 2;
    uint256 private constant KEY_INDEX = 3;
    uint256 private constant KEY_HASH = 4;

    /// 2^53 - 1: what every implementation of EAT can hold.
    uint256 private constant MAX_INTEGER = (1 << 53) - 1;

    /// @notice Refuses claims that lack what the profile demands.
    function check(bytes calldata claims, CcaFields memory fields) internal pure {
        if (fields.unsigned(claims, CLIENT_ID, MAX_INTEGER) != CLIENT_ID_RMSD) fields.wrong(CLIENT_ID);
        _checkSome(claims, fields, MANUFACTURING_CONFIGURATION);
        _checkSome(claims, fields, PEER_SIGNERS);
        CcaFields memory item;
        if (fields.has(DEVICES)) {
            (uint256 left, uint256 pos) = fields.someList(claims, DEVICES);
            for (; left > 0; --left) {
                (item, pos) = CcaField.element(claims, pos, fields);
                _checkDevice(claims, item);
            }
        }
        if (fields.has(BOOT_KEYS)) {
            (uint256 left, uint256 pos) = fields.someList(claims, BOOT_KEYS);
            for (; left > 0; --left) {
                (item, pos) = CcaField.element(claims, pos, fields);
                _checkBootKey(claims, item);
            }
        }
    }

    /// @dev A byte string with something in it, where there is one.
    function _checkSome(bytes calldata claims, CcaFields memory fields, uint256 label) private pure {
        if (fields.has(label) && fields.byteString(claims, label).length == 0) fields.wrong(label);
    }

    function _checkDevice(bytes calldata claims, CcaFields memory device) private pure {
        if (device.has(DEVICE_HASH_ALGORITHM)) device.text(claims, DEVICE_HASH_ALGORITHM);
        device.measure(claims, DEVICE_MEASUREMENTS);
        device.measure(claims, DEVICE_CERTIFICATES);
        device.boolean(claims, DEVICE_USES_IDE);
        // SPDM begins with a negotiation (version, capabilities, algorithms), whose digest has to be there.
        bytes calldata protocol = device.text(claims, DEVICE_PROTOCOL);
        if (bytes5(protocol) == SPDM) device.measure(claims, DEVICE_NEGOTIATION);
        else if (device.has(DEVICE_NEGOTIATION)) device.wrong(DEVICE_NEGOTIATION);
        bool isMemory = device.has(DEVICE_TYPE) && device.textHash(claims, DEVICE_TYPE) == MEMORY_DEVICE;
        if (isMemory) device.unsigned(claims, DEVICE_ENCRYPTION, MAX_ENCRYPTION);
        else if (device.has(DEVICE_ENCRYPTION)) device.wrong(DEVICE_ENCRYPTION);
    }

    function _checkBootKey(bytes calldata claims, CcaFields memory key) private pure {
        if (key.text(claims, KEY_NAME).length == 0) key.wrong(KEY_NAME);
        key.unsigned(claims, KEY_ARRAY, MAX_INTEGER);
        key.unsigned(claims, KEY_INDEX, MAX_INTEGER);
        key.measure(claims, KEY_HASH);
    }
}
