// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IEvidenceRouter} from "../interfaces/IEvidenceRouter.sol";
import {Claims, TeeKind, TrustTier} from "../types/ProtocolTypes.sol";
import {AppraisalPolicy} from "./AppraisalPolicy.sol";

/// @title EvidenceRouter; the manual is on IEvidenceRouter.
contract EvidenceRouter is IEvidenceRouter, AppraisalPolicy {
    /// Least time for the public to look at a proposal, outside dev mode.
    uint64 public constant MIN_TIMELOCK_SECONDS = 1 days;
    /// With hints of two P-384 signatures 34 kB are in use; more could not be judged again in one transaction.
    uint256 public constant MAX_EVIDENCE_BYTES = 65_536;

    /// @inheritdoc IEvidenceRouter
    uint64 public immutable timelockSeconds;

    mapping(TeeKind kind => mapping(uint16 version => Module)) private _modules;
    mapping(TeeKind kind => mapping(uint16 version => mapping(bytes4 errorSelector => Weight))) private _weights;

    /// @param authority AccessManager that says who governs.
    /// @param timelockSeconds_ From proposal of a module to its use; at least MIN_TIMELOCK_SECONDS unless `devMode`.
    /// @param modules First versions, current at once.
    constructor(
        address authority,
        uint64 timelockSeconds_,
        bool devMode,
        ModuleSetting[] memory modules,
        KindRule[] memory kindRules,
        ProductRule[] memory productRules
    ) AccessManaged(authority) {
        require(
            devMode || timelockSeconds_ >= MIN_TIMELOCK_SECONDS,
            RegistryTimelockTooShort(timelockSeconds_, MIN_TIMELOCK_SECONDS)
        );
        timelockSeconds = timelockSeconds_;
        for (uint256 i = 0; i < modules.length; i++) {
            _append(modules[i], uint40(block.timestamp), 0);
        }
        for (uint256 i = 0; i < kindRules.length; i++) {
            _setKindPolicy(kindRules[i].kind, kindRules[i].policy);
        }
        for (uint256 i = 0; i < productRules.length; i++) {
            _setProductPolicy(productRules[i].kind, productRules[i].product, productRules[i].policy);
        }
    }

    /// @inheritdoc IEvidenceRouter
    function propose(ModuleSetting calldata setting, uint32 overlapSeconds)
        external
        restricted
        returns (uint16 version)
    {
        return _append(setting, uint40(block.timestamp + timelockSeconds), overlapSeconds);
    }

    /// @inheritdoc IEvidenceRouter
    function cancel(TeeKind kind) external restricted {
        Kind storage line = _kinds[kind];
        uint16 version = line.latest;
        Module storage module = _modules[kind][version];
        require(module.currentFrom > block.timestamp, RegistryModuleNotPending(kind, version));
        // An end that lies ahead is the proposal's doing; one that has passed is a retirement and stays.
        Module storage before = _modules[kind][line.previous];
        if (before.retiredAt > block.timestamp) before.retiredAt = 0;
        module.retiredAt = uint40(block.timestamp);
        line.latest = line.previous;
        emit ModuleCancelled(kind, version);
    }

    /// @inheritdoc IEvidenceRouter
    function retire(TeeKind kind, uint16 version) external restricted {
        Module storage module = _modules[kind][version];
        uint40 now_ = uint40(block.timestamp);
        bool live = module.currentFrom != 0 && module.currentFrom <= now_
            && (module.retiredAt == 0 || module.retiredAt > now_);
        require(live, RegistryModuleInvalid(kind, address(module.verifier)));
        module.retiredAt = now_;
        emit ModuleRetired(kind, version, now_);
    }

    /// @inheritdoc IEvidenceRouter
    function appraise(TeeKind kind, bytes calldata evidence)
        external
        view
        returns (Claims memory claims, uint16 version, TrustTier tier)
    {
        version = currentVersionOf(kind);
        require(version != 0, RegistryTeeKindUnsupported(kind));
        require(evidence.length <= MAX_EVIDENCE_BYTES, RegistryEvidenceTooLong(evidence.length, MAX_EVIDENCE_BYTES));
        Module memory module = _modules[kind][version];
        // Less than recheck gives: what gets in can be judged again, whatever in it is not signed and only costs gas.
        claims = module.verifier.verify{gas: uint256(module.verificationKgas) * 750}(evidence);
        require(claims.teeKind == kind, RegistryTeeKindUnsupported(claims.teeKind));
        bytes memory objection;
        (tier, objection,) = _judge(claims);
        if (objection.length != 0) _revert(objection);
    }

    /// @inheritdoc IEvidenceRouter
    function recheck(TeeKind kind, uint16 version, bytes calldata evidence)
        external
        view
        returns (Outcome outcome, bytes memory failure)
    {
        Module memory module = _modules[kind][version];
        require(address(module.verifier) != address(0), RegistryTeeKindUnsupported(kind));
        uint256 given = uint256(module.verificationKgas) * 1_000;
        // A call passes on at most 63/64 of what is left (EIP-150); the rest pays for encoding the evidence.
        uint256 needed = given + given / 32 + 100 * evidence.length;
        require(gasleft() >= needed, RegistryGasTooLow(gasleft(), needed));
        Weight weight;
        try module.verifier.verify{gas: given}(evidence) returns (Claims memory claims) {
            (, failure, weight) = _judge(claims);
            if (failure.length == 0) return (Outcome.Valid, failure);
        } catch (bytes memory thrown) {
            failure = thrown;
            weight = thrown.length < 4 ? Weight.Inconclusive : _weights[kind][version][bytes4(thrown)];
        }
        if (weight == Weight.Inconclusive) return (Outcome.Inconclusive, failure);
        return (weight == Weight.Outdated ? Outcome.Outdated : Outcome.Wrong, failure);
    }

    /// @inheritdoc IEvidenceRouter
    function versionCount(TeeKind kind) external view returns (uint16) {
        return _kinds[kind].versions;
    }

    /// @inheritdoc IEvidenceRouter
    function moduleOf(TeeKind kind, uint16 version) external view returns (Module memory) {
        return _modules[kind][version];
    }

    /// @inheritdoc IEvidenceRouter
    function weightOf(TeeKind kind, uint16 version, bytes4 errorSelector) external view returns (Weight) {
        return _weights[kind][version][errorSelector];
    }

    /// @inheritdoc IEvidenceRouter
    function standingOf(TeeKind kind, uint16 version, bytes32 platformId)
        external
        view
        returns (uint40 retiredAt, uint40 deniedAt)
    {
        return (_modules[kind][version].retiredAt, _platformDeniedAt(platformId));
    }

    /// @inheritdoc IEvidenceRouter
    function currentVersionOf(TeeKind kind) public view returns (uint16 version) {
        Kind memory line = _kinds[kind];
        version = line.latest;
        Module memory module = _modules[kind][version];
        if (module.currentFrom > block.timestamp) {
            version = line.previous;
            module = _modules[kind][version];
        }
        if (module.retiredAt != 0 && module.retiredAt <= block.timestamp) return 0;
    }

    /// @param overlapSeconds How long the predecessor's records outlive it.
    function _append(ModuleSetting memory setting, uint40 from, uint32 overlapSeconds) private returns (uint16 version) {
        TeeKind kind = setting.kind;
        require(
            kind != TeeKind.None && address(setting.verifier).code.length != 0 && setting.verificationKgas != 0,
            RegistryModuleInvalid(kind, address(setting.verifier))
        );
        Kind storage line = _kinds[kind];
        uint16 previous = line.latest;
        Module storage before = _modules[kind][previous];
        require(before.currentFrom <= block.timestamp, RegistryModulePending(kind, previous, before.currentFrom));
        uint40 retiresAt = from + overlapSeconds;
        if (previous != 0 && (before.retiredAt == 0 || before.retiredAt > retiresAt)) before.retiredAt = retiresAt;
        version = line.versions + 1;
        (line.versions, line.latest, line.previous) = (version, version, previous);
        _modules[kind][version] = Module(setting.verifier, from, 0, setting.verificationKgas);
        _weigh(kind, version, setting.inconclusiveErrors, Weight.Inconclusive);
        _weigh(kind, version, setting.outdatedErrors, Weight.Outdated);
        emit ModuleProposed(
            kind,
            version,
            address(setting.verifier),
            from,
            before.retiredAt,
            setting.inconclusiveErrors,
            setting.outdatedErrors
        );
    }

    function _weigh(TeeKind kind, uint16 version, bytes4[] memory selectors, Weight weight) private {
        for (uint256 i = 0; i < selectors.length; i++) {
            _weights[kind][version][selectors[i]] = weight;
        }
    }
}
