// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAppraisalPolicy} from "../../../contracts/interfaces/IAppraisalPolicy.sol";
import {IAssetRegistry} from "../../../contracts/interfaces/IAssetRegistry.sol";
import {IAttestationRegistry} from "../../../contracts/interfaces/IAttestationRegistry.sol";
import {Claims, Keyset, TeeKind, TrustTier} from "../../../contracts/types/ProtocolTypes.sol";
import {MarketWorld} from "../support/MarketWorld.sol";
import {ScriptedVerifier} from "../support/ScriptedVerifier.sol";
import {TestBase} from "../support/TestBase.sol";
import {InvariantsSpec} from "./InvariantsSpec.sol";

/// What owners, strangers and governance do to records, in any order.
/// @dev In this file because the runner fuzzes only contracts compiled as part of a test file.
contract RegistryHandler is MarketWorld {
    uint256 public constant PROVIDERS = 3;
    uint256 public constant PLATFORMS = 2;
    uint256 public constant GPUS = 2;
    bytes private constant EVIDENCE = "evidence";
    bytes32 private constant DOOMED = "another measurement";

    ScriptedVerifier private _gpuVerifier;
    uint256 public registrations;
    uint256 public refusals;
    uint256 public renewals;
    uint256 public bindings;

    /// The asset's second version needs a GPU.
    constructor() {
        deployWorld();
        referenceValues.propose(DOOMED, WORKLOAD, 0, 0);
        _gpuVerifier = new ScriptedVerifier();
        router.propose(moduleSetting(TeeKind.NvidiaGpu, _gpuVerifier), 0);
        IAppraisalPolicy.KindPolicy memory policy;
        policy.defaultTier = TrustTier.Standard;
        router.setKindPolicy(TeeKind.NvidiaGpu, policy);
        assetId = listAsset();
        IAssetRegistry.AssetVersion memory version = assetVersion();
        version.acceptedTeeKinds |= uint16(1 << uint8(TeeKind.NvidiaGpu));
        vm.prank(ASSET_OWNER);
        assets.publishVersion(assetId, version);
    }

    function idOf(uint256 index) public view returns (bytes32) {
        return registry.providerIdOf(_ownerOf(index), OPERATOR);
    }

    function platformOf(uint256 index) public pure returns (bytes32) {
        return bytes32(1 + (index % PLATFORMS));
    }

    function gpuOf(uint256 index) public pure returns (bytes32) {
        return bytes32(100 + (index % GPUS));
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
        if (life % 5 == 0) claims.measurement = DOOMED;
        verifier.setClaims(claims);
        vm.prank(keyset.owner);
        try registry.register(registration) {
            registrations++;
        } catch {
            refusals++;
        }
    }

    /// A stranger, with fresh evidence of the record's own keyset and machine.
    function renew(uint256 who) external {
        IAttestationRegistry.ProviderRecord memory record = registry.recordOf(idOf(who % PROVIDERS));
        if (record.epoch == 0) return;
        verifier.setMode(ScriptedVerifier.Mode.Answer);
        (, Claims memory claims) = registrationOf(keysetOf(record.epoch));
        (claims.reportDataHigh, claims.platformId) = (record.keysetDigest, record.platformId);
        claims.measurement = record.measurement;
        verifier.setClaims(claims);
        try registry.renew(idOf(who % PROVIDERS), EVIDENCE, uint64(block.number) - 1) {
            renewals++;
        } catch {}
    }

    function bindGpu(uint256 who, uint256 gpu, uint256 life) external {
        who %= PROVIDERS;
        bytes32 id = idOf(who);
        IAttestationRegistry.ProviderRecord memory record = registry.recordOf(id);
        if (record.epoch == 0) return;
        bytes32 challenge = registry.challengeOf(uint64(block.number) - 1, record.epoch);
        Claims memory claims;
        (claims.teeKind, claims.simulated, claims.platformId) = (TeeKind.NvidiaGpu, true, gpuOf(gpu));
        claims.earliestExpiry = uint64(block.timestamp + bound(life, 1, 10 days));
        claims.reportDataHigh = sha256(abi.encodePacked("spartan/gpu/v1", record.keysetDigest, challenge));
        _gpuVerifier.setClaims(claims);
        bytes32 digest = registry.gpuDigestOf(record.keysetDigest, challenge, keccak256(EVIDENCE));
        IAttestationRegistry.GpuEvidence memory evidence = IAttestationRegistry.GpuEvidence(
            EVIDENCE, uint64(block.number) - 1, signWith(RECEIPT_KEY + who, digest)
        );
        vm.prank(_ownerOf(who));
        try registry.bindGpu(id, evidence) {
            bindings++;
        } catch {}
    }

    function invalidateGpu(uint256 who, uint256 gpu) external {
        _gpuVerifier.setMode(ScriptedVerifier.Mode.Reject);
        try registry.invalidateGpu(idOf(who % PROVIDERS), gpuOf(gpu), EVIDENCE) {} catch {}
        _gpuVerifier.setMode(ScriptedVerifier.Mode.Answer);
    }

    function setMinimumTier(uint256 tier) external {
        vm.prank(ASSET_OWNER);
        assets.setMinimumTier(assetId, TrustTier(tier % 3));
    }

    function revokeDoomed(uint256 dice) external {
        if (dice % 8 == 0) try referenceValues.revoke(DOOMED) {} catch {}
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

    function judge(uint256 platform, bool deny, bool gpu) external {
        bytes32 id = gpu ? gpuOf(platform) : platformOf(platform);
        if (deny) router.denyPlatform(id);
        else router.pardonPlatform(id);
    }

    function rotate(uint32 overlap) external {
        router.propose(moduleSetting(TeeKind.Tdx, verifier), uint32(bound(overlap, 0, 2 days)));
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 2 days));
        vm.roll(block.number + 1);
    }

    /// What canServeVersion has to answer, from what governance, owners and records say one by one.
    function mayServe(uint256 who, uint32 version) external view returns (bool) {
        bytes32 id = idOf(who);
        IAttestationRegistry.ProviderRecord memory record = registry.recordOf(id);
        uint40 retiredAt = router.moduleOf(record.teeKind, record.moduleVersion).retiredAt;
        TrustTier minimum = assets.minimumTierOf(assetId);
        bool recordHolds = record.epoch != 0 && record.revokedAt == 0 && !record.draining
            && block.timestamp <= record.activeUntil && (retiredAt == 0 || block.timestamp <= retiredAt)
            && referenceValues.revokedAtOf(record.measurement) == 0
            && router.platformRuleOf(record.platformId).deniedAt == 0 && record.tier >= minimum;
        return recordHolds && (version == 1 || _hasGpu(id, minimum));
    }

    function canServe(uint256 who, uint32 version) external view returns (bool ok) {
        (ok,) = registry.canServeVersion(idOf(who), assetId, version);
    }

    function _hasGpu(bytes32 id, TrustTier minimum) private view returns (bool) {
        IAttestationRegistry.Gpu[] memory gpus = registry.gpusOf(id);
        for (uint256 i = 0; i < gpus.length; i++) {
            bool counts = block.timestamp <= gpus[i].validUntil
                && router.platformRuleOf(gpus[i].platformId).deniedAt == 0 && gpus[i].tier >= minimum;
            if (counts) return true;
        }
        return false;
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
    function invariant_ATT_2_OneServingProviderPerPlatform() public view {
        for (uint256 platform = 0; platform < _handler.PLATFORMS(); platform++) {
            uint256 serving;
            bytes32 platformId = _handler.platformOf(platform);
            bytes32 holder = _registry.holderOf(platformId);
            for (uint256 i = 0; i < _handler.PROVIDERS(); i++) {
                bytes32 id = _handler.idOf(i);
                IAttestationRegistry.ProviderRecord memory record = _registry.recordOf(id);
                bool claims = record.platformId == platformId && block.timestamp <= record.attestedAt + 1 days;
                // Nobody keeps others off without evidence of the last day.
                if (id == holder) assertTrue(claims && _isLive(id), ATT_2);
                if (record.platformId != platformId || !_takesChannels(id)) continue;
                serving++;
                if (claims) assertWord(holder, id, ATT_2);
            }
            assertTrue(serving <= 1, ATT_2);
        }
    }

    /// hardhat-config: invariant.runs = 16
    /// hardhat-config: invariant.depth = 40
    function invariant_ATT_3_OneProviderPerGpu() public view {
        for (uint256 gpu = 0; gpu < _handler.GPUS(); gpu++) {
            uint256 counted;
            for (uint256 i = 0; i < _handler.PROVIDERS(); i++) {
                if (!_isLive(_handler.idOf(i))) continue;
                IAttestationRegistry.Gpu[] memory gpus = _registry.gpusOf(_handler.idOf(i));
                for (uint256 place = 0; place < gpus.length; place++) {
                    bool counts = block.timestamp <= gpus[place].validUntil;
                    if (counts && gpus[place].platformId == _handler.gpuOf(gpu)) counted++;
                }
            }
            assertTrue(counted <= 1, ATT_3);
        }
    }

    /// hardhat-config: invariant.runs = 16
    /// hardhat-config: invariant.depth = 40
    function invariant_ATT_4_CanServeIsWhatItsConditionsSay() public view {
        for (uint256 i = 0; i < _handler.PROVIDERS(); i++) {
            for (uint32 version = 1; version <= 2; version++) {
                assertTrue(_handler.canServe(i, version) == _handler.mayServe(i, version), ATT_4);
            }
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
        _handler.judge(0, true, false);
        assertTrue(!_isLive(_handler.idOf(1)), "denied");
        _handler.judge(0, false, false);
        assertTrue(_isLive(_handler.idOf(1)), "pardoned");
        _handler.bindGpu(1, 0, 5 days);
        assertTrue(_handler.canServe(1, 2), "serves with a GPU");
        _handler.wait(1 days);
        _handler.register(2, 0, 6 days);
        assertEq(_handler.registrations(), 3, "lapsed and taken over");
        assertTrue(!_handler.canServe(1, 1) && _handler.canServe(2, 1), "one serves");
        _handler.renew(1);
        assertEq(_handler.renewals(), 0, "not while another holds the platform");
        _handler.bindGpu(2, 0, 5 days);
        assertEq(_handler.bindings(), 2, "GPU taken over");
        _handler.renew(2);
        assertEq(_handler.renewals(), 1, "renewed");
    }

    function _takesChannels(bytes32 id) private view returns (bool) {
        IAttestationRegistry.ProviderStatus status = _registry.statusOf(id);
        return status == IAttestationRegistry.ProviderStatus.Active
            || status == IAttestationRegistry.ProviderStatus.Draining;
    }

    function _isLive(bytes32 id) private view returns (bool) {
        IAttestationRegistry.ProviderStatus status = _registry.statusOf(id);
        return status == IAttestationRegistry.ProviderStatus.Active
            || status == IAttestationRegistry.ProviderStatus.Grace
            || status == IAttestationRegistry.ProviderStatus.Draining;
    }
}
