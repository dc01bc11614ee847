// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {TrustTier} from "../types/ProtocolTypes.sol";

/// @notice ERC-721 listings of models, datasets and signal feeds, with append-only versions.
/// @dev The holder of the ERC-721 token is the asset's owner: it publishes, retires and is paid for channels opened while it
///      holds the token. A published version never changes but for `retired`.
interface IAssetRegistry {
    enum AssetKind { Model, Dataset, SignalFeed }

    struct Terms {
        /// ERC-20 in which the asset is paid.
        address token;
        /// Token base units per input and output unit. What a unit is, the manifest says.
        uint128 pricePerUnitIn;
        uint128 pricePerUnitOut;
        /// Share of the asset owner in every payment, basis points, at most MAX_OWNER_SHARE_BPS.
        uint16 ownerShareBps;
    }

    struct AssetVersion {
        /// sha256 of the canonical JSON manifest.
        bytes32 manifestHash;
        /// Merkle root over the sealed records; the receipt's modelRoot.
        bytes32 contentRoot;
        /// Where manifest and records lie (https, ipfs, file); at most 512 bytes.
        string manifestUri;
        Terms terms;
        /// Bit i set: TeeKind i accepted. With the bit of NvidiaGpu the provider needs a GPU bound to its CPU's evidence.
        uint16 acceptedTeeKinds;
        /// Workloads that may receive the key; never empty, at most 16.
        bytes32[] acceptedWorkloads;
        /// Unix seconds; set by the contract, whatever the caller passes.
        uint64 publishedAt;
        /// Owner withdrew it: no new channels. Starts false, whatever the caller passes.
        bool retired;
    }

    event AssetListed(uint256 indexed assetId, address indexed owner, AssetKind kind, string name);
    event AssetVersionPublished(
        uint256 indexed assetId,
        uint32 indexed version,
        bytes32 manifestHash,
        bytes32 contentRoot,
        string manifestUri
    );
    event AssetVersionRetired(uint256 indexed assetId, uint32 indexed version);
    event AssetMinimumTierSet(uint256 indexed assetId, TrustTier tier);
    event AssetRoyaltySet(uint256 indexed assetId, address receiver, uint96 royaltyBps);

    error AssetUnknown(uint256 assetId);
    error AssetVersionUnknown(uint256 assetId, uint32 version);
    error AssetCallerNotOwner(uint256 assetId, address caller, address owner);
    error AssetNameInvalid(uint256 lengthBytes, uint256 maxBytes);
    error AssetManifestInvalid(bytes32 manifestHash, bytes32 contentRoot, uint256 uriBytes);
    error AssetTokenMissing();
    error AssetOwnerShareTooHigh(uint16 ownerShareBps, uint16 maxBps);
    error AssetTeeKindsInvalid(uint16 acceptedTeeKinds);
    error AssetWorkloadsInvalid(uint256 count, uint256 maxCount);

    /// @notice Lists an asset and mints its token to the caller.
    /// @param name 1 to 64 bytes of UTF-8.
    /// @return assetId Counts up from 1.
    function list(AssetKind kind, string calldata name, AssetVersion calldata first) external returns (uint256 assetId);
    /// @notice Owner: appends a version. Open channels keep theirs.
    function publishVersion(uint256 assetId, AssetVersion calldata next) external returns (uint32 version);
    /// @notice Owner: no new channels for this version. Cannot be undone; open channels run on.
    function retireVersion(uint256 assetId, uint32 version) external;
    /// @notice Owner: least trust tier of providers that open channels from now on, for every version. None: any.
    function setMinimumTier(uint256 assetId, TrustTier tier) external;
    /// @notice Owner: ERC-2981 royalty on resale of the listing; has nothing to do with `ownerShareBps`.
    function setRoyalty(uint256 assetId, address receiver, uint96 royaltyBps) external;

    function assetCount() external view returns (uint256);
    function kindOf(uint256 assetId) external view returns (AssetKind);
    function nameOf(uint256 assetId) external view returns (string memory);
    /// @notice Number of the newest version; 0 when the asset does not exist. Versions count up from 1.
    function latestVersion(uint256 assetId) external view returns (uint32);
    function versionOf(uint256 assetId, uint32 version) external view returns (AssetVersion memory);
    /// @notice Lean view for the escrow.
    function termsOf(uint256 assetId, uint32 version)
        external
        view
        returns (Terms memory terms, bytes32 contentRoot, bool retired);
    /// @notice Least trust tier that a provider needs; None for what does not exist.
    function minimumTierOf(uint256 assetId) external view returns (TrustTier);
    /// @notice Whether the version may run on this workload and TEE kind; false for what does not exist.
    function acceptsWorkload(uint256 assetId, uint32 version, bytes32 workloadId, uint8 teeKind)
        external
        view
        returns (bool);
}
