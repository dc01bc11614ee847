// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAttestationRegistry} from "../../../contracts/interfaces/IAttestationRegistry.sol";
import {Claims, Keyset, TeeKind} from "../../../contracts/types/ProtocolTypes.sol";
import {MarketWorld} from "../support/MarketWorld.sol";
import {ScriptedVerifier} from "../support/ScriptedVerifier.sol";
import {TestBase} from "../support/TestBase.sol";
import {InvariantsSpec} from "./InvariantsSpec.sol";

/// What owners, strangers and governance do to records, in any order.
/// @dev In this file because the runner fuzzes only contracts compiled as part of a test file.
contract RegistryHandler is MarketWorld {
    uint256 public constant PROVIDERS = 3;
    uint256 public constant PLATFORMS = 2;
    bytes private constant EVIDENCE = "evidence";

    uint256 public registrations;
    uint256 public refusals;

    constructor() {
        deployWorld();
    }

    function idOf(uint256 index) public view returns (bytes32) {
        return registry.providerIdOf(_ownerOf(index), OPERATOR);
    }

    function platformOf(uint256 index) public pure returns (bytes32) {
        return bytes32(1 + (index % PLATFORMS));
    }

    function registryOf() external view returns (IAttestationRegistry) {
        return registry;
    }

    function register(uint256 who, uint256 platform, uint256 life) external {
        who %= PROVIDERS;
        verifier.setMode(ScriptedVerifier.Mode.Answer);
        Keyset memory keyset = keysetOf(registry.recordOf(idOf(who)).epoch + 1);
        keyset.owner = _ownerOf(who);
        keyset.receiptSigner = abi.encodePacked(vm.addr(RECEIPT_KEY + who));
        (IAttestationRegistry.Registration memory registration, Claims memory claims) = registrationOf(keyset);
        bytes32 digest = registry.registerDigestOf(claims.reportDataHigh, claims.reportDataLow);
        registration.possessionSignature = signWith(RECEIPT_KEY + who, digest);
        claims.platformId = platformOf(platform);
        claims.earliestExpiry = uint64(block.timestamp + bound(life, 1, 10 days));
        verifier.setClaims(claims);
        vm.prank(keyset.owner);
        try registry.register(registration) {
            registrations++;
        } catch {
            refusals++;
        }
    }

    function revoke(uint256 who) external {
        bytes32 id = idOf(who % PROVIDERS);
        vm.prank(_ownerOf(who % PROVIDERS));
        try registry.revoke(id) {} catch {}
    }

    function drain(uint256 who, bool draining) external {
        bytes32 id = idOf(who % PROVIDERS);
        vm.prank(_ownerOf(who % PROVIDERS));
        try registry.setDraining(id, draining) {} catch {}
    }

    /// Anybody, with evidence that is still good, could not be checked, is outdated or wrong.
    function invalidate(uint256 who, uint8 mode) public {
        verifier.setMode(ScriptedVerifier.Mode(mode % 5));
        try registry.invalidate(idOf(who % PROVIDERS), EVIDENCE) {} catch {}
    }

    function judge(uint256 platform, bool deny) external {
        if (deny) router.denyPlatform(platformOf(platform));
        else router.pardonPlatform(platformOf(platform));
    }

    function rotate(uint32 overlap) external {
        router.propose(moduleSetting(TeeKind.Tdx, verifier), uint32(bound(overlap, 0, 2 days)));
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 2 days));
        vm.roll(block.number + 1);
    }

    function _ownerOf(uint256 index) private pure returns (address) {
        return address(uint160(0xA000 + index));
    }
}

contract RegistryInvariantTest is TestBase, InvariantsSpec {
    RegistryHandler private _handler;
    IAttestationRegistry private _registry;
    address[] private _targets;

    function setUp() public {
        _handler = new RegistryHandler();
        _registry = _handler.registryOf();
        _targets.push(address(_handler));
    }

    /// The runner calls only these contracts.
    function targetContracts() public view returns (address[] memory) {
        return _targets;
    }

    /// hardhat-config: invariant.runs = 16
    /// hardhat-config: invariant.depth = 40
    function invariant_ATT_2_OneLiveProviderPerPlatform() public view {
        for (uint256 platform = 0; platform < _handler.PLATFORMS(); platform++) {
            uint256 live;
            bytes32 platformId = _handler.platformOf(platform);
            for (uint256 i = 0; i < _handler.PROVIDERS(); i++) {
                bytes32 id = _handler.idOf(i);
                if (_registry.recordOf(id).platformId != platformId || !_isLive(id)) continue;
                live++;
                assertWord(_registry.holderOf(platformId), id, ATT_2);
            }
            assertTrue(live <= 1, ATT_2);
        }
    }

    /// From every state: once the evidence is wrong, one call by anybody leaves nobody Active.
    /// hardhat-config: invariant.runs = 16
    /// hardhat-config: invariant.depth = 40
    function invariant_ATT_1_AnybodyCanEndWhoseEvidenceIsWrong() public {
        for (uint256 i = 0; i < _handler.PROVIDERS(); i++) {
            _handler.invalidate(i, uint8(ScriptedVerifier.Mode.Reject));
            assertTrue(!_isLive(_handler.idOf(i)), ATT_1);
        }
    }

    /// The handler is not idle: one fixed walk registers, is refused, and registers after the end.
    function test_handler_ReachesEveryState() public {
        _handler.register(0, 0, 5 days);
        _handler.register(1, 0, 5 days);
        assertEq(_handler.registrations(), 1, "one");
        assertEq(_handler.refusals(), 1, "platform in use");
        _handler.invalidate(0, uint8(ScriptedVerifier.Mode.Outdated));
        _handler.wait(2 days);
        _handler.rotate(0);
        _handler.revoke(0);
        _handler.register(1, 0, 5 days);
        assertEq(_handler.registrations(), 2, "two");
        _handler.judge(0, true);
        assertTrue(!_isLive(_handler.idOf(1)), "denied");
        _handler.judge(0, false);
        assertTrue(_isLive(_handler.idOf(1)), "pardoned");
    }

    function _isLive(bytes32 id) private view returns (bool) {
        IAttestationRegistry.ProviderStatus status = _registry.statusOf(id);
        return status == IAttestationRegistry.ProviderStatus.Active
            || status == IAttestationRegistry.ProviderStatus.Grace
            || status == IAttestationRegistry.ProviderStatus.Draining;
    }
}
