// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @notice Token without value for local worlds: six decimals, permit, and a faucet that is open to everybody.
contract TestToken is ERC20, ERC20Permit {
    /// Token base units per call: 10,000 tUSD.
    uint256 public constant MAX_FAUCET_AMOUNT = 10_000e6;

    error TokenFaucetAmountTooLarge(uint256 amount, uint256 max);

    constructor() ERC20("Spartan Test USD", "tUSD") ERC20Permit("Spartan Test USD") {}

    /// @notice Anyone: mints to anyone.
    /// @param amount Token base units, at most MAX_FAUCET_AMOUNT.
    function faucet(address to, uint256 amount) external {
        require(amount <= MAX_FAUCET_AMOUNT, TokenFaucetAmountTooLarge(amount, MAX_FAUCET_AMOUNT));
        _mint(to, amount);
    }

    /// @inheritdoc ERC20
    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
