// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {TcbStatus} from "../../types/ProtocolTypes.sol";
import {Fail} from "./Fail.sol";
import {StrictJson} from "./StrictJson.sol";

/// @title Intel's TCB statuses: their names and how they converge
library TcbStatuses {
    /// @notice Reads the name of a status; any other text is malformed.
    function read(bytes calldata json, uint256 pos, bytes4 err) internal pure returns (TcbStatus status, uint256 next) {
        uint256 start;
        uint256 stop;
        (start, stop, next) = StrictJson.text(json, pos, err);
        status = fromName(keccak256(json[start:stop]));
        if (status == TcbStatus.Unknown) Fail.word(err, start);
    }

    /// @notice The same for a TDX module or QE, which is UpToDate, OutOfDate or Revoked and nothing else.
    function readPart(bytes calldata json, uint256 pos, bytes4 err) internal pure returns (TcbStatus status, uint256 next) {
        (status, next) = read(json, pos, err);
        if (status != TcbStatus.UpToDate && status != TcbStatus.OutOfDate && status != TcbStatus.Revoked) {
            Fail.word(err, pos);
        }
    }

    /// @notice Status of a name, given by its keccak256; Unknown for any other text.
    function fromName(bytes32 hash) internal pure returns (TcbStatus) {
        if (hash == keccak256("UpToDate")) return TcbStatus.UpToDate;
        if (hash == keccak256("SWHardeningNeeded")) return TcbStatus.SWHardeningNeeded;
        if (hash == keccak256("ConfigurationNeeded")) return TcbStatus.ConfigurationNeeded;
        if (hash == keccak256("ConfigurationAndSWHardeningNeeded")) return TcbStatus.ConfigurationAndSWHardeningNeeded;
        if (hash == keccak256("OutOfDate")) return TcbStatus.OutOfDate;
        if (hash == keccak256("OutOfDateConfigurationNeeded")) return TcbStatus.OutOfDateConfigurationNeeded;
        if (hash == keccak256("Revoked")) return TcbStatus.Revoked;
        return TcbStatus.Unknown;
    }

    /// @notice Status of the platform together with its TDX module or QE.
    /// @dev A part is UpToDate, OutOfDate or Revoked; it never improves the platform's status.
    function converge(TcbStatus platform, TcbStatus part) internal pure returns (TcbStatus) {
        if (platform == TcbStatus.Revoked || part == TcbStatus.Revoked) return TcbStatus.Revoked;
        if (part != TcbStatus.OutOfDate) return platform;
        if (platform == TcbStatus.UpToDate || platform == TcbStatus.SWHardeningNeeded) return TcbStatus.OutOfDate;
        if (platform == TcbStatus.ConfigurationNeeded || platform == TcbStatus.ConfigurationAndSWHardeningNeeded) {
            return TcbStatus.OutOfDateConfigurationNeeded;
        }
        return platform;
    }
}
