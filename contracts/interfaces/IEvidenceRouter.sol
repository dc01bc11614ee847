// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Claims, TeeKind, TrustTier} from "../types/ProtocolTypes.sol";
import {IAppraisalPolicy} from "./IAppraisalPolicy.sol";
import {IEvidenceVerifier} from "./IEvidenceVerifier.sol";

/// @notice Which module verifies which TEE kind, in versions that are only ever appended, and what the policy makes of the claims.
/// @dev A module is anything behind IEvidenceVerifier: a verifier in Solidity, or one that checks a proof of zero knowledge.
///      A proposed version becomes current by time alone, after the timelock, so that everybody can look at it first. Its predecessor
///      retires then (or later, as the proposal says), and with it every record that it verified: nothing is written per record.
interface IEvidenceRouter is IAppraisalPolicy {
    /// @notice What repeating a verification found.
    enum Outcome { Valid, Inconclusive, Outdated, Wrong }

    struct ModuleSetting {
        TeeKind kind;
        IEvidenceVerifier verifier;
        /// Thousands of gas that `recheck` gives the verifier: several times what a verification takes, so that a caller cannot make
        /// genuine evidence look wrong by starving one of the verifier's own calls.
        uint16 verificationKgas;
        /// Selectors of the verifier's errors that say "could not check" (an endorsement is missing, expired or not yet valid)
        /// rather than "is wrong". They refuse a registration like any other, but `recheck` does not count them: what
        /// lapses by time is handled by the record's own end.
        bytes4[] inconclusiveErrors;
        /// Selectors of the verifier's errors that say "genuine, but not accepted any more".
        bytes4[] outdatedErrors;
    }

    struct Module {
        IEvidenceVerifier verifier;
        /// Unix seconds.
        uint40 currentFrom;
        /// Unix seconds; zero while no end is known. Before `currentFrom`: the proposal was cancelled.
        uint40 retiredAt;
        uint16 verificationKgas;
    }

    event ModuleProposed(
        TeeKind indexed kind,
        uint16 indexed version,
        address verifier,
        uint40 currentFrom,
        uint40 predecessorRetiresAt,
        bytes4[] inconclusiveErrors,
        bytes4[] outdatedErrors
    );
    event ModuleCancelled(TeeKind indexed kind, uint16 indexed version);
    event ModuleRetired(TeeKind indexed kind, uint16 indexed version, uint40 retiredAt);

    error RegistryTeeKindUnsupported(TeeKind kind);
    error RegistryModuleInvalid(TeeKind kind, address verifier);
    error RegistryModulePending(TeeKind kind, uint16 version, uint40 currentFrom);
    error RegistryModuleNotPending(TeeKind kind, uint16 version);
    error RegistryTimelockTooShort(uint64 delaySeconds, uint64 minSeconds);
    error RegistryEvidenceTooLong(uint256 lengthBytes, uint256 maxBytes);
    error RegistryGasTooLow(uint256 gasLeft, uint256 gasNeeded);

    /// @notice Governance: appends a version of a kind's module; current after the timelock. One proposal at a time.
    /// @param overlapSeconds How long records of the predecessor go on after the new version has become current.
    function propose(ModuleSetting calldata setting, uint32 overlapSeconds) external returns (uint16 version);
    /// @notice Governance: takes back a proposal that is not current yet.
    function cancel(TeeKind kind) external;
    /// @notice Governance (in production its guardian, without delay): ends a version now. Nobody registers by it any more and every
    ///         record that it verified goes into Grace.
    function retire(TeeKind kind, uint16 version) external;

    /// @notice Verifies evidence with the kind's current module and judges the claims. Reverts with the verifier's or the policy's reason.
    /// @dev Proves what the module proves, and that the policy accepts it now. Whether simulated evidence is wanted, the caller says.
    ///      The module gets three quarters of the gas that `recheck` gives it, and out of gas reverts without data.
    function appraise(TeeKind kind, bytes calldata evidence)
        external
        view
        returns (Claims memory claims, uint16 version, TrustTier tier);
    /// @notice Repeats a verification with the module version that a record names, and says what a refusal means.
    /// @dev Wrong: the verifier reverts with an error of at least four bytes that is in neither of its lists, or the policy
    ///      objects conclusively, while the verifier has its gas. Fewer than four bytes, out of gas included, are inconclusive.
    /// @return outcome What the verification says of a record that is there already.
    /// @return failure The revert data, empty when valid.
    function recheck(TeeKind kind, uint16 version, bytes calldata evidence)
        external
        view
        returns (Outcome outcome, bytes memory failure);

    /// @notice Number of the version that is current; zero when none is.
    function currentVersionOf(TeeKind kind) external view returns (uint16);
    /// @notice Number of versions ever proposed; they count up from 1.
    function versionCount(TeeKind kind) external view returns (uint16);
    function moduleOf(TeeKind kind, uint16 version) external view returns (Module memory);
    function weightOf(TeeKind kind, uint16 version, bytes4 errorSelector) external view returns (Weight);
    /// @notice Lean view for status and settlement: when the module that verified a record retires and when its platform was denied,
    ///         Unix seconds; zero: not.
    function standingOf(TeeKind kind, uint16 version, bytes32 platformId)
        external
        view
        returns (uint40 retiredAt, uint40 deniedAt);
    /// @notice Seconds between proposal and a version becoming current.
    function timelockSeconds() external view returns (uint64);
}
