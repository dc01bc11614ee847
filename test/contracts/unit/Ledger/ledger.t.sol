// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ILedger} from "../../../../contracts/interfaces/ILedger.sol";
import {MarketWorld} from "../../support/MarketWorld.sol";

/// Keeps a tenth of every transfer.
contract FeeToken is ERC20("Fee", "FEE") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0) && to != address(0)) super._update(to, address(0), value / 10);
    }
}

/// Calls back into the ledger in the middle of a transfer.
contract ReentrantToken is ERC20("Reentrant", "RE") {
    ILedger private immutable _LEDGER;

    constructor(ILedger ledger) {
        _LEDGER = ledger;
        _mint(msg.sender, 100);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0)) _LEDGER.withdraw(address(this), 1);
    }
}

contract LedgerTest is MarketWorld {
    uint256 private constant USER_KEY = 0x5EED;

    function setUp() public {
        deployWorld();
    }

    function test_deposit_RevertsWhen_AmountZero() public {
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerAmountZero.selector));
        ledger.deposit(address(token), 0);
    }

    function test_deposit_RevertsWhen_TokenReenters() public {
        ReentrantToken hostile = new ReentrantToken(ledger);
        hostile.approve(address(ledger), 100);
        vm.expectRevert(abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector));
        ledger.deposit(address(hostile), 10);
    }

    function test_deposit_CreditsWhatArrived() public {
        FeeToken fee = new FeeToken();
        fee.mint(address(this), 1_000);
        fee.approve(address(ledger), 1_000);
        vm.expectEmit(address(ledger));
        emit ILedger.Deposited(address(this), address(fee), 900, 900);
        ledger.deposit(address(fee), 1_000);
        assertEq(ledger.balanceOf(address(this), address(fee)), 900, "credited");
    }

    function test_depositWithPermit_WorksWithPermitUsedBefore() public {
        address user = vm.addr(USER_KEY);
        token.faucet(user, 500);
        bytes32 permit = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                user,
                address(ledger),
                500,
                0,
                block.timestamp
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), permit));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(USER_KEY, digest);
        // Somebody takes the permit out of the mempool and uses it first.
        token.permit(user, address(ledger), 500, block.timestamp, v, r, s);
        vm.prank(user);
        ledger.depositWithPermit(address(token), 500, block.timestamp, v, r, s);
        assertEq(ledger.balanceOf(user, address(token)), 500, "credited");
    }

    function test_withdraw_RevertsWhen_BalanceTooLow() public {
        fund(PAYER, 10);
        vm.expectRevert(
            abi.encodeWithSelector(ILedger.LedgerBalanceTooLow.selector, PAYER, address(token), 10, 11)
        );
        vm.prank(PAYER);
        ledger.withdraw(address(token), 11);
    }

    function test_withdrawTo_PaysSomebodyElse() public {
        fund(PAYER, 10);
        vm.expectEmit(address(ledger));
        emit ILedger.Withdrawn(PAYER, address(token), STRANGER, 4, 6);
        vm.prank(PAYER);
        ledger.withdrawTo(address(token), STRANGER, 4);
        assertEq(token.balanceOf(STRANGER), 4, "stranger");
    }

    function test_withdrawTo_RevertsWhen_ToTheLedgerItself() public {
        fund(PAYER, 10);
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerRecipientInvalid.selector, address(ledger)));
        vm.prank(PAYER);
        ledger.withdrawTo(address(token), address(ledger), 4);
    }

    function test_debitAndCredit_RevertWhen_CallerNotEscrow() public {
        fund(PAYER, 10);
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerCallerNotEscrow.selector, address(this)));
        ledger.debit(PAYER, address(token), 1);
        vm.expectRevert(abi.encodeWithSelector(ILedger.LedgerCallerNotEscrow.selector, address(this)));
        ledger.credit(PAYER, address(token), 1);
    }

    function test_credit_RevertsWhen_EscrowHasTooLittle() public {
        vm.expectRevert(
            abi.encodeWithSelector(ILedger.LedgerBalanceTooLow.selector, address(escrow), address(token), 0, 1)
        );
        vm.prank(address(escrow));
        ledger.credit(PAYER, address(token), 1);
    }

    function testFuzz_debitThenCredit_MovesAndConserves(uint256 amount) public {
        fund(PAYER, 10_000);
        amount = bound(amount, 1, 10_000);
        vm.startPrank(address(escrow));
        ledger.debit(PAYER, address(token), amount);
        ledger.credit(STRANGER, address(token), amount);
        vm.stopPrank();
        assertEq(ledger.balanceOf(PAYER, address(token)), 10_000 - amount, "payer");
        assertEq(ledger.balanceOf(STRANGER, address(token)), amount, "stranger");
    }
}
