// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Reference values (RFC 9334): measurement to workload.
interface IReferenceValues {
    enum WorkloadStatus { None, Proposed, Active, Revoked }

    struct Workload {
        bytes32 workloadId;
        bytes32 sourceCommit;
        bytes32 artefactDigest;
        uint64 activeFrom;
        WorkloadStatus status;
    }

    event WorkloadProposed(bytes32 indexed measurement, bytes32 indexed workloadId, bytes32 sourceCommit, bytes32 artefactDigest, uint64 activeFrom);
    event WorkloadRevoked(bytes32 indexed measurement, bytes32 indexed workloadId);

    function propose(bytes32 measurement, bytes32 workloadId, bytes32 sourceCommit, bytes32 artefactDigest) external;
    function revoke(bytes32 measurement) external;
    function workloadOf(bytes32 measurement) external view returns (Workload memory);
}
