// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ILedger} from "../interfaces/ILedger.sol";

/// @title Ledger; the manual is on ILedger.
contract Ledger is ILedger, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    mapping(address user => mapping(address token => uint256)) private _balances;
    mapping(address account => bool) private _isEscrow;

    /// @param escrows Contracts that may move balances, for ever. No other ever will.
    constructor(address[] memory escrows) {
        for (uint256 i = 0; i < escrows.length; i++) {
            _isEscrow[escrows[i]] = true;
        }
    }

    modifier onlyEscrow() {
        require(_isEscrow[msg.sender], LedgerCallerNotEscrow(msg.sender));
        _;
    }

    /// @inheritdoc ILedger
    function deposit(address token, uint256 amount) external nonReentrant {
        _deposit(token, amount);
    }

    /// @inheritdoc ILedger
    function depositWithPermit(address token, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
    {
        // A permit may have been used by whoever saw it first; what matters is the allowance it left.
        try IERC20Permit(token).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _deposit(token, amount);
    }

    /// @inheritdoc ILedger
    function withdraw(address token, uint256 amount) external nonReentrant {
        _withdraw(token, msg.sender, amount);
    }

    /// @inheritdoc ILedger
    function withdrawTo(address token, address to, uint256 amount) external nonReentrant {
        _withdraw(token, to, amount);
    }

    /// @inheritdoc ILedger
    function debit(address user, address token, uint256 amount) external onlyEscrow {
        uint256 balance = _take(user, token, amount);
        _balances[msg.sender][token] += amount;
        emit Debited(user, token, msg.sender, amount, balance);
    }

    /// @inheritdoc ILedger
    function credit(address user, address token, uint256 amount) external onlyEscrow {
        _take(msg.sender, token, amount);
        uint256 balance = _balances[user][token] + amount;
        _balances[user][token] = balance;
        emit Credited(user, token, msg.sender, amount, balance);
    }

    /// @inheritdoc ILedger
    function balanceOf(address user, address token) external view returns (uint256) {
        return _balances[user][token];
    }

    /// @inheritdoc ILedger
    function isEscrow(address account) external view returns (bool) {
        return _isEscrow[account];
    }

    function _deposit(address token, uint256 amount) private {
        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), amount);
        uint256 arrived = IERC20(token).balanceOf(address(this)) - before;
        require(arrived > 0, LedgerAmountZero());
        uint256 balance = _balances[msg.sender][token] + arrived;
        _balances[msg.sender][token] = balance;
        emit Deposited(msg.sender, token, arrived, balance);
    }

    function _withdraw(address token, address to, uint256 amount) private {
        require(to != address(this), LedgerRecipientInvalid(to));
        uint256 balance = _take(msg.sender, token, amount);
        emit Withdrawn(msg.sender, token, to, amount, balance);
        IERC20(token).safeTransfer(to, amount);
    }

    function _take(address user, address token, uint256 amount) private returns (uint256 left) {
        require(amount > 0, LedgerAmountZero());
        uint256 balance = _balances[user][token];
        require(balance >= amount, LedgerBalanceTooLow(user, token, balance, amount));
        // Safe: the line above.
        unchecked {
            left = balance - amount;
        }
        _balances[user][token] = left;
    }
}
