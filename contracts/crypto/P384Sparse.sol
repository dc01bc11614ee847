// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Field} from "./P384Field.sol";
import {P384Jacobian} from "./P384Jacobian.sol";
import {P384Program} from "./P384Program.sol";
import {P384Scalar} from "./P384Scalar.sol";
import {P384Steps} from "./P384Steps.sol";
import {P384Verification} from "./P384Verification.sol";

/// @title ECDSA over P-384 with slopes for a part of the steps or for none
/// @notice As `P384`, for chains where a byte of calldata costs more than some 50 gas. The hints say how many of the first
///         instructions or columns come without slopes: `p384Hints` and `p384HintsForTable` of packages/abi, argument
///         `unhinted`; the price of calldata decides how many pay. Takes what `P384` takes as well.
/// @dev Proves what `P384` proves: relations, points and the comparison at the end are the same.
contract P384Sparse is P384Verification {
    /// No place.
    uint256 private constant OUTSIDE = type(uint256).max;

    /// @param table Holds the generator's comb table: `P384Tables.tableOf` of the generator.
    constructor(address table) P384Verification(table) {}

    /// @inheritdoc P384Verification
    function _isTableHints(uint256 length) internal pure override returns (bool) {
        return length == TABLE_HINTS || _unhintedColumns(length) > 0;
    }

    /// @inheritdoc P384Verification
    function _isCombRight(
        uint256 hint,
        uint256 length,
        uint256 flipGenerator,
        uint256 flipKey,
        bytes calldata signature
    ) internal pure override returns (bool) {
        if (length == TABLE_HINTS) return _isHintedCombRight(hint, flipGenerator, flipKey, signature);
        uint256 column = _columnsUnhinted(flipGenerator, flipKey, _unhintedColumns(length));
        if (column == 0) return _bad() == 0 && _hasResidueUnhinted(signature);
        P384Jacobian.normalise(hint);
        _addColumns(hint + SLOPE, column, flipGenerator, flipKey);
        return _bad() == 0 && _hasResidue(signature);
    }

    /// @inheritdoc P384Verification
    function _isSumZero(uint256 hint, uint256 end, uint256 flip) internal pure override returns (bool) {
        uint256 unhinted = P384Program.codeAt(hint + 98);
        uint256 place;
        (hint, place) = _startProgram(hint);
        if (place == 0) return false;
        if (unhinted == 0) return _endProgram(hint, end, place, flip);
        P384Steps.take(P384Steps.A);
        P384Jacobian.start();
        (hint, place) = _runUnhinted(hint, end, place, flip, unhinted);
        if (place == OUTSIDE) return false;
        if (hint < end) {
            P384Jacobian.normalise(hint);
            return _endProgram(hint + SLOPE, end, place, flip);
        }
        if (place != 0) return false;
        P384Steps.loadColumn(GENERATOR_POINTS, GENERATOR_COLUMNS, flip);
        P384Jacobian.noteUnlessOpposite();
        return _bad() == 0;
    }

    /// @dev How many of the first columns have no slopes, by the length of the hints; zero for any other length. Up to 46:
    ///      1 / Z follows in place of the first addition's slope. All 47: nothing but u1 and u2 is given.
    function _unhintedColumns(uint256 length) private pure returns (uint256) {
        if (length == TABLE_HINT_HEAD) return COLUMNS - 1;
        if (length >= TABLE_HINTS || (TABLE_HINTS - length) % (3 * SLOPE) != 0) return 0;
        uint256 unhinted = (TABLE_HINTS - length) / (3 * SLOPE);
        return unhinted < COLUMNS - 1 ? unhinted : 0;
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

    /// @dev The first instructions, without slopes: as P384Program.run and runColumns. Returns the next hint and the place;
    ///      OUTSIDE unless there are that many and the places of the generator's columns begin and end between two.
    function _runUnhinted(uint256 hint, uint256 end, uint256 place, uint256 flip, uint256 unhinted)
        private
        pure
        returns (uint256, uint256)
    {
        unchecked {
            for (; unhinted > 0; --unhinted) {
                uint256 code = P384Program.codeAt(hint);
                uint256 doublings = P384Program.doublingsOf(code);
                uint256 stop = place > COLUMNS ? COLUMNS : place > 1 ? 1 : 0;
                if (hint >= end || place - stop < doublings) return (hint, OUTSIDE);
                ++hint;
                for (; doublings > 0; --doublings) {
                    --place;
                    P384Jacobian.double();
                    if (stop == 1) {
                        P384Steps.loadColumn(GENERATOR_POINTS, GENERATOR_COLUMNS - place, flip);
                        P384Jacobian.addPoint();
                    }
                }
                if (!P384Program.adds(code)) continue;
                P384Program.load(code, place);
                P384Jacobian.addPoint();
            }
        }
        return (hint, place);
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
