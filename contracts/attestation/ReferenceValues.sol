// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IReferenceValues} from "../interfaces/IReferenceValues.sol";

/// @title ReferenceValues; the manual is on IReferenceValues.
contract ReferenceValues is IReferenceValues, AccessManaged {
    /// Least time for the public to look at a proposal, outside dev mode.
    uint64 public constant MIN_TIMELOCK_SECONDS = 1 days;

    /// @inheritdoc IReferenceValues
    uint64 public immutable timelockSeconds;

    mapping(bytes32 measurement => Workload) private _workloads;

    /// @param authority AccessManager that says who governs.
    /// @param timelockSeconds_ Seconds from proposal to activation; at least MIN_TIMELOCK_SECONDS unless `devMode`.
    /// @param devMode Local worlds: any timelock, zero included.
    constructor(address authority, uint64 timelockSeconds_, bool devMode) AccessManaged(authority) {
        require(
            devMode || timelockSeconds_ >= MIN_TIMELOCK_SECONDS,
            RegistryTimelockTooShort(timelockSeconds_, MIN_TIMELOCK_SECONDS)
        );
        timelockSeconds = timelockSeconds_;
    }

    /// @inheritdoc IReferenceValues
    function propose(bytes32 measurement, bytes32 workloadId, bytes32 sourceCommit, bytes32 artefactDigest)
        external
        restricted
    {
        WorkloadStatus status = _workloads[measurement].status;
        require(status == WorkloadStatus.None, RegistryWorkloadExists(measurement, status));
        require(workloadId != 0, RegistryWorkloadIdMissing(measurement));
        uint64 activeFrom = uint64(block.timestamp) + timelockSeconds;
        _workloads[measurement] = Workload({
            workloadId: workloadId,
            sourceCommit: sourceCommit,
            artefactDigest: artefactDigest,
            activeFrom: activeFrom,
            status: WorkloadStatus.Proposed,
            revokedAt: 0
        });
        emit WorkloadProposed(measurement, workloadId, sourceCommit, artefactDigest, activeFrom);
    }

    /// @inheritdoc IReferenceValues
    function revoke(bytes32 measurement) external restricted {
        Workload storage workload = _workloads[measurement];
        WorkloadStatus status = workload.status;
        require(status != WorkloadStatus.None, RegistryWorkloadUnknown(measurement));
        require(status != WorkloadStatus.Revoked, RegistryWorkloadExists(measurement, status));
        workload.status = WorkloadStatus.Revoked;
        workload.revokedAt = uint64(block.timestamp);
        emit WorkloadRevoked(measurement, workload.workloadId);
    }

    /// @inheritdoc IReferenceValues
    function revokedAtOf(bytes32 measurement) external view returns (uint64) {
        return _workloads[measurement].revokedAt;
    }

    /// @inheritdoc IReferenceValues
    function standingOf(bytes32 measurement)
        external
        view
        returns (bytes32 workloadId, WorkloadStatus status, uint64 activeFrom)
    {
        Workload storage workload = _workloads[measurement];
        activeFrom = workload.activeFrom;
        return (workload.workloadId, _statusNow(workload.status, activeFrom), activeFrom);
    }

    /// @inheritdoc IReferenceValues
    function workloadOf(bytes32 measurement) external view returns (Workload memory workload) {
        workload = _workloads[measurement];
        workload.status = _statusNow(workload.status, workload.activeFrom);
    }

    function _statusNow(WorkloadStatus status, uint64 activeFrom) private view returns (WorkloadStatus) {
        bool due = status == WorkloadStatus.Proposed && block.timestamp >= activeFrom;
        return due ? WorkloadStatus.Active : status;
    }
}
