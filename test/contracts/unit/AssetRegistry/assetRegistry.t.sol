// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAssetRegistry} from "../../../../contracts/interfaces/IAssetRegistry.sol";
import {IKeyReleases} from "../../../../contracts/interfaces/IKeyReleases.sol";
import {ReasonCodes} from "../../../../contracts/libraries/ReasonCodes.sol";
import {MarketWorld} from "../../support/MarketWorld.sol";

/// AssetRegistry and KeyReleases.
contract AssetRegistryTest is MarketWorld {
    function setUp() public {
        deployWorld();
        populate();
    }

    function test_list_RevertsWhen_TermsAreWrong() public {
        IAssetRegistry.AssetVersion memory version = assetVersion();
        vm.expectRevert(abi.encodeWithSelector(IAssetRegistry.AssetNameInvalid.selector, 0, 64));
        assets.list(IAssetRegistry.AssetKind.Model, "", version);
        version.terms.ownerShareBps = 9_001;
        _listReverts(version, abi.encodeWithSelector(IAssetRegistry.AssetOwnerShareTooHigh.selector, 9_001, 9_000));
        version.terms.token = address(0);
        _listReverts(version, abi.encodeWithSelector(IAssetRegistry.AssetTokenMissing.selector));
        version = assetVersion();
        version.contentRoot = 0;
        _listReverts(
            version,
            abi.encodeWithSelector(
                IAssetRegistry.AssetManifestInvalid.selector, version.manifestHash, bytes32(0), 37
            )
        );
        version = assetVersion();
        version.acceptedTeeKinds = 1;
        _listReverts(version, abi.encodeWithSelector(IAssetRegistry.AssetTeeKindsInvalid.selector, 1));
        version = assetVersion();
        version.acceptedWorkloads = new bytes32[](17);
        _listReverts(version, abi.encodeWithSelector(IAssetRegistry.AssetWorkloadsInvalid.selector, 17, 16));
    }

    function test_publishVersion_RevertsWhen_CallerNotOwner() public {
        IAssetRegistry.AssetVersion memory version = assetVersion();
        vm.expectRevert(
            abi.encodeWithSelector(IAssetRegistry.AssetCallerNotOwner.selector, assetId, STRANGER, ASSET_OWNER)
        );
        vm.prank(STRANGER);
        assets.publishVersion(assetId, version);
        vm.expectRevert(abi.encodeWithSelector(IAssetRegistry.AssetUnknown.selector, 9));
        assets.publishVersion(9, version);
    }

    function test_publishVersion_AppendsAndKeepsTheOld() public {
        IAssetRegistry.AssetVersion memory next = assetVersion();
        next.contentRoot = "next";
        next.retired = true;
        next.publishedAt = 1;
        vm.prank(ASSET_OWNER);
        assertEq(assets.publishVersion(assetId, next), 2, "version");
        assertWord(assets.versionOf(assetId, 1).contentRoot, CONTENT_ROOT, "old");
        assertWord(assets.versionOf(assetId, 2).contentRoot, "next", "new");
        assertTrue(!assets.versionOf(assetId, 2).retired, "starts offered");
        assertEq(assets.versionOf(assetId, 2).publishedAt, START, "time is the chain's");
        vm.expectRevert(abi.encodeWithSelector(IAssetRegistry.AssetVersionUnknown.selector, assetId, 3));
        assets.versionOf(assetId, 3);
    }

    function test_setRoyalty_AnswersErc2981() public {
        vm.prank(ASSET_OWNER);
        assets.setRoyalty(assetId, STRANGER, 500);
        (address receiver, uint256 amount) = assets.royaltyInfo(assetId, 1_000);
        assertTrue(receiver == STRANGER, "receiver");
        assertEq(amount, 50, "amount");
        assertTrue(assets.supportsInterface(0x2a55205a) && assets.supportsInterface(0x80ac58cd), "ERC-165");
    }

    function test_release_RevertsWhen_NotBroker() public {
        vm.expectRevert(
            abi.encodeWithSelector(IKeyReleases.AssetBrokerNotApproved.selector, assetId, STRANGER, ASSET_OWNER)
        );
        vm.prank(STRANGER);
        keyReleases.release(assetId, 1, providerId, "k", "sealed");
        vm.expectRevert(
            abi.encodeWithSelector(IAssetRegistry.AssetCallerNotOwner.selector, assetId, STRANGER, ASSET_OWNER)
        );
        vm.prank(STRANGER);
        keyReleases.approveBroker(assetId, STRANGER, true);
    }

    function test_release_RevertsWhen_NotForTheCurrentKeyset() public {
        bytes32 digest = registry.recordOf(providerId).keysetDigest;
        vm.startPrank(ASSET_OWNER);
        vm.expectRevert(abi.encodeWithSelector(IKeyReleases.AssetKeyEpochNotCurrent.selector, assetId, 2, 1));
        keyReleases.release(assetId, 2, providerId, digest, "sealed");
        vm.expectRevert(abi.encodeWithSelector(IKeyReleases.AssetSealedKeyInvalid.selector, 0, 2_048));
        keyReleases.release(assetId, 1, providerId, digest, "");
        vm.expectRevert(
            abi.encodeWithSelector(
                IKeyReleases.AssetKeysetNotCurrent.selector, providerId, bytes32("other"), digest
            )
        );
        keyReleases.release(assetId, 1, providerId, "other", "sealed");
        vm.stopPrank();
        vm.prank(OWNER);
        registry.revoke(providerId);
        vm.expectRevert(
            abi.encodeWithSelector(
                IKeyReleases.AssetProviderCannotServe.selector,
                providerId,
                assetId,
                ReasonCodes.REGISTRY_PROVIDER_REVOKED
            )
        );
        vm.prank(ASSET_OWNER);
        keyReleases.release(assetId, 1, providerId, digest, "sealed");
    }

    function test_release_ByBrokerUntilTheAssetIsSold() public {
        bytes32 digest = registry.recordOf(providerId).keysetDigest;
        vm.prank(ASSET_OWNER);
        keyReleases.approveBroker(assetId, STRANGER, true);
        vm.expectEmit(address(keyReleases));
        emit IKeyReleases.KeyReleased(assetId, 1, digest, providerId, "sealed");
        vm.prank(STRANGER);
        keyReleases.release(assetId, 1, providerId, digest, "sealed");
        assertWord(keccak256(keyReleases.sealedKeyOf(assetId, 1, digest)), keccak256("sealed"), "sealed key");
        vm.prank(STRANGER);
        assertEq(keyReleases.startKeyEpoch(assetId), 2, "epoch");
        assertEq(keyReleases.sealedKeyOf(assetId, 2, digest).length, 0, "nothing in the new epoch");
        vm.prank(ASSET_OWNER);
        assets.transferFrom(ASSET_OWNER, PAYER, assetId);
        assertTrue(!keyReleases.isBroker(assetId, STRANGER), "approval ended with the sale");
    }

    function _listReverts(IAssetRegistry.AssetVersion memory version, bytes memory expected) private {
        vm.expectRevert(expected);
        assets.list(IAssetRegistry.AssetKind.Model, "name", version);
    }
}
