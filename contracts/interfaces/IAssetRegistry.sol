// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice ERC-721 listings of models, datasets and signal feeds, with append-only versions.
interface IAssetRegistry {
    enum AssetKind { Model, Dataset, SignalFeed }

    struct Terms {
        /// ERC-20 in which the asset is paid.
        address token;
        /// Token base units per input and output unit. What a unit is, the manifest says.
        uint128 pricePerUnitIn;
        uint128 pricePerUnitOut;
        /// Share of the asset owner in every payment, basis points.
        uint16 ownerShareBps;
    }

    struct AssetVersion {
        /// sha256 of the canonical JSON manifest.
        bytes32 manifestHash;
        /// Merkle root over the sealed records; the receipt's modelRoot.
        bytes32 contentRoot;
        /// Where manifest and records lie (https, ipfs, file).
        string manifestUri;
        Terms terms;
        /// Bit i set: TeeKind i accepted.
        uint16 acceptedTeeKinds;
        /// Workloads that may receive the key; never empty.
        bytes32[] acceptedWorkloads;
        uint64 publishedAt;
        /// Owner withdrew it: no new channels.
        bool retired;
    }

    event AssetListed(uint256 indexed assetId, address indexed owner, AssetKind kind, string name);
    event AssetVersionPublished(uint256 indexed assetId, uint32 indexed version, bytes32 manifestHash, bytes32 contentRoot, string manifestUri);
    event AssetVersionRetired(uint256 indexed assetId, uint32 indexed version);

    function list(AssetKind kind, string calldata name, AssetVersion calldata first) external returns (uint256 assetId);
    function publishVersion(uint256 assetId, AssetVersion calldata next) external returns (uint32 version);
    function retireVersion(uint256 assetId, uint32 version) external;

    function assetCount() external view returns (uint256);
    function kindOf(uint256 assetId) external view returns (AssetKind);
    function nameOf(uint256 assetId) external view returns (string memory);
    function latestVersion(uint256 assetId) external view returns (uint32);
    function versionOf(uint256 assetId, uint32 version) external view returns (AssetVersion memory);
    function termsOf(uint256 assetId, uint32 version) external view returns (Terms memory terms, bytes32 contentRoot, bool retired);
    function acceptsWorkload(uint256 assetId, uint32 version, bytes32 workloadId, uint8 teeKind) external view returns (bool);
}
