// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Content keys, HPKE-sealed to one provider keyset, per asset version and key epoch.
interface IKeyReleases {
    event KeyReleased(uint256 indexed assetId, uint32 indexed keyEpoch, bytes32 indexed keysetDigest, bytes32 providerId, bytes sealedKey);
    event KeyEpochStarted(uint256 indexed assetId, uint32 keyEpoch);

    /// @notice Asset owner (or its approved broker address) posts a sealed key for a provider's current keyset.
    function release(uint256 assetId, uint32 keyEpoch, bytes32 providerId, bytes32 keysetDigest, bytes calldata sealedKey) external;
    function startKeyEpoch(uint256 assetId) external returns (uint32 keyEpoch);
    function keyEpochOf(uint256 assetId) external view returns (uint32);
    /// @notice Empty when nothing was released.
    function sealedKeyOf(uint256 assetId, uint32 keyEpoch, bytes32 keysetDigest) external view returns (bytes memory);
}
