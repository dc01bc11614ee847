// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @notice Store of AMD's endorsements: roots (ARK), intermediates (ASK, ASVK), endorsement keys (VCEK, VLEK) and the roots' CRLs.
/// @dev Anyone may upload; everything is verified below a pinned root and nobody can remove or change it. A certificate is known by
///      keccak256(id of its issuer ‖ keccak256(its signed bytes)), a root with zeros for the issuer. Uploading proves signature and
///      form; validity and revocation of the whole chain are checked at each use.
interface ISnpEndorsements {
    /// @notice One endorsement key whose whole chain is good now.
    struct Vek {
        /// x ‖ y, 96 bytes.
        bytes32[3] key;
        /// True below a simulation root, and where the store passed over a CRL that is not there.
        bool simulated;
        /// True for a VLEK: a key of a cloud provider, not of one chip.
        bool isVlek;
        /// Unix seconds: the earliest end of validity in the chain and of the CRL.
        uint64 earliestExpiry;
        /// The TCB that the key was derived for, in the wire order of its product.
        bytes8 tcb;
        /// Product line in ASCII, left-aligned.
        bytes32 product;
        /// VCEK: keccak256 of CHIP_ID (64 bytes, zeros behind a Turin's eight). VLEK: keccak256 of CSP_ID.
        bytes32 identity;
    }

    /// @param identity As in Vek.
    event VekRegistered(
        bytes32 indexed intermediateId, bytes32 indexed vekId, bytes32 indexed identity, bytes32 product, bytes8 tcb, bool isVlek
    );

    /// @notice Registers a pinned root.
    function registerRoot(bytes calldata certificate) external returns (bytes32 rootId);

    /// @notice Registers an ASK or ASVK: signed by the root, of its product line, and below AMD's roots one of AMD's six.
    function registerIntermediate(bytes32 rootId, bytes calldata certificate) external returns (bytes32 intermediateId);

    /// @notice Registers a VCEK below an ASK or a VLEK below an ASVK, and reads AMD's extensions in it.
    function registerVek(bytes32 intermediateId, bytes calldata certificate) external returns (bytes32 vekId);

    /// @notice Verifies a CRL of the root and keeps its next `count` revocations; it counts once all are kept. Never goes back to
    ///         an older one; a revocation is kept for ever.
    function uploadCrl(bytes32 rootId, bytes calldata crl, uint256 count) external;

    /// @notice The endorsement key `vekId`; reverts with the first thing that is wrong with its chain at block.timestamp.
    /// @dev Proves: a pinned AMD root (or the simulation root, flagged) vouches for the key and its facts, nothing in between has
    ///      expired, and the root's current CRL has not named any of it. Does NOT prove: that anything was signed with it.
    function vekOf(bytes32 vekId) external view returns (Vek memory);
}
