// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IChannelEscrow} from "../../../contracts/interfaces/IChannelEscrow.sol";
import {ILedger} from "../../../contracts/interfaces/ILedger.sol";
import {Receipt} from "../../../contracts/types/ProtocolTypes.sol";
import {MarketWorld} from "../support/MarketWorld.sol";
import {TestBase} from "../support/TestBase.sol";
import {InvariantsSpec} from "./InvariantsSpec.sol";

/// What users, providers and attackers do to ledger and escrow, in any order and with any amounts.
/// @dev In this file because the runner fuzzes only contracts compiled as part of a test file.
contract EscrowHandler is MarketWorld {
    uint256 private constant MAX_CHANNELS = 12;
    uint256 private constant STRANGER_KEY = 0xBAD;

    address[] public users;
    bytes32[] public channels;
    /// Highest amount that validly signed messages ever allowed per channel.
    mapping(bytes32 channelId => uint256) public allowed;
    uint256 public donated;
    uint256 public paid;
    uint256 public settles;
    uint256 public refusals;
    uint256 public closes;
    uint256 public cooperativeCloses;
    uint256 public unattested;
    uint256 public paidUnattested;
    IChannelEscrow.SettleItem private _last;

    constructor() {
        deployWorld();
        populate();
        users = [PAYER, OWNER, ASSET_OWNER, TREASURY, STRANGER, address(escrow)];
    }

    function channelCount() external view returns (uint256) {
        return channels.length;
    }

    function userCount() external view returns (uint256) {
        return users.length;
    }

    function world() external view returns (address ledger_, address escrow_, address token_) {
        return (address(ledger), address(escrow), address(token));
    }

    function deposit(uint256 amount) external {
        fund(PAYER, bound(amount, 1, 50_000));
    }

    function withdraw(uint256 who, uint256 amount) external {
        address user = users[who % 5];
        uint256 balance = ledger.balanceOf(user, address(token));
        if (balance == 0) return;
        vm.prank(user);
        ledger.withdraw(address(token), bound(amount, 1, balance));
    }

    /// Attack: tokens sent straight to the ledger must belong to nobody.
    function donate(uint256 amount) external {
        amount = bound(amount, 1, 1_000);
        token.faucet(address(ledger), amount);
        donated += amount;
    }

    function open(uint128 deposit_, uint32 delay) external {
        if (channels.length >= MAX_CHANNELS) return;
        IChannelEscrow.OpenParams memory params = openParams(bytes32(channels.length));
        params.deposit = uint128(bound(deposit_, 1, 20_000));
        params.closeDelaySeconds = uint32(bound(delay, 1 hours, 2 days));
        vm.prank(PAYER);
        channels.push(escrow.open(params));
    }

    function topUp(uint256 index, uint128 amount) external {
        vm.prank(PAYER);
        escrow.topUp(_channel(index), uint128(bound(amount, 1, 5_000)));
    }

    function settle(uint256 index, uint128 fee, uint128 promised, uint64 unitsIn, uint64 unitsOut) external {
        bytes32 channelId = _channel(index);
        uint64 seq = escrow.channelOf(channelId).lastSeq + 1;
        fee = uint128(bound(fee, 0, 30_000));
        promised = uint128(bound(promised, 0, 30_000));
        unitsIn = uint64(bound(unitsIn, 0, 4_000));
        unitsOut = uint64(bound(unitsOut, 0, 2_000));
        Receipt memory receipt = receiptOf(channelId, seq, fee, unitsIn, unitsOut);
        receipt.keysetEpoch = registry.recordOf(providerId).epoch;
        IChannelEscrow.SettleItem memory item = signed(receipt, voucherOf(channelId, seq, promised));
        _allow(channelId, fee, promised, uint256(PRICE_IN) * unitsIn + uint256(PRICE_OUT) * unitsOut);
        _last = item;
        _settle(item);
    }

    /// Attack: the last item again.
    function replay() external {
        if (_last.receiptSignature.length != 0) _settle(_last);
    }

    /// Attack: a receipt or voucher signed by a stranger, or changed after signing.
    function forge(uint256 index, uint128 fee, uint8 how) external {
        bytes32 channelId = _channel(index);
        uint64 seq = escrow.channelOf(channelId).lastSeq + 1;
        IChannelEscrow.SettleItem memory item =
            signed(receiptOf(channelId, seq, fee, type(uint64).max, 0), voucherOf(channelId, seq, fee));
        item.receipt.keysetEpoch = registry.recordOf(providerId).epoch;
        if (how % 3 == 0) item.receiptSignature = signWith(STRANGER_KEY, escrow.receiptDigest(item.receipt));
        if (how % 3 == 1) item.voucherSignature = signWith(STRANGER_KEY, escrow.voucherDigest(item.voucher));
        if (how % 3 == 2) item.voucher.cumulativeMax = type(uint128).max;
        _settle(item);
    }

    /// Attack: truly signed by both sides, but finished when the keyset was not attested: superseded, not there yet, or revoked.
    function settleUnattested(uint256 index, uint128 fee, uint8 how) external {
        bytes32 channelId = _channel(index);
        uint64 epoch = registry.recordOf(providerId).epoch;
        if (how % 3 == 0 && registry.recordAt(providerId, epoch - 1).validUntil >= block.timestamp) return;
        uint64 seq = escrow.channelOf(channelId).lastSeq + 1;
        fee = uint128(bound(fee, 1, 30_000));
        Receipt memory receipt = receiptOf(channelId, seq, fee, type(uint64).max, 0);
        receipt.keysetEpoch = how % 3 == 0 ? epoch - 1 : how % 3 == 1 ? epoch + 1 : epoch;
        if (how % 3 == 2) {
            vm.prank(OWNER);
            registry.revoke(providerId);
        }
        uint256 before = paid;
        _settle(signed(receipt, voucherOf(channelId, seq, fee)));
        unattested++;
        paidUnattested += paid - before;
        if (how % 3 == 2) registerNext();
    }

    function requestClose(uint256 index, bool byPayer) external {
        vm.prank(byPayer ? PAYER : STRANGER);
        escrow.requestClose(_channel(index));
    }

    function finalizeClose(uint256 index) external {
        escrow.finalizeClose(_channel(index));
        closes++;
    }

    function closeCooperatively(uint256 index, uint128 amount) external {
        bytes32 channelId = _channel(index);
        IChannelEscrow.Channel memory channel = escrow.channelOf(channelId);
        amount = uint128(bound(amount, channel.settled, channel.deposit));
        bytes32 digest = escrow.cooperativeCloseDigest(channelId, amount);
        uint64 epoch = registry.recordOf(providerId).epoch;
        escrow.closeCooperatively(
            channelId, amount, epoch, signWith(VOUCHER_KEY, digest), signWith(RECEIPT_KEY, digest)
        );
        // Consent of both sides replaces the bounds.
        if (amount > allowed[channelId]) allowed[channelId] = amount;
        paid += amount - channel.settled;
        cooperativeCloses++;
    }

    function renewAttestation() external {
        registerNext();
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 12 hours));
        vm.roll(block.number + 1);
    }

    function _channel(uint256 index) private view returns (bytes32) {
        return channels[index % channels.length];
    }

    function _allow(bytes32 channelId, uint256 fee, uint256 promised, uint256 priced) private {
        uint256 least = fee < promised ? fee : promised;
        if (priced < least) least = priced;
        if (least > allowed[channelId]) allowed[channelId] = least;
    }

    function _settle(IChannelEscrow.SettleItem memory item) private {
        bytes32 channelId = item.receipt.channelId;
        uint128 before = escrow.channelOf(channelId).settled;
        vm.prank(STRANGER);
        bytes32 reason = escrow.settleBatch(batchOf(item))[0];
        paid += escrow.channelOf(channelId).settled - before;
        if (reason == 0) settles++;
        else refusals++;
    }
}

