// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {ReferenceValues} from "../../../../contracts/attestation/ReferenceValues.sol";
import {IReferenceValues} from "../../../../contracts/interfaces/IReferenceValues.sol";
import {MarketWorld} from "../../support/MarketWorld.sol";

contract ReferenceValuesTest is MarketWorld {
    ReferenceValues private _values;

    function setUp() public {
        deployWorld();
        _values = newReferenceValues(2 days, false);
    }

    function test_constructor_RevertsWhen_TimelockTooShort() public {
        bytes memory refused = abi.encodeWithSelector(IReferenceValues.RegistryTimelockTooShort.selector, 0, 1 days);
        vm.expectRevert(
            abi.encodeWithSelector(NotDeployed.selector, "attestation/ReferenceValues.sol:ReferenceValues", refused)
        );
        this.deployWithoutTimelock();
    }

    function test_propose_RevertsWhen_NotGovernance() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, STRANGER));
        vm.prank(STRANGER);
        _values.propose("m", "w", 0, 0);
    }

    function test_propose_RevertsWhen_KnownOrUnnamed() public {
        vm.expectRevert(abi.encodeWithSelector(IReferenceValues.RegistryWorkloadIdMissing.selector, bytes32("m")));
        _values.propose("m", 0, 0, 0);
        _values.propose("m", "w", 0, 0);
        _values.revoke("m");
        vm.expectRevert(
            abi.encodeWithSelector(
                IReferenceValues.RegistryWorkloadExists.selector,
                bytes32("m"),
                IReferenceValues.WorkloadStatus.Revoked
            )
        );
        _values.propose("m", "w", 0, 0);
    }

    function test_revoke_RevertsWhen_Unknown() public {
        vm.expectRevert(abi.encodeWithSelector(IReferenceValues.RegistryWorkloadUnknown.selector, bytes32("m")));
        _values.revoke("m");
    }

    function test_propose_BecomesActiveByTimeAlone() public {
        vm.expectEmit(address(_values));
        emit IReferenceValues.WorkloadProposed("m", "w", "commit", "artefact", uint64(START + 2 days));
        _values.propose("m", "w", "commit", "artefact");
        vm.warp(START + 2 days - 1);
        _is(IReferenceValues.WorkloadStatus.Proposed);
        vm.warp(START + 2 days);
        _is(IReferenceValues.WorkloadStatus.Active);
        _values.revoke("m");
        _is(IReferenceValues.WorkloadStatus.Revoked);
    }

    function test_revoke_RemembersWhen() public {
        _values.propose("m", "w", 0, 0);
        assertEq(_values.revokedAtOf("m"), 0, "not revoked");
        vm.warp(START + 5);
        _values.revoke("m");
        assertEq(_values.revokedAtOf("m"), START + 5, "revoked at");
        assertEq(_values.workloadOf("m").revokedAt, START + 5, "revoked at");
    }

    /// External, so that the whole deployment is the call that reverts.
    function deployWithoutTimelock() external {
        newReferenceValues(0, false);
    }

    function _is(IReferenceValues.WorkloadStatus status) private view {
        assertEq(uint8(_values.workloadOf("m").status), uint8(status), "status");
    }
}
