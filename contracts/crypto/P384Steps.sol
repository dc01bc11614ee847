// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Field} from "./P384Field.sol";

/// @title Affine steps on P-384 whose slopes are given and checked
/// @notice A stands for the running sum, T for the point of a step. Everything is kept at fixed places in memory:
///         A.x at 0x200, -A.y at 0x240, T.x at 0x280, T.y at 0x2c0, each as a high and a low word, and `bad` at 0x300.
/// @dev Precondition of every step: A and T are points of the curve, neither is the point at infinity. Then, as long as
///      `bad` is zero afterwards, A is the sum that the step is named for. `bad` gathers, and never loses, one bit of
///      evidence for each slope that is not the slope, each denominator that may be zero modulo p, and each result whose
///      high part may have wrapped. The caller must refuse when it is not zero at the end.
///      Linear terms: -x is 2^128 * (M - a) - b - E, see docs/specs/p384.md.
library P384Steps {
    uint256 private constant M = 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff;
    uint256 private constant E = 0xffffffffffffffff00000001;
    uint256 private constant LOW = 0xffffffffffffffffffffffffffffffff;
    /// Bound of P384Field.isSuspect.
    uint256 private constant SUSPECT = 0x1000000000000000000000000000000000;
    uint256 internal constant A = 0x200;
    uint256 internal constant T = 0x280;
    uint256 internal constant BAD = 0x300;
    uint256 private constant AX_HIGH = 0x200;
    uint256 private constant AX_LOW = 0x220;
    uint256 private constant AY_HIGH = 0x240;
    uint256 private constant AY_LOW = 0x260;
    uint256 private constant TX_HIGH = 0x280;
    uint256 private constant TX_LOW = 0x2a0;
    uint256 private constant TY_HIGH = 0x2c0;
    uint256 private constant TY_LOW = 0x2e0;
    /// -E, -2 E and -3 E: the low parts that go with one, two and three negative terms.
    uint256 private constant MINUS_E = 0xffffffffffffffffffffffffffffffffffffffff0000000000000000ffffffff;
    uint256 private constant MINUS_2E = 0xfffffffffffffffffffffffffffffffffffffffe0000000000000001fffffffe;
    uint256 private constant MINUS_3E = 0xfffffffffffffffffffffffffffffffffffffffd0000000000000002fffffffd;
    /// Bytes of one slope.
    uint256 internal constant HINT = 48;

    /// @notice A = 2A. `hint` is the calldata offset of the slope at A.
    function double(uint256 hint) internal pure {
        (uint256 la, uint256 lb) = _slope(hint);
        (uint256 xa, uint256 xb) = P384Field.squareAdd(_at(AX_HIGH), _at(AX_LOW), 0, 0, 0);
        uint256 bad = P384Field.isSuspect(xa) | P384Field.isNearZero(_at(AY_HIGH));
        // slope * 2 y = 3 x^2 - 3
        bad |= P384Field.doublingResidue(la, lb, _at(AY_HIGH), _at(AY_LOW), xa, xb);
        uint256 low;
        assembly ("memory-safe") {
            xa := not(mload(AX_HIGH))
            xb := add(xa, xa)
            xa := addmod(xa, xa, M)
            low := sub(MINUS_2E, shl(1, mload(AX_LOW)))
        }
        (xa, xb) = P384Field.squareAdd(la, lb, xa, xb, low);
        _finish(xa, xb, la, lb, bad);
    }

    /// @notice A = A + T. `hint` is the calldata offset of the slope of the line through A and T.
    function addPoint(uint256 hint) internal pure {
        (uint256 la, uint256 lb) = _slope(hint);
        uint256 bad = _chordResidue(la, lb);
        uint256 xa;
        uint256 xb;
        uint256 low;
        // x = slope^2 - A.x - T.x
        assembly ("memory-safe") {
            let n := not(mload(AX_HIGH))
            let m := not(mload(TX_HIGH))
            xa := addmod(n, m, M)
            xb := add(n, m)
            low := sub(sub(MINUS_2E, mload(AX_LOW)), mload(TX_LOW))
        }
        (xa, xb) = P384Field.squareAdd(la, lb, xa, xb, low);
        _finish(xa, xb, la, lb, bad);
    }

    /// @notice A = (A + T) + A. At `hint` the slope through A and T, then the sum of it and the slope through A and A + T.
    function doubleAdd(uint256 hint) internal pure {
        (uint256 la, uint256 lb) = _slope(hint);
        uint256 bad = _chordResidue(la, lb);
        uint256 s;
        uint256 k;
        uint256 low;
        // d = (A + T).x - A.x = slope^2 - 2 A.x - T.x
        assembly ("memory-safe") {
            let n := not(mload(AX_HIGH))
            let m := not(mload(TX_HIGH))
            s := addmod(addmod(n, n, M), m, M)
            k := add(add(n, n), m)
            low := sub(sub(MINUS_3E, shl(1, mload(AX_LOW))), mload(TX_LOW))
        }
        (uint256 da, uint256 db) = P384Field.squareAdd(la, lb, s, k, low);
        (uint256 ma, uint256 mb) = _slope(hint + HINT);
        // The second slope times d is A.y - (A + T).y = slope * -d - 2 * -A.y, so sum * d - 2 * -A.y = 0.
        assembly ("memory-safe") {
            // la = ma - la: P384Field.subtract, in place; then isNearZero of both differences, isSuspect of d.
            let n := lt(ma, la)
            lb := sub(sub(mb, lb), mul(n, E))
            la := add(sub(sub(ma, la), n), sar(128, lb))
            lb := and(lb, LOW)
            bad := or(bad, or(lt(add(la, 2), 3), or(lt(add(da, 2), 3), lt(add(da, 16), SUSPECT))))
            n := not(mload(AY_HIGH))
            s := addmod(n, n, M)
            k := add(n, n)
            low := sub(MINUS_2E, shl(1, mload(AY_LOW)))
        }
        bad |= P384Field.mulSubResidue(ma, mb, da, db, s, k, low);
        // x = slope^2 - A.x - (A + T).x = slope^2 - 2 A.x - d
        assembly ("memory-safe") {
            let n := not(mload(AX_HIGH))
            let m := not(da)
            s := addmod(addmod(n, n, M), m, M)
            k := add(add(n, n), m)
            low := sub(sub(MINUS_3E, shl(1, mload(AX_LOW))), db)
        }
        (da, db) = P384Field.squareAdd(la, lb, s, k, low);
        _finish(da, db, la, lb, bad);
    }

    /// @notice Puts the 96-byte point x, y at memory address `point` into T, with -y when `negate` is 1.
    /// @dev Requires a point stored canonically, so that p - y is exact.
    function load(uint256 point, uint256 negate) internal pure {
        assembly ("memory-safe") {
            mstore(TX_HIGH, mload(point))
            mstore(TX_LOW, shr(128, mload(add(point, 32))))
            let a := mload(add(point, 48))
            let b := shr(128, mload(add(point, 80)))
            if negate {
                b := sub(0xffffffff0000000000000000ffffffff, b)
                a := add(sub(0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe, a), sar(128, b))
                b := and(b, LOW)
            }
            mstore(TY_HIGH, a)
            mstore(TY_LOW, b)
        }
    }

    /// @notice Loads the point that a comb's column byte at `column` stands for, with its sign turned when `turn` is 1.
    /// @dev Bit 7 is the sign of the top tooth; the table at `points` holds the 128 sums with + there.
    function loadColumn(uint256 points, uint256 column, uint256 turn) internal pure {
        assembly ("memory-safe") {
            let bits := byte(0, mload(column))
            let positive := shr(7, bits)
            points := add(points, mul(96, and(xor(bits, sub(positive, 1)), 127)))
            mstore(TX_HIGH, mload(points))
            mstore(TX_LOW, shr(128, mload(add(points, 32))))
            let a := mload(add(points, 48))
            let b := shr(128, mload(add(points, 80)))
            if eq(turn, positive) {
                b := sub(0xffffffff0000000000000000ffffffff, b)
                a := add(sub(0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe, a), sar(128, b))
                b := and(b, LOW)
            }
            mstore(TY_HIGH, a)
            mstore(TY_LOW, b)
        }
    }

    /// @notice A = T, given that T was loaded with its sign turned (A keeps -y).
    function start() internal pure {
        assembly ("memory-safe") {
            mcopy(A, T, 0x80)
        }
    }

    /// @notice Stores A canonically as 96 bytes at `point`.
    function store(uint256 point) internal pure {
        (uint256 xa, uint256 xb) = P384Field.canonical(_at(AX_HIGH), _at(AX_LOW));
        (uint256 ya, uint256 yb) = P384Field.canonical(_at(AY_HIGH), _at(AY_LOW));
        uint256 high = P384Field.P_HIGH;
        uint256 low = P384Field.P_LOW;
        assembly ("memory-safe") {
            // -y is not zero: no point of the curve has order two.
            yb := sub(low, yb)
            ya := add(sub(high, ya), sar(128, yb))
            yb := and(yb, 0xffffffffffffffffffffffffffffffff)
            mstore(point, xa)
            mstore(add(point, 32), or(shl(128, xb), shr(128, ya)))
            mstore(add(point, 64), or(shl(128, ya), yb))
        }
    }

    /// @notice Adds evidence to `bad`.
    function note(uint256 bad) internal pure {
        _note(bad);
    }

    /// @dev Zero if slope * (A.x - T.x) = A.y - T.y and A.x - T.x is not zero modulo p.
    function _chordResidue(uint256 la, uint256 lb) private pure returns (uint256 bad) {
        uint256 da;
        uint256 db;
        uint256 s;
        uint256 k;
        uint256 low;
        assembly ("memory-safe") {
            // P384Field.subtract and isNearZero, in place.
            da := mload(AX_HIGH)
            db := mload(TX_HIGH)
            let n := lt(da, db)
            da := sub(sub(da, db), n)
            db := sub(sub(mload(AX_LOW), mload(TX_LOW)), mul(n, E))
            da := add(da, sar(128, db))
            db := and(db, LOW)
            bad := lt(add(da, 2), 3)
            s := addmod(mload(AY_HIGH), mload(TY_HIGH), M)
            k := add(mload(AY_HIGH), mload(TY_HIGH))
            low := add(mload(AY_LOW), mload(TY_LOW))
        }
        bad |= P384Field.mulAddResidue(la, lb, da, db, s, k, low);
    }

    /// @dev A.x = x and -A.y = slope * (x - A.x) - -A.y. `bad` is what the step found so far.
    function _finish(uint256 xa, uint256 xb, uint256 la, uint256 lb, uint256 bad) private pure {
        uint256 da;
        uint256 db;
        uint256 low;
        assembly ("memory-safe") {
            // isSuspect, then P384Field.subtract and isNearZero, in place.
            bad := or(bad, lt(add(xa, 16), SUSPECT))
            da := mload(AX_HIGH)
            let n := lt(xa, da)
            da := sub(sub(xa, da), n)
            db := sub(sub(xb, mload(AX_LOW)), mul(n, E))
            da := add(da, sar(128, db))
            db := and(db, LOW)
            bad := or(bad, lt(add(da, 2), 3))
            mstore(AX_HIGH, xa)
            mstore(AX_LOW, xb)
            xa := not(mload(AY_HIGH))
            low := sub(MINUS_E, mload(AY_LOW))
        }
        (xa, xb) = P384Field.mulAdd(la, lb, da, db, xa, xa, low);
        assembly ("memory-safe") {
            mstore(BAD, or(mload(BAD), or(bad, lt(add(xa, 16), SUSPECT))))
            mstore(AY_HIGH, xa)
            mstore(AY_LOW, xb)
        }
    }

    function _slope(uint256 hint) private pure returns (uint256 a, uint256 b) {
        assembly ("memory-safe") {
            a := calldataload(hint)
            b := shr(128, calldataload(add(hint, 32)))
        }
    }

    function _at(uint256 place) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(place)
        }
    }

    function _note(uint256 bad) private pure {
        assembly ("memory-safe") {
            mstore(BAD, or(mload(BAD), bad))
        }
    }
}
