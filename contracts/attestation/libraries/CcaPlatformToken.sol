// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICcaErrors} from "../../interfaces/ICcaErrors.sol";
import {CcaField, CcaFields} from "./CcaField.sol";
import {CcaPlatform2024} from "./CcaPlatform2024.sol";

/// @notice What a platform token says.
struct CcaPlatform {
    /// keccak256 of the challenge: of the hash of the realm's key.
    bytes32 challenge;
    /// The kind of platform.
    bytes32 implementationId;
    /// keccak256 of the instance id: of the one machine.
    bytes32 instance;
    /// keccak256(instance id ‖ implementation id).
    bytes32 identity;
    /// keccak256 of the configuration.
    bytes32 configuration;
    /// keccak256 over all software components.
    bytes32 software;
    /// Its lifecycle is secured; else it may be open to debugging, or not even provisioned.
    bool secured;
}

/// @title Claims of the platform token (Arm DEN0137 §A7.2.3.3; draft-ffm-rats-cca-token-00 and -03 §4.2)
/// @dev Proves the form. Checks and their order are those of packages/attestation/src/cca/claims.ts.
library CcaPlatformToken {
    using CcaField for CcaFields;

    bytes32 private constant PROFILE_LEGACY = keccak256("http://arm.com/CCA-SSD/1.0.0");
    bytes32 private constant PROFILE_2023 = keccak256("tag:arm.com,2023:cca_platform#1.0.0");
    bytes32 private constant PROFILE_2024 = keccak256("tag:arm.com,2024:cca_platform#2.0.0");

    // Claims.
    uint256 private constant CHALLENGE = 10;
    uint256 private constant INSTANCE_ID = 256;
    uint256 private constant PROFILE = 265;
    uint256 private constant LIFECYCLE = 2395;
    uint256 private constant IMPLEMENTATION_ID = 2396;
    uint256 private constant SOFTWARE_COMPONENTS = 2399;
    uint256 private constant VERIFICATION_SERVICE = 2400;
    uint256 private constant CONFIGURATION = 2401;
    uint256 private constant HASH_ALGORITHM = 2402;

    // Entries of a software component.
    uint256 private constant TYPE = 1;
    uint256 private constant MEASUREMENT = 2;
    uint256 private constant VERSION = 4;
    uint256 private constant SIGNER_ID = 5;
    uint256 private constant COMPONENT_HASH_ALGORITHM = 6;
    uint256 private constant LIVE_ACTIVATION = 7;
    uint256 private constant COUNTERSIGNERS = 8;

    /// EAT ueid of type RAND: 0x01 and the 32-byte identifier of the platform attestation key.
    uint256 private constant INSTANCE_ID_BYTES = 33;
    bytes1 private constant UEID_TYPE_RANDOM = 0x01;
    /// States by the upper byte of claim 2395: 0x00, 0x10 … 0x60; the lower byte is the implementation's.
    uint256 private constant STATE_SECURED = 0x30;
    uint256 private constant STATE_LAST = 0x60;

    /// @notice Reads the claims of a platform token.
    function parse(bytes calldata claims) internal pure returns (CcaPlatform memory platform) {
        CcaFields memory fields = CcaField.open(
            claims,
            ICcaErrors.CcaPlatformTokenMalformed.selector,
            ICcaErrors.CcaPlatformClaimMissing.selector,
            ICcaErrors.CcaPlatformClaimMalformed.selector
        );
        bytes32 profile = fields.textHash(claims, PROFILE);
        bool is2024 = profile == PROFILE_2024;
        require(
            is2024 || profile == PROFILE_2023 || profile == PROFILE_LEGACY, ICcaErrors.CcaProfileUnsupported(profile)
        );
        bytes calldata instanceId = fields.sized(claims, INSTANCE_ID, INSTANCE_ID_BYTES);
        if (instanceId[0] != UEID_TYPE_RANDOM) fields.wrong(INSTANCE_ID);
        uint256 state = fields.unsigned(claims, LIFECYCLE, 0xffff) >> 8;
        if (state & 0xf != 0 || state > STATE_LAST) fields.wrong(LIFECYCLE);
        if (is2024) CcaPlatform2024.check(claims, fields);
        platform.secured = state == STATE_SECURED;
        platform.challenge = fields.measure(claims, CHALLENGE);
        platform.implementationId = bytes32(fields.sized(claims, IMPLEMENTATION_ID, 32));
        platform.instance = keccak256(instanceId);
        platform.identity = keccak256(bytes.concat(instanceId, platform.implementationId));
        platform.configuration = keccak256(fields.byteString(claims, CONFIGURATION));
        platform.software = _softwareOf(claims, fields, is2024);
        fields.text(claims, HASH_ALGORITHM);
        if (fields.has(VERIFICATION_SERVICE)) fields.text(claims, VERIFICATION_SERVICE);
    }

    /// @dev keccak256 over one digest for each component, in the token's order.
    function _softwareOf(bytes calldata claims, CcaFields memory fields, bool is2024) private pure returns (bytes32) {
        (uint256 count, uint256 pos) = fields.someList(claims, SOFTWARE_COMPONENTS);
        // Every component takes a byte or more: the count is below the length of the claims.
        bytes32[] memory digests = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) (digests[i], pos) = _componentOf(claims, pos, fields, is2024);
        return keccak256(abi.encodePacked(digests));
    }

    function _componentOf(bytes calldata claims, uint256 pos, CcaFields memory outer, bool is2024)
        private
        pure
        returns (bytes32 digest, uint256 stop)
    {
        CcaFields memory component;
        (component, stop) = CcaField.element(claims, pos, outer);
        if (is2024) _check2024(claims, component);
        bytes32 kind = component.optionalTextHash(claims, TYPE);
        bytes32 measurement = component.measure(claims, MEASUREMENT);
        bytes32 version = component.optionalTextHash(claims, VERSION);
        bytes32 signer = component.measure(claims, SIGNER_ID);
        component.optionalTextHash(claims, COMPONENT_HASH_ALGORITHM);
        digest = keccak256(abi.encode(kind, measurement, version, signer));
    }

    function _check2024(bytes calldata claims, CcaFields memory component) private pure {
        if (component.has(LIVE_ACTIVATION)) component.boolean(claims, LIVE_ACTIVATION);
        if (!component.has(COUNTERSIGNERS)) return;
        (uint256 left, uint256 pos) = component.someList(claims, COUNTERSIGNERS);
        for (; left > 0; --left) (, pos) = component.measureAt(claims, pos);
    }
}
