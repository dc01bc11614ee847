// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Steps} from "./P384Steps.sol";
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
        return length == TABLE_HINT_HEAD + TABLE_SLOPES * SLOPE;
    }

    /// @inheritdoc P384Verification
    /// @dev A slope more for each even multiplier.
    function _isKeyHints(uint256 length, uint256 v1, uint256 v2) internal pure override returns (bool) {
        return length == KEY_HINT_HEAD + SLOPE * (KEY_SLOPES + 2 - (v1 & 1) - (v2 & 1));
    }

    /// @inheritdoc P384Verification
    function _isCombRight(
        uint256 hint,
        uint256,
        uint256 flipGenerator,
        uint256 flipKey,
        bytes calldata signature
    ) internal pure override returns (bool) {
        P384Steps.loadColumn(KEY_POINTS, KEY_COLUMNS - COLUMNS + 1, flipKey ^ 1);
        P384Steps.start();
        P384Steps.loadColumn(GENERATOR_POINTS, GENERATOR_COLUMNS - COLUMNS + 1, flipGenerator);
        P384Steps.addPoint(hint);
        _addColumns(hint + SLOPE, COLUMNS - 1, flipGenerator, flipKey);
        return _bad() == 0 && _hasResidue(signature);
    }

    /// @inheritdoc P384Verification
    function _isSumZero(uint256 hint, uint256, uint256 v1, uint256 v2, uint256 negateKey, uint256 flipGenerator)
        internal
        pure
        override
        returns (bool)
    {
        hint = _jointTable(hint, negateKey);
        _loadPair(_digits(v1) >> (2 * WINDOWS), _digits(v2) >> (2 * WINDOWS), 1);
        P384Steps.start();
        _addWindows(hint, 2 * WINDOWS, v1, v2, flipGenerator);
        return _bad() == 0;
    }
}
