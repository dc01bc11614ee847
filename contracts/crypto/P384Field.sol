// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title Arithmetic modulo p = 2^384 - 2^128 - 2^96 + 2^32 - 1, without precompile
/// @notice An element is a pair (a, b) that stands for a * 2^128 + b, with a < 2^256 and b < 2^128; it need not be below p.
/// @dev p = 2^128 * M - E with M = 2^256 - 1 and E = 2^96 - 2^32 + 1, so 2^128 * M may be replaced by E. Products of high
///      parts are divided by M exactly: r = mulmod(x, y, M) is the remainder and, because M = -1 modulo 2^256, the quotient
///      is r - x * y modulo 2^256. docs/specs/p384.md has the derivation and the bound of every intermediate value.
///      Every function is exact or says so: a result whose high part could have wrapped is reported by `isSuspect`.
library P384Field {
    uint256 internal constant M = 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff;
    uint256 internal constant E = 0xffffffffffffffff00000001;
    uint256 internal constant LOW = 0xffffffffffffffffffffffffffffffff;
    /// p as an element.
    uint256 internal constant P_HIGH = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe;
    uint256 internal constant P_LOW = 0xffffffff0000000000000000ffffffff;
    /// The curve's coefficient b as an element.
    uint256 internal constant B_HIGH = 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a;
    uint256 internal constant B_LOW = 0xc656398d8a2ed19d2a85c8edd3ec2aef;

    /// @notice x * y + l for a linear term l = 2^128 * L + lb, given as ls = L modulo M, lk = L modulo 2^256 and lb signed.
    /// @dev Requires 0 <= L < 2^258 and |lb| < 2^131. Exact unless `isSuspect(a)`.
    function mulAdd(uint256 xa, uint256 xb, uint256 ya, uint256 yb, uint256 ls, uint256 lk, uint256 lb)
        internal
        pure
        returns (uint256 a, uint256 b)
    {
        assembly ("memory-safe") {
            let r := mulmod(xa, ya, M)
            let q := sub(r, mul(xa, ya))
            let h := shr(128, r)
            r := or(shl(128, r), h)
            a := addmod(addmod(mulmod(q, E, M), r, M), addmod(mulmod(xa, yb, M), mulmod(ya, xb, M), M), M)
            a := addmod(a, ls, M)
            let k := sub(a, add(add(add(mul(q, E), r), add(mul(xa, yb), mul(ya, xb))), lk))
            let t := mul(xb, yb)
            b := add(add(and(t, LOW), lb), mul(add(h, k), E))
            a := add(a, add(shr(128, t), sar(128, b)))
            b := and(b, LOW)
        }
    }

    /// @notice x * x + l, as mulAdd.
    function squareAdd(uint256 xa, uint256 xb, uint256 ls, uint256 lk, uint256 lb)
        internal
        pure
        returns (uint256 a, uint256 b)
    {
        assembly ("memory-safe") {
            let r := mulmod(xa, xa, M)
            let q := sub(r, mul(xa, xa))
            let h := shr(128, r)
            r := or(shl(128, r), h)
            let d := shl(1, xb)
            a := addmod(addmod(addmod(mulmod(q, E, M), r, M), mulmod(xa, d, M), M), ls, M)
            let k := sub(a, add(add(add(mul(q, E), r), mul(xa, d)), lk))
            let t := mul(xb, xb)
            b := add(add(and(t, LOW), lb), mul(add(h, k), E))
            a := add(a, add(shr(128, t), sar(128, b)))
            b := and(b, LOW)
        }
    }

    /// @notice Zero only if x * y + l = 0 modulo p, for a linear term whose lb is at least -E.
    /// @dev Preconditions as mulAdd. Zero exactly when the reduced sum is the integer p; the one other multiple in its range,
    ///      0, is taken for a mismatch (probability 2^-126 unless the operands are chosen for it). With lb below -E the
    ///      high part could be -1, which is M modulo 2^256: mulSubResidue.
    function mulAddResidue(uint256 xa, uint256 xb, uint256 ya, uint256 yb, uint256 ls, uint256 lk, uint256 lb)
        internal
        pure
        returns (uint256 nonzero)
    {
        assembly ("memory-safe") {
            let r := mulmod(xa, ya, M)
            let q := sub(r, mul(xa, ya))
            let h := shr(128, r)
            r := or(shl(128, r), h)
            let s := addmod(addmod(mulmod(q, E, M), r, M), addmod(mulmod(xa, yb, M), mulmod(ya, xb, M), M), M)
            s := addmod(s, ls, M)
            let k := sub(s, add(add(add(mul(q, E), r), add(mul(xa, yb), mul(ya, xb))), lk))
            let t := mul(xb, yb)
            let b := add(add(and(t, LOW), lb), add(mul(add(h, k), E), E))
            nonzero := or(not(add(s, add(shr(128, t), sar(128, b)))), and(b, LOW))
        }
    }

    /// @notice As mulAddResidue, for every linear term.
    function mulSubResidue(uint256 xa, uint256 xb, uint256 ya, uint256 yb, uint256 ls, uint256 lk, uint256 lb)
        internal
        pure
        returns (uint256 nonzero)
    {
        assembly ("memory-safe") {
            let r := mulmod(xa, ya, M)
            let q := sub(r, mul(xa, ya))
            let h := shr(128, r)
            r := or(shl(128, r), h)
            let s := addmod(addmod(mulmod(q, E, M), r, M), addmod(mulmod(xa, yb, M), mulmod(ya, xb, M), M), M)
            s := addmod(s, ls, M)
            let k := sub(s, add(add(add(mul(q, E), r), add(mul(xa, yb), mul(ya, xb))), lk))
            let t := mul(xb, yb)
            let b := add(add(and(t, LOW), lb), add(mul(add(h, k), E), E))
            // s + t / 2^128 + b / 2^128 is not negative unless s is below 8; where it is M, s is near M.
            nonzero := or(or(not(add(s, add(shr(128, t), sar(128, b)))), and(b, LOW)), lt(s, 8))
        }
    }

    /// @notice Zero only if 2 x y + 3 z - 3 = 0 modulo p; as mulAddResidue.
    function doublingResidue(uint256 xa, uint256 xb, uint256 ya, uint256 yb, uint256 za, uint256 zb)
        internal
        pure
        returns (uint256 nonzero)
    {
        assembly ("memory-safe") {
            let r := mulmod(xa, ya, M)
            let q := sub(r, mul(xa, ya))
            let h := shr(128, r)
            r := or(shl(128, r), h)
            let s := addmod(addmod(mulmod(q, E, M), r, M), addmod(mulmod(xa, yb, M), mulmod(ya, xb, M), M), M)
            s := addmod(addmod(s, s, M), mulmod(za, 3, M), M)
            let k := sub(s, add(shl(1, add(add(mul(q, E), r), add(mul(xa, yb), mul(ya, xb)))), mul(za, 3)))
            let t := mul(xb, yb)
            let b := add(add(shl(1, and(t, LOW)), mul(zb, 3)), add(mul(add(add(h, h), k), E), sub(E, 3)))
            nonzero := or(not(add(s, add(shl(1, shr(128, t)), sar(128, b)))), and(b, LOW))
        }
    }

    /// @notice x - y. Exact unless `isNearZero(a)`.
    function subtract(uint256 xa, uint256 xb, uint256 ya, uint256 yb) internal pure returns (uint256 a, uint256 b) {
        assembly ("memory-safe") {
            let n := lt(xa, ya)
            b := sub(sub(xb, yb), mul(n, E))
            a := add(sub(sub(xa, ya), n), sar(128, b))
            b := and(b, LOW)
        }
    }

    /// @notice x * y, exact for all elements.
    function mul(uint256 xa, uint256 xb, uint256 ya, uint256 yb) internal pure returns (uint256 a, uint256 b) {
        assembly ("memory-safe") {
            let r := mulmod(xa, ya, M)
            let q := sub(r, mul(xa, ya))
            let h := shr(128, r)
            r := or(shl(128, r), h)
            a := addmod(addmod(mulmod(q, E, M), r, M), addmod(mulmod(xa, yb, M), mulmod(ya, xb, M), M), M)
            let k := sub(a, add(add(mul(q, E), r), add(mul(xa, yb), mul(ya, xb))))
            let t := mul(xb, yb)
            b := add(and(t, LOW), mul(add(h, k), E))
            t := add(shr(128, t), shr(128, b))
            a := add(a, t)
            b := and(b, LOW)
            if lt(a, t) {
                // 2^384 was lost, which is 2^128 + E modulo p. What is left of a is below 2^129: nothing is lost again.
                b := add(b, E)
                a := add(a, add(1, shr(128, b)))
                b := and(b, LOW)
            }
        }
    }

    /// @notice x + y, exact for all elements.
    function add(uint256 xa, uint256 xb, uint256 ya, uint256 yb) internal pure returns (uint256 a, uint256 b) {
        assembly ("memory-safe") {
            a := add(xa, ya)
            let lost := lt(a, xa)
            b := add(xb, yb)
            let carry := shr(128, b)
            b := and(b, LOW)
            a := add(a, carry)
            lost := add(lost, lt(a, carry))
            // Each lost 2^384 is 2^128 + E modulo p; adding it back can lose another one, but the sum shrinks by p.
            for {} lost { lost := sub(lost, 1) } {
                b := add(b, E)
                carry := add(1, shr(128, b))
                b := and(b, LOW)
                a := add(a, carry)
                lost := add(lost, lt(a, carry))
            }
        }
    }

    /// @notice p - x, exact for all elements.
    function negate(uint256 a, uint256 b) internal pure returns (uint256, uint256) {
        (a, b) = canonical(a, b);
        assembly ("memory-safe") {
            b := sub(P_LOW, b)
            a := add(sub(P_HIGH, a), sar(128, b))
            b := and(b, LOW)
        }
        return (a, b);
    }

    /// @notice The element below p that (a, b) is congruent to.
    function canonical(uint256 a, uint256 b) internal pure returns (uint256, uint256) {
        if (a < P_HIGH || (a == P_HIGH && b < P_LOW)) return (a, b);
        assembly ("memory-safe") {
            b := sub(b, P_LOW)
            a := add(sub(a, P_HIGH), sar(128, b))
            b := and(b, LOW)
        }
        return (a, b);
    }

    /// @notice Nonzero unless (xa, xb) and (ya, yb), both below p, satisfy y^2 = x^3 - 3x + b.
    /// @dev Also nonzero for the one in 2^120 points whose intermediate results are suspect.
    function curveResidue(uint256 xa, uint256 xb, uint256 ya, uint256 yb) internal pure returns (uint256 nonzero) {
        // x^2 - 3, times x, plus b, against y^2.
        (uint256 a, uint256 b) = squareAdd(xa, xb, 0, 0, type(uint256).max - 2);
        nonzero = isSuspect(a);
        (a, b) = mulAdd(a, b, xa, xb, B_HIGH, B_HIGH, B_LOW);
        nonzero |= isSuspect(a);
        unchecked {
            nonzero |= mulSubResidue(ya, yb, ya, yb, ~a, ~a, 0 - E - b);
        }
    }

    /// @notice Whether the high part of a result is so small that the sum which made it may have passed 2^256.
    function isSuspect(uint256 a) internal pure returns (uint256 suspect) {
        assembly ("memory-safe") {
            suspect := lt(add(a, 16), 0x1000000000000000000000000000000000)
        }
    }

    /// @notice Whether a difference with high part `a` may be zero modulo p, or its high part may have gone below zero.
    function isNearZero(uint256 a) internal pure returns (uint256 near) {
        assembly ("memory-safe") {
            near := lt(add(a, 2), 3)
        }
    }
}
