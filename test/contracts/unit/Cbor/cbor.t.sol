// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Cbor, CborEntries, CborRules} from "../../../../contracts/attestation/libraries/Cbor.sol";
import {TestBase} from "../../support/TestBase.sol";

/// The reader behind calls, so that documents are calldata.
contract CborReader {
    error Malformed(uint256 offset);

    bytes4 internal constant ERR = Malformed.selector;

    function check(bytes calldata doc, CborRules memory rules) external pure returns (uint256) {
        return Cbor.check(doc, 0, rules);
    }

    function head(bytes calldata doc, bool shortest) external pure returns (uint256, uint256, uint256) {
        return Cbor.head(doc, 0, shortest, ERR);
    }

    function expect(bytes calldata doc, uint256 wanted) external pure returns (uint256, uint256) {
        return Cbor.expect(doc, 0, wanted, ERR);
    }

    function byteString(bytes calldata doc, uint256 pos) external pure returns (uint256, uint256) {
        return Cbor.byteString(doc, pos, ERR);
    }

    function textHash(bytes calldata doc) external pure returns (bytes32) {
        return Cbor.textHash(doc, 0, ERR);
    }

    function boolean(bytes calldata doc, uint256 pos) external pure returns (bool) {
        return Cbor.boolean(doc, pos, ERR);
    }

    function isNull(bytes calldata doc, uint256 pos) external pure returns (bool) {
        return Cbor.isNull(doc, pos);
    }

    function find(bytes calldata doc, uint256 key) external pure returns (uint256 pos) {
        (CborEntries entries,,) = Cbor.entriesOf(doc, 0, CborRules(ERR, 64, 4, true, true));
        return Cbor.find(entries, key);
    }

    function pop(bytes calldata doc) external pure returns (uint256 key, uint256 pos) {
        (CborEntries entries,,) = Cbor.entriesOf(doc, 0, CborRules(ERR, 64, 4, true, false));
        (key, pos,) = Cbor.pop(entries);
    }
}

