// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Field} from "./P384Field.sol";
import {P384Scalar} from "./P384Scalar.sol";

/// @title ECDSA over P-384 without hints and without exceptions
/// @notice The slow path (about 6 M gas): for callers without hints, and for the signatures, all of them made on purpose,
///         whose sum meets an exceptional case of the hinted paths.
/// @dev Stateless. Jacobian coordinates, every case of the addition law, field operations exact for every input. Accepts
///      exactly the signatures of FIPS 186-5, 6.4.2; r modulo n as P384 does. Written for review, not for gas.
contract P384Plain {
    /// @dev a * 2^128 + b, not necessarily below p.
    struct Element {
        uint256 a;
        uint256 b;
    }

    /// @dev x / z^2, y / z^3; the point at infinity has z = 0 modulo p.
    struct Point {
        Element x;
        Element y;
        Element z;
    }

    uint256 private constant GX_HIGH = 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a38;
    uint256 private constant GX_LOW = 0x5502f25dbf55296c3a545e3872760ab7;
    uint256 private constant GY_HIGH = 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c0;
    uint256 private constant GY_LOW = 0x0a60b1ce1d7e819d7a431d7c90ea0e5f;

    /// @notice Whether `signature` (r, s: 96 bytes) is valid for `digest` under the key (x, y: 96 bytes).
    function verify(bytes calldata digest, bytes calldata key, bytes calldata signature) external view returns (bool) {
        // P384Scalar's scratch lies below 0x600.
        assembly ("memory-safe") {
            if gt(mload(0x40), 0x400) { revert(0, 0) }
            mstore(0x40, 0x600)
        }
        if (signature.length != 96 || key.length != 96) return false;
        (uint256 rh, uint256 rl) = _scalar(signature[:48]);
        (uint256 sh, uint256 sl) = _scalar(signature[48:]);
        if (!P384Scalar.inRange(rh, rl) || !P384Scalar.inRange(sh, sl)) return false;
        Point memory q = Point(_element(key[:48]), _element(key[48:]), Element(0, 1));
        if (!_isPoint(q)) return false;
        (sh, sl) = P384Scalar.inverse(sh, sl);
        (uint256 eh, uint256 el) = _scalar(digest.length < 48 ? digest : digest[:48]);
        (eh, el) = P384Scalar.reduce(eh, el);
        (eh, el) = P384Scalar.product(eh, el, sh, sl);
        (sh, sl) = P384Scalar.product(rh, rl, sh, sl);
        return _hasResidue(_combine(eh, el, sh, sl, q), rh, rl);
    }

    /// @dev u G + v Q, two bits of each scalar at a time.
    function _combine(uint256 uh, uint256 ul, uint256 vh, uint256 vl, Point memory q)
        private
        pure
        returns (Point memory sum)
    {
        Point[16] memory sums = _sums(q);
        uint256 free;
        assembly ("memory-safe") {
            free := mload(0x40)
        }
        for (uint256 i = 0; i < 192; ++i) {
            // The top two of 384 bits, then both scalars move up.
            uint256 index = ((vh >> 126) << 2) | (uh >> 126);
            (uh, ul) = _shiftUp(uh, ul);
            (vh, vl) = _shiftUp(vh, vl);
            Point memory next = _add(_double(_double(sum)), sums[index]);
            (sum.x.a, sum.x.b) = (next.x.a, next.x.b);
            (sum.y.a, sum.y.b) = (next.y.a, next.y.b);
            (sum.z.a, sum.z.b) = (next.z.a, next.z.b);
            // What the additions allocated is not used again.
            assembly ("memory-safe") {
                mstore(0x40, free)
            }
        }
    }

    /// @dev i G + j Q at 4 j + i.
    function _sums(Point memory q) private pure returns (Point[16] memory sums) {
        Point memory g = Point(Element(GX_HIGH, GX_LOW), Element(GY_HIGH, GY_LOW), Element(0, 1));
        for (uint256 i = 1; i < 16; ++i) {
            sums[i] = i < 4 ? _add(sums[i - 1], g) : _add(sums[i - 4], q);
        }
    }

    function _shiftUp(uint256 high, uint256 low) private pure returns (uint256, uint256) {
        return (((high << 2) | (low >> 254)) & P384Field.LOW, low << 2);
    }

    /// @dev 2 p (dbl-2001-b of the Explicit-Formulas Database). Infinity stays infinity: z' = 2 y z.
    function _double(Point memory p) private pure returns (Point memory r) {
        Element memory delta = _mul(p.z, p.z);
        Element memory gamma = _mul(p.y, p.y);
        Element memory beta = _mul(p.x, gamma);
        Element memory alpha = _mul(_sub(p.x, delta), _plus(p.x, delta));
        alpha = _plus(_plus(alpha, alpha), alpha);
        Element memory four = _twice(_twice(beta));
        r.x = _sub(_mul(alpha, alpha), _twice(four));
        gamma = _mul(gamma, gamma);
        r.y = _sub(_mul(alpha, _sub(four, r.x)), _twice(_twice(_twice(gamma))));
        r.z = _twice(_mul(p.y, p.z));
    }

    /// @dev p + q for any two points.
    function _add(Point memory p, Point memory q) private pure returns (Point memory r) {
        if (_isZero(p.z)) return q;
        if (_isZero(q.z)) return p;
        Element memory pp = _mul(p.z, p.z);
        Element memory qq = _mul(q.z, q.z);
        Element memory u = _mul(p.x, qq);
        Element memory s = _mul(_mul(p.y, q.z), qq);
        Element memory h = _sub(_mul(q.x, pp), u);
        Element memory d = _sub(_mul(_mul(q.y, p.z), pp), s);
        if (_isZero(h)) {
            // The same point, or opposite ones: r is infinity as it stands.
            if (_isZero(d)) return _double(p);
            return r;
        }
        pp = _mul(h, h);
        qq = _mul(h, pp);
        u = _mul(u, pp);
        r.x = _sub(_sub(_mul(d, d), qq), _twice(u));
        r.y = _sub(_mul(d, _sub(u, r.x)), _mul(s, qq));
        r.z = _mul(_mul(p.z, q.z), h);
    }

    /// @dev x = r modulo n in x / z^2: x = c z^2 for c = r or c = r + n < p.
    function _hasResidue(Point memory sum, uint256 rh, uint256 rl) private pure returns (bool) {
        if (_isZero(sum.z)) return false;
        Element memory zz = _mul(sum.z, sum.z);
        if (_isZero(_sub(_mul(zz, _fromScalar(rh, rl)), sum.x))) return true;
        (rh, rl) = P384Scalar.sum(rh, rl, P384Scalar.N_HIGH, P384Scalar.N_LOW);
        if (rh >> 128 != 0) return false;
        Element memory c = _fromScalar(rh, rl);
        return P384Scalar.less(c.a, c.b, P384Field.P_HIGH, P384Field.P_LOW) && _isZero(_sub(_mul(zz, c), sum.x));
    }

    /// @dev Both coordinates below p, and y^2 = (x^2 - 3) x + b.
    function _isPoint(Point memory q) private pure returns (bool) {
        if (!P384Scalar.less(q.x.a, q.x.b, P384Field.P_HIGH, P384Field.P_LOW)) return false;
        if (!P384Scalar.less(q.y.a, q.y.b, P384Field.P_HIGH, P384Field.P_LOW)) return false;
        Element memory right = _mul(_sub(_mul(q.x, q.x), Element(0, 3)), q.x);
        right = _plus(right, Element(P384Field.B_HIGH, P384Field.B_LOW));
        return _isZero(_sub(_mul(q.y, q.y), right));
    }

    function _mul(Element memory x, Element memory y) private pure returns (Element memory r) {
        (r.a, r.b) = P384Field.mul(x.a, x.b, y.a, y.b);
    }

    function _plus(Element memory x, Element memory y) private pure returns (Element memory r) {
        (r.a, r.b) = P384Field.add(x.a, x.b, y.a, y.b);
    }

    function _twice(Element memory x) private pure returns (Element memory) {
        return _plus(x, x);
    }

    function _sub(Element memory x, Element memory y) private pure returns (Element memory r) {
        (r.a, r.b) = P384Field.negate(y.a, y.b);
        (r.a, r.b) = P384Field.add(x.a, x.b, r.a, r.b);
    }

    function _isZero(Element memory x) private pure returns (bool) {
        (uint256 a, uint256 b) = P384Field.canonical(x.a, x.b);
        return (a | b) == 0;
    }

    function _fromScalar(uint256 high, uint256 low) private pure returns (Element memory) {
        return Element((high << 128) | (low >> 128), low & P384Field.LOW);
    }

    function _element(bytes calldata bytes48) private pure returns (Element memory) {
        return Element(uint256(bytes32(bytes48)), uint128(bytes16(bytes48[32:])));
    }

    /// @dev Big-endian number of at most 48 bytes.
    function _scalar(bytes calldata number) private pure returns (uint256 high, uint256 low) {
        uint256 split = number.length > 32 ? number.length - 32 : 0;
        for (uint256 i = 0; i < number.length; ++i) {
            if (i < split) high = (high << 8) | uint8(number[i]);
            else low = (low << 8) | uint8(number[i]);
        }
    }
}
