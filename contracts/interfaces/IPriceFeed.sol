// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice The read side of a Chainlink-style price feed.
interface IPriceFeed {
    function decimals() external view returns (uint8);
    function description() external view returns (string memory);
    function latestRoundData() external view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
