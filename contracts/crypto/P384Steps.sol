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
    /// Kinds of steps.
    uint256 private constant DOUBLE = 0;
    uint256 private constant ADD = 1;
    uint256 private constant DOUBLE_ADD = 2;
    /// Bytes of one slope.
    uint256 internal constant HINT = 48;

    /// @notice A = 2A. `hint` is the calldata offset of the slope at A.
    function double(uint256 hint) internal pure {
        _step(DOUBLE, hint);
    }

    /// @notice A = 2A for each slope from the calldata offset `hint` on to `end`, which is returned.
    function doubleUntil(uint256 hint, uint256 end) internal pure returns (uint256) {
        unchecked {
            for (; hint < end; hint += HINT) _step(DOUBLE, hint);
        }
        return hint;
    }

    /// @notice A = A + T. `hint` is the calldata offset of the slope of the line through A and T.
    function addPoint(uint256 hint) internal pure {
        _step(ADD, hint);
    }

    /// @notice A = (A + T) + A. At `hint` the slope through A and T, then the sum of it and the slope through A and A + T.
    function doubleAdd(uint256 hint) internal pure {
        _step(DOUBLE_ADD, hint);
    }

    /// @dev One of the three, by `kind`, which every caller gives as a literal: the compiler makes one function of each kind
    ///      and of what is called here, for calls would cost a third of a product more. So the products are copies of those
    ///      of P384Field, up to names, and are proved like them (bounds.test.ts). (xa, xb) is the slope that leads to the
    ///      result; 2^128 * L + l is given as (ls, lk, lb) there.
    function _step(uint256 kind, uint256 hint) private pure {
        (uint256 xa, uint256 xb) = _slope(hint);
        uint256 m;
        uint256 ls;
        uint256 lk;
        uint256 lb;
        uint256 bad;
        assembly ("memory-safe") {
            // M, for the word at 0x60 is zero. The compiler keeps a variable nearer than a literal: fewer swaps.
            m := not(mload(0x60))
        }
        if (kind == DOUBLE) (ls, lk, lb, bad) = _tangent(m, xa, xb);
        else (ls, lk, lb, bad) = _chord(m, xa, xb);
        if (kind == DOUBLE_ADD) (xa, xb, ls, lk, lb, bad) = _secondChord(m, hint, xa, xb, ls, lk, lb, bad);
        _finish(m, xa, xb, ls, lk, lb, bad);
    }

    /// @dev Notes unless (xa, xb) is the slope at A. Returns -2 A.x.
    function _tangent(uint256 m, uint256 xa, uint256 xb)
        private
        pure
        returns (uint256 ls, uint256 lk, uint256 lb, uint256 bad)
    {
        uint256 ya;
        uint256 yb;
        uint256 a;
        uint256 b;
        assembly ("memory-safe") {
            ya := mload(AX_HIGH)
            yb := mload(AX_LOW)
        }
        assembly ("memory-safe") {
            let r := mulmod(ya, ya, m)
            let q := sub(r, mul(ya, ya))
            let h := shr(128, r)
            r := or(shl(128, r), h)
            let d := shl(1, yb)
            a := addmod(addmod(mulmod(q, E, m), r, m), mulmod(ya, d, m), m)
            let k := sub(a, add(add(mul(q, E), r), mul(ya, d)))
            let t := mul(yb, yb)
            b := add(and(t, LOW), mul(add(h, k), E))
            a := add(a, add(shr(128, t), sar(128, b)))
            b := and(b, LOW)
        }
        assembly ("memory-safe") {
            bad := lt(add(a, 16), SUSPECT)
            ya := mload(AY_HIGH)
            yb := mload(AY_LOW)
            bad := or(bad, lt(add(ya, 2), 3))
        }
        // slope * 2 y = 3 x^2 - 3
        assembly ("memory-safe") {
            let r := mulmod(xa, ya, m)
            let q := sub(r, mul(xa, ya))
            let h := shr(128, r)
            r := or(shl(128, r), h)
            let s := addmod(addmod(mulmod(q, E, m), r, m), addmod(mulmod(xa, yb, m), mulmod(ya, xb, m), m), m)
            s := addmod(addmod(s, s, m), mulmod(a, 3, m), m)
            let k := sub(s, add(shl(1, add(add(mul(q, E), r), add(mul(xa, yb), mul(ya, xb)))), mul(a, 3)))
            let t := mul(xb, yb)
            let c := add(add(shl(1, and(t, LOW)), mul(b, 3)), add(mul(add(add(h, h), k), E), sub(E, 3)))
            a := or(not(add(s, add(shl(1, shr(128, t)), sar(128, c)))), and(c, LOW))
        }
        assembly ("memory-safe") {
            bad := or(bad, a)
            let n := not(mload(AX_HIGH))
            ls := addmod(n, n, m)
            lk := add(n, n)
            lb := sub(MINUS_2E, shl(1, mload(AX_LOW)))
        }
    }

    /// @dev Notes unless (xa, xb) is the slope through A and T. Returns -A.x - T.x.
    function _chord(uint256 m, uint256 xa, uint256 xb)
        private
        pure
        returns (uint256 ls, uint256 lk, uint256 lb, uint256 bad)
    {
        uint256 ya;
        uint256 yb;
        uint256 a;
        assembly ("memory-safe") {
            // P384Field.subtract and isNearZero, in place.
            ya := mload(AX_HIGH)
            yb := mload(TX_HIGH)
            let n := lt(ya, yb)
            ya := sub(sub(ya, yb), n)
            yb := sub(sub(mload(AX_LOW), mload(TX_LOW)), mul(n, E))
            ya := add(ya, sar(128, yb))
            yb := and(yb, LOW)
            bad := lt(add(ya, 2), 3)
            ls := addmod(mload(AY_HIGH), mload(TY_HIGH), m)
            lk := add(mload(AY_HIGH), mload(TY_HIGH))
            lb := add(mload(AY_LOW), mload(TY_LOW))
        }
        assembly ("memory-safe") {
            let r := mulmod(xa, ya, m)
            let q := sub(r, mul(xa, ya))
            let h := shr(128, r)
            r := or(shl(128, r), h)
            let s := addmod(addmod(mulmod(q, E, m), r, m), addmod(mulmod(xa, yb, m), mulmod(ya, xb, m), m), m)
            s := addmod(s, ls, m)
            let k := sub(s, add(add(add(mul(q, E), r), add(mul(xa, yb), mul(ya, xb))), lk))
            let t := mul(xb, yb)
            let c := add(add(and(t, LOW), lb), add(mul(add(h, k), E), E))
            a := or(not(add(s, add(shr(128, t), sar(128, c)))), and(c, LOW))
        }
        // x = slope^2 - A.x - T.x
        assembly ("memory-safe") {
            bad := or(bad, a)
            let n := not(mload(AX_HIGH))
            let o := not(mload(TX_HIGH))
            ls := addmod(n, o, m)
            lk := add(n, o)
            lb := sub(sub(MINUS_2E, mload(AX_LOW)), mload(TX_LOW))
        }
    }

    /// @dev From the slope through A and T and -A.x - T.x to the slope through A and A + T and -A.x - (A + T).x.
    function _secondChord(
        uint256 m,
        uint256 hint,
        uint256 xa,
        uint256 xb,
        uint256 ls,
        uint256 lk,
        uint256 lb,
        uint256 bad
    ) private pure returns (uint256, uint256, uint256, uint256, uint256, uint256) {
        uint256 a;
        uint256 b;
        // d = (A + T).x - A.x = slope^2 - 2 A.x - T.x
        assembly ("memory-safe") {
            let n := not(mload(AX_HIGH))
            ls := addmod(ls, n, m)
            lk := add(lk, n)
            lb := sub(sub(lb, mload(AX_LOW)), E)
        }
        assembly ("memory-safe") {
            let r := mulmod(xa, xa, m)
            let q := sub(r, mul(xa, xa))
            let h := shr(128, r)
            r := or(shl(128, r), h)
            let d := shl(1, xb)
            a := addmod(addmod(addmod(mulmod(q, E, m), r, m), mulmod(xa, d, m), m), ls, m)
            let k := sub(a, add(add(add(mul(q, E), r), mul(xa, d)), lk))
            let t := mul(xb, xb)
            b := add(add(and(t, LOW), lb), mul(add(h, k), E))
            a := add(a, add(shr(128, t), sar(128, b)))
            b := and(b, LOW)
        }
        (uint256 ya, uint256 yb) = (a, b);
        unchecked {
            (a, b) = _slope(hint + HINT);
        }
        assembly ("memory-safe") {
            // x = a - x: P384Field.subtract, in place; then isNearZero of both differences, isSuspect of d.
            let n := lt(a, xa)
            xb := sub(sub(b, xb), mul(n, E))
            xa := add(sub(sub(a, xa), n), sar(128, xb))
            xb := and(xb, LOW)
            bad := or(bad, or(lt(add(xa, 2), 3), or(lt(add(ya, 2), 3), lt(add(ya, 16), SUSPECT))))
            // The second slope times d is A.y - (A + T).y = slope * -d - 2 * -A.y, so sum * d - 2 * -A.y = 0.
            n := not(mload(AY_HIGH))
            ls := addmod(n, n, m)
            lk := add(n, n)
            lb := sub(MINUS_2E, shl(1, mload(AY_LOW)))
        }
        assembly ("memory-safe") {
            let r := mulmod(a, ya, m)
            let q := sub(r, mul(a, ya))
            let h := shr(128, r)
            r := or(shl(128, r), h)
            let s := addmod(addmod(mulmod(q, E, m), r, m), addmod(mulmod(a, yb, m), mulmod(ya, b, m), m), m)
            s := addmod(s, ls, m)
            let k := sub(s, add(add(add(mul(q, E), r), add(mul(a, yb), mul(ya, b))), lk))
            let t := mul(b, yb)
            let c := add(add(and(t, LOW), lb), add(mul(add(h, k), E), E))
            a := or(or(not(add(s, add(shr(128, t), sar(128, c)))), and(c, LOW)), lt(s, 8))
        }
        // x = slope^2 - A.x - (A + T).x = slope^2 - 2 A.x - d
        assembly ("memory-safe") {
            bad := or(bad, a)
            let n := not(mload(AX_HIGH))
            let o := not(ya)
            ls := addmod(addmod(n, n, m), o, m)
            lk := add(add(n, n), o)
            lb := sub(sub(MINUS_3E, shl(1, mload(AX_LOW))), yb)
        }
        return (xa, xb, ls, lk, lb, bad);
    }

    /// @dev A.x = slope^2 + the linear term, -A.y = slope * (x - A.x) - -A.y.
    function _finish(uint256 m, uint256 xa, uint256 xb, uint256 ls, uint256 lk, uint256 lb, uint256 bad) private pure {
        uint256 ya;
        uint256 yb;
        uint256 a;
        uint256 b;
        assembly ("memory-safe") {
            let r := mulmod(xa, xa, m)
            let q := sub(r, mul(xa, xa))
            let h := shr(128, r)
            r := or(shl(128, r), h)
            let d := shl(1, xb)
            a := addmod(addmod(addmod(mulmod(q, E, m), r, m), mulmod(xa, d, m), m), ls, m)
            let k := sub(a, add(add(add(mul(q, E), r), mul(xa, d)), lk))
            let t := mul(xb, xb)
            b := add(add(and(t, LOW), lb), mul(add(h, k), E))
            a := add(a, add(shr(128, t), sar(128, b)))
            b := and(b, LOW)
        }
        assembly ("memory-safe") {
            // isSuspect, then P384Field.subtract and isNearZero, in place.
            bad := or(bad, lt(add(a, 16), SUSPECT))
            ya := mload(AX_HIGH)
            let n := lt(a, ya)
            ya := sub(sub(a, ya), n)
            yb := sub(sub(b, mload(AX_LOW)), mul(n, E))
            ya := add(ya, sar(128, yb))
            yb := and(yb, LOW)
            bad := or(bad, lt(add(ya, 2), 3))
            mstore(AX_HIGH, a)
            mstore(AX_LOW, b)
            lk := not(mload(AY_HIGH))
            ls := lk
            lb := sub(MINUS_E, mload(AY_LOW))
        }
        assembly ("memory-safe") {
            let r := mulmod(xa, ya, m)
            let q := sub(r, mul(xa, ya))
            let h := shr(128, r)
            r := or(shl(128, r), h)
            a := addmod(addmod(mulmod(q, E, m), r, m), addmod(mulmod(xa, yb, m), mulmod(ya, xb, m), m), m)
            a := addmod(a, ls, m)
            let k := sub(a, add(add(add(mul(q, E), r), add(mul(xa, yb), mul(ya, xb))), lk))
            let t := mul(xb, yb)
            b := add(add(and(t, LOW), lb), mul(add(h, k), E))
            a := add(a, add(shr(128, t), sar(128, b)))
            b := and(b, LOW)
        }
        assembly ("memory-safe") {
            mstore(BAD, or(mload(BAD), or(bad, lt(add(a, 16), SUSPECT))))
            mstore(AY_HIGH, a)
            mstore(AY_LOW, b)
        }
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

    /// @notice Puts A at `place` as T is kept, 128 bytes, and behind it -A.
    /// @dev While `bad` is zero no coordinate is suspect, so -y is below p and p - -y exact.
    function save(uint256 place) internal pure {
        assembly ("memory-safe") {
            mcopy(place, A, 0x40)
            mcopy(add(place, 0x80), A, 0x80)
            let b := sub(0xffffffff0000000000000000ffffffff, mload(AY_LOW))
            let a := add(sub(0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe, mload(AY_HIGH)), sar(128, b))
            mstore(add(place, 0x40), a)
            mstore(add(place, 0x60), and(b, LOW))
        }
    }

    /// @notice T is the point saved at `place`.
    function take(uint256 place) internal pure {
        assembly ("memory-safe") {
            mcopy(T, place, 0x80)
        }
    }

    /// @notice A is the opposite of the point saved at `place` (A keeps -y).
    function put(uint256 place) internal pure {
        assembly ("memory-safe") {
            mcopy(A, place, 0x80)
        }
    }

    /// @notice Adds evidence to `bad`.
    function note(uint256 bad) internal pure {
        _note(bad);
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
