// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title PaymentSplit: how a channel's cumulative amount is divided. Pure arithmetic; the parties are the escrow's business.
library PaymentSplit {
    uint256 private constant BPS = 10_000;

    /// @notice Parts of asset owner, provider and protocol; they add up to `cumulative`, and none ever shrinks as it grows.
    /// @dev Needs ownerShareBps <= 9,000 and protocolShareBps <= 1,000: AssetRegistry and the escrow's constructor see to it.
    /// @param cumulative token base units.
    /// @param ownerShareBps basis points of the amount.
    /// @param protocolShareBps basis points of the amount, as far as the owner leaves it.
    function split(uint128 cumulative, uint16 ownerShareBps, uint16 protocolShareBps)
        internal
        pure
        returns (uint128 toOwner, uint128 toProvider, uint128 toProtocol)
    {
        // Safe: shares are at most 9,000 and 1,000 basis points, so no part exceeds the amount. Both divisions are of amounts
        // that never shrink (the amount, then what the owner leaves), which is why no part ever shrinks.
        unchecked {
            toOwner = uint128((uint256(cumulative) * ownerShareBps) / BPS);
            uint256 rest = cumulative - toOwner;
            toProtocol = uint128((rest * protocolShareBps) / (BPS - ownerShareBps));
            toProvider = uint128(rest - toProtocol);
        }
    }

    /// @notice What each part gains when a channel settled up to `settled` settles up to `cumulative`.
    /// @dev Reverts with a Panic when `cumulative` is below `settled`.
    function growth(uint128 settled, uint128 cumulative, uint16 ownerShareBps, uint16 protocolShareBps)
        internal
        pure
        returns (uint128 toOwner, uint128 toProvider, uint128 toProtocol)
    {
        (uint128 ownerNew, uint128 providerNew, uint128 protocolNew) =
            split(cumulative, ownerShareBps, protocolShareBps);
        (uint128 ownerOld, uint128 providerOld, uint128 protocolOld) = split(settled, ownerShareBps, protocolShareBps);
        return (ownerNew - ownerOld, providerNew - providerOld, protocolNew - protocolOld);
    }
}
