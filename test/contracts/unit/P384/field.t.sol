// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Field} from "../../../../contracts/crypto/P384Field.sol";
import {TestBase} from "../../support/TestBase.sol";

/// Field operations on every pair of edge elements, and on random ones, against MODEXP with exponent 1.
contract P384FieldTest is TestBase {
    uint256 private constant LOW = type(uint128).max;
    uint256 private constant E = 0xffffffffffffffff00000001;

    function test_operations_EdgePairs() public view {
        uint256[8] memory highs =
            [uint256(0), 1, LOW, 1 << 128, 1 << 255, type(uint256).max - 2, type(uint256).max - 1, type(uint256).max];
        uint256[5] memory lows = [uint256(0), 1, E, LOW + 1 - E, LOW];
        for (uint256 i = 0; i < 40; ++i) {
            for (uint256 j = 0; j < 40; ++j) {
                check(highs[i / 5], lows[i % 5], highs[j / 5], lows[j % 5]);
            }
        }
    }

    function testFuzz_operations(uint256 xa, uint128 xb, uint256 ya, uint128 yb) public view {
        check(xa, xb, ya, yb);
    }

    /// Operands that no fuzzer shrinks: where x y is reduced by chance, the residue of x y - x y is zero.
    function testFuzz_mulSubResidue_AcceptsEqual(bytes32 seed) public pure {
        uint256 xa = uint256(keccak256(abi.encode(seed, 1)));
        uint256 xb = uint128(uint256(keccak256(abi.encode(seed, 2))));
        uint256 ya = uint256(keccak256(abi.encode(seed, 3)));
        uint256 yb = uint128(uint256(keccak256(abi.encode(seed, 4))));
        (uint256 za, uint256 zb) = P384Field.mul(xa, xb, ya, yb);
        unchecked {
            assertEq(P384Field.mulSubResidue(xa, xb, ya, yb, ~za, ~za, 0 - E - zb), 0, "x y - x y");
        }
    }

    function check(uint256 xa, uint256 xb, uint256 ya, uint256 yb) private view {
        (uint256 a, uint256 b) = P384Field.mul(xa, xb, ya, yb);
        assertSame(a, b, product(xa, xb, ya, yb), "mul");
        (a, b) = P384Field.mulAdd(xa, xb, ya, yb, 0, 0, 0);
        if (P384Field.isSuspect(a) == 0) assertSame(a, b, product(xa, xb, ya, yb), "mulAdd");
        (a, b) = P384Field.squareAdd(xa, xb, 0, 0, 0);
        if (P384Field.isSuspect(a) == 0) assertSame(a, b, product(xa, xb, xa, xb), "squareAdd");
        (a, b) = P384Field.add(xa, xb, ya, yb);
        assertSame(a, b, reduce(bytes.concat(value(xa, xb), value(ya, yb), ""), true), "add");
        (a, b) = P384Field.negate(xa, xb);
        (a, b) = P384Field.add(a, b, xa, xb);
        (a, b) = P384Field.canonical(a, b);
        assertEq(a | b, 0, "x + (p - x)");
        (a, b) = P384Field.subtract(xa, xb, ya, yb);
        if (P384Field.isNearZero(a) == 1) return;
        (a, b) = P384Field.add(a, b, ya, yb);
        assertSame(a, b, reduce(value(xa, xb), false), "(x - y) + y");
        checkResidue(xa, xb, ya, yb);
    }

    /// x y - (x y + 1) is never taken for zero.
    function checkResidue(uint256 xa, uint256 xb, uint256 ya, uint256 yb) private pure {
        (uint256 za, uint256 zb) = P384Field.mul(xa, xb, ya, yb);
        unchecked {
            uint256 residue = P384Field.mulSubResidue(xa, xb, ya, yb, ~za, ~za, 0 - E - zb - 1);
            assertTrue(residue != 0, "x y - (x y + 1)");
        }
    }

    function assertSame(uint256 a, uint256 b, bytes memory expected, string memory what) private pure {
        require(b <= LOW, "low part");
        (a, b) = P384Field.canonical(a, b);
        assertWord(keccak256(value(a, b)), keccak256(expected), what);
    }

    function value(uint256 a, uint256 b) private pure returns (bytes memory) {
        return abi.encodePacked(a, uint128(b));
    }

    /// The four partial products, each reduced, then their sum.
    function product(uint256 xa, uint256 xb, uint256 ya, uint256 yb) private view returns (bytes memory) {
        bytes memory first = bytes.concat(
            reduce(bytes.concat(wide(xa, ya), bytes32(0)), false), reduce(bytes.concat(wide(xa, yb), bytes16(0)), false)
        );
        bytes memory second = bytes.concat(reduce(bytes.concat(wide(xb, ya), bytes16(0)), false), reduce(wide(xb, yb), false));
        return reduce(bytes.concat(reduce(first, true), reduce(second, true)), true);
    }

    /// The 512-bit product.
    function wide(uint256 x, uint256 y) private pure returns (bytes memory) {
        unchecked {
            uint256 low = x * y;
            uint256 modM = mulmod(x, y, type(uint256).max);
            return abi.encodePacked(modM - low - (modM < low ? 1 : 0), low);
        }
    }

    /// `number` modulo p by MODEXP; the sum of its two halves of 48 bytes if `isPair`.
    function reduce(bytes memory number, bool isPair) private view returns (bytes memory result) {
        if (isPair) number = sum(number);
        (bool success, bytes memory answer) = address(5)
            .staticcall(
                abi.encodePacked(
                    number.length,
                    uint256(1),
                    uint256(48),
                    number,
                    uint8(1),
                    hex"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff"
                )
            );
        require(success && answer.length == 48, "MODEXP");
        return answer;
    }

    function sum(bytes memory pair) private pure returns (bytes memory) {
        (uint256 xh, uint256 xl, uint256 yh, uint256 yl) = (part(pair, 0), part(pair, 24), part(pair, 48), part(pair, 72));
        uint256 low = xl + yl;
        return abi.encodePacked(uint256(xh + yh + (low >> 192)), uint192(low));
    }

    /// 24 bytes.
    function part(bytes memory data, uint256 offset) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := shr(64, mload(add(add(data, 32), offset)))
        }
    }
}
