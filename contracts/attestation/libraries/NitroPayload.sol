// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {INitroErrors} from "../../interfaces/INitroErrors.sol";
import {Cbor, CborEntries, CborRules} from "./Cbor.sol";
import {Fail} from "./Fail.sol";

/// @title The map of fields in the payload of an AWS Nitro attestation document
/// @notice Finds the fields, and refuses payloads that are not one well-formed map of known fields.
library NitroPayload {
    using Cbor for bytes;
    using Cbor for CborEntries;

    /// @dev Where the value of each field is in the payload; zero: not there.
    struct Fields {
        uint256 moduleId;
        uint256 digest;
        uint256 timestamp;
        uint256 pcrs;
        uint256 certificate;
        uint256 bundle;
        uint256 publicKey;
        uint256 userData;
        uint256 nonce;
    }

    uint256 private constant MAX_ITEMS = 256;
    uint256 private constant MAX_DEPTH = 3;
    bytes4 private constant MALFORMED = INitroErrors.NitroDocumentMalformed.selector;

    /// @notice The fields of a payload, which may be in any order and in a map of indefinite length.
    function locate(bytes calldata payload) internal pure returns (Fields memory fields) {
        (CborEntries entries, uint256 count, uint256 stop) = payload.entriesOf(
            0,
            CborRules({
                err: MALFORMED,
                itemsLeft: MAX_ITEMS,
                maxDepth: MAX_DEPTH,
                shortestHeads: true,
                indefiniteTopMap: true
            })
        );
        if (stop != payload.length) Fail.word(MALFORMED, stop);
        fields.moduleId = entries.find(uint256(keccak256("module_id")));
        fields.digest = entries.find(uint256(keccak256("digest")));
        fields.timestamp = entries.find(uint256(keccak256("timestamp")));
        fields.pcrs = entries.find(uint256(keccak256("pcrs")));
        fields.certificate = entries.find(uint256(keccak256("certificate")));
        fields.bundle = entries.find(uint256(keccak256("cabundle")));
        fields.publicKey = entries.find(uint256(keccak256("public_key")));
        fields.userData = entries.find(uint256(keccak256("user_data")));
        fields.nonce = entries.find(uint256(keccak256("nonce")));
        // No key is there twice, so a field more than these is another one.
        uint256 known = _one(fields.moduleId) + _one(fields.digest) + _one(fields.timestamp) + _one(fields.pcrs) + _one(fields.certificate);
        known += _one(fields.bundle) + _one(fields.publicKey) + _one(fields.userData) + _one(fields.nonce);
        if (known != count) revert INitroErrors.NitroFieldUnknown(count, known);
    }

    function _one(uint256 place) private pure returns (uint256) {
        return place == 0 ? 0 : 1;
    }
}
