// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Der} from "../../../../contracts/attestation/libraries/Der.sol";
import {IDcapErrors} from "../../../../contracts/interfaces/IDcapErrors.sol";
import {TestBase} from "../../support/TestBase.sol";

/// Calls the library with calldata.
contract DerHarness {
    bytes4 private constant ERR = IDcapErrors.DcapPckMalformed.selector;

    function element(bytes calldata der) external pure returns (uint256, uint256, uint256) {
        return Der.element(der, 0, der.length, ERR);
    }

    function unsigned(bytes calldata der) external pure returns (uint256 value, uint256 stop) {
        return Der.unsigned(der, 0, der.length, ERR);
    }

    function time(bytes calldata der) external pure returns (uint64 value, uint256 stop) {
        return Der.time(der, 0, der.length, ERR);
    }
}

contract DerTest is TestBase {
    DerHarness private _der = new DerHarness();

    function test_element_ReadsShortAndLongLengths() public view {
        (uint256 tag, uint256 start, uint256 stop) = _der.element(hex"0403aabbcc");
        assertEq(tag, Der.OCTET_STRING, "tag");
        assertEq(start, 2, "start");
        assertEq(stop, 5, "stop");
        (, start, stop) = _der.element(bytes.concat(hex"308180", new bytes(128)));
        assertEq(start, 3, "start after a long length");
        assertEq(stop, 131, "stop after a long length");
    }

    function test_element_RevertsWhen_NotCanonical() public {
        _refuses(hex""); // nothing
        _refuses(hex"04"); // no length
        _refuses(hex"0401"); // runs past the end
        _refuses(hex"0480"); // indefinite length
        _refuses(hex"04810100"); // long form of a short length
        _refuses(bytes.concat(hex"04820080", new bytes(128))); // leading zero in the length
        _refuses(hex"0484000000010000"); // four bytes of length
        _refuses(hex"1f010100"); // multi-byte tag
    }

    function test_unsigned_ReadsUpTo32Bytes() public view {
        (uint256 value,) = _der.unsigned(hex"020100");
        assertEq(value, 0, "zero");
        (value,) = _der.unsigned(hex"020200ff");
        assertEq(value, 255, "leading zero of a high bit");
        (value,) = _der.unsigned(bytes.concat(hex"022100", bytes32(type(uint256).max)));
        assertEq(value, type(uint256).max, "32 bytes");
    }

    function test_unsigned_RevertsWhen_NegativeOrPadded() public {
        bytes4 err = IDcapErrors.DcapPckMalformed.selector;
        bytes[5] memory wrong =
            [bytes(hex"0200"), hex"0201ff", hex"0202007f", hex"0302007f", bytes.concat(hex"022201", new bytes(33))];
        for (uint256 i = 0; i < wrong.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(err, 0));
            _der.unsigned(wrong[i]);
        }
    }

    function test_time_ReadsUtcAndGeneralizedTime() public view {
        (uint64 value,) = _der.time(bytes.concat(hex"170d", "250619100035Z"));
        assertEq(value, 1750327235, "UTCTime");
        (value,) = _der.time(bytes.concat(hex"180f", "20250619100035Z"));
        assertEq(value, 1750327235, "GeneralizedTime");
        (value,) = _der.time(bytes.concat(hex"180f", "99991231235959Z"));
        assertEq(value, 253402300799, "last second");
        (value,) = _der.time(bytes.concat(hex"170d", "240229000000Z"));
        assertEq(value, 1709164800, "leap day");
        (value,) = _der.time(bytes.concat(hex"180f", "20000229000000Z"));
        assertEq(value, 951782400, "leap day of a century");
    }

    function test_time_RevertsWhen_NoSuchDate() public {
        string[8] memory wrong = [
            "250229000000Z",
            "251301000000Z",
            "250001000000Z",
            "250100000000Z",
            "250101240000Z",
            "250101006000Z",
            "250101000060Z",
            "2501010000000"
        ];
        for (uint256 i = 0; i < wrong.length; i++) {
            vm.expectRevert(abi.encodeWithSelector(IDcapErrors.DcapPckMalformed.selector, 0));
            _der.time(bytes.concat(hex"170d", bytes(wrong[i])));
        }
        vm.expectRevert(abi.encodeWithSelector(IDcapErrors.DcapPckMalformed.selector, 0));
        _der.time(bytes.concat(hex"180f", "21000229000000Z"));
    }

    /// @dev Days since 1970 counted one by one, against the closed formula.
    function testFuzz_unixTime_CountsDays(uint256 day) public pure {
        day = bound(day, 0, 20_000);
        uint256 year = 1970;
        uint256 left = day;
        while (left >= (_leap(year) ? 366 : 365)) left -= _leap(year++) ? 366 : 365;
        uint256 month = 1;
        uint8[12] memory lengths = [31, _leap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        while (left >= lengths[month - 1]) left -= lengths[month++ - 1];
        assertEq(Der.unixTime(year, month, left + 1, 0, 0, 0), day * 1 days, "Unix seconds");
    }

    function _leap(uint256 year) private pure returns (bool) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    function _refuses(bytes memory der) private {
        vm.expectRevert(abi.encodeWithSelector(IDcapErrors.DcapPckMalformed.selector, 0));
        _der.element(der);
    }
}
