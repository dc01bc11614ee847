// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Field} from "./P384Field.sol";
import {P384Scalar} from "./P384Scalar.sol";
import {P384Steps} from "./P384Steps.sol";

/// @title Comb tables of P-384 keys, computed here from the key and kept as the code of a contract
/// @notice Anyone may create the table of any key; the one table of a key serves everybody. Worth its price (about 3.9 M
///         gas) for a key whose signatures are verified some ten times.
/// @dev Table of Q: entry m, 0 <= m < 128, is 2^336 Q + sum of (2 bit_j(m) - 1) 2^(48 j) Q for j < 7, as x, y of 48 bytes.
///      No two summands are ever equal or opposite: their multiples of Q differ by less than n. Behind a STOP byte.
contract P384Tables {
    uint256 private constant SLOPE = 48;
    uint256 private constant POINT = 96;
    uint256 private constant TABLE = 0x4000;
    uint256 private constant TABLE_BYTES = 12_288;
    /// 2^(48 j) Q and twice that, for j = 0 .. 7.
    uint256 private constant TEETH = 0x600;
    uint256 private constant TWICE_TEETH = 0x900;
    /// 7 times 48 doublings, 7 additions, 127 subtractions.
    uint256 private constant HINT_BYTES = 470 * SLOPE;

    /// @notice The table of a key, by keccak256 of its 96 bytes x, y; zero while there is none.
    mapping(bytes32 keyId => address table) public tableOf;

    event P384TableCreated(bytes32 indexed keyId, address table);

    /// @notice Computes and keeps the table of `key`. Returns zero, and keeps nothing, if key or hints are wrong.
    /// @param hints Slopes in the order of the steps: `p384TableHints` of packages/abi.
    function create(bytes calldata key, bytes calldata hints) external returns (address table) {
        bytes32 keyId = keccak256(key);
        table = tableOf[keyId];
        if (table != address(0)) return table;
        if (key.length != 96 || hints.length != HINT_BYTES || !_isPoint(key)) return address(0);
        uint256 hint;
        assembly ("memory-safe") {
            hint := hints.offset
            mstore(0x300, 0)
        }
        hint = _teeth(hint);
        _entries(hint);
        uint256 bad;
        assembly ("memory-safe") {
            bad := or(or(mload(0x300), mload(0x60)), gt(mload(0x40), 0x200))
        }
        if (bad != 0) return address(0);
        table = _keep();
        if (table == address(0)) return table;
        tableOf[keyId] = table;
        emit P384TableCreated(keyId, table);
    }

    function _isPoint(bytes calldata key) private pure returns (bool) {
        uint256 xa;
        uint256 xb;
        uint256 ya;
        uint256 yb;
        assembly ("memory-safe") {
            let place := key.offset
            calldatacopy(TEETH, place, 96)
            xa := calldataload(place)
            xb := shr(128, calldataload(add(place, 32)))
            ya := calldataload(add(place, 48))
            yb := shr(128, calldataload(add(place, 80)))
        }
        if (!P384Scalar.less(xa, xb, P384Field.P_HIGH, P384Field.P_LOW)) return false;
        if (!P384Scalar.less(ya, yb, P384Field.P_HIGH, P384Field.P_LOW)) return false;
        return P384Field.curveResidue(xa, xb, ya, yb) == 0;
    }

    /// @dev From tooth 0, seven times 48 doublings; the first of each 48 is twice the tooth before.
    function _teeth(uint256 hint) private pure returns (uint256) {
        unchecked {
            P384Steps.load(TEETH, 1);
            P384Steps.start();
            for (uint256 tooth = 0; tooth < 7; ++tooth) {
                for (uint256 i = 0; i < 48; ++i) {
                    P384Steps.double(hint);
                    hint += SLOPE;
                    if (i == 0) P384Steps.store(TWICE_TEETH + tooth * POINT);
                }
                P384Steps.store(TEETH + (tooth + 1) * POINT);
            }
        }
        return hint;
    }

    /// @dev Entry 127 is the sum of all teeth, A being the last one; entry m is entry m + 2^j less twice tooth j, where j
    ///      is the lowest bit that m lacks.
    function _entries(uint256 hint) private pure {
        unchecked {
            for (uint256 tooth = 0; tooth < 7; ++tooth) {
                P384Steps.load(TEETH + tooth * POINT, 0);
                P384Steps.addPoint(hint);
                hint += SLOPE;
            }
            P384Steps.store(TABLE + 127 * POINT);
            for (uint256 m = 127; m > 0;) {
                --m;
                uint256 tooth = 0;
                while ((m >> tooth) & 1 == 1) ++tooth;
                P384Steps.load(TABLE + (m + (1 << tooth)) * POINT, 1);
                P384Steps.start();
                P384Steps.load(TWICE_TEETH + tooth * POINT, 1);
                P384Steps.addPoint(hint);
                hint += SLOPE;
                P384Steps.store(TABLE + m * POINT);
            }
        }
    }

    /// @dev Init code: copy the 12,289 bytes behind these ten and return them.
    function _keep() private returns (address table) {
        assembly ("memory-safe") {
            // PUSH2 12289 DUP1 PUSH1 10 RETURNDATASIZE CODECOPY RETURNDATASIZE RETURN, then STOP and the entries.
            mstore(sub(TABLE, 32), 0x61300180600a3d393df300)
            table := create(0, sub(TABLE, 11), add(TABLE_BYTES, 11))
        }
    }
}
