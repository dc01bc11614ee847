// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {ERC2981} from "@openzeppelin/contracts/token/common/ERC2981.sol";
import {IAssetRegistry} from "../interfaces/IAssetRegistry.sol";
import {TrustTier} from "../types/ProtocolTypes.sol";

/// @title AssetRegistry; the manual is on IAssetRegistry.
contract AssetRegistry is IAssetRegistry, ERC721, ERC2981 {
    /// Basis points. Leaves at least a tenth for provider and protocol.
    uint16 public constant MAX_OWNER_SHARE_BPS = 9_000;
    uint256 public constant MAX_NAME_BYTES = 64;
    uint256 public constant MAX_URI_BYTES = 512;
    uint256 public constant MAX_WORKLOADS = 16;
    /// Bit 0 is TeeKind.None and never acceptable.
    uint16 private constant TEE_KIND_NONE_BIT = 1;

    struct Listing {
        AssetKind kind;
        uint32 latestVersion;
        TrustTier minimumTier;
        string name;
    }

    uint256 private _assetCount;
    mapping(uint256 assetId => Listing) private _listings;
    mapping(uint256 assetId => mapping(uint32 version => AssetVersion)) private _versions;

    constructor() ERC721("Spartan Asset", "SPARTAN") {}

    modifier onlyAssetOwner(uint256 assetId) {
        require(_listings[assetId].latestVersion != 0, AssetUnknown(assetId));
        address owner = ownerOf(assetId);
        require(msg.sender == owner, AssetCallerNotOwner(assetId, msg.sender, owner));
        _;
    }

    /// @inheritdoc IAssetRegistry
    function list(AssetKind kind, string calldata name_, AssetVersion calldata first)
        external
        returns (uint256 assetId)
    {
        uint256 nameBytes = bytes(name_).length;
        require(nameBytes != 0 && nameBytes <= MAX_NAME_BYTES, AssetNameInvalid(nameBytes, MAX_NAME_BYTES));
        assetId = ++_assetCount;
        _listings[assetId] = Listing({kind: kind, latestVersion: 0, minimumTier: TrustTier.None, name: name_});
        // _mint, not _safeMint: no call to the owner's code while the listing is half made.
        _mint(msg.sender, assetId);
        emit AssetListed(assetId, msg.sender, kind, name_);
        _publish(assetId, first);
    }

    /// @inheritdoc IAssetRegistry
    function publishVersion(uint256 assetId, AssetVersion calldata next)
        external
        onlyAssetOwner(assetId)
        returns (uint32 version)
    {
        return _publish(assetId, next);
    }

    /// @inheritdoc IAssetRegistry
    function retireVersion(uint256 assetId, uint32 version) external onlyAssetOwner(assetId) {
        _existing(assetId, version).retired = true;
        emit AssetVersionRetired(assetId, version);
    }

    /// @inheritdoc IAssetRegistry
    function setMinimumTier(uint256 assetId, TrustTier tier) external onlyAssetOwner(assetId) {
        _listings[assetId].minimumTier = tier;
        emit AssetMinimumTierSet(assetId, tier);
    }

    /// @inheritdoc IAssetRegistry
    function setRoyalty(uint256 assetId, address receiver, uint96 royaltyBps) external onlyAssetOwner(assetId) {
        _setTokenRoyalty(assetId, receiver, royaltyBps);
        emit AssetRoyaltySet(assetId, receiver, royaltyBps);
    }

    /// @inheritdoc IAssetRegistry
    function assetCount() external view returns (uint256) {
        return _assetCount;
    }

    /// @inheritdoc IAssetRegistry
    function kindOf(uint256 assetId) external view returns (AssetKind) {
        return _listing(assetId).kind;
    }

    /// @inheritdoc IAssetRegistry
    function nameOf(uint256 assetId) external view returns (string memory) {
        return _listing(assetId).name;
    }

    /// @inheritdoc IAssetRegistry
    function latestVersion(uint256 assetId) external view returns (uint32) {
        return _listings[assetId].latestVersion;
    }

    /// @inheritdoc IAssetRegistry
    function versionOf(uint256 assetId, uint32 version) external view returns (AssetVersion memory) {
        return _existing(assetId, version);
    }

    /// @inheritdoc IAssetRegistry
    function termsOf(uint256 assetId, uint32 version)
        external
        view
        returns (Terms memory terms, bytes32 contentRoot, bool retired)
    {
        AssetVersion storage found = _existing(assetId, version);
        return (found.terms, found.contentRoot, found.retired);
    }

    /// @inheritdoc IAssetRegistry
    function minimumTierOf(uint256 assetId) external view returns (TrustTier) {
        return _listings[assetId].minimumTier;
    }

    /// @inheritdoc IAssetRegistry
    function acceptsWorkload(uint256 assetId, uint32 version, bytes32 workloadId, uint8 teeKind)
        external
        view
        returns (bool)
    {
        AssetVersion storage found = _versions[assetId][version];
        if (teeKind >= 16 || (found.acceptedTeeKinds >> teeKind) & 1 == 0) return false;
        bytes32[] storage workloads = found.acceptedWorkloads;
        uint256 count = workloads.length;
        for (uint256 i = 0; i < count; i++) {
            if (workloads[i] == workloadId) return true;
        }
        return false;
    }

    /// @notice URI of the newest manifest.
    function tokenURI(uint256 assetId) public view override returns (string memory) {
        return _existing(assetId, _listing(assetId).latestVersion).manifestUri;
    }

    /// @notice ERC-165.
    function supportsInterface(bytes4 interfaceId) public view override(ERC721, ERC2981) returns (bool) {
        return ERC721.supportsInterface(interfaceId) || ERC2981.supportsInterface(interfaceId);
    }

    function _publish(uint256 assetId, AssetVersion calldata next) private returns (uint32 version) {
        _check(next);
        version = ++_listings[assetId].latestVersion;
        AssetVersion storage stored = _versions[assetId][version];
        stored.manifestHash = next.manifestHash;
        stored.contentRoot = next.contentRoot;
        stored.manifestUri = next.manifestUri;
        stored.terms = next.terms;
        stored.acceptedTeeKinds = next.acceptedTeeKinds;
        stored.acceptedWorkloads = next.acceptedWorkloads;
        stored.publishedAt = uint64(block.timestamp);
        emit AssetVersionPublished(assetId, version, next.manifestHash, next.contentRoot, next.manifestUri);
    }

    function _check(AssetVersion calldata next) private pure {
        uint256 uriBytes = bytes(next.manifestUri).length;
        require(
            next.manifestHash != 0 && next.contentRoot != 0 && uriBytes != 0 && uriBytes <= MAX_URI_BYTES,
            AssetManifestInvalid(next.manifestHash, next.contentRoot, uriBytes)
        );
        require(next.terms.token != address(0), AssetTokenMissing());
        require(
            next.terms.ownerShareBps <= MAX_OWNER_SHARE_BPS,
            AssetOwnerShareTooHigh(next.terms.ownerShareBps, MAX_OWNER_SHARE_BPS)
        );
        require(
            next.acceptedTeeKinds != 0 && next.acceptedTeeKinds & TEE_KIND_NONE_BIT == 0,
            AssetTeeKindsInvalid(next.acceptedTeeKinds)
        );
        uint256 count = next.acceptedWorkloads.length;
        require(count != 0 && count <= MAX_WORKLOADS, AssetWorkloadsInvalid(count, MAX_WORKLOADS));
    }

    function _listing(uint256 assetId) private view returns (Listing storage listing) {
        listing = _listings[assetId];
        require(listing.latestVersion != 0, AssetUnknown(assetId));
    }

    function _existing(uint256 assetId, uint32 version) private view returns (AssetVersion storage found) {
        found = _versions[assetId][version];
        require(found.publishedAt != 0, AssetVersionUnknown(assetId, version));
    }
}
