// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Der} from "../../../../contracts/attestation/libraries/Der.sol";
import {StrictJson} from "../../../../contracts/attestation/libraries/StrictJson.sol";
import {TestBase} from "../../support/TestBase.sol";

/// The readers that look at many letters at once, against ones that look at each.
contract StrictJsonTest is TestBase {
    error Malformed(uint256 offset);

    bytes4 private constant ERR = Malformed.selector;
    bytes16 private constant LOWER = "0123456789abcdef";
    bytes16 private constant UPPER = "0123456789ABCDEF";

    function testFuzz_nibbles_ReadsBothCases(bytes32 value, uint256 count, uint256 cases, bytes calldata rest) public view {
        count = count % 32 + 1;
        bytes memory letters = new bytes(count);
        uint256 wanted;
        for (uint256 i = 0; i < count; ++i) {
            uint256 nibble = uint8(value[i]) & 0x0f;
            letters[i] = (cases >> i) & 1 == 0 ? LOWER[nibble] : UPPER[nibble];
            wanted = wanted << 4 | nibble;
        }
        assertWord(bytes32(this.nibbles(bytes.concat(letters, rest), 0, count)), bytes32(wanted), "value");
    }

    /// Every byte that is no hexadecimal digit is refused, wherever it stands, whatever stands beside it.
    function testFuzz_nibbles_RevertsWhen_AnyLetterIsNone(bytes32 value, uint256 place) public view {
        place %= 32;
        bytes memory letters = new bytes(32);
        for (uint256 i = 0; i < 32; ++i) {
            letters[i] = LOWER[uint8(value[i]) & 0x0f];
        }
        for (uint256 letter = 0; letter < 256; ++letter) {
            letters[place] = bytes1(uint8(letter));
            bool isDigit = (letter >= 0x30 && letter <= 0x39) || (letter >= 0x41 && letter <= 0x46)
                || (letter >= 0x61 && letter <= 0x66);
            try this.nibbles(letters, 0, 32) {
                require(isDigit, "accepted");
            } catch {
                require(!isDigit, "refused");
            }
        }
    }

    function testFuzz_number_ReadsWhatItIs(uint32 value, bytes1 next) public {
        bytes memory text = decimal(value);
        if (uint8(next) < 0x30 || uint8(next) > 0x39) {
            (uint256 found, uint256 stop) = this.number(bytes.concat("x", text, next), 1);
            require(found == value && stop == text.length + 1, "value");
        }
        // At the very end.
        (uint256 last,) = this.number(text, 0);
        require(last == value, "at the end");
        if (value != 0) expectMalformed(0);
        if (value != 0) this.number(bytes.concat("0", text), 0);
    }

    function test_number_RevertsWhen_AboveUint32OrNone() public {
        string[8] memory wrong = ["", "-1", "+1", " 1", "00", "4294967296", "18446744073709551617", "99999999999999999999999999"];
        for (uint256 i = 0; i < wrong.length; ++i) {
            expectMalformed(0);
            this.number(bytes(wrong[i]), 0);
        }
    }

    /// A number, or a text, that goes on in what follows the document in calldata is malformed.
    function test_number_RevertsWhen_ItRunsOutOfTheDocument() public {
        expectMalformed(1);
        this.numberOf("x123", 2);
        (uint256 found,) = this.numberOf("x12,", 3);
        require(found == 12, "inside");
    }

    function test_text_RevertsWhen_ItRunsOutOfTheDocument() public {
        expectMalformed(4);
        this.textOf('"abc"', 4);
        (uint256 start, uint256 stop) = this.textOf('"abc"', 5);
        require(start == 1 && stop == 4, "inside");
    }

    /// Printable ASCII without quote and backslash.
    function test_text_RevertsWhen_AnyLetterIsNotPlain() public view {
        for (uint256 letter = 0; letter < 256; ++letter) {
            bool isPlain = letter >= 0x20 && letter <= 0x7e && letter != 0x22 && letter != 0x5c;
            bytes memory json = bytes.concat('"a', bytes1(uint8(letter)), 'b"');
            try this.textOf(json, json.length) returns (uint256, uint256 stop) {
                // A quote ends the text early.
                require(isPlain ? stop == 4 : letter == 0x22 && stop == 2, "accepted");
            } catch {
                require(!isPlain && letter != 0x22, "refused");
            }
        }
    }

    function test_date_ReadsWhatItIs() public view {
        require(this.date('"1970-01-01T00:00:00Z"') == 0, "1970");
        require(this.date('"2024-02-29T23:59:59Z"') == 1709251199, "leap day");
        require(this.date('"2025-06-19T10:16:03Z"') == 1750328163, "usual");
        require(this.date('"9999-12-31T23:59:59Z"') == 253402300799, "last");
    }

    function test_date_RevertsWhen_AnyLetterIsWrong() public {
        string[9] memory wrong = [
            '"2025-02-29T00:00:00Z"', '"2025-13-01T00:00:00Z"', '"2025-00-01T00:00:00Z"', '"2025-01-32T00:00:00Z"',
            '"2025-01-01T24:00:00Z"', '"2025-01-01T00:60:00Z"', '"2025-01-01T00:00:60Z"', '"1969-12-31T23:59:59Z"',
            '"2025-01-01T00:00:00Z0"'
        ];
        for (uint256 i = 0; i < wrong.length; ++i) {
            expectMalformed(1);
            this.date(bytes(wrong[i]));
        }
        // Each letter once as its neighbours in ASCII: digits are then another date, or none.
        bytes memory good = '"2025-06-19T10:16:03Z"';
        for (uint256 i = 1; i < 21; ++i) {
            bytes memory changed = bytes.concat(good);
            changed[i] = good[i] == "9" || uint8(good[i]) > 0x39 || uint8(good[i]) < 0x30 ? bytes1(uint8(good[i]) + 1) : bytes1("/");
            expectMalformed(1);
            this.date(changed);
        }
    }

    function test_time_ReadsBothForms() public view {
        require(this.time(hex"170d3235303631393130313630335a") == 1750328163, "UTCTime");
        require(this.time(hex"180f32303235303631393130313630335a") == 1750328163, "GeneralizedTime");
        require(this.time(hex"170d3439313233313233353935395a") == 2524607999, "2049");
        require(this.time(hex"170d3730303130313030303030305a") == 0, "1970");
    }

    function test_time_RevertsWhen_OtherForm() public {
        bytes[7] memory wrong = [
            // No Z; a zone; UTCTime as long as the other; the other as short; a letter; month 13; cut.
            bytes(hex"170d32353036313931303136303330"),
            hex"17113235303631393130313630332b30303030",
            hex"170f32303235303631393130313630335a",
            hex"180d3235303631393130313630335a",
            hex"170d323530363139313031363a335a",
            hex"170d3235313331393130313630335a",
            hex"170d3235303631393130313630335a"
        ];
        for (uint256 i = 0; i < wrong.length; ++i) {
            expectMalformed(0);
            if (i == 6) this.timeOf(wrong[i], 14);
            else this.time(wrong[i]);
        }
    }

    function testFuzz_unsigned_ReadsWhatIsCanonical(uint256 value) public view {
        bytes memory content = minimal(value);
        require(this.unsigned(bytes.concat(hex"02", bytes1(uint8(content.length)), content)) == value, "value");
    }

    function test_unsigned_RevertsWhen_NotCanonical() public {
        bytes[6] memory wrong = [
            bytes(hex"0200"),
            hex"020180",
            hex"02020001",
            hex"0203000001",
            bytes.concat(hex"0221", bytes32(uint256(1) << 255), hex"00"),
            bytes.concat(hex"022200", bytes32(type(uint256).max), hex"00")
        ];
        for (uint256 i = 0; i < wrong.length; ++i) {
            expectMalformed(0);
            this.unsigned(wrong[i]);
        }
    }

    function test_element_RevertsWhen_LengthIsNotCanonicalOrTooLong() public {
        bytes[7] memory wrong = [
            bytes(hex"30"), hex"3001", hex"308101ff", hex"30820001ff", hex"3080", hex"308400000001ff", hex"3f0100"
        ];
        for (uint256 i = 0; i < wrong.length; ++i) {
            expectMalformed(0);
            this.element(wrong[i]);
        }
    }

    function nibbles(bytes calldata json, uint256 pos, uint256 count) external pure returns (uint256) {
        return StrictJson.nibbles(json, pos, count, ERR);
    }

    function number(bytes calldata json, uint256 pos) external pure returns (uint256, uint256) {
        return StrictJson.number(json, pos, ERR);
    }

    function numberOf(bytes calldata json, uint256 length) external pure returns (uint256, uint256) {
        return StrictJson.number(json[:length], 1, ERR);
    }

    function textOf(bytes calldata json, uint256 length) external pure returns (uint256 start, uint256 stop) {
        (start, stop,) = StrictJson.text(json[:length], 0, ERR);
    }

    function date(bytes calldata json) external pure returns (uint64 value) {
        (value,) = StrictJson.date(json, 0, ERR);
    }

    function time(bytes calldata der) external pure returns (uint64 value) {
        (value,) = Der.time(der, 0, der.length, ERR);
    }

    function timeOf(bytes calldata der, uint256 length) external pure returns (uint64 value) {
        (value,) = Der.time(der[:length], 0, length, ERR);
    }

    function unsigned(bytes calldata der) external pure returns (uint256 value) {
        (value,) = Der.unsigned(der, 0, der.length, ERR);
    }

    function element(bytes calldata der) external pure returns (uint256 tag, uint256 start, uint256 stop) {
        return Der.element(der, 0, der.length, ERR);
    }

    function expectMalformed(uint256 offset) private {
        vm.expectRevert(abi.encodeWithSelector(Malformed.selector, offset));
    }

    function decimal(uint256 value) private pure returns (bytes memory text) {
        if (value == 0) return "0";
        for (; value != 0; value /= 10) {
            text = bytes.concat(bytes1(uint8(0x30 + value % 10)), text);
        }
    }

    function minimal(uint256 value) private pure returns (bytes memory content) {
        do {
            content = bytes.concat(bytes1(uint8(value)), content);
            value >>= 8;
        } while (value != 0);
        if (uint8(content[0]) > 0x7f) content = bytes.concat(hex"00", content);
    }
}
