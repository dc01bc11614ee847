// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {DataContract} from "../../../../contracts/attestation/libraries/DataContract.sol";
import {IDcapErrors} from "../../../../contracts/interfaces/IDcapErrors.sol";
import {TestBase} from "../../support/TestBase.sol";

contract DataContractTest is TestBase {
    function test_write_KeepsEveryByteUpToTheLimit() public {
        bytes memory data = new bytes(24_575);
        data[0] = 0x11;
        data[24_574] = 0x22;
        bytes memory read = DataContract.read(DataContract.write(data));
        assertWord(keccak256(read), keccak256(data), "same bytes");
    }

    function test_write_RevertsWhen_LongerThanCodeMayBe() public {
        vm.expectRevert(abi.encodeWithSelector(IDcapErrors.DcapStorageFailed.selector));
        this.write(24_576);
        // One byte more than this would have its length cut to two bytes.
        vm.expectRevert(abi.encodeWithSelector(IDcapErrors.DcapStorageFailed.selector));
        this.write(65_600);
    }

    /// External, so that the revert is the call's.
    function write(uint256 length) external returns (address) {
        return DataContract.write(new bytes(length));
    }
}
