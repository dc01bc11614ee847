// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IPriceFeed} from "../../interfaces/IPriceFeed.sol";

/// @notice Price feed of a local world: its owner replays recorded prices.
/// @dev Does NOT prove anything about prices. Never used outside local worlds.
contract ReplayPriceFeed is IPriceFeed, Ownable {
    struct Round {
        int192 answer;
        uint64 updatedAt;
    }

    /// @inheritdoc IPriceFeed
    uint8 public immutable decimals;
    /// @inheritdoc IPriceFeed
    string public description;
    /// Newest round; rounds count up from 1.
    uint80 public latestRound;
    mapping(uint80 roundId => Round) private _rounds;

    event PricePushed(uint80 indexed roundId, int256 answer, uint256 updatedAt);

    error ReplayAnswerNotPositive(int256 answer);
    error ReplayUpdateNotNewer(uint256 updatedAt, uint256 last);
    error ReplayRoundUnknown(uint80 roundId);

    constructor(address owner, uint8 decimals_, string memory description_) Ownable(owner) {
        decimals = decimals_;
        description = description_;
    }

    /// @notice Owner: adds a round.
    /// @param answer Price with `decimals` places, above zero.
    /// @param updatedAt Unix seconds of the replayed market, strictly growing; may lie before the chain's time.
    function push(int256 answer, uint256 updatedAt) external onlyOwner {
        require(answer > 0 && answer <= type(int192).max, ReplayAnswerNotPositive(answer));
        uint256 last = _rounds[latestRound].updatedAt;
        require(updatedAt > last && updatedAt <= type(uint64).max, ReplayUpdateNotNewer(updatedAt, last));
        latestRound += 1;
        // Safe: both were bounded above.
        _rounds[latestRound] = Round({answer: int192(answer), updatedAt: uint64(updatedAt)});
        emit PricePushed(latestRound, answer, updatedAt);
    }

    /// @inheritdoc IPriceFeed
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return getRoundData(latestRound);
    }

    /// @notice One round; reverts when there is none.
    function getRoundData(uint80 id)
        public
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        Round memory round = _rounds[id];
        require(round.updatedAt != 0, ReplayRoundUnknown(id));
        return (id, round.answer, round.updatedAt, round.updatedAt, id);
    }
}
