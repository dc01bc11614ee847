// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IAssetRegistry} from "../interfaces/IAssetRegistry.sol";
import {IAttestationRegistry} from "../interfaces/IAttestationRegistry.sol";
import {IKeyReleases} from "../interfaces/IKeyReleases.sol";

/// @title KeyReleases; the manual is on IKeyReleases.
contract KeyReleases is IKeyReleases {
    /// A sealed key of docs/architecture.md has 80 bytes; a post-quantum one about 1.2 kB.
    uint256 public constant MAX_SEALED_KEY_BYTES = 2_048;

    IAssetRegistry public immutable ASSETS;
    IAttestationRegistry public immutable PROVIDERS;

    /// Epochs started; the current epoch is one more.
    mapping(uint256 assetId => uint32) private _started;
    mapping(uint256 assetId => mapping(address owner => mapping(address broker => bool))) private _brokers;
    mapping(uint256 assetId => mapping(uint32 keyEpoch => mapping(bytes32 keysetDigest => bytes))) private _sealedKeys;

    constructor(IAssetRegistry assets, IAttestationRegistry providers) {
        ASSETS = assets;
        PROVIDERS = providers;
    }

    modifier onlyBroker(uint256 assetId) {
        require(isBroker(assetId, msg.sender), AssetBrokerNotApproved(assetId, msg.sender, _ownerOf(assetId)));
        _;
    }

    /// @inheritdoc IKeyReleases
    function approveBroker(uint256 assetId, address broker, bool approved) external {
        address owner = _ownerOf(assetId);
        require(msg.sender == owner, IAssetRegistry.AssetCallerNotOwner(assetId, msg.sender, owner));
        _brokers[assetId][owner][broker] = approved;
        emit BrokerApproved(assetId, owner, broker, approved);
    }

    /// @inheritdoc IKeyReleases
    function release(
        uint256 assetId,
        uint32 keyEpoch,
        bytes32 providerId,
        bytes32 keysetDigest,
        bytes calldata sealedKey
    ) external onlyBroker(assetId) {
        uint32 current = keyEpochOf(assetId);
        require(keyEpoch == current, AssetKeyEpochNotCurrent(assetId, keyEpoch, current));
        uint256 length = sealedKey.length;
        require(length != 0 && length <= MAX_SEALED_KEY_BYTES, AssetSealedKeyInvalid(length, MAX_SEALED_KEY_BYTES));
        (bool ok, bytes32 reason) = PROVIDERS.canServe(providerId, assetId, msg.sender);
        require(ok, AssetProviderCannotServe(providerId, assetId, reason));
        bytes32 registered = PROVIDERS.recordOf(providerId).keysetDigest;
        require(keysetDigest == registered, AssetKeysetNotCurrent(providerId, keysetDigest, registered));
        _sealedKeys[assetId][keyEpoch][keysetDigest] = sealedKey;
        emit KeyReleased(assetId, keyEpoch, keysetDigest, providerId, sealedKey);
    }

    /// @inheritdoc IKeyReleases
    function startKeyEpoch(uint256 assetId) external onlyBroker(assetId) returns (uint32 keyEpoch) {
        _started[assetId] += 1;
        keyEpoch = keyEpochOf(assetId);
        emit KeyEpochStarted(assetId, keyEpoch);
    }

    /// @inheritdoc IKeyReleases
    function sealedKeyOf(uint256 assetId, uint32 keyEpoch, bytes32 keysetDigest) external view returns (bytes memory) {
        return _sealedKeys[assetId][keyEpoch][keysetDigest];
    }

    /// @inheritdoc IKeyReleases
    function keyEpochOf(uint256 assetId) public view returns (uint32) {
        return _started[assetId] + 1;
    }

    /// @inheritdoc IKeyReleases
    function isBroker(uint256 assetId, address account) public view returns (bool) {
        address owner = _ownerOf(assetId);
        return account == owner || _brokers[assetId][owner][account];
    }

    function _ownerOf(uint256 assetId) private view returns (address) {
        require(ASSETS.latestVersion(assetId) != 0, IAssetRegistry.AssetUnknown(assetId));
        return IERC721(address(ASSETS)).ownerOf(assetId);
    }
}
