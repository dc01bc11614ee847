// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Receipt, Voucher} from "../types/ProtocolTypes.sol";

/// @notice Payment channels between a payer and one provider for one asset version.
/// @dev Money moves inside the Ledger only: a deposit sits in the escrow's ledger balance, payouts and refunds are credited in the
///      transaction that causes them. Every state has an exit that anyone can take: Open until `expiresAt`, then requestClose;
///      Closing for `closeDelaySeconds`, then finalizeClose. There is no admin, no pause and no upgrade.
///      Proves, for every item paid by settleBatch: the payer's voucher key promised at least the amount, the receipt key of an attested keyset
///      asked for at least the amount, and it is at most the pinned price times the units.
///      Does NOT prove: that the answer was good, or that the units are what the manifest means by them.
///      Voucher signers that are contracts may change their mind after service; a node should take only those it knows.
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
        /// Highest request number settled so far. Informative: a receipt with this number or a lower one is still paid as far
        /// as its amount exceeds `settled`.
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

    event ChannelOpened(
        bytes32 indexed channelId,
        address indexed payer,
        bytes32 indexed providerId,
        uint256 assetId,
        uint32 assetVersion,
        address token,
        uint128 deposit,
        uint128 pricePerUnitIn,
        uint128 pricePerUnitOut,
        uint64 expiresAt,
        bytes voucherSigner
    );
    event ChannelToppedUp(bytes32 indexed channelId, uint128 amount, uint128 deposit);
    event ChannelSettled(
        bytes32 indexed channelId,
        uint64 indexed seq,
        uint128 paid,
        uint128 settled,
        uint128 toOwner,
        uint128 toProvider,
        uint128 toProtocol
    );
    /// @notice One item of a batch was not paid; the others were not affected.
    event SettleItemSkipped(bytes32 indexed channelId, uint64 indexed seq, bytes32 reason);
    event ChannelCloseRequested(bytes32 indexed channelId, uint64 refundableAt);
    event ChannelClosed(bytes32 indexed channelId, uint128 refunded, uint128 settled);

    error ChannelUnknown(bytes32 channelId);
    error ChannelExists(bytes32 channelId);
    error ChannelNotOpen(bytes32 channelId, ChannelStatus status);
    error ChannelNotClosing(bytes32 channelId, ChannelStatus status);
    error ChannelCloseTooEarly(bytes32 channelId, uint64 refundableAt);
    error ChannelCloseDelayOutOfRange(uint32 got, uint32 min, uint32 max);
    error ChannelExpiryInvalid(uint64 got, uint64 min, uint64 max);
    error ChannelCallerNotPayer(address caller, address payer, uint64 expiresAt);
    error ChannelPriceTooHigh(uint128 pricePerUnitIn, uint128 pricePerUnitOut, uint128 maxIn, uint128 maxOut);
    error ChannelProviderCannotServe(bytes32 providerId, uint256 assetId, bytes32 reason);
    error ChannelAssetVersionUnavailable(uint256 assetId, uint32 assetVersion, uint32 latestVersion);
    error ChannelVoucherSignerInvalid(bytes voucherSigner);
    error ChannelBatchTooLarge(uint256 got, uint256 max);
    error ChannelFinalAmountOutOfRange(uint128 got, uint128 min, uint128 max);
    error ChannelReceiptSignatureInvalid(bytes32 channelId, bytes receiptSigner);
    error ChannelVoucherSignatureInvalid(bytes32 channelId, bytes voucherSigner);
    error ChannelProtocolShareTooHigh(uint16 got, uint16 max);
    error ChannelTreasuryMissing(uint16 protocolShareBps);

    /// @notice Opens a channel from the caller's ledger balance. The id follows from caller and parameters and is never reused.
    /// @dev Order of the checks: close delay, expiry, voucher signer, id, asset version, whether the provider can serve it (reason in
    ///      the error), price bound, ledger balance. Price, shares, asset owner and content root are pinned for the channel's life.
    function open(OpenParams calldata params) external returns (bytes32 channelId);
    /// @notice Anyone: adds from the caller's ledger balance. What is left at the end goes to the payer.
    function topUp(bytes32 channelId, uint128 amount) external;
    /// @notice Anyone: settles at most MAX_BATCH (20) items. reasons[i] is zero when paid, else a reason code.
    /// @dev Order of the checks per item: channel known, not closed; receipt, voucher and channel belong together; receipt time;
    ///      attestation at that time; receipt signature; voucher number, end, signature; something to pay.
    ///      payable = min(receipt.cumulativeFee, voucher.cumulativeMax, price × cumulative units, deposit) − settled.
    ///      Request numbers do not decide: an item counts by its cumulative amount alone, so settling less first (say by the payer,
    ///      with a smaller voucher) never stops the rest from being paid later.
    ///      Gas: about 55,000 per item with plain keys; each contract signer may use up to 350,000, two per item, so a full batch
    ///      always fits 16 M gas.
    ///      Ledger credits of consecutive items with the same token, asset owner and provider are summed into one event each.
    function settleBatch(SettleItem[] calldata items) external returns (bytes32[] memory reasons);
    /// @notice What settleBatch would do with each item alone; payable_ in token base units.
    function previewSettle(SettleItem[] calldata items)
        external
        view
        returns (bytes32[] memory reasons, uint128[] memory payable_);
    /// @notice Both sides agree on the final amount: pays the difference and refunds at once. Anyone may bring the signatures.
    /// @dev The consent of both signers replaces the bounds by receipt and price: only the deposit bounds the amount.
    /// @param finalCumulative Token base units over the channel's life; between what is settled and the deposit.
    /// @param voucherSignerSignature By the voucher signer over CooperativeClose{channelId, finalCumulative}.
    /// @param receiptSignerSignature Same, by the receipt signer of `keysetEpoch`, which must be attested now.
    function closeCooperatively(
        bytes32 channelId,
        uint128 finalCumulative,
        uint64 keysetEpoch,
        bytes calldata voucherSignerSignature,
        bytes calldata receiptSignerSignature
    ) external;
    /// @notice Payer (or anyone after expiresAt): starts the close delay, in which receipts finished until now can still be settled.
    function requestClose(bytes32 channelId) external;
    /// @notice Anyone, after the close delay: refunds the rest to the payer's ledger balance.
    function finalizeClose(bytes32 channelId) external;

    function channelIdOf(address payer, OpenParams calldata params) external view returns (bytes32);
    function channelOf(bytes32 channelId) external view returns (Channel memory);
    /// @notice Split of a cumulative amount: owner's share rounded down, protocol's rounded down out of the rest, provider the rest.
    /// @dev Each part never shrinks when the amount grows and the three always add up to it, so settling in steps pays the same
    ///      as settling once.
    function splitOf(uint128 cumulative, uint16 ownerShareBps, uint16 protocolShareBps)
        external
        pure
        returns (uint128 toOwner, uint128 toProvider, uint128 toProtocol);
    function receiptHash(Receipt calldata receipt) external pure returns (bytes32);
    function receiptDigest(Receipt calldata receipt) external view returns (bytes32);
    function voucherDigest(Voucher calldata voucher) external view returns (bytes32);
    function cooperativeCloseDigest(bytes32 channelId, uint128 finalCumulative) external view returns (bytes32);
}
