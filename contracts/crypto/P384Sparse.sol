// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Field} from "./P384Field.sol";
import {P384Jacobian} from "./P384Jacobian.sol";
import {P384Scalar} from "./P384Scalar.sol";
import {P384Steps} from "./P384Steps.sol";
import {P384Verification} from "./P384Verification.sol";

/// @title ECDSA over P-384 with slopes for a part of the steps or for none
/// @notice As `P384`, for chains where a byte of calldata costs more than some 50 gas. The length of the hints says how many
///         of the first windows or columns come without slopes: `p384Hints` and `p384HintsForTable` of packages/abi, argument
///         `unhinted`. Each spares 144 bytes and costs about 7,000 gas; the price of calldata decides where that pays.
/// @dev Proves what `P384` proves: relations, points and the comparison at the end are the same.
contract P384Sparse is P384Verification {
    uint256 private constant JOINT_SLOPES = 12;
    /// The generator's columns begin behind so many windows.
    uint256 private constant WINDOWS_BEFORE_GENERATOR = 71;

    /// @param table Holds the generator's comb table: `P384Tables.tableOf` of the generator.
    constructor(address table) P384Verification(table) {}

    /// @inheritdoc P384Verification
    function _isTableHints(uint256 length) internal pure override returns (bool) {
        return _unhintedColumns(length) > 0;
    }

    /// @inheritdoc P384Verification
    function _isKeyHints(uint256 length, uint256 v1, uint256 v2) internal pure override returns (bool) {
        return _unhintedWindows(length, v1, v2) > 0;
    }

    /// @inheritdoc P384Verification
    function _isCombRight(
        uint256 hint,
        uint256 length,
        uint256 flipGenerator,
        uint256 flipKey,
        bytes calldata signature
    ) internal pure override returns (bool) {
        uint256 column = _columnsUnhinted(flipGenerator, flipKey, _unhintedColumns(length));
        if (column == 0) return _bad() == 0 && _hasResidueUnhinted(signature);
        P384Jacobian.normalise(hint);
        _addColumns(hint + SLOPE, column, flipGenerator, flipKey);
        return _bad() == 0 && _hasResidue(signature);
    }

    /// @inheritdoc P384Verification
    function _isSumZero(uint256 hint, uint256 length, uint256 v1, uint256 v2, uint256 negateKey, uint256 flipGenerator)
        internal
        pure
        override
        returns (bool)
    {
        hint = _jointTable(hint, negateKey);
        uint256 place = _windowsUnhinted(v1, v2, flipGenerator, _unhintedWindows(length, v1, v2));
        if (place == 0) {
            _endUnhinted(v1, v2, flipGenerator);
        } else {
            P384Jacobian.normalise(hint);
            _addWindows(hint + SLOPE, place, v1, v2, flipGenerator);
        }
        return _bad() == 0;
    }

    /// @dev How many of the first columns have no slopes, by the length of the hints; zero for any other length. Up to 46:
    ///      1 / Z follows in place of the first addition's slope. All 47: nothing but u1 and u2 is given.
    function _unhintedColumns(uint256 length) private pure returns (uint256) {
        uint256 most = TABLE_HINT_HEAD + TABLE_SLOPES * SLOPE;
        if (length == TABLE_HINT_HEAD) return COLUMNS - 1;
        if (length >= most || (most - length) % (3 * SLOPE) != 0) return 0;
        uint256 unhinted = (most - length) / (3 * SLOPE);
        return unhinted < COLUMNS - 1 ? unhinted : 0;
    }

    /// @dev The same of windows: up to 71 with 1 / Z behind them, or all 95 with only the slopes of the joint table.
    function _unhintedWindows(uint256 length, uint256 v1, uint256 v2) private pure returns (uint256) {
        if (length == KEY_HINT_HEAD + JOINT_SLOPES * SLOPE) return WINDOWS;
        // A slope more for each even multiplier, and 1 / Z.
        uint256 most = KEY_HINT_HEAD + SLOPE * (KEY_SLOPES + 3 - (v1 & 1) - (v2 & 1));
        if (length >= most || (most - length) % (3 * SLOPE) != 0) return 0;
        uint256 unhinted = (most - length) / (3 * SLOPE);
        return unhinted <= WINDOWS_BEFORE_GENERATOR ? unhinted : 0;
    }

    /// @dev The first columns without slopes. Returns how many are left.
    function _columnsUnhinted(uint256 flipGenerator, uint256 flipKey, uint256 unhinted)
        private
        pure
        returns (uint256 column)
    {
        unchecked {
            column = COLUMNS - 1;
            P384Steps.loadColumn(KEY_POINTS, KEY_COLUMNS - column, flipKey ^ 1);
            P384Jacobian.start();
            P384Steps.loadColumn(GENERATOR_POINTS, GENERATOR_COLUMNS - column, flipGenerator);
            P384Jacobian.addPoint();
            for (; unhinted > 0; --unhinted) {
                --column;
                P384Jacobian.double();
                P384Steps.loadColumn(KEY_POINTS, KEY_COLUMNS - column, flipKey);
                P384Jacobian.addPoint();
                P384Steps.loadColumn(GENERATOR_POINTS, GENERATOR_COLUMNS - column, flipGenerator);
                P384Jacobian.addPoint();
            }
        }
    }

    /// @dev The first windows without slopes. Returns the place of the last of them.
    function _windowsUnhinted(uint256 v1, uint256 v2, uint256 flipGenerator, uint256 unhinted)
        private
        pure
        returns (uint256 place)
    {
        unchecked {
            place = 2 * WINDOWS;
            uint256 w1 = _digits(v1);
            uint256 w2 = _digits(v2);
            _loadPair(w1 >> place, w2 >> place, 1);
            P384Jacobian.start();
            for (; unhinted > 0; --unhinted) {
                place -= 2;
                P384Jacobian.double();
                if (place < COLUMNS) _addGenerator(place + 1, flipGenerator);
                P384Jacobian.double();
                _loadPair(w1 >> place, w2 >> place, 0);
                P384Jacobian.addPoint();
                if (place < COLUMNS && place > 0) _addGenerator(place, flipGenerator);
            }
        }
    }

    function _addGenerator(uint256 column, uint256 flipGenerator) private pure {
        unchecked {
            P384Steps.loadColumn(GENERATOR_POINTS, GENERATOR_COLUMNS - column, flipGenerator);
        }
        P384Jacobian.addPoint();
    }

    /// @dev As _correct and the comparison.
    function _endUnhinted(uint256 v1, uint256 v2, uint256 flipGenerator) private pure {
        if (v1 & 1 == 0) {
            P384Steps.load(KEY_POINT, 1);
            P384Jacobian.addPoint();
        }
        if (v2 & 1 == 0) {
            P384Steps.load(R_POINT, 1);
            P384Jacobian.addPoint();
        }
        P384Steps.loadColumn(GENERATOR_POINTS, GENERATOR_COLUMNS, flipGenerator);
        P384Jacobian.noteUnlessOpposite();
    }

    /// @dev As _hasResidue of a sum that was not made affine.
    function _hasResidueUnhinted(bytes calldata signature) private pure returns (bool) {
        (uint256 high, uint256 low) = _signatureScalar(signature, 0);
        // As an element: 256 and 128 bits.
        if (P384Jacobian.xResidue((high << 128) | (low >> 128), low & P384Field.LOW) == 0) return true;
        (high, low) = P384Scalar.sum(high, low, P384Scalar.N_HIGH, P384Scalar.N_LOW);
        if (high >> 128 != 0) return false;
        high = (high << 128) | (low >> 128);
        low &= P384Field.LOW;
        if (!P384Scalar.less(high, low, P384Field.P_HIGH, P384Field.P_LOW)) return false;
        return P384Jacobian.xResidue(high, low) == 0;
    }
}
