// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice One balance per user and token. Only the escrows fixed at construction move balances between users.
/// @dev Assumptions on tokens: a transfer moves at most what it says and balances change by transfers alone. What arrives is
///      what is credited, so a fee on transfer is borne by the depositor. Rebasing tokens are not supported: a shrinking one
///      leaves the last users unpaid, a growing one leaves the growth here for ever. Each token only endangers itself.
///      Nobody can pause, upgrade or administrate the ledger.
interface ILedger {
    event Deposited(address indexed user, address indexed token, uint256 amount, uint256 balance);
    event Withdrawn(address indexed user, address indexed token, address to, uint256 amount, uint256 balance);
    event Credited(
        address indexed user, address indexed token, address indexed escrow, uint256 amount, uint256 balance
    );
    event Debited(address indexed user, address indexed token, address indexed escrow, uint256 amount, uint256 balance);

    error LedgerAmountZero();
    error LedgerBalanceTooLow(address user, address token, uint256 balance, uint256 needed);
    error LedgerCallerNotEscrow(address caller);
    error LedgerRecipientInvalid(address to);

    /// @notice Takes tokens from the caller by allowance and credits what arrived.
    /// @param amount Token base units to transfer; the credit is the growth of this contract's token balance.
    function deposit(address token, uint256 amount) external;
    /// @notice Same, with an ERC-2612 permit. A permit that fails is ignored: somebody may have used it already, and the
    ///         allowance it gave is what counts.
    function depositWithPermit(address token, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
    /// @notice Pays out to the caller. Cannot be paused.
    function withdraw(address token, uint256 amount) external;
    /// @notice Pays out to another address, for callers that a token has blocked. Cannot be paused.
    /// @dev Refuses the ledger itself: tokens sent there belong to nobody.
    function withdrawTo(address token, address to, uint256 amount) external;
    /// @return Token base units.
    function balanceOf(address user, address token) external view returns (uint256);
    function isEscrow(address account) external view returns (bool);
    /// @notice Escrows only: takes from a user's balance into the caller's own.
    function debit(address user, address token, uint256 amount) external;
    /// @notice Escrows only: pays from the caller's own balance to a user's.
    function credit(address user, address token, uint256 amount) external;
}
