// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P384Steps} from "./P384Steps.sol";

/// @title The steps of v1 Q - v2 R + k G, as the hints order them
/// @notice The program says when the running sum is doubled and which small multiple of Q or R is added in between. Nothing
///         of it is trusted: the multiples of Q and R that it amounts to are summed up on the way, and the caller judges
///         those. The generator's columns are added by this library wherever they belong, whatever the program is.
/// @dev `place` counts the doublings that are left: what is added at a place counts 2^place times. One byte is one
///      instruction, its slopes are behind it:
///      - gggrmmms, ggg < 7: double g times, then add (2 m + 1) Q, or R where r is 1, with its sign turned where s is 1;
///      - 111nnnnn: double n times.
///      The sums are integers in two's complement at 0x5c0 (Q) and 0x5e0 (R).
library P384Program {
    uint256 private constant SUM_OF_KEY = 0x5c0;
    uint256 private constant SUM_OF_R = 0x5e0;
    /// For Q, then R: +1, -1, +3, -3 .. -15 times the point, 128 bytes each as T is kept.
    uint256 private constant MULTIPLES = 0x700;
    uint256 private constant MULTIPLES_OF_R = 0xf00;
    uint256 private constant MULTIPLES_END = 0x1700;
    uint256 private constant PAIR = 0x100;
    uint256 private constant ENTRY = 0x80;
    uint256 private constant SLOPE = 48;
    uint256 private constant ONLY_DOUBLINGS = 7;

    /// @notice Puts the odd multiples of Q up to 15, and of R, in their places: a slope to double, then seven to add, for
    ///         each. `key` and `r` are the 96-byte points, both canonical and on the curve. Returns the next hint.
    function multiples(uint256 key, uint256 r, uint256 hint) internal pure returns (uint256) {
        unchecked {
            for (uint256 place = MULTIPLES; place < MULTIPLES_END; place += MULTIPLES_OF_R - MULTIPLES) {
                P384Steps.load(place == MULTIPLES ? key : r, 1);
                P384Steps.start();
                P384Steps.save(place);
                P384Steps.double(hint);
                hint += SLOPE;
                // Twice the point is T for all that follow; its place is that of the last multiple until then.
                uint256 last = place + 7 * PAIR;
                P384Steps.save(last);
                P384Steps.take(last);
                P384Steps.put(place + ENTRY);
                for (uint256 next = place + PAIR; next <= last; next += PAIR) {
                    P384Steps.addPoint(hint);
                    hint += SLOPE;
                    P384Steps.save(next);
                }
            }
        }
        return hint;
    }

    /// @notice The instruction at `hint`.
    function codeAt(uint256 hint) internal pure returns (uint256 code) {
        assembly ("memory-safe") {
            code := byte(0, calldataload(hint))
        }
    }

    /// @notice Whether an instruction adds.
    function adds(uint256 code) internal pure returns (bool) {
        return code < ONLY_DOUBLINGS << 5;
    }

    /// @notice How often an instruction doubles.
    function doublingsOf(uint256 code) internal pure returns (uint256) {
        return code < ONLY_DOUBLINGS << 5 ? code >> 5 : code & 31;
    }

    /// @notice Puts the multiple that `code` names into T and adds 2^place times it to its sum.
    function load(uint256 code, uint256 place) internal pure {
        assembly ("memory-safe") {
            mcopy(0x280, add(MULTIPLES, shl(7, and(code, 31))), 0x80)
            let sum := add(SUM_OF_KEY, shl(1, and(code, 16)))
            let turn := sub(0, and(code, 1))
            mstore(sum, add(mload(sum), shl(place, sub(xor(add(and(code, 14), 1), turn), turn))))
        }
    }

    /// @notice A = the multiple that `code` names, and nothing else is summed up.
    function start(uint256 code, uint256 place) internal pure {
        assembly ("memory-safe") {
            mstore(SUM_OF_KEY, 0)
            mstore(SUM_OF_R, 0)
        }
        load(code, place);
        // A keeps -y: the entry of the other sign.
        P384Steps.put(MULTIPLES + ((code ^ 1) << 7));
    }

    /// @notice What the program amounts to: the multiples of Q and of R, in two's complement.
    function sums() internal pure returns (uint256 ofKey, uint256 ofR) {
        assembly ("memory-safe") {
            ofKey := mload(SUM_OF_KEY)
            ofR := mload(SUM_OF_R)
        }
    }

    /// @notice Runs instructions until `place` is `stop`, or the hints end. Returns the next hint and the place.
    /// @dev `place` may pass `stop` and even zero: the caller refuses unless it is where it must be.
    function run(uint256 hint, uint256 end, uint256 place, uint256 stop) internal pure returns (uint256, uint256) {
        unchecked {
            while (hint < end) {
                if (place == stop) break;
                uint256 code = codeAt(hint);
                ++hint;
                uint256 doublings = code >> 5;
                if (doublings == 0) {
                    load(code, place);
                    P384Steps.addPoint(hint);
                    hint += SLOPE;
                } else if (doublings == ONLY_DOUBLINGS) {
                    doublings = code & 31;
                    place -= doublings;
                    hint = P384Steps.doubleUntil(hint, hint + SLOPE * doublings);
                } else {
                    place -= doublings;
                    load(code, place);
                    // The last doubling is one with the addition.
                    hint = P384Steps.doubleUntil(hint, hint + SLOPE * doublings - SLOPE);
                    P384Steps.doubleAdd(hint);
                    hint += 2 * SLOPE;
                }
            }
        }
        return (hint, place);
    }

    /// @notice As `run` until `place` is 1, with the generator's column of each place added when it is reached.
    /// @param points The generator's table.
    /// @param column Address of the byte of column 0.
    /// @param flip Whether the columns stand for -k.
    function runColumns(uint256 hint, uint256 end, uint256 place, uint256 points, uint256 column, uint256 flip)
        internal
        pure
        returns (uint256, uint256)
    {
        unchecked {
            while (hint < end) {
                if (place < 2) break;
                uint256 code = codeAt(hint);
                ++hint;
                uint256 stop = doublingsOf(code);
                // Place 0 is not reached here: its column is compared, not added.
                if (stop >= place) break;
                stop = place - stop;
                while (place > stop) {
                    --place;
                    P384Steps.loadColumn(points, column - place, flip);
                    P384Steps.doubleAdd(hint);
                    hint += 2 * SLOPE;
                }
                if (!adds(code)) continue;
                load(code, place);
                P384Steps.addPoint(hint);
                hint += SLOPE;
            }
        }
        return (hint, place);
    }
}
