// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice One balance per user and token. Only the escrows fixed at construction move balances between users.
interface ILedger {
    event Deposited(address indexed user, address indexed token, uint256 amount, uint256 balance);
    event Withdrawn(address indexed user, address indexed token, address to, uint256 amount, uint256 balance);
    event Credited(address indexed user, address indexed token, address indexed escrow, uint256 amount, uint256 balance);
    event Debited(address indexed user, address indexed token, address indexed escrow, uint256 amount, uint256 balance);

    function deposit(address token, uint256 amount) external;
    function depositWithPermit(address token, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
    function withdraw(address token, uint256 amount) external;
    function withdrawTo(address token, address to, uint256 amount) external;
    function balanceOf(address user, address token) external view returns (uint256);
    /// @notice Escrows only: takes from a user's balance into the caller's own.
    function debit(address user, address token, uint256 amount) external;
    /// @notice Escrows only: pays from the caller's own balance to a user's.
    function credit(address user, address token, uint256 amount) external;
}
