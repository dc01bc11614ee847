// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAttestationRegistry} from "../../../../contracts/interfaces/IAttestationRegistry.sol";
import {IChannelEscrow} from "../../../../contracts/interfaces/IChannelEscrow.sol";
import {ReasonCodes} from "../../../../contracts/libraries/ReasonCodes.sol";
import {Claims, Keyset, Receipt, Voucher} from "../../../../contracts/types/ProtocolTypes.sol";
import {MarketWorld} from "../../support/MarketWorld.sol";

/// A voucher signer that says yes, then burns whatever it is given.
contract GasBurner {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        for (uint256 i = 0;; i++) {
            keccak256(abi.encode(i));
        }
        return 0;
    }
}

/// A signer that uses up nearly all the gas it is given and then agrees.
contract Glutton {
    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        while (gasleft() > 1_000) {}
        return this.isValidSignature.selector;
    }
}

contract SettleBatchTest is MarketWorld {
    bytes32 private _channelId;

    function setUp() public {
        deployWorld();
        populate();
        _channelId = openChannel("a");
    }

    function test_settleBatch_RevertsWhen_TooManyItems() public {
        IChannelEscrow.SettleItem[] memory items = new IChannelEscrow.SettleItem[](21);
        vm.expectRevert(abi.encodeWithSelector(IChannelEscrow.ChannelBatchTooLarge.selector, 21, 20));
        escrow.settleBatch(items);
    }

    function test_settleBatch_SkipsUnknownChannel() public {
        _skips(signed(receiptOf("none", 1, 100, 100, 0), voucherOf("none", 1, 100)), ReasonCodes.CHANNEL_UNKNOWN);
    }

    function test_settleBatch_SkipsClosedChannel() public {
        IChannelEscrow.SettleItem memory item = _item(1, 100);
        vm.prank(PAYER);
        escrow.requestClose(_channelId);
        vm.warp(block.timestamp + 1 hours);
        escrow.finalizeClose(_channelId);
        _skips(item, ReasonCodes.CHANNEL_CLOSED);
    }

    function test_settleBatch_SkipsMismatch() public {
        Voucher memory voucher = voucherOf(_channelId, 1, 100);
        Receipt memory receipt = receiptOf(_channelId, 1, 100, 100, 0);
        receipt.providerId = "other";
        _skips(signed(receipt, voucher), ReasonCodes.CHANNEL_RECEIPT_MISMATCH);
        receipt = receiptOf(_channelId, 1, 100, 100, 0);
        receipt.assetId = 2;
        _skips(signed(receipt, voucher), ReasonCodes.CHANNEL_RECEIPT_MISMATCH);
        receipt = receiptOf(_channelId, 1, 100, 100, 0);
        receipt.assetVersion = 2;
        _skips(signed(receipt, voucher), ReasonCodes.CHANNEL_RECEIPT_MISMATCH);
        receipt = receiptOf(_channelId, 1, 100, 100, 0);
        receipt.modelRoot = "other";
        _skips(signed(receipt, voucher), ReasonCodes.CHANNEL_RECEIPT_MISMATCH);
        voucher.channelId = "other";
        _skips(signed(receiptOf(_channelId, 1, 100, 100, 0), voucher), ReasonCodes.CHANNEL_RECEIPT_MISMATCH);
    }

    function test_settleBatch_SkipsReplay() public {
        IChannelEscrow.SettleItem memory item = _item(1, 100);
        _pays(item, 100);
        _skips(item, ReasonCodes.CHANNEL_NOTHING_TO_PAY);
    }

    /// The payer holds the newest receipt and the voucher key: paying one unit with them must not end what is owed.
    function test_settleBatch_PayerCannotBurnAReceipt() public {
        IChannelEscrow.SettleItem memory honest = _item(5, 900);
        Receipt memory newest = receiptOf(_channelId, 9, 900, 1_000, 0);
        vm.startPrank(PAYER);
        escrow.settleBatch(batchOf(signed(newest, voucherOf(_channelId, 9, 1))));
        escrow.requestClose(_channelId);
        vm.stopPrank();
        assertEq(escrow.channelOf(_channelId).settled, 1, "one unit");
        _pays(honest, 899);
        assertEq(escrow.channelOf(_channelId).lastSeq, 9, "highest number stays");
    }

    function test_settleBatch_SkipsReceiptAfterWorkloadRevocation() public {
        IChannelEscrow.SettleItem memory before = _item(1, 100);
        vm.warp(block.timestamp + 10);
        referenceValues.revoke(MEASUREMENT);
        vm.warp(block.timestamp + 10);
        _skips(_item(2, 200), ReasonCodes.REGISTRY_WORKLOAD_REVOKED);
        _pays(before, 100);
    }

    /// The identity precompile answers with its input, which begins with the selector that a verifier answers with.
    function test_settleBatch_PrecompilesAreNoSigners() public {
        IChannelEscrow.OpenParams memory params = openParams("precompile");
        params.voucherSigner = abi.encodePacked(address(4), hex"01");
        vm.prank(PAYER);
        bytes32 channelId = escrow.open(params);
        IChannelEscrow.SettleItem memory item =
            signed(receiptOf(channelId, 1, 100, 100, 0), voucherOf(channelId, 1, 100));
        item.voucherSignature = "anything";
        _skips(item, ReasonCodes.CHANNEL_VOUCHER_SIGNATURE_INVALID);
    }

    function test_settleBatch_FullBatchOfContractSignersFits16MillionGas() public {
        address glutton = address(new Glutton());
        Keyset memory keyset = keysetOf(2);
        keyset.receiptSigner = abi.encodePacked(glutton);
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keyset);
        verifier.setClaims(claims);
        vm.prank(OWNER);
        registry.register(registration);
        IChannelEscrow.SettleItem[] memory items = new IChannelEscrow.SettleItem[](escrow.MAX_BATCH());
        for (uint256 i = 0; i < items.length; i++) {
            IChannelEscrow.OpenParams memory params = openParams(bytes32(i + 1));
            params.voucherSigner = abi.encodePacked(glutton);
            vm.prank(PAYER);
            bytes32 channelId = escrow.open(params);
            items[i] = signed(receiptOf(channelId, 1, 100, 100, 0), voucherOf(channelId, 1, 100));
            items[i].receipt.keysetEpoch = 2;
        }
        bytes32[] memory reasons = escrow.settleBatch{gas: 16_000_000}(items);
        for (uint256 i = 0; i < items.length; i++) {
            assertWord(reasons[i], 0, "paid");
        }
    }

    function test_settleBatch_SkipsReceiptOutOfTime() public {
        Receipt memory receipt = receiptOf(_channelId, 1, 100, 100, 0);
        receipt.finishedAt = uint64(block.timestamp) - 1;
        _skips(signed(receipt, voucherOf(_channelId, 1, 100)), ReasonCodes.CHANNEL_RECEIPT_OUT_OF_TIME);
        receipt.finishedAt = uint64(block.timestamp) + 1;
        _skips(signed(receipt, voucherOf(_channelId, 1, 100)), ReasonCodes.CHANNEL_RECEIPT_OUT_OF_TIME);
    }

    function test_settleBatch_PaysReceiptMadeBeforeCloseRequestOnly() public {
        IChannelEscrow.SettleItem memory before = _item(1, 100);
        vm.prank(PAYER);
        escrow.requestClose(_channelId);
        vm.warp(block.timestamp + 10);
        _skips(_item(2, 200), ReasonCodes.CHANNEL_RECEIPT_OUT_OF_TIME);
        _pays(before, 100);
    }

    function test_settleBatch_SkipsReceiptWithoutAttestation() public {
        Receipt memory receipt = receiptOf(_channelId, 1, 100, 100, 0);
        receipt.keysetEpoch = 2;
        _skips(signed(receipt, voucherOf(_channelId, 1, 100)), ReasonCodes.REGISTRY_EPOCH_UNKNOWN);
        IChannelEscrow.SettleItem memory attested = _item(1, 100);
        vm.warp(block.timestamp + 10);
        vm.prank(OWNER);
        registry.revoke(providerId);
        _skips(_item(1, 100), ReasonCodes.REGISTRY_PROVIDER_REVOKED);
        vm.warp(block.timestamp + TTL);
        _pays(attested, 100);
    }

    function test_settleBatch_SkipsWrongReceiptSigner() public {
        IChannelEscrow.SettleItem memory item = _item(1, 100);
        item.receiptSignature = signWith(VOUCHER_KEY, escrow.receiptDigest(item.receipt));
        _skips(item, ReasonCodes.CHANNEL_RECEIPT_SIGNATURE_INVALID);
        item = _item(1, 100);
        item.receipt.cumulativeFee += 1;
        _skips(item, ReasonCodes.CHANNEL_RECEIPT_SIGNATURE_INVALID);
        item.receiptSignature = "";
        _skips(item, ReasonCodes.CHANNEL_RECEIPT_SIGNATURE_INVALID);
    }

    function test_settleBatch_SkipsVoucherThatDoesNotCover() public {
        Receipt memory receipt = receiptOf(_channelId, 2, 100, 100, 0);
        _skips(signed(receipt, voucherOf(_channelId, 1, 100)), ReasonCodes.CHANNEL_VOUCHER_SEQ_TOO_LOW);
        Voucher memory voucher = voucherOf(_channelId, 2, 100);
        voucher.notAfter = receipt.finishedAt - 1;
        _skips(signed(receipt, voucher), ReasonCodes.CHANNEL_VOUCHER_EXPIRED);
        IChannelEscrow.SettleItem memory item = _item(2, 100);
        item.voucherSignature = signWith(RECEIPT_KEY, escrow.voucherDigest(item.voucher));
        _skips(item, ReasonCodes.CHANNEL_VOUCHER_SIGNATURE_INVALID);
    }

    function test_settleBatch_SkipsWhenNothingToPay() public {
        _pays(_item(1, 100), 100);
        _skips(_item(2, 100), ReasonCodes.CHANNEL_NOTHING_TO_PAY);
        _skips(_item(3, 50), ReasonCodes.CHANNEL_NOTHING_TO_PAY);
    }

    function test_settleBatch_OneBadItemBlocksNoOther() public {
        bytes32 second = openChannel("b");
        IChannelEscrow.SettleItem[] memory items = new IChannelEscrow.SettleItem[](3);
        items[0] = signed(receiptOf(second, 1, 300, 100, 0), voucherOf(second, 1, 300));
        items[1] = _item(1, 100);
        items[1].voucherSignature = "bad";
        items[2] = _item(1, 100);
        vm.prank(STRANGER);
        bytes32[] memory reasons = escrow.settleBatch(items);
        assertWord(reasons[0], 0, "first");
        assertWord(reasons[1], ReasonCodes.CHANNEL_VOUCHER_SIGNATURE_INVALID, "second");
        assertWord(reasons[2], 0, "third");
        assertEq(escrow.channelOf(second).settled, 300, "settled by the first");
        assertEq(escrow.channelOf(_channelId).settled, 100, "settled by the third");
    }

    function test_settleBatch_VoucherSignerCannotBurnTheBatch() public {
        IChannelEscrow.OpenParams memory params = openParams("burner");
        params.voucherSigner = abi.encodePacked(address(new GasBurner()));
        vm.prank(PAYER);
        bytes32 burning = escrow.open(params);
        IChannelEscrow.SettleItem[] memory items = new IChannelEscrow.SettleItem[](2);
        items[0] = signed(receiptOf(burning, 1, 100, 100, 0), voucherOf(burning, 1, 100));
        items[1] = _item(1, 100);
        bytes32[] memory reasons = escrow.settleBatch{gas: 1_500_000}(items);
        assertWord(reasons[0], ReasonCodes.CHANNEL_VOUCHER_SIGNATURE_INVALID, "burner");
        assertWord(reasons[1], 0, "honest");
    }

    function test_settleBatch_DelegatedSignerCannotDisownVoucher() public {
        IChannelEscrow.SettleItem memory item = _item(1, 100);
        // As after an EIP-7702 delegation: the key's address has code now.
        vm.etch(vm.addr(VOUCHER_KEY), type(GasBurner).runtimeCode);
        _pays(item, 100);
    }

    function test_settleBatch_CreditsThreeBalances() public {
        uint256 escrowed = ledger.balanceOf(address(escrow), address(token));
        vm.expectEmit(address(escrow));
        emit IChannelEscrow.ChannelSettled(_channelId, 1, 1_001, 1_001, 600, 376, 25);
        _pays(_item(1, 1_001), 1_001);
        assertEq(ledger.balanceOf(ASSET_OWNER, address(token)), 600, "owner");
        assertEq(ledger.balanceOf(OWNER, address(token)), 376, "provider");
        assertEq(ledger.balanceOf(TREASURY, address(token)), 25, "protocol");
        assertEq(ledger.balanceOf(address(escrow), address(token)), escrowed - 1_001, "escrow");
    }

    /// ESC-2, each bound in turn.
    function testFuzz_settleBatch_PaysTheLeastBound(uint128 fee, uint128 promised, uint64 unitsIn, uint64 unitsOut)
        public
    {
        uint256 priced = uint256(PRICE_IN) * unitsIn + uint256(PRICE_OUT) * unitsOut;
        uint256 least = fee < promised ? fee : promised;
        if (priced < least) least = priced;
        if (least > 10_000) least = 10_000;
        IChannelEscrow.SettleItem memory item =
            signed(receiptOf(_channelId, 1, fee, unitsIn, unitsOut), voucherOf(_channelId, 1, promised));
        if (least == 0) _skips(item, ReasonCodes.CHANNEL_NOTHING_TO_PAY);
        else _pays(item, least);
    }

    function testFuzz_splitOf_AddsUpAndNeverShrinks(uint128 first, uint128 more, uint16 ownerBps, uint16 protocolBps)
        public
        view
    {
        ownerBps = uint16(bound(ownerBps, 0, 9_000));
        protocolBps = uint16(bound(protocolBps, 0, 1_000));
        uint128 second = first + uint128(bound(more, 0, type(uint128).max - first));
        (uint128 o1, uint128 p1, uint128 t1) = escrow.splitOf(first, ownerBps, protocolBps);
        (uint128 o2, uint128 p2, uint128 t2) = escrow.splitOf(second, ownerBps, protocolBps);
        assertEq(uint256(o1) + p1 + t1, first, "adds up");
        assertEq(uint256(o2) + p2 + t2, second, "adds up");
        assertTrue(o2 >= o1 && p2 >= p1 && t2 >= t1, "no part shrinks");
        assertTrue(o1 <= (uint256(first) * ownerBps) / 10_000, "owner share");
        assertTrue(t1 <= (uint256(first) * protocolBps) / 10_000 + 1, "protocol share");
    }

    function testFuzz_splitOf_NeverShrinksByOneUnit(uint128 amount, uint16 ownerBps, uint16 protocolBps) public view {
        ownerBps = uint16(bound(ownerBps, 0, 9_000));
        protocolBps = uint16(bound(protocolBps, 0, 1_000));
        vm.assume(amount < type(uint128).max);
        (uint128 o1, uint128 p1, uint128 t1) = escrow.splitOf(amount, ownerBps, protocolBps);
        (uint128 o2, uint128 p2, uint128 t2) = escrow.splitOf(amount + 1, ownerBps, protocolBps);
        assertTrue(o2 >= o1 && p2 >= p1 && t2 >= t1, "no part shrinks");
    }

    function _item(uint64 seq, uint128 cumulative) private view returns (IChannelEscrow.SettleItem memory) {
        return signed(receiptOf(_channelId, seq, cumulative, 1_000, 0), voucherOf(_channelId, seq, cumulative));
    }

    function _skips(IChannelEscrow.SettleItem memory item, bytes32 reason) private {
        uint128 settled = escrow.channelOf(item.receipt.channelId).settled;
        (bytes32[] memory previewed,) = escrow.previewSettle(batchOf(item));
        assertWord(previewed[0], reason, "preview");
        vm.expectEmit(address(escrow));
        emit IChannelEscrow.SettleItemSkipped(item.receipt.channelId, item.receipt.seq, reason);
        assertWord(escrow.settleBatch(batchOf(item))[0], reason, "reason");
        assertEq(escrow.channelOf(item.receipt.channelId).settled, settled, "nothing paid");
    }

    function _pays(IChannelEscrow.SettleItem memory item, uint256 amount) private {
        uint128 settled = escrow.channelOf(item.receipt.channelId).settled;
        (, uint128[] memory previewed) = escrow.previewSettle(batchOf(item));
        assertEq(previewed[0], amount, "preview");
        assertWord(escrow.settleBatch(batchOf(item))[0], 0, "reason");
        assertEq(escrow.channelOf(item.receipt.channelId).settled - settled, amount, "paid");
    }
}
