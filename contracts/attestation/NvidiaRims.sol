// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {INvidiaRims} from "../interfaces/INvidiaRims.sol";
import {NvidiaKeys} from "./NvidiaKeys.sol";
import {NvidiaParser} from "./NvidiaParser.sol";
import {DataContract} from "./libraries/DataContract.sol";
import {DeviceEntry} from "./libraries/DeviceEntries.sol";
import {NvidiaRimDocument} from "./libraries/NvidiaRimDocument.sol";
import {NvidiaRimSignature} from "./libraries/NvidiaRimSignature.sol";
import {P384Signature} from "./libraries/P384Signature.sol";

/// @title Store of NVIDIA's reference integrity manifests
/// @notice See INvidiaRims.
contract NvidiaRims is NvidiaKeys, INvidiaRims {
    using P384Signature for P384Signature.Backend;

    /// Data contracts with signer id and Rim, ABI-encoded.
    mapping(bytes32 rimId => address) private _rims;

    /// @notice keccak256 of the DER of "NVIDIA CoRIM signing Root CA" (SHA-256 12977b5115acb0381179279fffeb5a8c4d264971ebb32298023a465fa41df5d1).
    bytes32 public constant NVIDIA_RIM_ROOT = 0x5fabb6ba87f2513a09ec85fab367d2986fe2ed567ec0def48ead120521bf83d9;

    constructor(
        Crypto memory crypto,
        NvidiaParser parser,
        bool devMode,
        bytes32[] memory simulationRoots,
        bool dangerouslySkipRevocation_
    ) NvidiaKeys(crypto, parser, NVIDIA_RIM_ROOT, devMode, simulationRoots, dangerouslySkipRevocation_) {}

    /// @inheritdoc INvidiaRims
    function registerSigner(bytes32 parentId, bytes calldata certificate, bytes calldata proof) external returns (bytes32) {
        return _registerBelow(parentId, certificate, _parsedLeaf(certificate), proof, LEAF, "");
    }

    /// @inheritdoc INvidiaRims
    function uploadRim(
        bytes32 signerId,
        bytes calldata document,
        bytes calldata digest,
        bytes calldata signature,
        bytes calldata proof
    ) external returns (bytes32 rimId) {
        NvidiaRimDocument.Rim memory rim = NVIDIA.rim(document);
        DeviceEntry memory signer = _leafOf(signerId);
        _checkValid(signer);
        (bytes32 high, bytes16 low) = SHA384.sha384(document);
        if (keccak256(digest) != keccak256(bytes.concat(high, low))) revert NvidiaRimDigestMismatch();
        (high, low) = SHA384.sha384(NvidiaRimSignature.signedInfo(digest));
        if (!_backend().verifyDigest(high, low, signer.key, signature, proof)) revert NvidiaRimSignatureInvalid();
        rimId = keccak256(bytes.concat(signerId, digest));
        if (_rims[rimId] == address(0)) _rims[rimId] = DataContract.write(abi.encode(signerId, rim));
        emit RimUploaded(signerId, rimId, rim.version, rim.product, rim.active);
    }

    /// @inheritdoc INvidiaRims
    function rimOf(bytes32 rimId)
        external
        view
        returns (NvidiaRimDocument.Rim memory rim, bool simulated, uint64 earliestExpiry)
    {
        address stored = _rims[rimId];
        if (stored == address(0)) revert NvidiaRimMissing(rimId);
        bytes32 signerId;
        (signerId, rim) = abi.decode(DataContract.read(stored), (bytes32, NvidiaRimDocument.Rim));
        DeviceEntry memory signer = _leafOf(signerId);
        (simulated, earliestExpiry) = (signer.simulated, _checkCurrent(signer));
    }

    function _leafNeedsAnswer() internal pure override returns (bool) {
        return true;
    }

    function _errors(uint8) internal pure override returns (Errors memory) {
        return Errors({
            malformed: NvidiaRimCertificateMalformed.selector,
            issuerNotCa: NvidiaRimCaInvalid.selector,
            pathLengthExceeded: NvidiaRimCaInvalid.selector,
            issuerMismatch: NvidiaRimCertificateIssuerMismatch.selector,
            signatureInvalid: NvidiaRimCertificateSignatureInvalid.selector,
            expired: NvidiaRimCertificateExpired.selector,
            revoked: NvidiaRimCertificateRevoked.selector,
            missing: NvidiaRimCertificateMissing.selector
        });
    }

    function _ocspErrors() internal pure override returns (OcspErrors memory) {
        return OcspErrors({
            missing: NvidiaRimOcspMissing.selector,
            onHold: NvidiaRimCertificateOnHold.selector,
            rootNotPinned: NvidiaRimRootNotPinned.selector,
            leafMissing: NvidiaRimSignerMissing.selector
        });
    }
}
