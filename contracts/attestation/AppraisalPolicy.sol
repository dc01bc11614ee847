// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAppraisalErrors} from "../interfaces/IAppraisalErrors.sol";
import {IAppraisalPolicy} from "../interfaces/IAppraisalPolicy.sol";
import {IDcapErrors} from "../interfaces/IDcapErrors.sol";
import {ClaimFlags} from "../types/ClaimFlags.sol";
import {Claims, TcbStatus, TeeKind, TrustTier} from "../types/ProtocolTypes.sol";
import {Objections} from "./libraries/Objections.sol";

/// @title AppraisalPolicy; the manual is on IAppraisalPolicy.
/// @dev Part of EvidenceRouter: a registration then pays for one account instead of two.
abstract contract AppraisalPolicy is IAppraisalPolicy, IAppraisalErrors, AccessManaged {
    /// The guest is open to its host, or can be carried away: no grace for it. Other flags are a matter of taste that may change.
    uint32 private constant HARMFUL_FLAGS = ClaimFlags.DEBUG | ClaimFlags.MIGRATABLE;

    /// @dev One slot with all that a registration needs of a kind: its KindPolicy, and EvidenceRouter's line of modules.
    struct Kind {
        uint16 acceptedTcbStatuses;
        uint32 minTcbEvaluationNumber;
        uint32 deniedFlags;
        TrustTier defaultTier;
        bool allowListOnly;
        /// Some product has had a rule: without, there is none to read.
        bool productRules;
        uint16 versions;
        /// Newest version that was not cancelled.
        uint16 latest;
        /// Current until `latest` is.
        uint16 previous;
    }

    mapping(TeeKind kind => Kind) internal _kinds;
    mapping(TeeKind kind => mapping(bytes32 product => ProductPolicy)) private _products;
    mapping(bytes32 platformId => PlatformRule) private _platforms;

    /// @inheritdoc IAppraisalPolicy
    function setKindPolicy(TeeKind kind, KindPolicy calldata policy) external restricted {
        _setKindPolicy(kind, policy);
    }

    /// @inheritdoc IAppraisalPolicy
    function setProductPolicy(TeeKind kind, bytes32 product, ProductPolicy calldata policy) external restricted {
        _setProductPolicy(kind, product, policy);
    }

    /// @inheritdoc IAppraisalPolicy
    function allowPlatform(bytes32 platformId, bool allowed) external restricted {
        PlatformRule storage rule = _rule(platformId);
        rule.allowed = allowed;
        emit PlatformRuleSet(platformId, allowed, rule.deniedAt);
    }

    /// @inheritdoc IAppraisalPolicy
    function denyPlatform(bytes32 platformId) external restricted {
        PlatformRule storage rule = _rule(platformId);
        // The first denial counts: a second one must not make receipts payable again.
        if (rule.deniedAt == 0) rule.deniedAt = uint40(block.timestamp);
        emit PlatformRuleSet(platformId, rule.allowed, rule.deniedAt);
    }

    /// @inheritdoc IAppraisalPolicy
    function pardonPlatform(bytes32 platformId) external restricted {
        PlatformRule storage rule = _rule(platformId);
        rule.deniedAt = 0;
        emit PlatformRuleSet(platformId, rule.allowed, 0);
    }

    /// @inheritdoc IAppraisalPolicy
    function tierOf(Claims calldata claims) external view returns (TrustTier tier) {
        bytes memory objection;
        (tier, objection,) = _judge(claims);
        if (objection.length != 0) _revert(objection);
    }

    /// @inheritdoc IAppraisalPolicy
    function kindPolicyOf(TeeKind kind) external view returns (KindPolicy memory) {
        Kind memory k = _kinds[kind];
        return KindPolicy(
            k.acceptedTcbStatuses, k.minTcbEvaluationNumber, k.deniedFlags, k.defaultTier, k.allowListOnly
        );
    }

    /// @inheritdoc IAppraisalPolicy
    function productPolicyOf(TeeKind kind, bytes32 product) external view returns (ProductPolicy memory) {
        return _products[kind][product];
    }

    /// @inheritdoc IAppraisalPolicy
    function platformRuleOf(bytes32 platformId) external view returns (PlatformRule memory) {
        return _platforms[platformId];
    }

    function _setKindPolicy(TeeKind kind, KindPolicy memory policy) internal {
        _requireTier(kind, policy.defaultTier);
        Kind storage k = _kinds[kind];
        k.acceptedTcbStatuses = policy.acceptedTcbStatuses;
        k.minTcbEvaluationNumber = policy.minTcbEvaluationNumber;
        k.deniedFlags = policy.deniedFlags;
        k.defaultTier = policy.defaultTier;
        k.allowListOnly = policy.allowListOnly;
        emit KindPolicySet(kind, policy);
    }

    function _setProductPolicy(TeeKind kind, bytes32 product, ProductPolicy memory policy) internal {
        _requireTier(kind, policy.tier);
        // A rule without a tier is only ever a refusal, or none at all.
        bool empty = policy.minTcb == 0 && !policy.allowListOnly;
        require(policy.tier != TrustTier.None || empty, RegistryPolicyInvalid(kind, policy.tier));
        _kinds[kind].productRules = true;
        _products[kind][product] = policy;
        emit ProductPolicySet(kind, product, policy);
    }

    /// @return tier None when it objects.
    /// @return objection Revert data; empty when the policy accepts the claims.
    /// @return weight What the objection means for a record that is there already.
    function _judge(Claims memory claims)
        internal
        view
        returns (TrustTier tier, bytes memory objection, Weight weight)
    {
        Kind memory policy = _kinds[claims.teeKind];
        bool isIntel = claims.teeKind == TeeKind.Tdx || claims.teeKind == TeeKind.Sgx;
        if (isIntel && claims.tcbEvaluationNumber < policy.minTcbEvaluationNumber) {
            objection = abi.encodeWithSelector(
                IDcapErrors.DcapTcbEvaluationNumberTooLow.selector,
                policy.minTcbEvaluationNumber,
                claims.tcbEvaluationNumber
            );
            return (tier, objection, Weight.Inconclusive);
        }
        // Who signed is judged with the product, below.
        uint32 denied = claims.flags & policy.deniedFlags & ~ClaimFlags.SHARED_KEY;
        if (denied != 0) {
            weight = denied & HARMFUL_FLAGS != 0 ? Weight.Conclusive : Weight.Outdated;
            return (tier, Objections.flag(claims.teeKind, denied), weight);
        }
        if (isIntel) {
            (objection, weight) = _judgeStatus(claims.tcbStatus, policy.acceptedTcbStatuses);
            if (objection.length != 0) return (tier, objection, weight);
        }
        return _judgeProduct(claims, policy);
    }

    function _platformDeniedAt(bytes32 platformId) internal view returns (uint40) {
        return _platforms[platformId].deniedAt;
    }

    /// Reverts with an error that was built before.
    function _revert(bytes memory failure) internal pure {
        assembly ("memory-safe") {
            revert(add(failure, 0x20), mload(failure))
        }
    }

    function _judgeStatus(TcbStatus status, uint16 accepted) private pure returns (bytes memory objection, Weight) {
        if (status == TcbStatus.Revoked) {
            return (abi.encodeWithSelector(IDcapErrors.DcapTcbRevoked.selector), Weight.Conclusive);
        }
        if (status == TcbStatus.Unknown || (accepted >> uint8(status)) & 1 == 0) {
            objection = abi.encodeWithSelector(IDcapErrors.DcapTcbStatusNotAccepted.selector, status);
        }
        return (objection, Weight.Outdated);
    }

    function _judgeProduct(Claims memory claims, Kind memory policy)
        private
        view
        returns (TrustTier tier, bytes memory objection, Weight)
    {
        TeeKind kind = claims.teeKind;
        ProductPolicy memory product;
        if (policy.productRules) product = _products[kind][claims.product];
        tier = product.tier == TrustTier.None ? policy.defaultTier : product.tier;
        if (product.refused || tier == TrustTier.None) {
            bool isSharedDenied = claims.flags & policy.deniedFlags & ClaimFlags.SHARED_KEY != 0;
            objection = isSharedDenied
                ? Objections.flag(kind, ClaimFlags.SHARED_KEY)
                : Objections.product(kind, claims.product, claims.flags);
            return (TrustTier.None, objection, Weight.Outdated);
        }
        if (_isBelow(claims.tcb, product.minTcb)) {
            return (TrustTier.None, Objections.tcb(kind, product.minTcb, claims.tcb), Weight.Outdated);
        }
        if (claims.flags & policy.deniedFlags & ClaimFlags.SHARED_KEY != 0) {
            return (TrustTier.None, Objections.flag(kind, ClaimFlags.SHARED_KEY), Weight.Outdated);
        }
        PlatformRule memory rule = _platforms[claims.platformId];
        if (rule.deniedAt != 0) {
            return (TrustTier.None, Objections.platformDenied(kind, claims.platformId), Weight.Conclusive);
        }
        if ((policy.allowListOnly || product.allowListOnly) && !rule.allowed) {
            return (TrustTier.None, Objections.platformNotAllowed(kind, claims.platformId), Weight.Outdated);
        }
        // A key shared by many machines leaks for all of them at once.
        if (claims.flags & ClaimFlags.SHARED_KEY != 0 && tier > TrustTier.Low) tier = TrustTier.Low;
        return (claims.simulated ? TrustTier.Simulated : tier, "", Weight.Conclusive);
    }

    /// Whether any component is below its minimum.
    function _isBelow(bytes8 tcb, bytes8 minimum) private pure returns (bool) {
        if (minimum == 0) return false;
        for (uint256 i = 0; i < 8; i++) {
            if (uint8(tcb[i]) < uint8(minimum[i])) return true;
        }
        return false;
    }

    function _rule(bytes32 platformId) private view returns (PlatformRule storage) {
        require(platformId != 0, RegistryPlatformIdMissing());
        return _platforms[platformId];
    }

    /// Nobody may call real hardware simulated: that tier is the evidence's own.
    function _requireTier(TeeKind kind, TrustTier tier) private pure {
        require(kind != TeeKind.None && tier != TrustTier.Simulated, RegistryPolicyInvalid(kind, tier));
    }
}
