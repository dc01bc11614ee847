// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICcaErrors} from "../../interfaces/ICcaErrors.sol";
import {CcaField, CcaFields} from "./CcaField.sol";

/// @notice What a realm token says.
struct CcaRealm {
    /// First and second half of the challenge.
    bytes32 challengeHigh;
    bytes32 challengeLow;
    /// keccak256 of the personalization value.
    bytes32 personalizationValue;
    /// keccak256 of the RIM.
    bytes32 initialMeasurement;
    /// keccak256 of each REM.
    bytes32[4] extensibleMeasurements;
    /// keccak256 of the name of the measurements' hash algorithm.
    bytes32 hashAlgorithm;
    /// keccak256 of the name of the hash by which the platform token binds the key.
    bytes32 keyHashAlgorithm;
    /// The key is a bare point on P-384, not a COSE_Key.
    bool legacy;
}

/// @title Claims of the realm token (Arm DEN0137 §A7.2.3.1; draft-ffm-rats-cca-token-00 and -03 §4.1)
/// @dev Proves the form. Checks and their order are those of packages/attestation/src/cca/claims.ts.
library CcaRealmToken {
    using CcaField for CcaFields;

    bytes32 private constant PROFILE_2023 = keccak256("tag:arm.com,2023:realm#1.0.0");
    bytes32 private constant PROFILE_2024 = keccak256("tag:arm.com,2024:realm#2.0.0");
    bytes32 internal constant SHA_256 = keccak256("sha-256");
    bytes32 internal constant SHA_384 = keccak256("sha-384");
    bytes32 internal constant SHA_512 = keccak256("sha-512");
    bytes32 private constant PRIVATE = keccak256("private");
    bytes32 private constant SHARED = keccak256("shared");

    uint256 private constant CHALLENGE = 10;
    uint256 private constant PROFILE = 265;
    uint256 private constant PERSONALIZATION_VALUE = 44235;
    uint256 private constant HASH_ALGORITHM = 44236;
    uint256 private constant PUBLIC_KEY = 44237;
    uint256 private constant INITIAL_MEASUREMENT = 44238;
    uint256 private constant EXTENSIBLE_MEASUREMENTS = 44239;
    uint256 private constant KEY_HASH_ALGORITHM = 44240;
    uint256 private constant MEMORY_ENCRYPTION_POLICY = 44243;

    uint256 private constant LEGACY_KEY_BYTES = 97;

    /// @notice Reads the claims of a realm token; its attestation key (RAK) exactly as claimed.
    function parse(bytes calldata claims) internal pure returns (CcaRealm memory realm, bytes calldata publicKey) {
        CcaFields memory fields = CcaField.open(
            claims,
            ICcaErrors.CcaRealmTokenMalformed.selector,
            ICcaErrors.CcaRealmClaimMissing.selector,
            ICcaErrors.CcaRealmClaimMalformed.selector
        );
        // The legacy profile is said by its absence.
        bytes32 profile = fields.optionalTextHash(claims, PROFILE);
        require(
            profile == 0 || profile == PROFILE_2023 || profile == PROFILE_2024,
            ICcaErrors.CcaProfileUnsupported(profile)
        );
        realm.legacy = profile == 0;
        (uint256 count, uint256 pos) = fields.list(claims, EXTENSIBLE_MEASUREMENTS);
        if (count != 4) fields.wrong(EXTENSIBLE_MEASUREMENTS);
        _readValues(claims, fields, realm, pos);
        publicKey = fields.byteString(claims, PUBLIC_KEY);
        if (realm.legacy ? publicKey.length != LEGACY_KEY_BYTES : publicKey.length == 0) fields.wrong(PUBLIC_KEY);
        realm.keyHashAlgorithm = _keyHashOf(fields.textHash(claims, KEY_HASH_ALGORITHM));
        if (profile == PROFILE_2024) {
            bytes32 encryption = fields.textHash(claims, MEMORY_ENCRYPTION_POLICY);
            if (encryption != PRIVATE && encryption != SHARED) fields.wrong(MEMORY_ENCRYPTION_POLICY);
        }
    }

    function _readValues(bytes calldata claims, CcaFields memory fields, CcaRealm memory realm, uint256 pos)
        private
        pure
    {
        bytes calldata challenge = fields.sized(claims, CHALLENGE, 64);
        (realm.challengeHigh, realm.challengeLow) = (bytes32(challenge[:32]), bytes32(challenge[32:]));
        realm.personalizationValue = keccak256(fields.sized(claims, PERSONALIZATION_VALUE, 64));
        realm.initialMeasurement = fields.measure(claims, INITIAL_MEASUREMENT);
        for (uint256 i = 0; i < 4; ++i) (realm.extensibleMeasurements[i], pos) = fields.measureAt(claims, pos);
        realm.hashAlgorithm = fields.textHash(claims, HASH_ALGORITHM);
    }

    function _keyHashOf(bytes32 name) private pure returns (bytes32) {
        require(name == SHA_256 || name == SHA_384 || name == SHA_512, ICcaErrors.CcaRakHashUnsupported(name));
        return name;
    }
}
