// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Claims, TeeKind, TrustTier} from "../types/ProtocolTypes.sol";

/// @notice Appraisal policy (RFC 9334): which proven claims are good enough, and what they are worth.
/// @dev Complete: a kind without a rule accepts nothing. Governance (AccessManager) changes it; tightening it ends nobody by itself,
///      it makes `AttestationRegistry.invalidate` possible. Denying a platform works at once.
interface IAppraisalPolicy {
    /// @notice What a refusal means for a record that is there already.
    /// @dev Conclusive: revokes it. Inconclusive: nothing. Outdated: genuine but not accepted any more, shortens it to the grace period.
    enum Weight { Conclusive, Inconclusive, Outdated }

    struct KindPolicy {
        /// Bit i set: TcbStatus i accepted. Judged for Intel's kinds alone; Unknown and Revoked never are.
        uint16 acceptedTcbStatuses;
        /// Lowest TCB evaluation number accepted; Intel's kinds alone.
        uint32 minTcbEvaluationNumber;
        /// Bits of ClaimFlags that are refused.
        uint32 deniedFlags;
        /// Tier of products without a rule of their own; None: only products with a rule are accepted.
        TrustTier defaultTier;
        /// Only platforms on the allow list are accepted.
        bool allowListOnly;
    }

    struct ProductPolicy {
        /// None with `refused` unset: no rule, the kind's default holds.
        TrustTier tier;
        bool refused;
        /// Only platforms on the allow list are accepted.
        bool allowListOnly;
        /// Least SVNs, byte by byte in the vendor's wire order of this product (AMD Milan, Genoa: bootloader, TEE, 4 × 0, SNP, microcode;
        /// Turin: FMC, bootloader, TEE, SNP, 3 × 0, microcode).
        bytes8 minTcb;
    }

    /// @dev Denied wins over allowed.
    struct PlatformRule {
        bool allowed;
        /// Unix seconds; zero while not denied.
        uint40 deniedAt;
    }

    struct KindRule {
        TeeKind kind;
        KindPolicy policy;
    }

    struct ProductRule {
        TeeKind kind;
        bytes32 product;
        ProductPolicy policy;
    }

    event KindPolicySet(TeeKind indexed kind, KindPolicy policy);
    event ProductPolicySet(TeeKind indexed kind, bytes32 indexed product, ProductPolicy policy);
    event PlatformRuleSet(bytes32 indexed platformId, bool allowed, uint40 deniedAt);

    error RegistryPolicyInvalid(TeeKind kind, TrustTier tier);
    error RegistryPlatformIdMissing();

    /// @notice Governance: rule of a TEE kind.
    function setKindPolicy(TeeKind kind, KindPolicy calldata policy) external;
    /// @notice Governance: rule of one product of a kind; a rule of zeros takes it away.
    function setProductPolicy(TeeKind kind, bytes32 product, ProductPolicy calldata policy) external;
    /// @notice Governance: puts a platform on the allow list, or takes it off.
    function allowPlatform(bytes32 platformId, bool allowed) external;
    /// @notice Governance (in production its guardian, without delay): whoever runs on this platform can serve nothing from now on.
    function denyPlatform(bytes32 platformId) external;
    /// @notice Governance: takes the denial back.
    function pardonPlatform(bytes32 platformId) external;

    /// @notice Judges claims: their tier, or reverts with the code that packages/attestation gives, simulation included.
    /// @dev Order: evaluation number, flags, TCB status, product, TCB minimum, shared key, platform.
    function tierOf(Claims calldata claims) external view returns (TrustTier tier);
    function kindPolicyOf(TeeKind kind) external view returns (KindPolicy memory);
    function productPolicyOf(TeeKind kind, bytes32 product) external view returns (ProductPolicy memory);
    function platformRuleOf(bytes32 platformId) external view returns (PlatformRule memory);
}