contract CborTest is TestBase {
    CborReader private reader = new CborReader();

    function test_head_EveryMajorTypeAndWidth() public view {
        for (uint256 major = 0; major < 8; ++major) {
            assertHead(bytes.concat(bytes1(uint8(major << 5 | 23))), major, 23, 1);
            assertHead(bytes.concat(bytes1(uint8(major << 5 | 24)), hex"20"), major, 32, 2);
            assertHead(bytes.concat(bytes1(uint8(major << 5 | 25)), hex"0100"), major, 256, 3);
            assertHead(bytes.concat(bytes1(uint8(major << 5 | 26)), hex"00010000"), major, 65_536, 5);
            assertHead(bytes.concat(bytes1(uint8(major << 5 | 27)), hex"ffffffffffffffff"), major, type(uint64).max, 9);
        }
    }

    function test_head_RevertsWhen_LongerThanNeeded() public {
        bytes[4] memory longer = [bytes(hex"1817"), hex"1900ff", hex"1a0000ffff", hex"1b00000000ffffffff"];
        for (uint256 i = 0; i < 4; ++i) {
            reader.head(longer[i], false);
            vm.expectRevert(malformed(0));
            reader.head(longer[i], true);
        }
        // The bits of a float are no length.
        reader.head(hex"f90001", true);
    }

    function test_head_RevertsWhen_ReservedOrIndefinite() public {
        for (uint256 first = 0; first < 256; ++first) {
            if (first & 0x1f < 28) continue;
            vm.expectRevert(malformed(0));
            reader.head(bytes.concat(bytes1(uint8(first)), new bytes(8)), false);
        }
    }

    function test_head_RevertsWhen_CutOff() public {
        bytes[5] memory cut = [bytes(""), hex"18", hex"1901", hex"1a010000", hex"1b01000000000000"];
        for (uint256 i = 0; i < 5; ++i) {
            vm.expectRevert(malformed(0));
            reader.head(cut[i], false);
        }
    }

    function test_check_RevertsWhen_LengthBeyondDocument() public view {
        bytes[8] memory cut = [
            bytes(hex"43ffff"),
            hex"626a",
            hex"5bffffffffffffffff00",
            hex"7bffffffffffffffff00",
            hex"9bffffffffffffffff00",
            hex"bbffffffffffffffff0000",
            hex"8200",
            hex"a200000100"
        ];
        // The last one is whole: {0: 0, 1: 0}.
        for (uint256 i = 0; i < 7; ++i) refuse(cut[i]);
        assertEq(check(cut[7]), 5, "whole");
    }

    function test_check_RevertsWhen_KeyTwice() public {
        refuse(hex"a20100" hex"0100");
        refuse(hex"a3020001000200");
        refuse(hex"a26161006161f6");
        // -1 and 0, "a" and 1: different keys. 1 and a longer 1: the same one.
        assertEq(check(hex"a220000000"), 5, "-1 and 0");
        assertEq(check(hex"a26131000100"), 6, "text and integer");
        CborRules memory rules = CborRules(CborReader.Malformed.selector, 64, 4, false, false);
        vm.expectRevert(malformed(3));
        reader.check(hex"a20100180100", rules);
        // Inside an array inside a map.
        refuse(hex"a10081a201000100");
    }

    function test_check_RevertsWhen_KeyIsNoIntegerOrText() public view {
        refuse(hex"a14000");
        refuse(hex"a1f600");
        refuse(hex"a18000");
        refuse(hex"a1c10000");
        refuse(hex"a1a000");
    }

    function test_check_Utf8() public view {
        bytes[9] memory right = [
            bytes(hex""),
            "thirty-two characters of ASCII.. and some more",
            hex"c280",
            hex"dfbf",
            hex"e0a080",
            hex"ed9fbf",
            hex"efbfbf",
            hex"f0908080",
            hex"f48fbfbf"
        ];
        for (uint256 i = 0; i < right.length; ++i) check(textOf(right[i]));
        bytes[14] memory wrong = [
            bytes(hex"80"),
            hex"c0af",
            hex"c1bf",
            hex"c2",
            hex"c241",
            hex"e09fbf",
            hex"eda080",
            hex"e180",
            hex"e18041",
            hex"f08fbfbf",
            hex"f4908080",
            hex"f5808080",
            hex"f18080",
            hex"ff"
        ];
        for (uint256 i = 0; i < wrong.length; ++i) {
            refuse(textOf(wrong[i]));
            // Behind a whole word, and with a continuation byte that is not the text's.
            refuse(textOf(bytes.concat("thirty-two characters of ASCII..", wrong[i])));
            refuse(bytes.concat(hex"82", textOf(wrong[i]), hex"8080"));
            // A byte string may hold them.
            check(bytes.concat(bytes1(uint8(0x40 + wrong[i].length)), wrong[i]));
        }
    }

    function test_check_CountsItemsAndLevels() public {
        // Five items on three levels.
        bytes memory doc = hex"82c10081f6";
        bytes4 err = CborReader.Malformed.selector;
        assertEq(reader.check(doc, CborRules(err, 5, 2, true, false)), 5, "just enough");
        vm.expectRevert(malformed(4));
        reader.check(doc, CborRules(err, 4, 2, true, false));
        vm.expectRevert(malformed(2));
        reader.check(doc, CborRules(err, 5, 1, true, false));
        // Keys count, and lie one level below their map.
        assertEq(reader.check(hex"a10000", CborRules(err, 3, 1, true, false)), 3, "a map");
        vm.expectRevert(malformed(1));
        reader.check(hex"a10000", CborRules(err, 2, 1, true, false));
        vm.expectRevert(malformed(1));
        reader.check(hex"a10000", CborRules(err, 3, 0, true, false));
    }

    function test_check_SimpleValuesAndFloats() public view {
        bytes[8] memory right =
            [bytes(hex"e0"), hex"f4", hex"f6", hex"f7", hex"f820", hex"f90000", hex"fa00000000", hex"fb0000000000000000"];
        for (uint256 i = 0; i < right.length; ++i) assertEq(check(right[i]), right[i].length, "simple");
        bytes[5] memory wrong = [bytes(hex"f81f"), hex"f8", hex"f900", hex"ff", hex"fc"];
        for (uint256 i = 0; i < wrong.length; ++i) refuse(wrong[i]);
    }

    function test_check_IndefiniteMapOnlyOutermostAndOnlyWhereAsked() public view {
        bytes memory doc = hex"bf616100616201ff";
        refuse(doc);
        bytes4 err = CborReader.Malformed.selector;
        assertEq(reader.check(doc, CborRules(err, 64, 4, true, true)), 8, "outermost");
        assertEq(reader.check(hex"bfff", CborRules(err, 1, 0, true, true)), 2, "empty");
        refuse(hex"bfff", CborRules(err, 0, 0, true, true));
        bytes[9] memory wrong = [
            bytes(hex"bf616100"),
            hex"bf6161ff",
            hex"bf61610061610000ff",
            hex"81bfff",
            hex"bf00bfffff",
            hex"9fff",
            hex"5f4100ff",
            hex"7f6161ff",
            hex"bf5f4100ff00ff"
        ];
        for (uint256 i = 0; i < wrong.length; ++i) {
            refuse(wrong[i], CborRules(err, 64, 4, true, true));
        }
    }

    function test_find_ByIntegerNegativeAndText() public view {
        // {3: 0, -3: 0, "pcrs": 0, 1: 0}
        bytes memory doc = hex"a403002200" hex"647063727300" hex"0100";
        assertEq(reader.find(doc, 3), 2, "integer");
        assertEq(reader.find(doc, Cbor.negativeKey(2)), 4, "negative");
        assertEq(reader.find(doc, Cbor.textKey("pcrs")), 10, "text");
        assertEq(reader.find(doc, 1), 12, "the last");
        assertEq(reader.find(doc, 2), 0, "none");
        assertEq(reader.find(hex"bf0300ff", 3), 2, "of indefinite length");
    }

    function test_pop_RevertsWhen_NothingIsLeft() public {
        (uint256 key, uint256 pos) = reader.pop(hex"a201000200");
        assertEq(key, 2, "key");
        assertEq(pos, 4, "place");
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 1));
        reader.pop(hex"a0");
    }

    function test_getters_ReadTheirTypeOnly() public {
        (uint256 start, uint256 stop) = reader.byteString(hex"0043010203", 1);
        assertEq(start, 2, "start");
        assertEq(stop, 5, "stop");
        bytes[3] memory wrong = [bytes(hex"00"), hex"6101", hex"42ff"];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(malformed(0));
            reader.byteString(wrong[i], 0);
        }
        assertWord(reader.textHash(hex"63616263"), keccak256("abc"), "text");
        vm.expectRevert(malformed(0));
        reader.textHash(hex"43616263");
        (uint256 argument, uint256 place) = reader.expect(hex"190100", Cbor.UNSIGNED);
        assertEq(argument, 256, "argument");
        assertEq(place, 3, "place");
        vm.expectRevert(malformed(0));
        reader.expect(hex"390100", Cbor.UNSIGNED);
        assertTrue(reader.boolean(hex"f4f5", 1) && !reader.boolean(hex"f4f5", 0), "booleans");
        bytes[3] memory none = [bytes(hex"f6"), hex"01", hex""];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(malformed(0));
            reader.boolean(none[i], 0);
        }
        assertTrue(reader.isNull(hex"f6", 0) && !reader.isNull(hex"f7", 0) && !reader.isNull(hex"f6", 1), "null");
    }

    function check(bytes memory doc) private view returns (uint256 stop) {
        stop = reader.check(doc, strict());
        assertEq(stop, doc.length, "whole document");
    }

    function refuse(bytes memory doc) private view {
        refuse(doc, strict());
    }

    /// The reader's own error, and no panic.
    function refuse(bytes memory doc, CborRules memory rules) private view {
        try reader.check(doc, rules) {
            revert NotTrue("refused");
        } catch (bytes memory failure) {
            assertWord(bytes4(failure), CborReader.Malformed.selector, "error");
            assertEq(failure.length, 0x24, "offset");
        }
    }

    function assertHead(bytes memory doc, uint256 major, uint256 argument, uint256 start) private view {
        (uint256 gotMajor, uint256 gotArgument, uint256 gotStart) = reader.head(doc, true);
        assertEq(gotMajor, major, "major type");
        assertEq(gotArgument, argument, "argument");
        assertEq(gotStart, start, "place");
    }

    function textOf(bytes memory content) private pure returns (bytes memory) {
        return content.length < 24
            ? bytes.concat(bytes1(uint8(0x60 + content.length)), content)
            : bytes.concat(hex"78", bytes1(uint8(content.length)), content);
    }

    function strict() private pure returns (CborRules memory) {
        return CborRules(CborReader.Malformed.selector, 64, 4, true, false);
    }

    function malformed(uint256 offset) private pure returns (bytes memory) {
        return abi.encodeWithSelector(CborReader.Malformed.selector, offset);
    }
}
