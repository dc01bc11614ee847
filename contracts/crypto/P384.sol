// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Program} from "./P384Program.sol";
import {P384Verification} from "./P384Verification.sol";

/// @title ECDSA over P-384 with a slope for every step
/// @notice Every function returns true only for a valid signature (FIPS 186-5, 6.4.2), whatever the hints are. Hints are
///         computed by anyone (packages/abi, `p384Hints`); wrong ones make a valid signature be refused.
/// @dev The least execution. Where calldata is dear, `P384Sparse` verifies with fewer slopes.
contract P384 is P384Verification {
    /// @param table Holds the generator's comb table: `P384Tables.tableOf` of the generator.
    constructor(address table) P384Verification(table) {}

    /// @inheritdoc P384Verification
    function _isTableHints(uint256 length) internal pure override returns (bool) {
        return length == TABLE_HINTS;
    }

    /// @inheritdoc P384Verification
    function _isCombRight(
        uint256 hint,
        uint256,
        uint256 flipGenerator,
        uint256 flipKey,
        bytes calldata signature
    ) internal pure override returns (bool) {
        return _isHintedCombRight(hint, flipGenerator, flipKey, signature);
    }

    /// @inheritdoc P384Verification
    function _isSumZero(uint256 hint, uint256 end, uint256 flip) internal pure override returns (bool) {
        // No instruction is without slopes.
        if (P384Program.codeAt(hint + 98) != 0) return false;
        uint256 place;
        (hint, place) = _startProgram(hint);
        return place != 0 && _endProgram(hint, end, place, flip);
    }
}
