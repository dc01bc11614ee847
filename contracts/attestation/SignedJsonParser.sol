// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {TeeKind} from "../types/ProtocolTypes.sol";
import {QeIdentityJson} from "./libraries/QeIdentityJson.sol";
import {TcbInfoJson} from "./libraries/TcbInfoJson.sol";

/// @title Reads TCB info and QE identity
/// @notice Stateless. A contract of its own only because of the size limit; EndorsementStore creates it.
/// @dev Proves that the JSON has Intel's shape; whose signature it bears is the store's to check first.
///      `kind`: Sgx or Tdx; the document must be of that kind.
contract SignedJsonParser {
    /// @notice Reverts with DcapTcbInfoMalformed, DcapTcbInfoIdMismatch or DcapTcbInfoVersionUnsupported.
    function tcbInfo(TeeKind kind, bytes calldata json) external pure returns (TcbInfoJson.TcbInfo memory) {
        return TcbInfoJson.parse(json, kind == TeeKind.Sgx);
    }

    /// @notice Reverts with DcapQeIdentityMalformed, DcapQeIdentityIdMismatch or DcapQeIdentityVersionUnsupported.
    function qeIdentity(TeeKind kind, bytes calldata json) external pure returns (QeIdentityJson.QeIdentity memory) {
        return QeIdentityJson.parse(json, kind == TeeKind.Sgx ? bytes32("QE") : bytes32("TD_QE"));
    }
}
