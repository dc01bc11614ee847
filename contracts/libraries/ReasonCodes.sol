// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Reason codes that contracts return instead of reverting: ASCII, cut to 32 bytes where the code is longer.
/// @dev A test compares every constant with the table in packages/errors.
library ReasonCodes {
    bytes32 internal constant REGISTRY_PROVIDER_UNKNOWN = "REGISTRY_PROVIDER_UNKNOWN";
    bytes32 internal constant REGISTRY_PROVIDER_EXPIRED = "REGISTRY_PROVIDER_EXPIRED";
    bytes32 internal constant REGISTRY_PROVIDER_IN_GRACE = "REGISTRY_PROVIDER_IN_GRACE";
    bytes32 internal constant REGISTRY_PROVIDER_REVOKED = "REGISTRY_PROVIDER_REVOKED";
    bytes32 internal constant REGISTRY_PROVIDER_DRAINING = "REGISTRY_PROVIDER_DRAINING";
    bytes32 internal constant REGISTRY_EPOCH_UNKNOWN = "REGISTRY_EPOCH_UNKNOWN";
    bytes32 internal constant REGISTRY_NOT_YET_ATTESTED = "REGISTRY_NOT_YET_ATTESTED";
    bytes32 internal constant REGISTRY_WORKLOAD_REVOKED = "REGISTRY_WORKLOAD_REVOKED";
    bytes32 internal constant REGISTRY_PLATFORM_DENIED = "REGISTRY_PLATFORM_DENIED";
    bytes32 internal constant REGISTRY_GPU_MISSING = "REGISTRY_GPU_MISSING";
    bytes32 internal constant REGISTRY_GPU_EXPIRED = "REGISTRY_GPU_EXPIRED";

    bytes32 internal constant ASSET_UNKNOWN = "ASSET_UNKNOWN";
    bytes32 internal constant ASSET_VERSION_UNKNOWN = "ASSET_VERSION_UNKNOWN";
    bytes32 internal constant ASSET_VERSION_RETIRED = "ASSET_VERSION_RETIRED";
    bytes32 internal constant ASSET_WORKLOAD_NOT_ACCEPTED = "ASSET_WORKLOAD_NOT_ACCEPTED";
    bytes32 internal constant ASSET_TIER_TOO_LOW = "ASSET_TIER_TOO_LOW";

    bytes32 internal constant CHANNEL_UNKNOWN = "CHANNEL_UNKNOWN";
    bytes32 internal constant CHANNEL_CLOSED = "CHANNEL_CLOSED";
    bytes32 internal constant CHANNEL_RECEIPT_MISMATCH = "CHANNEL_RECEIPT_MISMATCH";
    bytes32 internal constant CHANNEL_RECEIPT_OUT_OF_TIME = "CHANNEL_RECEIPT_OUT_OF_TIME";
    /// CHANNEL_RECEIPT_SIGNATURE_INVALID, cut.
    bytes32 internal constant CHANNEL_RECEIPT_SIGNATURE_INVALID = "CHANNEL_RECEIPT_SIGNATURE_INVALI";
    bytes32 internal constant CHANNEL_VOUCHER_SEQ_TOO_LOW = "CHANNEL_VOUCHER_SEQ_TOO_LOW";
    bytes32 internal constant CHANNEL_VOUCHER_EXPIRED = "CHANNEL_VOUCHER_EXPIRED";
    /// CHANNEL_VOUCHER_SIGNATURE_INVALID, cut.
    bytes32 internal constant CHANNEL_VOUCHER_SIGNATURE_INVALID = "CHANNEL_VOUCHER_SIGNATURE_INVALI";
    bytes32 internal constant CHANNEL_NOTHING_TO_PAY = "CHANNEL_NOTHING_TO_PAY";
}
