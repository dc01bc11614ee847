// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Field} from "./P384Field.sol";
import {P384Steps} from "./P384Steps.sol";

/// @title Steps on P-384 without slopes, in Jacobian coordinates
/// @notice The running sum A is (X / Z^2, Y / Z^3); kept are X at 0x200, -Y at 0x240, Z at 0x320, T and `bad` where
///         P384Steps has them. About three times the execution of a step with slopes and none of its calldata.
/// @dev Precondition and use of `bad` as in P384Steps. A step of equal or opposite points makes a factor of Z zero modulo p.
///      Every product is noted when its high part is that of 0 or of p (P384Field.isSuspect), so that is refused as well as
///      every possible wrap: while `bad` is zero, Z is not zero modulo p and A is the sum that the step is named for.
library P384Jacobian {
    uint256 private constant M = 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff;
    uint256 private constant E = 0xffffffffffffffff00000001;
    uint256 private constant LOW = 0xffffffffffffffffffffffffffffffff;
    uint256 private constant AX = 0x200;
    uint256 private constant AY = 0x240;
    uint256 private constant TX = 0x280;
    uint256 private constant TY = 0x2c0;
    uint256 private constant Z = 0x320;
    uint256 private constant MINUS_E = 0xffffffffffffffffffffffffffffffffffffffff0000000000000000ffffffff;
    uint256 private constant MINUS_2E = 0xfffffffffffffffffffffffffffffffffffffffe0000000000000001fffffffe;
    uint256 private constant MINUS_3E = 0xfffffffffffffffffffffffffffffffffffffffd0000000000000002fffffffd;
    uint256 private constant MINUS_4E = 0xfffffffffffffffffffffffffffffffffffffffc0000000000000003fffffffc;
    /// The first Z: any but a small one, whose powers would be taken for wrapped. keccak256("spartan P-384 Z") and the low
    /// half of it.
    uint256 private constant START_HIGH = 0xc6b66ac131a86807c2a83396ce3bd04b3e4d0510176175b1f73ae30259902e7f;
    uint256 private constant START_LOW = 0x3e4d0510176175b1f73ae30259902e7f;

    /// @notice A = T, given that T was loaded with its sign turned (A keeps -y).
    function start() internal pure {
        (uint256 sa, uint256 sb) = P384Field.squareAdd(START_HIGH, START_LOW, 0, 0, 0);
        uint256 bad = _multiply(AX, TX, sa, sb);
        (sa, sb) = P384Field.mulAdd(START_HIGH, START_LOW, sa, sb, 0, 0, 0);
        bad |= _multiply(AY, TY, sa, sb);
        _store(Z, START_HIGH, START_LOW);
        P384Steps.note(bad);
    }

    /// @notice A = 2A. m = X^2 - Z^4, X' = (3 m)^2 - 8 X Y^2, Y' = 3 m (4 X Y^2 - X') - 8 Y^4, Z' = 2 Y Z.
    function double() internal pure {
        (uint256 a, uint256 b) = _at(Z);
        (a, b) = P384Field.squareAdd(a, b, 0, 0, 0);
        uint256 bad = P384Field.isSuspect(a);
        (a, b) = P384Field.squareAdd(a, b, 0, 0, 0);
        bad |= P384Field.isSuspect(a);
        (uint256 ma, uint256 mb) = _at(AX);
        unchecked {
            (ma, mb) = P384Field.squareAdd(ma, mb, ~a, ~a, MINUS_E - b);
        }
        bad |= P384Field.isSuspect(ma);
        (ma, mb) = _times(ma, mb, 3);
        bad |= P384Field.isSuspect(ma);
        // Z' before Y is replaced.
        (a, b) = _at(AY);
        bad |= _multiply(Z, Z, a, b);
        (uint256 za, uint256 zb) = _at(Z);
        (za, zb) = _times(za, zb, 2);
        bad |= P384Field.isSuspect(za);
        _store(Z, za, zb);
        // g = 2 Y^2, so 8 X Y^2 = 4 X g and 8 Y^4 = 2 g^2.
        (a, b) = P384Field.squareAdd(a, b, 0, 0, 0);
        bad |= P384Field.isSuspect(a);
        (a, b) = _times(a, b, 2);
        bad |= P384Field.isSuspect(a);
        bad |= _multiply(AX, AX, a, b);
        bad |= _doubled(ma, mb, a, b);
        P384Steps.note(bad);
    }

    /// @dev The rest of double: 3 m and g given, X g in the place of X.
    function _doubled(uint256 ma, uint256 mb, uint256 ga, uint256 gb) private pure returns (uint256 bad) {
        (uint256 ta, uint256 tb) = _at(AX);
        uint256 s;
        uint256 k;
        uint256 low;
        assembly ("memory-safe") {
            let n := not(ta)
            s := mulmod(n, 4, M)
            k := shl(2, n)
            low := sub(MINUS_4E, shl(2, tb))
        }
        (uint256 xa, uint256 xb) = P384Field.squareAdd(ma, mb, s, k, low);
        bad = P384Field.isSuspect(xa);
        _store(AX, xa, xb);
        // 2 X g - X'
        assembly ("memory-safe") {
            let n := not(xa)
            s := addmod(addmod(ta, ta, M), n, M)
            k := sub(s, add(add(ta, ta), n))
            low := add(sub(sub(shl(1, tb), xb), E), mul(k, E))
            ta := add(s, sar(128, low))
            tb := and(low, LOW)
        }
        bad |= P384Field.isSuspect(ta);
        (ga, gb) = P384Field.squareAdd(ga, gb, 0, 0, 0);
        bad |= P384Field.isSuspect(ga);
        assembly ("memory-safe") {
            let n := not(ga)
            s := addmod(n, n, M)
            k := add(n, n)
            low := sub(MINUS_2E, shl(1, gb))
        }
        (ta, tb) = P384Field.mulAdd(ma, mb, ta, tb, s, k, low);
        bad |= P384Field.isSuspect(ta);
        _store(AY, ta, tb);
    }

    /// @notice A = A + T. h = x Z^2 - X, r = y Z^3 - Y, X' = r^2 - h^3 - 2 X h^2, Y' = r (X h^2 - X') - Y h^3, Z' = h Z.
    function addPoint() internal pure {
        (uint256 sa, uint256 sb) = _at(Z);
        (uint256 ka, uint256 kb) = P384Field.squareAdd(sa, sb, 0, 0, 0);
        uint256 bad = P384Field.isSuspect(ka);
        (sa, sb) = P384Field.mulAdd(sa, sb, ka, kb, 0, 0, 0);
        bad |= P384Field.isSuspect(sa);
        (uint256 ha, uint256 hb) = _at(AX);
        (uint256 xa, uint256 xb) = _at(TX);
        unchecked {
            (ha, hb) = P384Field.mulAdd(xa, xb, ka, kb, ~ha, ~ha, MINUS_E - hb);
        }
        bad |= P384Field.isSuspect(ha);
        bad |= _multiply(Z, Z, ha, hb);
        // -r
        (xa, xb) = _at(TY);
        (ka, kb) = _at(AY);
        (ka, kb) = P384Field.mulAdd(xa, xb, sa, sb, ka, ka, kb);
        bad |= P384Field.isSuspect(ka);
        (sa, sb) = P384Field.squareAdd(ha, hb, 0, 0, 0);
        bad |= P384Field.isSuspect(sa);
        bad |= _multiply(AX, AX, sa, sb);
        (sa, sb) = P384Field.mulAdd(ha, hb, sa, sb, 0, 0, 0);
        bad |= P384Field.isSuspect(sa);
        P384Steps.note(bad | _added(ka, kb, sa, sb));
    }

    /// @dev The rest of addPoint: -r and h^3 given, X h^2 in the place of X.
    function _added(uint256 ra, uint256 rb, uint256 ha, uint256 hb) private pure returns (uint256 bad) {
        (uint256 va, uint256 vb) = _at(AX);
        uint256 s;
        uint256 k;
        uint256 low;
        assembly ("memory-safe") {
            let n := not(va)
            let m := not(ha)
            s := addmod(addmod(n, n, M), m, M)
            k := add(add(n, n), m)
            low := sub(sub(MINUS_3E, shl(1, vb)), hb)
        }
        (uint256 xa, uint256 xb) = P384Field.squareAdd(ra, rb, s, k, low);
        bad = P384Field.isSuspect(xa);
        _store(AX, xa, xb);
        (va, vb) = P384Field.subtract(xa, xb, va, vb);
        bad |= P384Field.isNearZero(va);
        // -Y' = -r (X' - X h^2) - -Y h^3
        (xa, xb) = _at(AY);
        (xa, xb) = P384Field.mulAdd(xa, xb, ha, hb, 0, 0, 0);
        bad |= P384Field.isSuspect(xa);
        unchecked {
            (xa, xb) = P384Field.mulAdd(ra, rb, va, vb, ~xa, ~xa, MINUS_E - xb);
        }
        bad |= P384Field.isSuspect(xa);
        _store(AY, xa, xb);
    }

    /// @notice Makes A affine as P384Steps keeps it. At calldata offset `hint` 1 / Z, which is checked.
    function normalise(uint256 hint) internal pure {
        uint256 ia;
        uint256 ib;
        assembly ("memory-safe") {
            ia := calldataload(hint)
            ib := shr(128, calldataload(add(hint, 32)))
        }
        (uint256 a, uint256 b) = _at(Z);
        // Z i - 1
        uint256 bad = P384Field.mulAddResidue(a, b, ia, ib, 0, 0, type(uint256).max);
        (a, b) = P384Field.squareAdd(ia, ib, 0, 0, 0);
        bad |= P384Field.isSuspect(a) | _multiply(AX, AX, a, b);
        (a, b) = P384Field.mulAdd(a, b, ia, ib, 0, 0, 0);
        bad |= P384Field.isSuspect(a) | _multiply(AY, AY, a, b);
        P384Steps.note(bad);
    }

    /// @notice Notes unless A = -T.
    function noteUnlessOpposite() internal pure {
        (uint256 a, uint256 b) = _at(Z);
        (uint256 sa, uint256 sb) = P384Field.squareAdd(a, b, 0, 0, 0);
        uint256 bad = P384Field.isSuspect(sa) | _residue(AX, TX, sa, sb);
        (sa, sb) = P384Field.mulAdd(sa, sb, a, b, 0, 0, 0);
        P384Steps.note(bad | P384Field.isSuspect(sa) | _residue(AY, TY, sa, sb));
    }

    /// @notice Zero only if x, which is below p, is the coordinate x of A. Exact for every x: small ones are chosen.
    function xResidue(uint256 xa, uint256 xb) internal pure returns (uint256 nonzero) {
        (uint256 a, uint256 b) = _at(Z);
        (a, b) = P384Field.mul(a, b, a, b);
        (a, b) = P384Field.mul(a, b, xa, xb);
        (a, b) = P384Field.canonical(a, b);
        (xa, xb) = _at(AX);
        (xa, xb) = P384Field.canonical(xa, xb);
        nonzero = (a ^ xa) | (b ^ xb);
    }

    /// @dev Zero only if the element at `factor` times (a, b) is the one at `place` modulo p.
    function _residue(uint256 place, uint256 factor, uint256 a, uint256 b) private pure returns (uint256 nonzero) {
        (uint256 sa, uint256 sb) = _at(place);
        (uint256 xa, uint256 xb) = _at(factor);
        unchecked {
            nonzero = P384Field.mulSubResidue(xa, xb, a, b, ~sa, ~sa, MINUS_E - sb);
        }
    }

    /// @dev The element at `place` = the one at `factor` times (a, b). Returns whether it is suspect.
    function _multiply(uint256 place, uint256 factor, uint256 a, uint256 b) private pure returns (uint256 suspect) {
        (uint256 xa, uint256 xb) = _at(factor);
        (a, b) = P384Field.mulAdd(xa, xb, a, b, 0, 0, 0);
        _store(place, a, b);
        suspect = P384Field.isSuspect(a);
    }

    /// @dev n x for n < 4. Exact unless the high part is suspect: n a = k M + s, and 2^128 k M is k E modulo p.
    function _times(uint256 a, uint256 b, uint256 n) private pure returns (uint256, uint256) {
        assembly ("memory-safe") {
            let s := mulmod(a, n, M)
            b := add(mul(b, n), mul(sub(s, mul(a, n)), E))
            a := add(s, shr(128, b))
            b := and(b, LOW)
        }
        return (a, b);
    }

    function _at(uint256 place) private pure returns (uint256 a, uint256 b) {
        assembly ("memory-safe") {
            a := mload(place)
            b := mload(add(place, 32))
        }
    }

    function _store(uint256 place, uint256 a, uint256 b) private pure {
        assembly ("memory-safe") {
            mstore(place, a)
            mstore(add(place, 32), b)
        }
    }
}
