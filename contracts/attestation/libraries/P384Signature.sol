// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Tables} from "../../crypto/P384Tables.sol";
import {ISha384} from "../../crypto/RsaPss.sol";
import {ICryptoErrors} from "../../interfaces/ICryptoErrors.sol";
import {IP384} from "../../interfaces/IP384.sol";

/// @title ECDSA on P-384 over SHA-384, with a proof: one byte that names the path, then the hints of the back-end
/// @dev Path 0: any key. Path 1: the key's comb table, which anyone may have made. The caller picks what is cheaper; neither can
///      make an invalid signature valid.
library P384Signature {
    /// Stateless contracts, as they are deployed on this chain.
    struct Backend {
        ISha384 sha384;
        IP384 p384;
        P384Tables tables;
    }

    bytes1 internal constant ANY_KEY = 0x00;
    bytes1 internal constant TABLE = 0x01;

    /// @notice Whether `signature` (r ‖ s, 96 bytes) is valid for `message` under `key` (x ‖ y, 96 bytes). An empty or unknown proof
    ///         proves nothing.
    function verify(
        Backend memory backend,
        bytes calldata message,
        bytes memory key,
        bytes memory signature,
        bytes calldata proof
    ) internal view returns (bool) {
        (bytes32 high, bytes16 low) = backend.sha384.sha384(message);
        return verifyDigest(backend, high, low, key, signature, proof);
    }

    /// @notice As verify, for a message whose SHA-384 is `high` and `low`.
    function verifyDigest(
        Backend memory backend,
        bytes32 high,
        bytes16 low,
        bytes memory key,
        bytes memory signature,
        bytes calldata proof
    ) internal view returns (bool) {
        if (proof.length == 0) return false;
        bytes memory digest = bytes.concat(high, low);
        if (proof[0] == ANY_KEY) return backend.p384.verify(digest, key, signature, proof[1:]);
        if (proof[0] != TABLE) return false;
        bytes32 keyId = keccak256(key);
        address table = backend.tables.tableOf(keyId);
        if (table == address(0)) revert ICryptoErrors.CryptoTableMissing(keyId);
        return backend.p384.verifyWithTable(digest, table, signature, proof[1:]);
    }
}
