// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAttestationRegistry} from "../../../../contracts/interfaces/IAttestationRegistry.sol";
import {ReasonCodes} from "../../../../contracts/libraries/ReasonCodes.sol";
import {Claims, Keyset, TrustTier} from "../../../../contracts/types/ProtocolTypes.sol";
import {MarketWorld} from "../../support/MarketWorld.sol";
import {ScriptedVerifier} from "../../support/ScriptedVerifier.sol";

/// One platform, one provider; denied platforms; tiers.
contract PlatformTest is MarketWorld {
    uint256 private constant OTHER_KEY = 0xC0FFEE;

    function setUp() public {
        deployWorld();
        populate();
    }

    function test_register_RevertsWhen_PlatformInUse() public {
        _other("platform", false);
        // A provider on its own machine is welcome.
        bytes32 other = _other("another platform", true);
        assertWord(registry.holderOf("platform"), providerId, "holder");
        assertWord(registry.holderOf("another platform"), other, "other holder");
        // In order of first registration, whatever is registered later.
        registerNext();
        assertEq(registry.providerCount(), 2, "providers");
        bytes32[] memory page = registry.providers(0, 10);
        assertEq(page.length, 2, "page");
        assertWord(page[0], providerId, "first");
        assertWord(page[1], other, "second");
        assertWord(registry.providers(1, 1)[0], other, "second page");
    }

    function test_platform_MovesWhenTheRecordHasEnded() public {
        vm.prank(OWNER);
        registry.revoke(providerId);
        assertWord(registry.holderOf("platform"), 0, "nobody");
        bytes32 other = _other("platform", true);
        assertWord(registry.holderOf("platform"), other, "moved");
        // And not back while the other lives.
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(2));
        verifier.setClaims(claims);
        _reverts(registration, OWNER, other);
    }

    /// The end of a record does not free its platform within the day; a record that ends sooner does.
    function test_platform_StaysInGraceWithinADayAndMovesWhenExpired() public {
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(2));
        claims.earliestExpiry = uint64(START) + 1 hours;
        verifier.setClaims(claims);
        vm.prank(OWNER);
        registry.register(registration);
        vm.warp(START + 1 days);
        _serves(IAttestationRegistry.ProviderStatus.Grace, ReasonCodes.REGISTRY_PROVIDER_IN_GRACE);
        _other("platform", false);
        vm.warp(START + 1 hours + GRACE + 1);
        _serves(IAttestationRegistry.ProviderStatus.Expired, ReasonCodes.REGISTRY_PROVIDER_EXPIRED);
        _other("platform", true);
    }

    function test_platform_ClaimLapsesADayAfterTheLastEvidence() public {
        vm.warp(START + 1 days);
        assertWord(registry.holderOf("platform"), providerId, "holder");
        _other("platform", false);
        vm.warp(START + 1 days + 1);
        assertWord(registry.holderOf("platform"), 0, "lapsed");
        // Nobody else has come: it goes on.
        _serves(IAttestationRegistry.ProviderStatus.Active, 0);
        bytes32 other = _other("platform", true);
        assertWord(registry.holderOf("platform"), other, "taken over");
        assertEq(
            uint8(registry.statusOf(other)), uint8(IAttestationRegistry.ProviderStatus.Active), "other"
        );
        // In the same second: never two that take new channels.
        _serves(IAttestationRegistry.ProviderStatus.Grace, ReasonCodes.REGISTRY_PROVIDER_IN_GRACE);
        IAttestationRegistry.ProviderRecord memory record = registry.recordOf(providerId);
        assertEq(record.activeUntil, START + 1 days, "active until");
        assertEq(record.validUntil, START + 1 days + GRACE, "open channels finish");
        _signs(uint64(START) + 1 days + GRACE, 0);
        _signs(uint64(START) + 1 days + GRACE + 1, ReasonCodes.REGISTRY_PROVIDER_EXPIRED);
    }

    /// Whoever attests every day keeps its platform, and whoever lost it gets it back on the same terms.
    function test_renew_KeepsTheClaimAndTakesALapsedOneBack() public {
        vm.warp(START + 1 days);
        _renew();
        assertEq(registry.recordOf(providerId).attestedAt, START + 1 days, "attested");
        assertEq(registry.recordOf(providerId).registeredAt, START, "registered");
        vm.warp(START + 2 days);
        _other("platform", false);
        vm.warp(START + 2 days + 1);
        bytes32 other = _other("platform", true);
        (Claims memory claims, uint64 challengeBlock) = _renewal();
        verifier.setClaims(claims);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryPlatformInUse.selector, bytes32("platform"), other
            )
        );
        registry.renew(providerId, "fresh", challengeBlock);
        vm.warp(START + 3 days + 2);
        (claims, challengeBlock) = _renewal();
        verifier.setClaims(claims);
        vm.expectEmit(address(registry));
        emit IAttestationRegistry.ProviderShortened(
            other, 1, address(this), uint64(START) + 3 days + 1, uint64(START) + 3 days + 1 + GRACE
        );
        registry.renew(providerId, "fresh", challengeBlock);
        _serves(IAttestationRegistry.ProviderStatus.Active, 0);
        assertWord(registry.holderOf("platform"), providerId, "back");
        assertEq(uint8(registry.statusOf(other)), uint8(IAttestationRegistry.ProviderStatus.Grace), "other");
    }

    /// A takeover never gives time: what had ended sooner ends sooner.
    function test_platform_TakeoverProlongsNothing() public {
        vm.warp(START + 10);
        verifier.setMode(ScriptedVerifier.Mode.Outdated);
        registry.invalidate(providerId, "evidence");
        verifier.setMode(ScriptedVerifier.Mode.Answer);
        vm.warp(START + 2 days);
        _other("platform", true);
        assertEq(registry.recordOf(providerId).activeUntil, START + 10, "active until");
        assertEq(registry.recordOf(providerId).validUntil, START + 10 + GRACE, "valid until");
    }

    function test_platform_MovesWhenItsProviderRunsElsewhere() public {
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(2));
        claims.platformId = "new machine";
        verifier.setClaims(claims);
        vm.prank(OWNER);
        registry.register(registration);
        _other("platform", true);
    }

    /// Evidence that names no platform (VLEK) claims none.
    function test_platform_NoneIsNeverInUse() public {
        _other(bytes32(0), true);
        assertWord(registry.holderOf(0), 0, "nobody");
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(2));
        claims.platformId = 0;
        verifier.setClaims(claims);
        vm.prank(OWNER);
        registry.register(registration);
    }

    function test_denyPlatform_EndsItsProviderAtOnce() public {
        vm.warp(START + 100);
        router.denyPlatform("platform");
        _serves(IAttestationRegistry.ProviderStatus.Revoked, ReasonCodes.REGISTRY_PLATFORM_DENIED);
        _signs(uint64(START) + 99, 0);
        _signs(uint64(START) + 100, ReasonCodes.REGISTRY_PLATFORM_DENIED);
        // A second denial must not make later receipts payable.
        vm.warp(START + 200);
        router.denyPlatform("platform");
        _signs(uint64(START) + 150, ReasonCodes.REGISTRY_PLATFORM_DENIED);
        _signs(uint64(START) + 250, ReasonCodes.REGISTRY_PLATFORM_DENIED);
        // Nobody makes it final.
        verifier.setMode(ScriptedVerifier.Mode.Reject);
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationRegistry.RegistryPlatformDenied.selector, bytes32("platform"))
        );
        registry.invalidate(providerId, "evidence");
        router.pardonPlatform("platform");
        _serves(IAttestationRegistry.ProviderStatus.Active, 0);
        registry.invalidate(providerId, "evidence");
        _serves(IAttestationRegistry.ProviderStatus.Revoked, ReasonCodes.REGISTRY_PROVIDER_REVOKED);
    }

    function test_canServe_RefusesTooLowATier() public {
        assertEq(uint8(registry.recordOf(providerId).tier), uint8(TrustTier.Simulated), "tier");
        vm.prank(ASSET_OWNER);
        assets.setMinimumTier(assetId, TrustTier.Low);
        _serves(IAttestationRegistry.ProviderStatus.Active, ReasonCodes.ASSET_TIER_TOO_LOW);
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keysetOf(2));
        claims.simulated = false;
        verifier.setClaims(claims);
        vm.prank(OWNER);
        registry.register(registration);
        assertEq(uint8(registry.recordOf(providerId).tier), uint8(TrustTier.Standard), "tier");
        _serves(IAttestationRegistry.ProviderStatus.Active, 0);
    }

    /// Registers a second provider on a platform, or expects that it is refused.
    function _other(bytes32 platformId, bool accepted) private returns (bytes32) {
        Keyset memory keyset = keysetOf(1);
        keyset.owner = STRANGER;
        keyset.receiptSigner = abi.encodePacked(vm.addr(OTHER_KEY));
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keyset);
        registration.possessionSignature =
            signWith(OTHER_KEY, registry.registerDigestOf(claims.reportDataHigh, claims.reportDataLow));
        claims.platformId = platformId;
        verifier.setClaims(claims);
        if (!accepted) return _reverts(registration, STRANGER, providerId);
        vm.prank(STRANGER);
        return registry.register(registration);
    }

    function _renew() private {
        (Claims memory claims, uint64 challengeBlock) = _renewal();
        verifier.setClaims(claims);
        registry.renew(providerId, "fresh", challengeBlock);
    }

    function _renewal() private view returns (Claims memory claims, uint64 challengeBlock) {
        (, claims) = registrationOf(keysetOf(1));
        challengeBlock = uint64(block.number) - 1;
        claims.reportDataHigh = registry.recordOf(providerId).keysetDigest;
    }

    function _reverts(IAttestationRegistry.Registration memory registration, address sender, bytes32 holder)
        private
        returns (bytes32)
    {
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationRegistry.RegistryPlatformInUse.selector, bytes32("platform"), holder
            )
        );
        vm.prank(sender);
        return registry.register(registration);
    }

    function _serves(IAttestationRegistry.ProviderStatus status, bytes32 expected) private view {
        assertEq(uint8(registry.statusOf(providerId)), uint8(status), "status");
        (bool ok, bytes32 reason) = registry.canServe(providerId, assetId, PAYER);
        assertWord(reason, expected, "reason");
        assertTrue(ok == (expected == 0), "ok");
    }

    function _signs(uint64 timestamp, bytes32 expected) private view {
        (, bytes32 reason) = registry.receiptSignerAt(providerId, 1, timestamp);
        assertWord(reason, expected, "reason");
    }
}
