// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Receipt, Voucher} from "../types/ProtocolTypes.sol";

/// @notice Payment channels between a payer and one provider for one asset version.
interface IChannelEscrow {
    enum ChannelStatus { None, Open, Closing, Closed }

    struct OpenParams {
        bytes32 providerId;
        uint256 assetId;
        uint32 assetVersion;
        /// Token base units, taken from the payer's ledger balance.
        uint128 deposit;
        /// ERC-7913 signer of vouchers; in the dApp a session key.
        bytes voucherSigner;
        /// Seconds between a close request and the refund; MIN_CLOSE_DELAY to MAX_CLOSE_DELAY.
        uint32 closeDelaySeconds;
        /// Unix seconds; after this (plus the close delay) anyone may close.
        uint64 expiresAt;
        bytes32 salt;
        /// The payer's bound: reverts when the on-chain price is higher.
        uint128 maxPricePerUnitIn;
        uint128 maxPricePerUnitOut;
    }

    struct Channel {
        address payer;
        ChannelStatus status;
        uint32 assetVersion;
        uint32 closeDelaySeconds;
        uint64 openedAt;
        uint64 expiresAt;
        /// Unix seconds of the close request; zero while open.
        uint64 closeRequestedAt;
        uint64 lastSeq;
        uint16 ownerShareBps;
        uint16 protocolShareBps;
        address token;
        address assetOwner;
        uint128 deposit;
        /// Paid out so far, token base units.
        uint128 settled;
        uint128 pricePerUnitIn;
        uint128 pricePerUnitOut;
        bytes32 providerId;
        uint256 assetId;
        bytes32 contentRoot;
        bytes voucherSigner;
    }

    struct SettleItem {
        Receipt receipt;
        bytes receiptSignature;
        Voucher voucher;
        bytes voucherSignature;
    }

    event ChannelOpened(bytes32 indexed channelId, address indexed payer, bytes32 indexed providerId, uint256 assetId, uint32 assetVersion, address token, uint128 deposit, uint128 pricePerUnitIn, uint128 pricePerUnitOut, uint64 expiresAt, bytes voucherSigner);
    event ChannelToppedUp(bytes32 indexed channelId, uint128 amount, uint128 deposit);
    event ChannelSettled(bytes32 indexed channelId, uint64 indexed seq, uint128 paid, uint128 settled, uint128 toOwner, uint128 toProvider, uint128 toProtocol);
    /// @notice One item of a batch was not paid; the others were not affected.
    event SettleItemSkipped(bytes32 indexed channelId, uint64 indexed seq, bytes32 reason);
    event ChannelCloseRequested(bytes32 indexed channelId, uint64 refundableAt);
    event ChannelClosed(bytes32 indexed channelId, uint128 refunded, uint128 settled);

    function open(OpenParams calldata params) external returns (bytes32 channelId);
    function topUp(bytes32 channelId, uint128 amount) external;
    /// @notice Settles at most MAX_BATCH items. reasons[i] is zero when paid, else a reason code.
    function settleBatch(SettleItem[] calldata items) external returns (bytes32[] memory reasons);
    function previewSettle(SettleItem[] calldata items) external view returns (bytes32[] memory reasons, uint128[] memory payable_);
    /// @notice Both sides agree on the final amount: pays the difference and refunds at once.
    function closeCooperatively(bytes32 channelId, uint128 finalCumulative, uint64 keysetEpoch, bytes calldata voucherSignerSignature, bytes calldata receiptSignerSignature) external;
    /// @notice Payer (or anyone after expiresAt): starts the close delay, in which the provider can still settle.
    function requestClose(bytes32 channelId) external;
    /// @notice Anyone, after the close delay: refunds the rest to the payer's ledger balance.
    function finalizeClose(bytes32 channelId) external;

    function channelIdOf(address payer, OpenParams calldata params) external view returns (bytes32);
    function channelOf(bytes32 channelId) external view returns (Channel memory);
    function receiptDigest(Receipt calldata receipt) external view returns (bytes32);
    function voucherDigest(Voucher calldata voucher) external view returns (bytes32);
}
