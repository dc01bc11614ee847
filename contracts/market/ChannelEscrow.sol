// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAssetRegistry} from "../interfaces/IAssetRegistry.sol";
import {IAttestationRegistry} from "../interfaces/IAttestationRegistry.sol";
import {IChannelEscrow} from "../interfaces/IChannelEscrow.sol";
import {ILedger} from "../interfaces/ILedger.sol";
import {PaymentSplit} from "../libraries/PaymentSplit.sol";
import {ReasonCodes} from "../libraries/ReasonCodes.sol";
import {SignerLib} from "../libraries/SignerLib.sol";
import {TypedDataLib} from "../libraries/TypedDataLib.sol";
import {Receipt, Voucher} from "../types/ProtocolTypes.sol";

/// @title ChannelEscrow; the manual is on IChannelEscrow.
contract ChannelEscrow is IChannelEscrow, EIP712 {
    uint32 public constant MIN_CLOSE_DELAY = 1 hours;
    uint32 public constant MAX_CLOSE_DELAY = 30 days;
    /// Longest time from opening to expiry, seconds.
    uint64 public constant MAX_DURATION = 365 days;
    /// Largest for which a transaction of 16 M gas pays for every item even when both signers of each are contracts that use
    /// up their SignerLib.CONTRACT_SIGNER_GAS (a transaction may have 2^24 gas, EIP-7825).
    uint256 public constant MAX_BATCH = 20;
    uint16 public constant MAX_PROTOCOL_SHARE_BPS = 1_000;
    uint256 public constant MAX_VOUCHER_SIGNER_BYTES = 256;

    ILedger public immutable LEDGER;
    IAssetRegistry public immutable ASSETS;
    IAttestationRegistry public immutable PROVIDERS;
    /// Whose ledger balance earns the protocol's share.
    address public immutable TREASURY;
    uint16 public immutable PROTOCOL_SHARE_BPS;

    /// Channel in storage. Ordered so that settling reads eight words and writes one, the third (which opening
    /// fills, so that the first settlement costs no more than later ones):
    /// [payer 20 | status 1 | assetVersion 4 | closeDelaySeconds 4 | ownerShareBps 2] [deposit 16 | expiresAt 8 | closeRequestedAt 8]
    /// [settled 16 | lastSeq 8 | openedAt 8] [pricePerUnitIn 16 | pricePerUnitOut 16] [token 20 | protocolShareBps 2]
    /// [assetOwner 20] [boundTo 32] [voucherSigner, one word up to 31 bytes] …
    struct StoredChannel {
        address payer;
        ChannelStatus status;
        uint32 assetVersion;
        uint32 closeDelaySeconds;
        uint16 ownerShareBps;
        uint128 deposit;
        uint64 expiresAt;
        uint64 closeRequestedAt;
        uint128 settled;
        uint64 lastSeq;
        uint64 openedAt;
        uint128 pricePerUnitIn;
        uint128 pricePerUnitOut;
        address token;
        uint16 protocolShareBps;
        address assetOwner;
        /// keccak256(providerId, assetId, assetVersion, contentRoot): one read instead of four when settling.
        bytes32 boundTo;
        bytes voucherSigner;
        bytes32 providerId;
        uint256 assetId;
        bytes32 contentRoot;
    }

    /// @dev Answer of receiptSignerWindow for one keyset, kept over the items of a batch.
    struct Attested {
        bool known;
        bytes32 providerId;
        uint64 epoch;
        uint64 from;
        uint64 until;
        bytes32 reasonAfter;
        bytes signer;
    }

    /// Credits of consecutive items with the same parties, paid out in one go: three ledger calls instead of three per item.
    struct Payout {
        address token;
        address assetOwner;
        bytes32 providerId;
        uint256 toOwner;
        uint256 toProvider;
        uint256 toProtocol;
    }

    mapping(bytes32 channelId => StoredChannel) private _channels;

    constructor(
        ILedger ledger,
        IAssetRegistry assets,
        IAttestationRegistry providers,
        address treasury,
        uint16 protocolShareBps
    ) EIP712("Spartan ChannelEscrow", "1") {
        require(
            protocolShareBps <= MAX_PROTOCOL_SHARE_BPS,
            ChannelProtocolShareTooHigh(protocolShareBps, MAX_PROTOCOL_SHARE_BPS)
        );
        require(treasury != address(0) || protocolShareBps == 0, ChannelTreasuryMissing(protocolShareBps));
        LEDGER = ledger;
        ASSETS = assets;
        PROVIDERS = providers;
        TREASURY = treasury;
        PROTOCOL_SHARE_BPS = protocolShareBps;
    }

    /// @inheritdoc IChannelEscrow
    function open(OpenParams calldata params) external returns (bytes32 channelId) {
        _checkOpen(params);
        channelId = channelIdOf(msg.sender, params);
        StoredChannel storage channel = _channels[channelId];
        require(channel.status == ChannelStatus.None, ChannelExists(channelId));
        (IAssetRegistry.Terms memory terms, bytes32 contentRoot) = _availableTerms(params.assetId, params.assetVersion);
        (bool ok, bytes32 reason) =
            PROVIDERS.canServeVersion(params.providerId, params.assetId, params.assetVersion);
        require(ok, ChannelProviderCannotServe(params.providerId, params.assetId, reason));
        require(
            terms.pricePerUnitIn <= params.maxPricePerUnitIn && terms.pricePerUnitOut <= params.maxPricePerUnitOut,
            ChannelPriceTooHigh(
                terms.pricePerUnitIn, terms.pricePerUnitOut, params.maxPricePerUnitIn, params.maxPricePerUnitOut
            )
        );
        _store(channel, params, terms, contentRoot);
        LEDGER.debit(msg.sender, terms.token, params.deposit);
        _emitOpened(channelId, params, terms);
    }

    /// @inheritdoc IChannelEscrow
    function topUp(bytes32 channelId, uint128 amount) external {
        StoredChannel storage channel = _known(channelId);
        require(channel.status == ChannelStatus.Open, ChannelNotOpen(channelId, channel.status));
        channel.deposit += amount;
        LEDGER.debit(msg.sender, channel.token, amount);
        emit ChannelToppedUp(channelId, amount, channel.deposit);
    }

    /// @inheritdoc IChannelEscrow
    function settleBatch(SettleItem[] calldata items) external returns (bytes32[] memory reasons) {
        require(items.length <= MAX_BATCH, ChannelBatchTooLarge(items.length, MAX_BATCH));
        reasons = new bytes32[](items.length);
        Payout memory due;
        Attested memory attested;
        for (uint256 i = 0; i < items.length; i++) {
            Receipt calldata receipt = items[i].receipt;
            (bytes32 reason, uint128 cumulative) = _judge(items[i], attested);
            reasons[i] = reason;
            if (reason == 0) _book(due, receipt.channelId, cumulative, receipt.seq, receipt.providerId);
            else emit SettleItemSkipped(receipt.channelId, receipt.seq, reason);
        }
        _payOut(due);
    }

    /// @inheritdoc IChannelEscrow
    function closeCooperatively(
        bytes32 channelId,
        uint128 finalCumulative,
        uint64 keysetEpoch,
        bytes calldata voucherSignerSignature,
        bytes calldata receiptSignerSignature
    ) external {
        StoredChannel storage channel = _known(channelId);
        require(channel.status != ChannelStatus.Closed, ChannelNotOpen(channelId, channel.status));
        require(
            finalCumulative >= channel.settled && finalCumulative <= channel.deposit,
            ChannelFinalAmountOutOfRange(finalCumulative, channel.settled, channel.deposit)
        );
        bytes32 providerId = channel.providerId;
        (bytes memory receiptSigner, bytes32 reason) =
            PROVIDERS.receiptSignerAt(providerId, keysetEpoch, uint64(block.timestamp));
        require(reason == 0, ChannelProviderCannotServe(providerId, channel.assetId, reason));
        bytes32 digest = cooperativeCloseDigest(channelId, finalCumulative);
        require(
            SignerLib.isValidSignature(receiptSigner, digest, receiptSignerSignature),
            ChannelReceiptSignatureInvalid(channelId, receiptSigner)
        );
        require(
            SignerLib.isValidSignature(channel.voucherSigner, digest, voucherSignerSignature),
            ChannelVoucherSignatureInvalid(channelId, channel.voucherSigner)
        );
        if (finalCumulative > channel.settled) {
            Payout memory due;
            _book(due, channelId, finalCumulative, channel.lastSeq, providerId);
            _payOut(due);
        }
        _close(channelId, channel);
    }

    /// @inheritdoc IChannelEscrow
    function requestClose(bytes32 channelId) external {
        StoredChannel storage channel = _known(channelId);
        require(channel.status == ChannelStatus.Open, ChannelNotOpen(channelId, channel.status));
        require(
            msg.sender == channel.payer || block.timestamp >= channel.expiresAt,
            ChannelCallerNotPayer(msg.sender, channel.payer, channel.expiresAt)
        );
        channel.status = ChannelStatus.Closing;
        channel.closeRequestedAt = uint64(block.timestamp);
        emit ChannelCloseRequested(channelId, uint64(block.timestamp) + channel.closeDelaySeconds);
    }

    /// @inheritdoc IChannelEscrow
    function finalizeClose(bytes32 channelId) external {
        StoredChannel storage channel = _known(channelId);
        require(channel.status == ChannelStatus.Closing, ChannelNotClosing(channelId, channel.status));
        uint64 refundableAt = channel.closeRequestedAt + channel.closeDelaySeconds;
        require(block.timestamp >= refundableAt, ChannelCloseTooEarly(channelId, refundableAt));
        _close(channelId, channel);
    }

    /// @inheritdoc IChannelEscrow
    function previewSettle(SettleItem[] calldata items)
        external
        view
        returns (bytes32[] memory reasons, uint128[] memory payable_)
    {
        reasons = new bytes32[](items.length);
        payable_ = new uint128[](items.length);
        Attested memory attested;
        for (uint256 i = 0; i < items.length; i++) {
            uint128 cumulative;
            (reasons[i], cumulative) = _judge(items[i], attested);
            if (reasons[i] == 0) payable_[i] = cumulative - _channels[items[i].receipt.channelId].settled;
        }
    }

    /// @inheritdoc IChannelEscrow
    function channelOf(bytes32 channelId) external view returns (Channel memory) {
        StoredChannel storage channel = _channels[channelId];
        return Channel({
            payer: channel.payer,
            status: channel.status,
            assetVersion: channel.assetVersion,
            closeDelaySeconds: channel.closeDelaySeconds,
            openedAt: channel.openedAt,
            expiresAt: channel.expiresAt,
            closeRequestedAt: channel.closeRequestedAt,
            lastSeq: channel.lastSeq,
            ownerShareBps: channel.ownerShareBps,
            protocolShareBps: channel.protocolShareBps,
            token: channel.token,
            assetOwner: channel.assetOwner,
            deposit: channel.deposit,
            settled: channel.settled,
            pricePerUnitIn: channel.pricePerUnitIn,
            pricePerUnitOut: channel.pricePerUnitOut,
            providerId: channel.providerId,
            assetId: channel.assetId,
            contentRoot: channel.contentRoot,
            voucherSigner: channel.voucherSigner
        });
    }

    /// @inheritdoc IChannelEscrow
    function receiptHash(Receipt calldata receipt) external pure returns (bytes32) {
        return TypedDataLib.hashReceipt(receipt);
    }

    /// @inheritdoc IChannelEscrow
    function receiptDigest(Receipt calldata receipt) public view returns (bytes32) {
        return _hashTypedDataV4(TypedDataLib.hashReceipt(receipt));
    }

    /// @inheritdoc IChannelEscrow
    function voucherDigest(Voucher calldata voucher) public view returns (bytes32) {
        return _hashTypedDataV4(TypedDataLib.hashVoucher(voucher));
    }

    /// @inheritdoc IChannelEscrow
    function cooperativeCloseDigest(bytes32 channelId, uint128 finalCumulative) public view returns (bytes32) {
        return _hashTypedDataV4(TypedDataLib.hashCooperativeClose(channelId, finalCumulative));
    }

    /// @inheritdoc IChannelEscrow
    function channelIdOf(address payer, OpenParams calldata params) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), payer, params));
    }

    /// @inheritdoc IChannelEscrow
    function splitOf(uint128 cumulative, uint16 ownerShareBps, uint16 protocolShareBps)
        external
        pure
        returns (uint128 toOwner, uint128 toProvider, uint128 toProtocol)
    {
        return PaymentSplit.split(cumulative, ownerShareBps, protocolShareBps);
    }

    /// Judges one item in the fixed order. Returns zero and the new cumulative amount, or a reason.
    function _judge(SettleItem calldata item, Attested memory attested)
        private
        view
        returns (bytes32 reason, uint128 cumulative)
    {
        Receipt calldata receipt = item.receipt;
        StoredChannel storage channel = _channels[receipt.channelId];
        if (channel.status == ChannelStatus.None) return (ReasonCodes.CHANNEL_UNKNOWN, 0);
        if (channel.status == ChannelStatus.Closed) return (ReasonCodes.CHANNEL_CLOSED, 0);
        bytes32 boundTo =
            _bindingOf(receipt.providerId, receipt.assetId, receipt.assetVersion, receipt.modelRoot);
        if (boundTo != channel.boundTo || item.voucher.channelId != receipt.channelId) {
            return (ReasonCodes.CHANNEL_RECEIPT_MISMATCH, 0);
        }
        if (!_isInTime(channel, receipt)) return (ReasonCodes.CHANNEL_RECEIPT_OUT_OF_TIME, 0);
        reason = _judgeSignatures(channel, item, attested);
        if (reason != 0) return (reason, 0);
        cumulative = _bound(channel, receipt, item.voucher.cumulativeMax);
        if (cumulative <= channel.settled) return (ReasonCodes.CHANNEL_NOTHING_TO_PAY, 0);
    }

    function _judgeSignatures(StoredChannel storage channel, SettleItem calldata item, Attested memory attested)
        private
        view
        returns (bytes32)
    {
        Receipt calldata receipt = item.receipt;
        bytes32 reason = _judgeAttestation(receipt, attested);
        if (reason != 0) return reason;
        if (!SignerLib.isValidSignature(attested.signer, receiptDigest(receipt), item.receiptSignature)) {
            return ReasonCodes.CHANNEL_RECEIPT_SIGNATURE_INVALID;
        }
        if (item.voucher.seq < receipt.seq) return ReasonCodes.CHANNEL_VOUCHER_SEQ_TOO_LOW;
        if (item.voucher.notAfter < receipt.finishedAt) return ReasonCodes.CHANNEL_VOUCHER_EXPIRED;
        if (!SignerLib.isValidSignature(channel.voucherSigner, voucherDigest(item.voucher), item.voucherSignature)) {
            return ReasonCodes.CHANNEL_VOUCHER_SIGNATURE_INVALID;
        }
        return 0;
    }

    /// Whether the keyset was attested when the receipt was finished. Asks the registry once for neighbours of one keyset.
    function _judgeAttestation(Receipt calldata receipt, Attested memory attested) private view returns (bytes32) {
        (bytes32 providerId, uint64 epoch) = (receipt.providerId, receipt.keysetEpoch);
        if (!attested.known || attested.providerId != providerId || attested.epoch != epoch) {
            (attested.known, attested.providerId, attested.epoch) = (true, providerId, epoch);
            (attested.signer, attested.from, attested.until, attested.reasonAfter) =
                PROVIDERS.receiptSignerWindow(providerId, epoch);
        }
        if (attested.signer.length == 0) return attested.reasonAfter;
        if (receipt.finishedAt < attested.from) return ReasonCodes.REGISTRY_NOT_YET_ATTESTED;
        return receipt.finishedAt > attested.until ? attested.reasonAfter : bytes32(0);
    }

    function _isInTime(StoredChannel storage channel, Receipt calldata receipt) private view returns (bool) {
        uint64 closeRequestedAt = channel.closeRequestedAt;
        return receipt.finishedAt >= channel.openedAt && receipt.finishedAt <= block.timestamp
            && (closeRequestedAt == 0 || receipt.finishedAt <= closeRequestedAt);
    }

    /// min(receipt, voucher, price × units, deposit), token base units over the channel's life.
    function _bound(StoredChannel storage channel, Receipt calldata receipt, uint128 cumulativeMax)
        private
        view
        returns (uint128)
    {
        uint256 priced;
        // Safe: two products of a uint128 and a uint64 sum to less than 2^193.
        unchecked {
            priced = uint256(channel.pricePerUnitIn) * receipt.unitsIn + uint256(channel.pricePerUnitOut) * receipt.unitsOut;
        }
        uint256 promised = Math.min(receipt.cumulativeFee, cumulativeMax);
        // Safe: at most `promised`, a uint128.
        return uint128(Math.min(Math.min(promised, priced), channel.deposit));
    }

    /// Books the growth of each part from the settled to the new cumulative amount. Needs cumulative > settled.
    function _book(Payout memory due, bytes32 channelId, uint128 cumulative, uint64 seq, bytes32 providerId) private {
        StoredChannel storage channel = _channels[channelId];
        uint128 settled = channel.settled;
        channel.settled = cumulative;
        // For readers only. Money follows the cumulative amount: were a number once settled never payable again, a payer could
        // settle the newest receipt with a voucher of one unit and so end all that is owed.
        if (seq > channel.lastSeq) channel.lastSeq = seq;
        (uint128 toOwner, uint128 toProvider, uint128 toProtocol) =
            PaymentSplit.growth(settled, cumulative, channel.ownerShareBps, channel.protocolShareBps);
        _payOutBeforeOthers(due, channel.token, channel.assetOwner, providerId);
        due.toOwner += toOwner;
        due.toProvider += toProvider;
        due.toProtocol += toProtocol;
        emit ChannelSettled(channelId, seq, cumulative - settled, cumulative, toOwner, toProvider, toProtocol);
    }

    /// Pays out what is due unless the next item has the same parties.
    function _payOutBeforeOthers(Payout memory due, address token, address assetOwner, bytes32 providerId) private {
        if (due.token == token && due.assetOwner == assetOwner && due.providerId == providerId) return;
        _payOut(due);
        (due.token, due.assetOwner, due.providerId) = (token, assetOwner, providerId);
        (due.toOwner, due.toProvider, due.toProtocol) = (0, 0, 0);
    }

    function _payOut(Payout memory due) private {
        _credit(due.assetOwner, due.token, due.toOwner);
        if (due.toProvider != 0) _credit(PROVIDERS.payoutOf(due.providerId), due.token, due.toProvider);
        _credit(TREASURY, due.token, due.toProtocol);
    }

    function _credit(address user, address token, uint256 amount) private {
        if (amount != 0) LEDGER.credit(user, token, amount);
    }

    function _close(bytes32 channelId, StoredChannel storage channel) private {
        uint128 settled = channel.settled;
        uint128 refund = channel.deposit - settled;
        channel.status = ChannelStatus.Closed;
        _credit(channel.payer, channel.token, refund);
        emit ChannelClosed(channelId, refund, settled);
    }

    function _checkOpen(OpenParams calldata params) private view {
        require(
            params.closeDelaySeconds >= MIN_CLOSE_DELAY && params.closeDelaySeconds <= MAX_CLOSE_DELAY,
            ChannelCloseDelayOutOfRange(params.closeDelaySeconds, MIN_CLOSE_DELAY, MAX_CLOSE_DELAY)
        );
        uint64 earliest = uint64(block.timestamp) + 1;
        uint64 latest = uint64(block.timestamp) + MAX_DURATION;
        require(
            params.expiresAt >= earliest && params.expiresAt <= latest,
            ChannelExpiryInvalid(params.expiresAt, earliest, latest)
        );
        uint256 length = params.voucherSigner.length;
        require(
            length >= 20 && length <= MAX_VOUCHER_SIGNER_BYTES && bytes20(params.voucherSigner[:20]) != 0,
            ChannelVoucherSignerInvalid(params.voucherSigner)
        );
    }

    function _availableTerms(uint256 assetId, uint32 assetVersion)
        private
        view
        returns (IAssetRegistry.Terms memory terms, bytes32 contentRoot)
    {
        uint32 latest = ASSETS.latestVersion(assetId);
        bool exists = assetVersion != 0 && assetVersion <= latest;
        bool retired;
        if (exists) (terms, contentRoot, retired) = ASSETS.termsOf(assetId, assetVersion);
        require(exists && !retired, ChannelAssetVersionUnavailable(assetId, assetVersion, latest));
    }

    function _store(
        StoredChannel storage channel,
        OpenParams calldata params,
        IAssetRegistry.Terms memory terms,
        bytes32 contentRoot
    ) private {
        channel.payer = msg.sender;
        channel.status = ChannelStatus.Open;
        channel.assetVersion = params.assetVersion;
        channel.closeDelaySeconds = params.closeDelaySeconds;
        channel.ownerShareBps = terms.ownerShareBps;
        channel.openedAt = uint64(block.timestamp);
        channel.expiresAt = params.expiresAt;
        channel.deposit = params.deposit;
        channel.pricePerUnitIn = terms.pricePerUnitIn;
        channel.pricePerUnitOut = terms.pricePerUnitOut;
        channel.token = terms.token;
        channel.protocolShareBps = PROTOCOL_SHARE_BPS;
        channel.assetOwner = IERC721(address(ASSETS)).ownerOf(params.assetId);
        channel.boundTo = _bindingOf(params.providerId, params.assetId, params.assetVersion, contentRoot);
        channel.voucherSigner = params.voucherSigner;
        channel.providerId = params.providerId;
        channel.assetId = params.assetId;
        channel.contentRoot = contentRoot;
    }

    function _emitOpened(bytes32 channelId, OpenParams calldata params, IAssetRegistry.Terms memory terms) private {
        emit ChannelOpened(
            channelId,
            msg.sender,
            params.providerId,
            params.assetId,
            params.assetVersion,
            terms.token,
            params.deposit,
            terms.pricePerUnitIn,
            terms.pricePerUnitOut,
            params.expiresAt,
            params.voucherSigner
        );
    }

    function _known(bytes32 channelId) private view returns (StoredChannel storage channel) {
        channel = _channels[channelId];
        require(channel.status != ChannelStatus.None, ChannelUnknown(channelId));
    }

    function _bindingOf(bytes32 providerId, uint256 assetId, uint32 assetVersion, bytes32 contentRoot)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(providerId, assetId, assetVersion, contentRoot));
    }
}
