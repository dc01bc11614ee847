// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Content keys, HPKE-sealed to one provider keyset, per asset and key epoch.
/// @dev Proves: the asset's owner or its broker released this ciphertext while the provider could serve the asset.
///      Does NOT prove: that the ciphertext opens, or opens to the right key; the provider finds out and says so.
interface IKeyReleases {
    event KeyReleased(
        uint256 indexed assetId,
        uint32 indexed keyEpoch,
        bytes32 indexed keysetDigest,
        bytes32 providerId,
        bytes sealedKey
    );
    event KeyEpochStarted(uint256 indexed assetId, uint32 keyEpoch);
    event BrokerApproved(uint256 indexed assetId, address indexed owner, address indexed broker, bool approved);

    error AssetBrokerNotApproved(uint256 assetId, address caller, address owner);
    error AssetKeyEpochNotCurrent(uint256 assetId, uint32 keyEpoch, uint32 current);
    error AssetKeysetNotCurrent(bytes32 providerId, bytes32 keysetDigest, bytes32 current);
    error AssetProviderCannotServe(bytes32 providerId, uint256 assetId, bytes32 reason);
    error AssetSealedKeyInvalid(uint256 lengthBytes, uint256 maxBytes);

    /// @notice Owner: lets a broker release keys of this asset. Ends when the asset changes hands.
    function approveBroker(uint256 assetId, address broker, bool approved) external;
    /// @notice Asset owner (or its approved broker) posts a sealed key for a provider's current keyset.
    /// @dev A second release for the same keyset replaces the first, so that a wrong ciphertext can be corrected.
    function release(
        uint256 assetId,
        uint32 keyEpoch,
        bytes32 providerId,
        bytes32 keysetDigest,
        bytes calldata sealedKey
    ) external;
    /// @notice Owner or broker: later releases belong to a new content key. Keys already released stay readable to those
    ///         who could open them: what was disclosed stays disclosed.
    function startKeyEpoch(uint256 assetId) external returns (uint32 keyEpoch);
    /// @notice Counts up from 1.
    function keyEpochOf(uint256 assetId) external view returns (uint32);
    function isBroker(uint256 assetId, address account) external view returns (bool);
    /// @notice Empty when nothing was released.
    function sealedKeyOf(uint256 assetId, uint32 keyEpoch, bytes32 keysetDigest) external view returns (bytes memory);
}
