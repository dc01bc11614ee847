// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {RecordList} from "../../../../contracts/attestation/RecordList.sol";
import {CreatedAddress} from "../../../../contracts/attestation/libraries/CreatedAddress.sol";
import {DataContract} from "../../../../contracts/attestation/libraries/DataContract.sol";
import {IAttestationRegistry} from "../../../../contracts/interfaces/IAttestationRegistry.sol";
import {TestBase} from "../../support/TestBase.sol";

interface VmNonce {
    function setNonce(address account, uint64 nonce) external;
}

/// The list against the EVM: where CREATE puts a contract is where the list looks for it.
contract RecordListTest is TestBase {
    RecordList private _list;

    function setUp() public {
        _list = new RecordList();
    }

    /// Over both ends of one byte of nonce, 0x7f and 0xff.
    function test_append_EveryPlaceIsFoundAndCounted() public {
        assertEq(_list.count(), 0, "empty");
        for (uint256 i = 0; i < 260; i++) {
            address pointer = _list.append(abi.encode(i));
            assertEq(uint160(_list.pointerOf(i)), uint160(pointer), "place");
            if (i % 16 < 2) assertEq(_list.count(), i + 1, "count");
            assertWord(bytes32(DataContract.read(pointer)), bytes32(i), "data");
        }
        assertEq(_list.count(), 260, "all");
        assertEq(_list.pointerOf(260).code.length, 0, "nothing behind");
    }

    /// Nonces that no test can count up to: the first and last of two, three, four and eight bytes.
    function test_pointerOf_LongerNonces() public {
        uint64[7] memory nonces =
            [0xffff, 0x10000, 0xffffff, 0x1000000, 0xffffffff, 0x100000000, type(uint64).max - 1];
        for (uint256 i = 0; i < nonces.length; i++) {
            VmNonce(address(vm)).setNonce(address(_list), nonces[i]);
            assertEq(uint160(_list.append("record")), uint160(_list.pointerOf(nonces[i] - 1)), "place");
        }
    }

    function test_append_RevertsWhen_CallerIsNotItsRegistry() public {
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryCallerNotAllowed.selector, address(0xBAD), address(this), address(0)
            )
        );
        vm.prank(address(0xBAD));
        _list.append("record");
    }

    /// A creation that fails leaves no empty place.
    function test_append_FailureKeepsThePlace() public {
        // Code of 24,577 bytes is one too long (EIP-170).
        (bool done,) = address(_list).call(abi.encodeCall(RecordList.append, (new bytes(24_576))));
        assertTrue(!done, "too long");
        assertEq(uint160(_list.append("record")), uint160(_list.pointerOf(0)), "first place");
        assertEq(_list.count(), 1, "one");
    }

    /// The example of Ethereum's own tests: the first four contracts of 0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0.
    function test_createdAddress_PublishedExamples() public pure {
        address creator = 0x6AC7EA33F8831EA9dcC53393aAA88B25A785DBF0;
        assertEq(
            uint160(CreatedAddress.compute(creator, 1)), uint160(0x343c43A37D37dfF08AE8C4A11544c718AbB4fCF8), "one"
        );
        assertEq(
            uint160(CreatedAddress.compute(creator, 2)), uint160(0xf778B86FA74E846c4f0a1fBd1335FE81c00a0C91), "two"
        );
        assertEq(
            uint160(CreatedAddress.compute(creator, 3)), uint160(0xffFd933A0bC612844eaF0C6Fe3E5b8E9B6C1d19c), "three"
        );
    }
}
