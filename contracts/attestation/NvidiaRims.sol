// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {INvidiaRims} from "../interfaces/INvidiaRims.sol";
import {NvidiaKeys} from "./NvidiaKeys.sol";
import {DataContract} from "./libraries/DataContract.sol";
import {NvidiaRimDocument} from "./libraries/NvidiaRimDocument.sol";
import {NvidiaRimSignature} from "./libraries/NvidiaRimSignature.sol";
import {P384Signature} from "./libraries/P384Signature.sol";

/// @title Store of NVIDIA's reference integrity manifests
/// @notice See INvidiaRims.
contract NvidiaRims is NvidiaKeys, INvidiaRims {
    using P384Signature for P384Signature.Backend;

    /// Data contracts with signer id and Rim, ABI-encoded.
    mapping(bytes32 rimId => address) private _rims;

    constructor(Setup memory setup) NvidiaKeys(setup) {}

    /// @inheritdoc INvidiaRims
    function registerSigner(bytes32 parentId, bytes calldata certificate, bytes calldata proof) external returns (bytes32) {
        return _register(parentId, certificate, _parsedLeaf(certificate), LEAF, "", proof);
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
        Entry[] memory chain = _leafChain(signerId);
        _checkCurrent(chain);
        if (keccak256(digest) != keccak256(_sha384(document))) revert NvidiaRimDigestMismatch();
        bytes memory signed = _sha384(NvidiaRimSignature.signedInfo(digest));
        if (!P384Signature.Backend(P384, TABLES).verify(signed, chain[0].key, signature, proof)) {
            revert NvidiaRimSignatureInvalid();
        }
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
        Entry[] memory chain;
        (chain, earliestExpiry) = _currentChain(signerId);
        simulated = chain[0].simulated;
    }

    function _sha384(bytes memory message) private view returns (bytes memory) {
        (bytes32 high, bytes16 low) = SHA384.sha384(message);
        return bytes.concat(high, low);
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
