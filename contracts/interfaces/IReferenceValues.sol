// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Reference values (RFC 9334): measurement to workload.
/// @dev Governance (the AccessManager given at construction) proposes and revokes. A proposal becomes active by time alone, so
///      that everybody can look at it first; a revocation works at once and for ever: a measurement is never proposed again.
///      It does not reach back: receipts finished before it stay payable.
interface IReferenceValues {
    enum WorkloadStatus { None, Proposed, Active, Revoked }

    struct Workload {
        /// Name of the workload; several measurements may share it.
        bytes32 workloadId;
        bytes32 sourceCommit;
        bytes32 artefactDigest;
        /// Unix seconds.
        uint64 activeFrom;
        /// Status at the time of the call.
        WorkloadStatus status;
        /// Unix seconds of the revocation; zero while not revoked.
        uint64 revokedAt;
    }

    event WorkloadProposed(
        bytes32 indexed measurement,
        bytes32 indexed workloadId,
        bytes32 sourceCommit,
        bytes32 artefactDigest,
        uint64 activeFrom
    );
    event WorkloadRevoked(bytes32 indexed measurement, bytes32 indexed workloadId);

    error RegistryWorkloadExists(bytes32 measurement, WorkloadStatus status);
    error RegistryWorkloadUnknown(bytes32 measurement);
    error RegistryWorkloadIdMissing(bytes32 measurement);
    error RegistryTimelockTooShort(uint64 delaySeconds, uint64 minSeconds);

    /// @notice Governance: proposes a workload; active after the timelock.
    function propose(bytes32 measurement, bytes32 workloadId, bytes32 sourceCommit, bytes32 artefactDigest) external;
    /// @notice Governance (in production its guardian, without delay): ends a workload or a proposal at once.
    function revoke(bytes32 measurement) external;
    /// @notice Status None and zeros when the measurement was never proposed.
    function workloadOf(bytes32 measurement) external view returns (Workload memory);
    /// @notice Lean view for registration: status at the time of the call, and what goes with it.
    function standingOf(bytes32 measurement)
        external
        view
        returns (bytes32 workloadId, WorkloadStatus status, uint64 activeFrom);
    /// @notice Lean view for settlement: Unix seconds of the revocation, zero while not revoked.
    function revokedAtOf(bytes32 measurement) external view returns (uint64);
    /// @notice Seconds between proposal and activation.
    function timelockSeconds() external view returns (uint64);
}
