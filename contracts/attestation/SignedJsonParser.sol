// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {QeIdentityJson} from "./libraries/QeIdentityJson.sol";
import {TcbInfoJson} from "./libraries/TcbInfoJson.sol";

/// @title Reads TCB info and QE identity
/// @notice Stateless. A contract of its own only because of the size limit; EndorsementStore creates it.
/// @dev Proves that the JSON has Intel's shape; whose signature it bears is the store's to check first.
contract SignedJsonParser {
    /// @notice Reverts with DcapTcbInfoMalformed, DcapTcbInfoIdMismatch or DcapTcbInfoVersionUnsupported.
    function tcbInfo(bytes calldata json) external pure returns (TcbInfoJson.TcbInfo memory) {
        return TcbInfoJson.parse(json);
    }

    /// @notice Reverts with DcapQeIdentityMalformed, DcapQeIdentityIdMismatch or DcapQeIdentityVersionUnsupported.
    function qeIdentity(bytes calldata json) external pure returns (QeIdentityJson.QeIdentity memory) {
        return QeIdentityJson.parse(json);
    }
}
