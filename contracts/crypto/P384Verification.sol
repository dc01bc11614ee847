// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICryptoErrors} from "../interfaces/ICryptoErrors.sol";
import {IP384} from "../interfaces/IP384.sol";
import {P384Field} from "./P384Field.sol";
import {P384Program} from "./P384Program.sol";
import {P384Scalar} from "./P384Scalar.sol";
import {P384Steps} from "./P384Steps.sol";

/// @title ECDSA over P-384: what the back-ends with hints have in common
/// @notice Checks of ranges, points and relations, the digits of the scalars, and steps with slopes.
/// @dev The mathematics is in docs/specs/p384.md. Memory below 0x200 belongs to the compiler; the places above are fixed and
///      nothing is allocated while they are used.
abstract contract P384Verification is IP384 {
    /// keccak256 of the generator's comb table as kept by P384Tables, STOP byte included.
    bytes32 public constant GENERATOR_TABLE_HASH =
        0xf3a3a2f17b5a2d176434f73dfa224f25df755897a91afece926ece5123d4a8f0;

    /// The contract whose code is the generator's comb table.
    address public immutable GENERATOR_TABLE;

    uint256 internal constant COLUMNS = 48;
    uint256 internal constant TABLE_BYTES = 12_288;
    uint256 internal constant SLOPE = 48;
    /// Address of column byte 0 of the generator and the key; column i is i bytes before it.
    uint256 internal constant GENERATOR_COLUMNS = 0x57f;
    uint256 internal constant KEY_COLUMNS = 0x5bf;
    /// Q and R, then their multiples (P384Program).
    uint256 internal constant KEY_POINT = 0x600;
    uint256 internal constant R_POINT = 0x660;
    uint256 internal constant GENERATOR_POINTS = 0x1700;
    uint256 internal constant KEY_POINTS = 0x4700;
    /// Hints with a table: u1, u2, then a slope for the first addition and three for each of 47 columns.
    uint256 internal constant TABLE_HINT_HEAD = 2 * 48;
    uint256 internal constant TABLE_HINTS = TABLE_HINT_HEAD + 142 * SLOPE;
    /// Hints without: R.y, k, flags, the first place, the number of instructions without slopes, then the slopes of the
    /// multiples and the program.
    uint256 internal constant KEY_HINT_HEAD = 48 + 48 + 3;
    /// Bounds of the program: less than 2^16 instructions add less than 2^4 times 2^200 each, so that the multiples they
    /// amount to are below 2^220 in absolute value.
    uint256 private constant KEY_HINTS_END = 1 << 16;
    uint256 private constant FIRST_PLACE_END = 200;
    uint256 private constant NEVER = type(uint256).max;

    /// @param table Holds the generator's comb table: `P384Tables.tableOf` of the generator.
    constructor(address table) {
        if (table.codehash != GENERATOR_TABLE_HASH) revert ICryptoErrors.CryptoTableUnknown(table.codehash, GENERATOR_TABLE_HASH);
        GENERATOR_TABLE = table;
    }

    /// @inheritdoc IP384
    /// @dev Proves: R = u1 G + u2 Q with s u1 = e and s u2 = r modulo n, and R.x = r modulo n.
    function verifyWithTable(bytes calldata digest, address table, bytes calldata signature, bytes calldata hints)
        external
        view
        returns (bool)
    {
        if (signature.length != 96 || !_isTableHints(hints.length) || table.code.length != TABLE_BYTES + 1) return false;
        if (!_scalarsInRange(signature)) return false;
        uint256 hint;
        assembly ("memory-safe") {
            hint := hints.offset
            mstore(0x300, 0)
        }
        if (!_checkQuotients(digest, signature, hint)) return false;
        _loadGenerator();
        assembly ("memory-safe") {
            extcodecopy(table, KEY_POINTS, 1, TABLE_BYTES)
        }
        (uint256 high, uint256 low) = _scalar(hint);
        uint256 flipGenerator = _columns(high, low, GENERATOR_COLUMNS);
        (high, low) = _scalar(hint + 48);
        uint256 flipKey = _columns(high, low, KEY_COLUMNS);
        return _isCombRight(hint + TABLE_HINT_HEAD, hints.length, flipGenerator, flipKey, signature);
    }

    /// @inheritdoc IP384
    /// @dev Proves: v1 Q + k G = v2 R with R on the curve, R.x = r modulo n, 0 < v2 < n, s v1 = r v2 and s k = e v2
    ///      modulo n. As v2 is invertible, R = u1 G + u2 Q. v1 and v2 are what the program of the hints amounts to.
    function verify(bytes calldata digest, bytes calldata key, bytes calldata signature, bytes calldata hints)
        external
        view
        returns (bool)
    {
        uint256 length = hints.length;
        if (signature.length != 96 || key.length != 96 || length <= KEY_HINT_HEAD || length >= KEY_HINTS_END) return false;
        if (!_scalarsInRange(signature)) return false;
        uint256 hint;
        assembly ("memory-safe") {
            hint := hints.offset
            mstore(0x300, 0)
        }
        // The one bit of flags: R.x = r + n.
        uint256 flags = P384Program.codeAt(hint + 96);
        if (flags > 1 || !_loadKey(key) || !_loadR(signature, hint, flags)) return false;
        (uint256 high, uint256 low) = _scalar(hint + 48);
        if (!P384Scalar.less(high, low, P384Scalar.N_HIGH, P384Scalar.N_LOW)) return false;
        _loadGenerator();
        if (!_isSumZero(hint, hint + length, _columns(high, low, GENERATOR_COLUMNS))) return false;
        return _areMultipliersRight(digest, signature, high, low);
    }

    /// @dev Whether the back-end takes hints of this length.
    function _isTableHints(uint256 length) internal pure virtual returns (bool);

    /// @dev Whether u1 G + u2 Q, of the columns written, has the x of the signature. `length` is that of all hints, `hint`
    ///      the offset of the first slope.
    function _isCombRight(
        uint256 hint,
        uint256 length,
        uint256 flipGenerator,
        uint256 flipKey,
        bytes calldata signature
    ) internal pure virtual returns (bool);

    /// @dev As _isCombRight with a slope for every step.
    function _isHintedCombRight(uint256 hint, uint256 flipGenerator, uint256 flipKey, bytes calldata signature)
        internal
        pure
        returns (bool)
    {
        P384Steps.loadColumn(KEY_POINTS, KEY_COLUMNS - COLUMNS + 1, flipKey ^ 1);
        P384Steps.start();
        P384Steps.loadColumn(GENERATOR_POINTS, GENERATOR_COLUMNS - COLUMNS + 1, flipGenerator);
        P384Steps.addPoint(hint);
        _addColumns(hint + SLOPE, COLUMNS - 1, flipGenerator, flipKey);
        return _bad() == 0 && _hasResidue(signature);
    }

    /// @dev Runs the program from the first place on. Returns whether the back-end takes it and its sum is zero.
    function _isSumZero(uint256 hint, uint256 end, uint256 flip) internal pure virtual returns (bool);

    /// @dev The multiples of Q and R, and A = that of the first instruction. Returns the next hint and the place; 0 for one
    ///      that is out of bounds or an instruction that does not start.
    function _startProgram(uint256 hint) internal pure returns (uint256, uint256 place) {
        unchecked {
            place = P384Program.codeAt(hint + 97);
            hint = P384Program.multiples(KEY_POINT, R_POINT, hint + KEY_HINT_HEAD);
            uint256 code = P384Program.codeAt(hint);
            if (place < COLUMNS || place >= FIRST_PLACE_END || code > 31) return (hint, 0);
            P384Program.start(code, place);
            return (hint + 1, place);
        }
    }

    /// @dev Runs the rest of the program, from `place` on, to the last byte of the hints. Whether the sum is zero: its last
    ///      addition, that of the generator's column 0, is not made but compared, for zero has no coordinates.
    function _endProgram(uint256 hint, uint256 end, uint256 place, uint256 flip) internal pure returns (bool) {
        if (place > COLUMNS) {
            (hint, place) = P384Program.run(hint, end, place, COLUMNS);
            if (place != COLUMNS) return false;
        }
        if (place > 1) {
            (hint, place) = P384Program.runColumns(hint, end, place, GENERATOR_POINTS, GENERATOR_COLUMNS, flip);
            if (place != 1) return false;
        }
        (hint, place) = P384Program.run(hint, end, place, NEVER);
        if (hint != end || place != 0) return false;
        P384Steps.loadColumn(GENERATOR_POINTS, GENERATOR_COLUMNS, flip);
        _noteUnlessOpposite();
        return _bad() == 0;
    }

    /// @dev Adds the columns below `column` of both combs: for each double, add the key's point, add the generator's.
    function _addColumns(uint256 hint, uint256 column, uint256 flipGenerator, uint256 flipKey) internal pure {
        while (column > 0) {
            unchecked {
                --column;
                P384Steps.loadColumn(KEY_POINTS, KEY_COLUMNS - column, flipKey);
                P384Steps.doubleAdd(hint);
                P384Steps.loadColumn(GENERATOR_POINTS, GENERATOR_COLUMNS - column, flipGenerator);
                P384Steps.addPoint(hint + 2 * SLOPE);
                hint += 3 * SLOPE;
            }
        }
    }

    /// @dev Writes the 48 column bytes of the odd one of k and n - k; returns 1 when it was n - k.
    ///      An odd k < 2^384 is the sum of (2 c_i - 1) 2^i over the bits c_i of (k >> 1) + 2^383.
    ///      The byte at address columns - i holds bits i, i + 48 .. i + 336.
    function _columns(uint256 high, uint256 low, uint256 columns) private pure returns (uint256 flip) {
        flip = (low & 1) ^ 1;
        if (flip == 1) (high, low) = P384Scalar.difference(P384Scalar.N_HIGH, P384Scalar.N_LOW, high, low);
        uint256 first;
        uint256 second;
        assembly ("memory-safe") {
            low := or(shl(255, high), shr(1, low))
            high := or(shr(1, high), shl(127, 1))
        }
        unchecked {
            for (uint256 tooth = 0; tooth < 8; ++tooth) {
                first |= _spread(low) << tooth;
                second |= _spread(low >> 24) << tooth;
                low = (low >> 48) | (high << 208);
                high >>= 48;
            }
        }
        assembly ("memory-safe") {
            // 24 bytes each; the zeros in front of the first are overwritten by the second.
            mstore(sub(columns, 31), first)
            mstore(sub(columns, 55), second)
        }
    }

    /// @dev The low 24 bits, bit i moved to bit 8 i.
    function _spread(uint256 bits) private pure returns (uint256 spread) {
        assembly ("memory-safe") {
            spread := and(bits, 0xffffff)
            spread := and(or(spread, shl(84, spread)), 0xfff000000000000000000000fff)
            spread := and(or(spread, shl(42, spread)), 0x3f00000000003f00000000003f00000000003f)
            spread := and(or(spread, shl(21, spread)), 0x7000007000007000007000007000007000007000007)
            spread := and(or(or(spread, shl(7, spread)), shl(14, spread)), 0x10101010101010101010101010101010101010101010101)
        }
    }

    /// @dev s u1 = e and s u2 = r modulo n, u1 and u2 below n.
    function _checkQuotients(bytes calldata digest, bytes calldata signature, uint256 hint) private view returns (bool) {
        (uint256 eh, uint256 el) = _digestScalar(digest);
        (uint256 uh, uint256 ul) = _scalar(hint);
        if (!_isQuotient(signature, uh, ul, eh, el)) return false;
        (uh, ul) = _scalar(hint + 48);
        (eh, el) = _signatureScalar(signature, 0);
        return _isQuotient(signature, uh, ul, eh, el);
    }

    function _isQuotient(bytes calldata signature, uint256 uh, uint256 ul, uint256 xh, uint256 xl)
        private
        view
        returns (bool)
    {
        if (!P384Scalar.less(uh, ul, P384Scalar.N_HIGH, P384Scalar.N_LOW)) return false;
        (uint256 sh, uint256 sl) = _signatureScalar(signature, 48);
        (uh, ul) = P384Scalar.product4(uh, ul, sh, sl);
        (xh, xl) = P384Scalar.fourTimes(xh, xl);
        return uh == xh && ul == xl;
    }

    /// @dev s v1 = r v2 and s k = e v2 modulo n for the v1 and v2 > 0 of the program: A became v1 Q - v2 R + k G.
    function _areMultipliersRight(bytes calldata digest, bytes calldata signature, uint256 kh, uint256 kl)
        private
        view
        returns (bool)
    {
        (uint256 v1, uint256 v2) = P384Program.sums();
        uint256 negative = v1 >> 255;
        unchecked {
            v2 = 0 - v2;
            if (negative == 1) v1 = 0 - v1;
        }
        if (v2 == 0 || v2 >> 255 == 1) return false;
        (uint256 sh, uint256 sl) = _signatureScalar(signature, 48);
        (uint256 ah, uint256 al) = P384Scalar.product4(0, v1, sh, sl);
        (uint256 bh, uint256 bl) = _signatureScalar(signature, 0);
        (bh, bl) = P384Scalar.product4(0, v2, bh, bl);
        // r v2 is not zero, nor is its opposite n then.
        if (negative == 1) (bh, bl) = P384Scalar.difference(P384Scalar.N_HIGH, P384Scalar.N_LOW, bh, bl);
        if (ah != bh || al != bl) return false;
        (ah, al) = P384Scalar.product4(kh, kl, sh, sl);
        (bh, bl) = _digestScalar(digest);
        (bh, bl) = P384Scalar.product4(0, v2, bh, bl);
        return ah == bh && al == bl;
    }

    /// @dev Copies the key to its place if its coordinates are below p and it is on the curve.
    function _loadKey(bytes calldata key) private pure returns (bool) {
        uint256 place;
        assembly ("memory-safe") {
            place := key.offset
            calldatacopy(KEY_POINT, place, 96)
        }
        return _isPoint(KEY_POINT);
    }

    /// @dev R = (r, y) or (r + n, y), checked as _loadKey does.
    function _loadR(bytes calldata signature, uint256 hint, uint256 plusN) private pure returns (bool) {
        (uint256 high, uint256 low) = _signatureScalar(signature, 0);
        if (plusN == 1) (high, low) = P384Scalar.sum(high, low, P384Scalar.N_HIGH, P384Scalar.N_LOW);
        if (high >> 128 != 0) return false;
        assembly ("memory-safe") {
            mstore(R_POINT, shl(128, high))
            mstore(add(R_POINT, 16), low)
            calldatacopy(add(R_POINT, 48), hint, 48)
        }
        return _isPoint(R_POINT);
    }

    function _isPoint(uint256 place) private pure returns (bool) {
        uint256 xa;
        uint256 xb;
        uint256 ya;
        uint256 yb;
        assembly ("memory-safe") {
            xa := mload(place)
            xb := shr(128, mload(add(place, 32)))
            ya := mload(add(place, 48))
            yb := shr(128, mload(add(place, 80)))
        }
        if (!P384Scalar.less(xa, xb, P384Field.P_HIGH, P384Field.P_LOW)) return false;
        if (!P384Scalar.less(ya, yb, P384Field.P_HIGH, P384Field.P_LOW)) return false;
        return P384Field.curveResidue(xa, xb, ya, yb) == 0;
    }

    function _loadGenerator() private view {
        address table = GENERATOR_TABLE;
        assembly ("memory-safe") {
            extcodecopy(table, GENERATOR_POINTS, 1, TABLE_BYTES)
        }
    }

    /// @dev Notes unless A = -T: both x are the same and A keeps -y.
    function _noteUnlessOpposite() internal pure {
        for (uint256 place = 0; place < 128; place += 64) {
            uint256 a;
            uint256 b;
            uint256 ta;
            uint256 tb;
            assembly ("memory-safe") {
                a := mload(add(0x200, place))
                b := mload(add(0x220, place))
                ta := mload(add(0x280, place))
                tb := mload(add(0x2a0, place))
            }
            (a, b) = P384Field.canonical(a, b);
            P384Steps.note((a ^ ta) | (b ^ tb));
        }
    }

    /// @dev A.x = r modulo n: A.x is r or, where that is below p, r + n.
    function _hasResidue(bytes calldata signature) internal pure returns (bool) {
        uint256 a;
        uint256 b;
        assembly ("memory-safe") {
            a := mload(0x200)
            b := mload(0x220)
        }
        (a, b) = P384Field.canonical(a, b);
        // As a scalar: 128 and 256 bits.
        b |= a << 128;
        a >>= 128;
        (uint256 high, uint256 low) = _signatureScalar(signature, 0);
        if (a == high && b == low) return true;
        (high, low) = P384Scalar.sum(high, low, P384Scalar.N_HIGH, P384Scalar.N_LOW);
        return a == high && b == low;
    }

    function _scalarsInRange(bytes calldata signature) private pure returns (bool) {
        (uint256 rh, uint256 rl) = _signatureScalar(signature, 0);
        (uint256 sh, uint256 sl) = _signatureScalar(signature, 48);
        return P384Scalar.inRange(rh, rl) && P384Scalar.inRange(sh, sl);
    }

    function _signatureScalar(bytes calldata signature, uint256 place) internal pure returns (uint256 high, uint256 low) {
        uint256 offset;
        assembly ("memory-safe") {
            offset := signature.offset
        }
        return _scalar(offset + place);
    }

    /// @dev The leftmost 384 bits of the digest, or all of a shorter one, modulo n.
    function _digestScalar(bytes calldata digest) private pure returns (uint256 high, uint256 low) {
        uint256 bits = digest.length < 48 ? digest.length * 8 : 384;
        uint256 offset;
        assembly ("memory-safe") {
            offset := digest.offset
        }
        (high, low) = _scalar(offset);
        // Calldata behind a short digest is shifted out.
        uint256 shift = 384 - bits;
        if (shift >= 256) {
            low = high >> (shift - 256);
            high = 0;
        } else if (shift > 0) {
            low = (low >> shift) | (high << (256 - shift));
            high >>= shift;
        }
        return P384Scalar.reduce(high, low);
    }

    /// @dev 48 bytes of calldata.
    function _scalar(uint256 offset) private pure returns (uint256 high, uint256 low) {
        high = _word(offset) >> 128;
        low = _word(offset + 16);
    }

    function _word(uint256 offset) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(offset)
        }
    }

    /// @dev The evidence gathered against the hints; also nonzero should the compiler have taken memory from 0x200 on, or
    ///      the word that it keeps zero, which P384Steps relies on, be another.
    function _bad() internal pure returns (uint256 bad) {
        assembly ("memory-safe") {
            bad := or(or(mload(0x300), mload(0x60)), gt(mload(0x40), 0x200))
        }
    }
}
