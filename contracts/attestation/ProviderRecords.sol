// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAttestationRegistry} from "../interfaces/IAttestationRegistry.sol";
import {IEvidenceRouter} from "../interfaces/IEvidenceRouter.sol";
import {IReferenceValues} from "../interfaces/IReferenceValues.sol";
import {ReasonCodes} from "../libraries/ReasonCodes.sol";
import {TeeKind} from "../types/ProtocolTypes.sol";
import {RecordData} from "./libraries/RecordData.sol";

/// @title Records of AttestationRegistry: where they are, and what of them holds now
/// @dev What never changes about a record is code (RecordData), what may change is one slot. What others decide (a workload or a
///      platform is given up, a module retires) is asked for when somebody reads, so that it needs no write per record.
abstract contract ProviderRecords is IAttestationRegistry {
    /// @dev One slot: the current epoch of a provider. Times in Unix seconds, zero: not.
    struct Head {
        address facts;
        uint40 shortenedAt;
        uint40 revokedAt;
        bool draining;
    }

    /// @dev One slot: an epoch that a later one has superseded.
    struct Past {
        address facts;
        uint40 endedAt;
        uint40 revokedAt;
    }

    /// @dev What holds of a record now. Times in Unix seconds.
    struct Life {
        uint40 activeUntil;
        uint40 validUntil;
        /// Zero: not.
        uint40 revokedAt;
        /// Since when its platform is denied; zero: not.
        uint40 deniedAt;
        bool draining;
    }

    /// How long a claim to a platform keeps others off it after the evidence that it was made by, seconds.
    uint64 public constant CLAIM_SECONDS = 1 days;

    IReferenceValues public immutable REFERENCE_VALUES;
    IEvidenceRouter public immutable ROUTER;
    /// True only in local worlds: simulated evidence is accepted and flagged.
    bool public immutable DEV_MODE;
    /// Longest life of an Attestation Result, seconds.
    uint64 public immutable TTL_SECONDS;
    /// How long open channels may finish after an endorsement's end of validity, seconds.
    uint64 public immutable GRACE_SECONDS;

    mapping(bytes32 providerId => Head) internal _heads;
    mapping(bytes32 providerId => mapping(uint64 epoch => Past)) internal _past;
    /// One platform, one provider at a time. May be stale: `_holds` says whether it still counts.
    mapping(bytes32 platformId => bytes32 providerId) internal _platformHolders;

    constructor(
        IReferenceValues referenceValues,
        IEvidenceRouter router,
        bool devMode,
        uint64 ttlSeconds,
        uint64 graceSeconds
    ) {
        REFERENCE_VALUES = referenceValues;
        ROUTER = router;
        DEV_MODE = devMode;
        TTL_SECONDS = ttlSeconds;
        GRACE_SECONDS = graceSeconds;
    }

    /// Current epoch; reverts when there is none.
    function _known(bytes32 providerId) internal view returns (RecordData.Facts memory facts, Life memory life) {
        (facts, life) = _current(providerId);
        require(facts.registeredAt != 0, RegistryProviderUnknown(providerId));
    }

    /// Current epoch; zeros when there is none.
    function _current(bytes32 providerId) internal view returns (RecordData.Facts memory facts, Life memory life) {
        Head memory head = _heads[providerId];
        if (head.facts == address(0)) return (facts, life);
        bytes memory data = RecordData.load(head.facts);
        life = _lifeOf(data, head.shortenedAt);
        (life.revokedAt, life.draining) = (head.revokedAt, head.draining);
        facts = RecordData.unpack(data);
    }

    /// Any epoch, packed; no bytes when there is none.
    function _at(bytes32 providerId, uint64 epoch) internal view returns (bytes memory data, Life memory life) {
        Head memory head = _heads[providerId];
        if (head.facts == address(0)) return (data, life);
        data = RecordData.load(head.facts);
        if (RecordData.epochOf(data) == epoch) {
            life = _lifeOf(data, head.shortenedAt);
            (life.revokedAt, life.draining) = (head.revokedAt, head.draining);
            return (data, life);
        }
        Past memory past = _past[providerId][epoch];
        if (past.facts == address(0)) return ("", life);
        data = RecordData.load(past.facts);
        life = _lifeOf(data, 0);
        life.activeUntil = _min(life.activeUntil, past.endedAt);
        life.validUntil = _min(life.validUntil, past.endedAt);
        life.revokedAt = past.revokedAt;
    }

    /// One platform, one provider: takes it over from a provider whose record has ended, or who has not attested there for a day.
    function _claimPlatform(bytes32 providerId, bytes32 platformId) internal {
        if (platformId == 0) return;
        bytes32 holder = _platformHolders[platformId];
        if (holder == providerId) return;
        if (holder != 0) _displace(holder, platformId);
        _platformHolders[platformId] = providerId;
    }

    /// Ends what a former holder has on a platform, so that no platform counts twice; reverts while its claim holds.
    function _displace(bytes32 holder, bytes32 platformId) internal virtual {
        (RecordData.Facts memory facts, Life memory life) = _current(holder);
        if (facts.platformId != platformId || !_isLive(facts, life)) return;
        require(!_isFresh(facts.attestedAt), RegistryPlatformInUse(platformId, holder));
        // A second ago: in the second of the takeover only the new holder is Active.
        _shorten(holder, facts.epoch, life, uint40(block.timestamp) - 1);
    }

    /// Genuine, but without its place among the accepted: no new channels, open ones have the grace period to finish.
    function _shorten(bytes32 providerId, uint64 epoch, Life memory life, uint40 since) internal {
        uint40 end = since + uint40(GRACE_SECONDS);
        if (life.activeUntil <= since && life.validUntil <= end) return;
        _heads[providerId].shortenedAt = since;
        emit ProviderShortened(
            providerId, epoch, msg.sender, _min(life.activeUntil, since), _min(life.validUntil, end)
        );
    }

    /// Whether a provider keeps others off a platform: its current epoch names it, has not ended, and attested there within a day.
    function _holds(bytes32 providerId, bytes32 platformId) internal view virtual returns (bool) {
        (RecordData.Facts memory facts, Life memory life) = _current(providerId);
        return facts.platformId == platformId && _isFresh(facts.attestedAt) && _isLive(facts, life);
    }

    function _isFresh(uint40 attestedAt) internal view returns (bool) {
        return block.timestamp <= uint256(attestedAt) + CLAIM_SECONDS;
    }

    /// Neither expired nor revoked.
    function _isLive(RecordData.Facts memory facts, Life memory life) internal view returns (bool) {
        (ProviderStatus status,) = _statusAndReason(facts, life);
        return status != ProviderStatus.None && status != ProviderStatus.Expired && status != ProviderStatus.Revoked;
    }

    /// Revoked before Expired before Grace before Draining before Active.
    function _statusAndReason(RecordData.Facts memory facts, Life memory life)
        internal
        view
        returns (ProviderStatus, bytes32 reason)
    {
        if (facts.registeredAt == 0) return (ProviderStatus.None, ReasonCodes.REGISTRY_PROVIDER_UNKNOWN);
        if (life.revokedAt != 0) return (ProviderStatus.Revoked, ReasonCodes.REGISTRY_PROVIDER_REVOKED);
        if (life.deniedAt != 0) return (ProviderStatus.Revoked, ReasonCodes.REGISTRY_PLATFORM_DENIED);
        if (REFERENCE_VALUES.revokedAtOf(facts.measurement) != 0) {
            return (ProviderStatus.Revoked, ReasonCodes.REGISTRY_WORKLOAD_REVOKED);
        }
        if (block.timestamp > life.validUntil) return (ProviderStatus.Expired, ReasonCodes.REGISTRY_PROVIDER_EXPIRED);
        if (block.timestamp > life.activeUntil) return (ProviderStatus.Grace, ReasonCodes.REGISTRY_PROVIDER_IN_GRACE);
        if (life.draining) return (ProviderStatus.Draining, ReasonCodes.REGISTRY_PROVIDER_DRAINING);
        return (ProviderStatus.Active, 0);
    }

    /// Ends of a result that is made now.
    function _lifetimes(uint64 earliestExpiry, uint64 notAfter)
        internal
        view
        returns (uint40 activeUntil, uint40 validUntil)
    {
        uint256 byKeys = Math.min(block.timestamp + TTL_SECONDS, notAfter);
        // Safe: both are at most now + TTL.
        activeUntil = uint40(Math.min(byKeys, earliestExpiry));
        validUntil = uint40(Math.min(byKeys, uint256(earliestExpiry) + GRACE_SECONDS));
    }

    function _min(uint40 a, uint40 b) internal pure returns (uint40) {
        return a < b ? a : b;
    }

    function _lifeOf(bytes memory data, uint40 shortenedAt) private view returns (Life memory life) {
        (, life.activeUntil, life.validUntil) = RecordData.timesOf(data);
        (TeeKind kind, uint16 version) = RecordData.moduleOf(data);
        uint40 retiredAt;
        (retiredAt, life.deniedAt) = ROUTER.standingOf(kind, version, RecordData.platformIdOf(data));
        _cut(life, retiredAt);
        _cut(life, shortenedAt);
    }

    /// From then on Grace, and after it the end; never later than before.
    function _cut(Life memory life, uint40 since) private view {
        if (since == 0) return;
        life.activeUntil = _min(life.activeUntil, since);
        // Safe: a time of this chain and three days.
        life.validUntil = _min(life.validUntil, since + uint40(GRACE_SECONDS));
    }
}
