// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Tables} from "../../crypto/P384Tables.sol";
import {ICryptoErrors} from "../../interfaces/ICryptoErrors.sol";
import {IP384} from "../../interfaces/IP384.sol";

/// @title A P-384 signature with its proof: one byte that names the path, then the hints of the back-end
/// @dev Path 0: any key. Path 1: the key's comb table, which anyone may have made. The caller picks what is cheaper; neither can
///      make an invalid signature valid.
library P384Signature {
    struct Backend {
        IP384 p384;
        P384Tables tables;
    }

    bytes1 internal constant ANY_KEY = 0x00;
    bytes1 internal constant TABLE = 0x01;

    /// @notice Whether `signature` (r ‖ s, 96 bytes) is valid for `digest` under `key` (x ‖ y, 96 bytes). An empty or unknown proof
    ///         proves nothing.
    function verify(
        Backend memory backend,
        bytes memory digest,
        bytes memory key,
        bytes memory signature,
        bytes calldata proof
    ) internal view returns (bool) {
        if (proof.length == 0) return false;
        if (proof[0] == ANY_KEY) return backend.p384.verify(digest, key, signature, proof[1:]);
        if (proof[0] != TABLE) return false;
        bytes32 keyId = keccak256(key);
        address table = backend.tables.tableOf(keyId);
        if (table == address(0)) revert ICryptoErrors.CryptoTableMissing(keyId);
        return backend.p384.verifyWithTable(digest, table, signature, proof[1:]);
    }
}