contract EscrowInvariantTest is TestBase, InvariantsSpec {
    EscrowHandler private _handler;
    ILedger private _ledger;
    IChannelEscrow private _escrow;
    address private _token;
    address[] private _targets;

    function setUp() public {
        _handler = new EscrowHandler();
        (address ledger, address escrow, address token) = _handler.world();
        (_ledger, _escrow, _token) = (ILedger(ledger), IChannelEscrow(escrow), token);
        _targets.push(address(_handler));
    }

    /// The runner calls only these contracts.
    function targetContracts() public view returns (address[] memory) {
        return _targets;
    }

    /// hardhat-config: invariant.runs = 24
    /// hardhat-config: invariant.depth = 60
    function invariant_ESC_1_LedgerIsBacked() public view {
        uint256 sum;
        for (uint256 i = 0; i < _handler.userCount(); i++) {
            sum += _ledger.balanceOf(_handler.users(i), _token);
        }
        assertEq(IERC20(_token).balanceOf(address(_ledger)), sum + _handler.donated(), ESC_1);
    }

    /// hardhat-config: invariant.runs = 24
    /// hardhat-config: invariant.depth = 60
    function invariant_ESC_1_EscrowHoldsOpenDeposits() public view {
        uint256 sum;
        for (uint256 i = 0; i < _handler.channelCount(); i++) {
            IChannelEscrow.Channel memory channel = _escrow.channelOf(_handler.channels(i));
            if (channel.status != IChannelEscrow.ChannelStatus.Closed) sum += channel.deposit - channel.settled;
        }
        assertEq(_ledger.balanceOf(address(_escrow), _token), sum, ESC_1_OPEN);
    }

    /// hardhat-config: invariant.runs = 24
    /// hardhat-config: invariant.depth = 60
    function invariant_ESC_2_PaysWithinBounds() public view {
        uint256 settled;
        for (uint256 i = 0; i < _handler.channelCount(); i++) {
            bytes32 channelId = _handler.channels(i);
            IChannelEscrow.Channel memory channel = _escrow.channelOf(channelId);
            assertTrue(channel.settled <= channel.deposit && channel.settled <= _handler.allowed(channelId), ESC_2);
            settled += channel.settled;
        }
        assertEq(settled, _handler.paid(), ESC_2_SPLIT);
    }

    /// hardhat-config: invariant.runs = 24
    /// hardhat-config: invariant.depth = 60
    function invariant_ESC_4_UnattestedEarnsNothing() public view {
        assertEq(_handler.paidUnattested(), 0, ESC_4);
    }

    /// hardhat-config: invariant.runs = 24
    /// hardhat-config: invariant.depth = 60
    function invariant_ESC_3_AnyoneCanEmptyTheEscrow() public {
        uint256 allExpired = block.timestamp + 365 days;
        vm.warp(allExpired);
        for (uint256 i = 0; i < _handler.channelCount(); i++) {
            bytes32 channelId = _handler.channels(i);
            if (_escrow.channelOf(channelId).status == IChannelEscrow.ChannelStatus.Open) {
                _escrow.requestClose(channelId);
            }
        }
        vm.warp(allExpired + 30 days);
        for (uint256 i = 0; i < _handler.channelCount(); i++) {
            bytes32 channelId = _handler.channels(i);
            if (_escrow.channelOf(channelId).status == IChannelEscrow.ChannelStatus.Closing) {
                _escrow.finalizeClose(channelId);
            }
        }
        assertEq(_ledger.balanceOf(address(_escrow), _token), 0, ESC_3);
    }

    /// The handler is not idle: one fixed walk pays, refuses and closes in both ways.
    function test_handler_ReachesEveryState() public {
        _handler.open(5_000, 0);
        _handler.open(5_000, 0);
        _handler.settle(0, 1_000, 1_000, 500, 0);
        _handler.replay();
        for (uint8 how = 0; how < 3; how++) {
            _handler.forge(0, 2_000, how);
        }
        _handler.topUp(0, 10);
        _handler.requestClose(0, true);
        for (uint256 i = 0; i < 8; i++) {
            _handler.wait(1 hours);
        }
        _handler.finalizeClose(0);
        _handler.renewAttestation();
        _handler.wait(1);
        for (uint8 how = 0; how < 3; how++) {
            _handler.settleUnattested(1, 100, how);
        }
        assertEq(_handler.unattested(), 3, "unattested");
        _handler.closeCooperatively(1, 777);
        _handler.withdraw(0, 5);
        _handler.donate(5);
        assertEq(_handler.settles(), 1, "settles");
        assertEq(_handler.refusals(), 7, "refusals");
        assertEq(_handler.closes() + _handler.cooperativeCloses(), 2, "closes");
        invariant_ESC_1_LedgerIsBacked();
        invariant_ESC_1_EscrowHoldsOpenDeposits();
        invariant_ESC_2_PaysWithinBounds();
        invariant_ESC_4_UnattestedEarnsNothing();
        invariant_ESC_3_AnyoneCanEmptyTheEscrow();
    }
}
