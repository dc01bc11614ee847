// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICryptoErrors} from "../interfaces/ICryptoErrors.sol";

/// @title Arithmetic modulo n, the order of P-384, over the MODEXP precompile
/// @notice A scalar is a pair (high, low) that stands for high * 2^256 + low, with high < 2^128.
/// @dev Products come from squares: 4 x y = (x + y)^2 - (x - y)^2. A few products per signature, so clarity comes first.
///      Memory from 0x400 to 0x520 is scratch.
library P384Scalar {
    uint256 internal constant N_HIGH = 0xffffffffffffffffffffffffffffffff;
    uint256 internal constant N_LOW = 0xffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973;

    /// @notice Whether x < y.
    function less(uint256 xh, uint256 xl, uint256 yh, uint256 yl) internal pure returns (bool) {
        return xh < yh || (xh == yh && xl < yl);
    }

    /// @notice Whether 0 < x < n.
    function inRange(uint256 high, uint256 low) internal pure returns (bool) {
        return (high | low) != 0 && less(high, low, N_HIGH, N_LOW);
    }

    /// @notice x modulo n for x < 2n.
    function reduce(uint256 high, uint256 low) internal pure returns (uint256, uint256) {
        return less(high, low, N_HIGH, N_LOW) ? (high, low) : difference(high, low, N_HIGH, N_LOW);
    }

    /// @notice x - y, for x >= y.
    function difference(uint256 xh, uint256 xl, uint256 yh, uint256 yl)
        internal
        pure
        returns (uint256 high, uint256 low)
    {
        assembly ("memory-safe") {
            low := sub(xl, yl)
            high := sub(sub(xh, yh), lt(xl, yl))
        }
    }

    /// @notice x + y; high < 2^129 for scalars.
    function sum(uint256 xh, uint256 xl, uint256 yh, uint256 yl) internal pure returns (uint256 high, uint256 low) {
        assembly ("memory-safe") {
            low := add(xl, yl)
            high := add(add(xh, yh), lt(low, xl))
        }
    }

    /// @notice 4x modulo n, for x < n.
    function fourTimes(uint256 high, uint256 low) internal pure returns (uint256, uint256) {
        for (uint256 i = 0; i < 2; ++i) {
            (high, low) = sum(high, low, high, low);
            (high, low) = reduce(high, low);
        }
        return (high, low);
    }

    /// @notice 4 x y modulo n, for x < 2^384 and y <= n.
    function product4(uint256 xh, uint256 xl, uint256 yh, uint256 yl)
        internal
        view
        returns (uint256 high, uint256 low)
    {
        (high, low) = sum(xh, xl, yh, yl);
        (high, low) = _power(high, low, 2, 0);
        (uint256 dh, uint256 dl) = difference(N_HIGH, N_LOW, yh, yl);
        (dh, dl) = sum(xh, xl, dh, dl);
        (dh, dl) = _power(dh, dl, 2, 0);
        (dh, dl) = difference(N_HIGH, N_LOW, dh, dl);
        (high, low) = sum(high, low, dh, dl);
        (high, low) = reduce(high, low);
    }

    /// @notice x y modulo n, for x < 2^384 and y <= n.
    function product(uint256 xh, uint256 xl, uint256 yh, uint256 yl)
        internal
        view
        returns (uint256 high, uint256 low)
    {
        (high, low) = product4(xh, xl, yh, yl);
        for (uint256 i = 0; i < 2; ++i) {
            // n is odd: one of x and x + n is even.
            if (low & 1 == 1) (high, low) = sum(high, low, N_HIGH, N_LOW);
            low = (high << 255) | (low >> 1);
            high >>= 1;
        }
    }

    /// @notice 1 / x modulo n, for 0 < x < n, as x^(n - 2).
    function inverse(uint256 high, uint256 low) internal view returns (uint256, uint256) {
        return _power(high, low, N_LOW - 2, N_HIGH);
    }

    /// @dev (high, low)^exponent modulo n by MODEXP (address 5), base of 64 bytes. The precompile cannot fail on such input;
    ///      if a chain lacks it, nothing is returned and the call reverts.
    function _power(uint256 high, uint256 low, uint256 exponentLow, uint256 exponentHigh)
        private
        view
        returns (uint256 resultHigh, uint256 resultLow)
    {
        bool done;
        assembly ("memory-safe") {
            // Two and n - 2 are the only exponents: the first takes one byte, the second 48.
            let size := add(1, mul(47, gt(exponentHigh, 0)))
            mstore(0x400, 64)
            mstore(0x420, size)
            mstore(0x440, 48)
            mstore(0x460, high)
            mstore(0x480, low)
            switch size
            case 1 { mstore8(0x4a0, exponentLow) }
            default {
                mstore(0x4a0, shl(128, exponentHigh))
                mstore(0x4b0, exponentLow)
            }
            mstore(add(0x4a0, size), shl(128, N_HIGH))
            mstore(add(0x4b0, size), N_LOW)
            done := staticcall(gas(), 5, 0x400, add(0xd0, size), 0x400, 48)
            done := and(done, eq(returndatasize(), 48))
            resultHigh := shr(128, mload(0x400))
            resultLow := mload(0x410)
        }
        if (!done) revert ICryptoErrors.CryptoPrecompileMissing(address(5));
    }
}
