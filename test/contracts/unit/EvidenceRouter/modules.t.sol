// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAttestationRegistry} from "../../../../contracts/interfaces/IAttestationRegistry.sol";
import {IEvidenceRouter} from "../../../../contracts/interfaces/IEvidenceRouter.sol";
import {IEvidenceVerifier} from "../../../../contracts/interfaces/IEvidenceVerifier.sol";
import {ReasonCodes} from "../../../../contracts/libraries/ReasonCodes.sol";
import {TeeKind} from "../../../../contracts/types/ProtocolTypes.sol";
import {MarketWorld} from "../../support/MarketWorld.sol";
import {ScriptedVerifier} from "../../support/ScriptedVerifier.sol";

/// propose, cancel, retire, and what they do to records.
contract ModulesTest is MarketWorld {
    uint64 private constant TIMELOCK = 2 days;

    ScriptedVerifier private _next;

    function setUp() public {
        deployWorld();
        router = newRouter(TIMELOCK, false);
        registry = newRegistry(true);
        populate();
        _next = new ScriptedVerifier();
    }

    function test_constructor_RevertsWhen_TimelockTooShort() public {
        bytes memory refused = abi.encodeWithSelector(
            IEvidenceRouter.RegistryTimelockTooShort.selector, uint64(1 days) - 1, uint64(1 days)
        );
        vm.expectRevert(
            abi.encodeWithSelector(NotDeployed.selector, "attestation/EvidenceRouter.sol:EvidenceRouter", refused)
        );
        this.deployRouter(1 days - 1, false);
        this.deployRouter(1 days, false);
        this.deployRouter(0, true);
    }

    /// From outside, so that a refusal can be expected.
    function deployRouter(uint64 timelock, bool devMode) external {
        newRouter(timelock, devMode);
    }

    function test_appraise_RevertsWhen_EvidenceTooLong() public {
        uint256 most = router.MAX_EVIDENCE_BYTES();
        vm.expectRevert(abi.encodeWithSelector(IEvidenceRouter.RegistryEvidenceTooLong.selector, most + 1, most));
        router.appraise(TeeKind.Tdx, new bytes(most + 1));
        router.appraise(TeeKind.Tdx, new bytes(most));
    }

    /// What costs more to verify than recheck will give could never be judged again.
    function test_appraise_GivesLessGasThanRecheck() public {
        verifier.setMode(ScriptedVerifier.Mode.BurnGas);
        uint256 given = uint256(moduleSetting(TeeKind.Tdx, verifier).verificationKgas) * 1_000;
        uint256 before = gasleft();
        vm.expectRevert(bytes(""));
        router.appraise(TeeKind.Tdx, "evidence");
        uint256 used = before - gasleft();
        assertTrue(used > given / 2 && used < given * 4 / 5, "three quarters");
    }

    function test_governanceAlone() public {
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER);
        vm.startPrank(STRANGER);
        vm.expectRevert(refused);
        router.propose(moduleSetting(TeeKind.Tdx, _next), 0);
        vm.expectRevert(refused);
        router.cancel(TeeKind.Tdx);
        vm.expectRevert(refused);
        router.retire(TeeKind.Tdx, 1);
    }

    function test_propose_RevertsWhen_NoModule() public {
        bytes4 selector = IEvidenceRouter.RegistryModuleInvalid.selector;
        IEvidenceRouter.ModuleSetting memory setting = moduleSetting(TeeKind.Tdx, IEvidenceVerifier(STRANGER));
        vm.expectRevert(abi.encodeWithSelector(selector, TeeKind.Tdx, STRANGER));
        router.propose(setting, 0);
        setting = moduleSetting(TeeKind.None, _next);
        vm.expectRevert(abi.encodeWithSelector(selector, TeeKind.None, address(_next)));
        router.propose(setting, 0);
        setting = moduleSetting(TeeKind.Tdx, _next);
        setting.verificationKgas = 0;
        vm.expectRevert(abi.encodeWithSelector(selector, TeeKind.Tdx, address(_next)));
        router.propose(setting, 0);
    }

    function test_propose_CurrentAfterTheTimelockAlone() public {
        assertEq(router.propose(moduleSetting(TeeKind.Tdx, _next), 0), 2, "version");
        vm.warp(START + TIMELOCK - 1);
        assertEq(router.currentVersionOf(TeeKind.Tdx), 1, "still the first");
        _serves(IAttestationRegistry.ProviderStatus.Active, 0);
        vm.warp(START + TIMELOCK);
        assertEq(router.currentVersionOf(TeeKind.Tdx), 2, "the second");
        assertEq(router.versionCount(TeeKind.Tdx), 2, "two versions");
        // The old version is as it was but for its end.
        IEvidenceRouter.Module memory old = router.moduleOf(TeeKind.Tdx, 1);
        assertTrue(address(old.verifier) == address(verifier) && old.currentFrom == START, "old version unchanged");
        assertEq(old.retiredAt, START + TIMELOCK, "retired");
    }

    function test_propose_RevertsWhen_OneIsPending() public {
        router.propose(moduleSetting(TeeKind.Tdx, _next), 0);
        bytes memory pending = abi.encodeWithSelector(
            IEvidenceRouter.RegistryModulePending.selector, TeeKind.Tdx, 2, START + TIMELOCK
        );
        IEvidenceRouter.ModuleSetting memory setting = moduleSetting(TeeKind.Tdx, _next);
        vm.expectRevert(pending);
        router.propose(setting, 0);
        // Another kind is another line.
        assertEq(router.propose(moduleSetting(TeeKind.Sgx, _next), 0), 1, "first of its kind");
        assertEq(router.currentVersionOf(TeeKind.Sgx), 0, "none yet");
    }

    /// Rotation shortens every record that the old version verified, and writes nothing per record.
    function test_rotation_PutsRecordsIntoGraceThenEndsThem() public {
        router.propose(moduleSetting(TeeKind.Tdx, _next), 0);
        assertEq(registry.recordOf(providerId).activeUntil, START + TIMELOCK, "the end is known from the proposal on");
        vm.warp(START + TIMELOCK);
        _serves(IAttestationRegistry.ProviderStatus.Active, 0);
        vm.warp(START + TIMELOCK + 1);
        _serves(IAttestationRegistry.ProviderStatus.Grace, ReasonCodes.REGISTRY_PROVIDER_IN_GRACE);
        _signs(uint64(START + TIMELOCK + GRACE), 0);
        _signs(uint64(START + TIMELOCK + GRACE) + 1, ReasonCodes.REGISTRY_PROVIDER_EXPIRED);
        vm.warp(START + TIMELOCK + GRACE + 1);
        _serves(IAttestationRegistry.ProviderStatus.Expired, ReasonCodes.REGISTRY_PROVIDER_EXPIRED);
    }

    function test_rotation_OverlapKeepsRecordsActive() public {
        router.propose(moduleSetting(TeeKind.Tdx, _next), 1 days);
        vm.warp(START + TIMELOCK + 1 days);
        _serves(IAttestationRegistry.ProviderStatus.Active, 0);
        assertEq(router.currentVersionOf(TeeKind.Tdx), 2, "new registrations by the second");
        vm.warp(START + TIMELOCK + 1 days + 1);
        _serves(IAttestationRegistry.ProviderStatus.Grace, ReasonCodes.REGISTRY_PROVIDER_IN_GRACE);
    }

    /// A record is judged by the version that verified it, by that version's own weights.
    function test_rotation_InvalidatesByTheRecordsOwnVersion() public {
        router.propose(moduleSetting(TeeKind.Tdx, _next), 7 days);
        vm.warp(START + TIMELOCK + 1);
        _next.setMode(ScriptedVerifier.Mode.Reject);
        vm.expectRevert(abi.encodeWithSelector(IAttestationRegistry.RegistryEvidenceStillValid.selector, providerId));
        registry.invalidate(providerId, "evidence");
        verifier.setMode(ScriptedVerifier.Mode.Reject);
        registry.invalidate(providerId, "evidence");
        _serves(IAttestationRegistry.ProviderStatus.Revoked, ReasonCodes.REGISTRY_PROVIDER_REVOKED);
    }

    function test_cancel_GivesThePredecessorItsLifeBack() public {
        router.propose(moduleSetting(TeeKind.Tdx, _next), 0);
        router.cancel(TeeKind.Tdx);
        vm.warp(START + TIMELOCK + 1);
        assertEq(router.currentVersionOf(TeeKind.Tdx), 1, "the first");
        _serves(IAttestationRegistry.ProviderStatus.Active, 0);
        vm.expectRevert(abi.encodeWithSelector(IEvidenceRouter.RegistryModuleNotPending.selector, TeeKind.Tdx, 1));
        router.cancel(TeeKind.Tdx);
        // A number is never used twice.
        assertEq(router.propose(moduleSetting(TeeKind.Tdx, _next), 0), 3, "third");
    }

    function test_cancel_RevertsWhen_CurrentAlready() public {
        router.propose(moduleSetting(TeeKind.Tdx, _next), 0);
        vm.warp(START + TIMELOCK);
        vm.expectRevert(abi.encodeWithSelector(IEvidenceRouter.RegistryModuleNotPending.selector, TeeKind.Tdx, 2));
        router.cancel(TeeKind.Tdx);
    }

    function test_retire_EndsAVersionAtOnce() public {
        router.retire(TeeKind.Tdx, 1);
        assertEq(router.currentVersionOf(TeeKind.Tdx), 0, "none");
        vm.warp(START + 1);
        _serves(IAttestationRegistry.ProviderStatus.Grace, ReasonCodes.REGISTRY_PROVIDER_IN_GRACE);
        vm.expectRevert(abi.encodeWithSelector(IEvidenceRouter.RegistryTeeKindUnsupported.selector, TeeKind.Tdx));
        router.appraise(TeeKind.Tdx, "evidence");
        vm.expectRevert(
            abi.encodeWithSelector(IEvidenceRouter.RegistryModuleInvalid.selector, TeeKind.Tdx, address(verifier))
        );
        router.retire(TeeKind.Tdx, 1);
        // A cancelled successor does not bring it back.
        router.propose(moduleSetting(TeeKind.Tdx, _next), 0);
        router.cancel(TeeKind.Tdx);
        assertEq(router.currentVersionOf(TeeKind.Tdx), 0, "still none");
        router.propose(moduleSetting(TeeKind.Tdx, _next), 0);
        vm.warp(START + 1 + TIMELOCK);
        assertEq(router.currentVersionOf(TeeKind.Tdx), 3, "a new one does");
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
