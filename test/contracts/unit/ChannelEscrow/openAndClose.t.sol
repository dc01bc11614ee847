// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IChannelEscrow} from "../../../../contracts/interfaces/IChannelEscrow.sol";
import {ILedger} from "../../../../contracts/interfaces/ILedger.sol";
import {ReasonCodes} from "../../../../contracts/libraries/ReasonCodes.sol";
import {MarketWorld} from "../../support/MarketWorld.sol";

contract OpenAndCloseTest is MarketWorld {
    function setUp() public {
        deployWorld();
        populate();
    }

    function test_constructor_RevertsWhen_ShareWithoutTreasury() public {
        bytes memory refused = abi.encodeWithSelector(IChannelEscrow.ChannelTreasuryMissing.selector, 250);
        vm.expectRevert(
            abi.encodeWithSelector(NotDeployed.selector, "market/ChannelEscrow.sol:ChannelEscrow", refused)
        );
        this.deployWithoutTreasury(250);
        this.deployWithoutTreasury(0);
    }

    /// External, so that the whole deployment is the call that reverts.
    function deployWithoutTreasury(uint16 shareBps) external {
        newEscrow(address(0), shareBps);
    }

    function test_open_RevertsWhen_CloseDelayOutOfRange() public {
        IChannelEscrow.OpenParams memory params = openParams("a");
        params.closeDelaySeconds = 1 hours - 1;
        _openReverts(
            params, abi.encodeWithSelector(IChannelEscrow.ChannelCloseDelayOutOfRange.selector, 3_599, 3_600, 30 days)
        );
    }

    function test_open_RevertsWhen_ExpiryInvalid() public {
        IChannelEscrow.OpenParams memory params = openParams("a");
        params.expiresAt = uint64(START);
        _openReverts(
            params,
            abi.encodeWithSelector(
                IChannelEscrow.ChannelExpiryInvalid.selector, START, START + 1, START + 365 days
            )
        );
    }

    function test_open_RevertsWhen_VoucherSignerInvalid() public {
        IChannelEscrow.OpenParams memory params = openParams("a");
        params.voucherSigner = hex"1234";
        _openReverts(params, abi.encodeWithSelector(IChannelEscrow.ChannelVoucherSignerInvalid.selector, hex"1234"));
        params.voucherSigner = abi.encodePacked(address(0));
        _openReverts(
            params, abi.encodeWithSelector(IChannelEscrow.ChannelVoucherSignerInvalid.selector, params.voucherSigner)
        );
    }

    function test_open_RevertsWhen_ChannelExists() public {
        bytes32 channelId = openChannel("a");
        _openReverts(openParams("a"), abi.encodeWithSelector(IChannelEscrow.ChannelExists.selector, channelId));
    }

    function test_open_RevertsWhen_AssetVersionUnavailable() public {
        IChannelEscrow.OpenParams memory params = openParams("a");
        params.assetVersion = 2;
        bytes4 selector = IChannelEscrow.ChannelAssetVersionUnavailable.selector;
        _openReverts(params, abi.encodeWithSelector(selector, assetId, 2, 1));
        vm.prank(ASSET_OWNER);
        assets.retireVersion(assetId, 1);
        _openReverts(openParams("a"), abi.encodeWithSelector(selector, assetId, 1, 1));
    }

    function test_open_RevertsWhen_ProviderCannotServe() public {
        vm.prank(OWNER);
        registry.setDraining(providerId, true);
        _openReverts(
            openParams("a"),
            abi.encodeWithSelector(
                IChannelEscrow.ChannelProviderCannotServe.selector,
                providerId,
                assetId,
                ReasonCodes.REGISTRY_PROVIDER_DRAINING
            )
        );
    }

    function test_open_RevertsWhen_PriceTooHigh() public {
        IChannelEscrow.OpenParams memory params = openParams("a");
        params.maxPricePerUnitOut = PRICE_OUT - 1;
        _openReverts(
            params,
            abi.encodeWithSelector(
                IChannelEscrow.ChannelPriceTooHigh.selector, PRICE_IN, PRICE_OUT, PRICE_IN, PRICE_OUT - 1
            )
        );
    }

    function test_open_RevertsWhen_BalanceTooLow() public {
        IChannelEscrow.OpenParams memory params = openParams("a");
        params.deposit = 1_000_001;
        _openReverts(
            params,
            abi.encodeWithSelector(ILedger.LedgerBalanceTooLow.selector, PAYER, address(token), 1_000_000, 1_000_001)
        );
    }

    function test_open_PinsTermsAndTakesDeposit() public {
        bytes32 channelId = openChannel("a");
        IChannelEscrow.Channel memory channel = escrow.channelOf(channelId);
        assertWord(channelId, escrow.channelIdOf(PAYER, openParams("a")), "id");
        assertEq(uint8(channel.status), uint8(IChannelEscrow.ChannelStatus.Open), "status");
        assertEq(channel.deposit, 10_000, "deposit");
        assertEq(channel.pricePerUnitIn, PRICE_IN, "price in");
        assertEq(channel.pricePerUnitOut, PRICE_OUT, "price out");
        assertEq(channel.ownerShareBps, OWNER_SHARE_BPS, "owner share");
        assertEq(channel.protocolShareBps, PROTOCOL_SHARE_BPS, "protocol share");
        assertTrue(channel.assetOwner == ASSET_OWNER && channel.payer == PAYER, "parties");
        assertWord(channel.contentRoot, CONTENT_ROOT, "content root");
        assertEq(ledger.balanceOf(PAYER, address(token)), 990_000, "payer");
        assertEq(ledger.balanceOf(address(escrow), address(token)), 10_000, "escrow");
    }

    function test_topUp_RevertsWhen_NotOpen() public {
        bytes32 channelId = openChannel("a");
        vm.startPrank(PAYER);
        escrow.requestClose(channelId);
        vm.expectRevert(
            abi.encodeWithSelector(
                IChannelEscrow.ChannelNotOpen.selector, channelId, IChannelEscrow.ChannelStatus.Closing
            )
        );
        escrow.topUp(channelId, 1);
        vm.expectRevert(abi.encodeWithSelector(IChannelEscrow.ChannelUnknown.selector, bytes32("none")));
        escrow.topUp("none", 1);
    }

    function test_topUp_AddsToDeposit() public {
        bytes32 channelId = openChannel("a");
        vm.expectEmit(address(escrow));
        emit IChannelEscrow.ChannelToppedUp(channelId, 5, 10_005);
        vm.prank(PAYER);
        escrow.topUp(channelId, 5);
        assertEq(ledger.balanceOf(address(escrow), address(token)), 10_005, "escrow");
    }

    function test_requestClose_RevertsWhen_NotPayerBeforeExpiry() public {
        bytes32 channelId = openChannel("a");
        vm.expectRevert(
            abi.encodeWithSelector(
                IChannelEscrow.ChannelCallerNotPayer.selector, STRANGER, PAYER, START + 1 days
            )
        );
        vm.prank(STRANGER);
        escrow.requestClose(channelId);
    }

    function test_requestClose_AnyoneAfterExpiry() public {
        bytes32 channelId = openChannel("a");
        vm.warp(START + 1 days);
        vm.expectEmit(address(escrow));
        emit IChannelEscrow.ChannelCloseRequested(channelId, uint64(START + 1 days + 1 hours));
        vm.prank(STRANGER);
        escrow.requestClose(channelId);
    }

    function test_finalizeClose_RevertsWhen_TooEarlyOrNotClosing() public {
        bytes32 channelId = openChannel("a");
        vm.expectRevert(
            abi.encodeWithSelector(
                IChannelEscrow.ChannelNotClosing.selector, channelId, IChannelEscrow.ChannelStatus.Open
            )
        );
        escrow.finalizeClose(channelId);
        vm.prank(PAYER);
        escrow.requestClose(channelId);
        vm.warp(START + 1 hours - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IChannelEscrow.ChannelCloseTooEarly.selector, channelId, START + 1 hours)
        );
        escrow.finalizeClose(channelId);
    }

    function test_finalizeClose_RefundsOnce() public {
        bytes32 channelId = openChannel("a");
        escrow.settleBatch(batchOf(signed(receiptOf(channelId, 1, 400, 400, 0), voucherOf(channelId, 1, 400))));
        vm.prank(PAYER);
        escrow.requestClose(channelId);
        vm.warp(START + 1 hours);
        vm.expectEmit(address(escrow));
        emit IChannelEscrow.ChannelClosed(channelId, 9_600, 400);
        vm.prank(STRANGER);
        escrow.finalizeClose(channelId);
        assertEq(ledger.balanceOf(PAYER, address(token)), 999_600, "payer");
        vm.expectRevert(
            abi.encodeWithSelector(
                IChannelEscrow.ChannelNotClosing.selector, channelId, IChannelEscrow.ChannelStatus.Closed
            )
        );
        escrow.finalizeClose(channelId);
    }

    function test_closeCooperatively_RevertsWhen_AmountOutOfRange() public {
        bytes32 channelId = openChannel("a");
        escrow.settleBatch(batchOf(signed(receiptOf(channelId, 1, 400, 400, 0), voucherOf(channelId, 1, 400))));
        bytes4 selector = IChannelEscrow.ChannelFinalAmountOutOfRange.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, 399, 400, 10_000));
        escrow.closeCooperatively(channelId, 399, 1, "", "");
        vm.expectRevert(abi.encodeWithSelector(selector, 10_001, 400, 10_000));
        escrow.closeCooperatively(channelId, 10_001, 1, "", "");
    }

    function test_closeCooperatively_RevertsWhen_OneSideDidNotSign() public {
        bytes32 channelId = openChannel("a");
        bytes32 digest = escrow.cooperativeCloseDigest(channelId, 500);
        bytes memory byPayer = signWith(VOUCHER_KEY, digest);
        bytes memory byProvider = signWith(RECEIPT_KEY, digest);
        vm.expectRevert(
            abi.encodeWithSelector(
                IChannelEscrow.ChannelReceiptSignatureInvalid.selector,
                channelId,
                abi.encodePacked(vm.addr(RECEIPT_KEY))
            )
        );
        escrow.closeCooperatively(channelId, 500, 1, byPayer, byPayer);
        vm.expectRevert(
            abi.encodeWithSelector(
                IChannelEscrow.ChannelVoucherSignatureInvalid.selector,
                channelId,
                abi.encodePacked(vm.addr(VOUCHER_KEY))
            )
        );
        escrow.closeCooperatively(channelId, 500, 1, byProvider, byProvider);
    }

    function test_closeCooperatively_RevertsWhen_WorkloadRevoked() public {
        bytes32 channelId = openChannel("a");
        bytes32 digest = escrow.cooperativeCloseDigest(channelId, 500);
        bytes memory byPayer = signWith(VOUCHER_KEY, digest);
        bytes memory byProvider = signWith(RECEIPT_KEY, digest);
        referenceValues.revoke(MEASUREMENT);
        vm.expectRevert(
            abi.encodeWithSelector(
                IChannelEscrow.ChannelProviderCannotServe.selector,
                providerId,
                assetId,
                ReasonCodes.REGISTRY_WORKLOAD_REVOKED
            )
        );
        escrow.closeCooperatively(channelId, 500, 1, byPayer, byProvider);
    }

    function test_closeCooperatively_PaysAndRefundsAtOnce() public {
        bytes32 channelId = openChannel("a");
        bytes32 digest = escrow.cooperativeCloseDigest(channelId, 500);
        vm.prank(STRANGER);
        escrow.closeCooperatively(
            channelId, 500, 1, signWith(VOUCHER_KEY, digest), signWith(RECEIPT_KEY, digest)
        );
        assertEq(ledger.balanceOf(PAYER, address(token)), 999_500, "payer");
        assertEq(ledger.balanceOf(ASSET_OWNER, address(token)), 300, "owner");
        assertEq(ledger.balanceOf(OWNER, address(token)), 188, "provider");
        assertEq(ledger.balanceOf(TREASURY, address(token)), 12, "protocol");
        assertEq(ledger.balanceOf(address(escrow), address(token)), 0, "escrow");
    }

    function _openReverts(IChannelEscrow.OpenParams memory params, bytes memory data) private {
        vm.expectRevert(data);
        vm.prank(PAYER);
        escrow.open(params);
    }
}
