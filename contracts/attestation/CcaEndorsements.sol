// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {P384Field} from "../crypto/P384Field.sol";
import {P384Scalar} from "../crypto/P384Scalar.sol";
import {ICcaEndorsements} from "../interfaces/ICcaEndorsements.sol";
import {ICcaErrors} from "../interfaces/ICcaErrors.sol";

/// @title Governed store of Arm CCA's platform attestation keys; the manual is on ICcaEndorsements.
contract CcaEndorsements is ICcaEndorsements, ICcaErrors, AccessManaged {
    /// Least time for the public to look at a proposal, outside dev mode.
    uint64 public constant MIN_TIMELOCK_SECONDS = 1 days;

    /// SubjectPublicKeyInfo (RFC 5480) up to the point: one encoding, since every length in it is fixed.
    bytes private constant P256_HEAD = hex"3059301306072a8648ce3d020106082a8648ce3d03010703420004";
    bytes private constant P384_HEAD = hex"3076301006072a8648ce3d020106052b8104002203620004";
    uint8 private constant P256_CURVE = 1;
    uint8 private constant P384_CURVE = 2;
    uint256 private constant P256_POINT_BYTES = 64;
    uint256 private constant P384_POINT_BYTES = 96;
    uint256 private constant INSTANCE_ID_BYTES = 33;
    /// EAT ueid of type RAND (RFC 9711 §4.2.1.1).
    bytes1 private constant UEID_TYPE_RANDOM = 0x01;

    /// @inheritdoc ICcaEndorsements
    uint64 public immutable timelockSeconds;
    /// Local worlds: simulated keys are accepted.
    bool public immutable DEV_MODE;

    mapping(bytes32 id => TrustAnchor) private _anchors;

    /// @param authority AccessManager that says who governs.
    /// @param timelockSeconds_ Seconds from proposal to activation; at least MIN_TIMELOCK_SECONDS unless `devMode`.
    /// @param devMode Local worlds: any timelock, zero included, and simulated keys.
    constructor(address authority, uint64 timelockSeconds_, bool devMode) AccessManaged(authority) {
        require(
            devMode || timelockSeconds_ >= MIN_TIMELOCK_SECONDS,
            CcaTimelockTooShort(timelockSeconds_, MIN_TIMELOCK_SECONDS)
        );
        timelockSeconds = timelockSeconds_;
        DEV_MODE = devMode;
    }

    /// @inheritdoc ICcaEndorsements
    function proposeTrustAnchor(
        bytes calldata publicKey,
        bytes calldata instanceId,
        bytes32 implementationId,
        bool simulated
    ) external restricted returns (bytes32 id) {
        require(!simulated || DEV_MODE, CcaSimulatedAnchorForbidden());
        require(
            instanceId.length == INSTANCE_ID_BYTES && instanceId[0] == UEID_TYPE_RANDOM, CcaTrustAnchorMalformed()
        );
        uint8 curve;
        (curve, id) = _readKey(publicKey);
        require(_anchors[id].curve == 0, CcaTrustAnchorExists(id));
        uint64 activeFrom = uint64(block.timestamp) + timelockSeconds;
        bytes32 platform = keccak256(bytes.concat(instanceId, implementationId));
        _anchors[id] = TrustAnchor(curve, simulated, activeFrom, 0, platform);
        emit TrustAnchorProposed(id, instanceId, implementationId, publicKey, simulated, activeFrom);
    }

    /// @inheritdoc ICcaEndorsements
    function revokeTrustAnchor(bytes32 id) external restricted {
        TrustAnchor storage anchor = _anchors[id];
        require(anchor.curve != 0, CcaTrustAnchorMissing(id));
        require(anchor.revokedAt == 0, CcaTrustAnchorRevoked(anchor.revokedAt));
        anchor.revokedAt = uint64(block.timestamp);
        emit TrustAnchorRevoked(id, anchor.revokedAt);
    }

    /// @inheritdoc ICcaEndorsements
    function trustAnchorOf(bytes32 id) external view returns (TrustAnchor memory) {
        return _anchors[id];
    }

    /// @dev Curve and id of a key; a point that is not on its curve is no key.
    function _readKey(bytes calldata spki) private pure returns (uint8 curve, bytes32 id) {
        bytes calldata point;
        if (spki.length == P256_HEAD.length + P256_POINT_BYTES) {
            (curve, point) = (P256_CURVE, _behind(spki, P256_HEAD));
            require(P256.isValidPublicKey(bytes32(point), bytes32(point[32:])), CcaTrustAnchorMalformed());
        } else {
            require(spki.length == P384_HEAD.length + P384_POINT_BYTES, CcaTrustAnchorMalformed());
            (curve, point) = (P384_CURVE, _behind(spki, P384_HEAD));
            require(_isOnP384(point), CcaTrustAnchorMalformed());
        }
        id = keccak256(point);
    }

    function _behind(bytes calldata spki, bytes memory head) private pure returns (bytes calldata) {
        require(keccak256(spki[:head.length]) == keccak256(head), CcaTrustAnchorMalformed());
        return spki[head.length:];
    }

    function _isOnP384(bytes calldata point) private pure returns (bool) {
        uint256 xa = uint256(bytes32(point[:32]));
        uint256 xb = uint256(bytes32(point[32:48])) >> 128;
        uint256 ya = uint256(bytes32(point[48:80]));
        uint256 yb = uint256(bytes32(point[80:])) >> 128;
        return P384Scalar.less(xa, xb, P384Field.P_HIGH, P384Field.P_LOW)
            && P384Scalar.less(ya, yb, P384Field.P_HIGH, P384Field.P_LOW)
            && P384Field.curveResidue(xa, xb, ya, yb) == 0;
    }
}
