// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {INvidiaEndorsements} from "../interfaces/INvidiaEndorsements.sol";
import {NvidiaKeys} from "./NvidiaKeys.sol";
import {NvidiaParser} from "./NvidiaParser.sol";
import {DeviceEntry} from "./libraries/DeviceEntries.sol";
import {NvidiaChip} from "./libraries/NvidiaChip.sol";
import {X509Chain} from "./libraries/X509Chain.sol";

/// @title Store of the certificates of NVIDIA's devices
/// @notice See INvidiaEndorsements.
contract NvidiaEndorsements is NvidiaKeys, INvidiaEndorsements {
    /// Root, product line, provisioner, boot ROM: the chains of all products that are judged.
    uint256 private constant BOOT_ROM_DEPTH = 4;
    /// SubjectPublicKeyInfo of a key on P-384 up to x ‖ y.
    bytes24 private constant P384_KEY_HEAD = 0x3076301006072a8648ce3d020106052b8104002203620004;
    /// @notice keccak256 of the DER of "NVIDIA Device Identity CA" (SHA-256 102bf659d5419614c9d8e6aecebc80454eb26b1df6a769ac720b9a690b167b48).
    bytes32 public constant NVIDIA_DEVICE_ROOT = 0xb0825ee3e68af4eefdd13c8168d52b7dfe6ebb4ff178b601ecb8aa78ba034408;

    constructor(
        Crypto memory crypto,
        NvidiaParser parser,
        bool devMode,
        bytes32[] memory simulationRoots,
        bool dangerouslySkipRevocation_
    ) NvidiaKeys(crypto, parser, NVIDIA_DEVICE_ROOT, devMode, simulationRoots, dangerouslySkipRevocation_) {}

    /// @inheritdoc INvidiaEndorsements
    function registerAttestationKey(
        bytes32 parentId,
        bytes calldata certificate,
        bytes calldata hardwareModel,
        bytes calldata proof
    ) external returns (bytes32) {
        X509Chain.Certificate memory c = _parsedLeaf(certificate);
        DeviceEntry memory bootRom = _entryOf(parentId, NvidiaCertificateMissing.selector);
        bytes memory facts = abi.encode(
            NVIDIA.fwid(certificate, c.extensionsStart, c.extensionsStop, NvidiaCertificateMalformed.selector),
            _chip(bootRom, hardwareModel),
            // One id for one device: its firmware chooses the attestation key and what its certificate says.
            keccak256(bytes.concat(sha256(bytes.concat(P384_KEY_HEAD, bootRom.key))))
        );
        return _registerBelow(parentId, certificate, c, proof, LEAF, facts);
    }

    /// @inheritdoc INvidiaEndorsements
    function attestationKeyOf(bytes32 akId) external view returns (AttestationKey memory ak) {
        DeviceEntry memory leaf = _leafOf(akId);
        ak.earliestExpiry = _checkCurrent(leaf);
        (ak.key, ak.simulated) = (leaf.key, leaf.simulated);
        (ak.fwid, ak.chip, ak.platformId) = abi.decode(leaf.facts, (bytes, bytes32, bytes32));
    }

    /// @dev The boot ROM's certificate names the chip; other roles have no facts, or the name of no chip. NVIDIA itself has issued it: with
    ///      the key of one boot ROM nobody makes another below it.
    function _chip(DeviceEntry memory bootRom, bytes calldata hardwareModel) private pure returns (bytes32 chip) {
        chip = NvidiaChip.ofHardwareModel(hardwareModel);
        bool isBootRom = bytes32(bootRom.facts) == keccak256(hardwareModel) && bootRom.depth == BOOT_ROM_DEPTH
            && bootRom.keyKind == X509Chain.KeyKind.P384;
        if (chip == 0 || !isBootRom) revert NvidiaArchitectureUnsupported();
    }

    function _factsOfCa(X509Chain.Certificate memory c) internal pure override returns (bytes memory) {
        return bytes.concat(c.commonName);
    }

    function _leafNeedsAnswer() internal pure override returns (bool) {
        return false;
    }

    function _errors(uint8) internal pure override returns (Errors memory) {
        return Errors({
            malformed: NvidiaCertificateMalformed.selector,
            issuerNotCa: NvidiaCaInvalid.selector,
            pathLengthExceeded: NvidiaCaInvalid.selector,
            issuerMismatch: NvidiaCertificateIssuerMismatch.selector,
            signatureInvalid: NvidiaCertificateSignatureInvalid.selector,
            expired: NvidiaCertificateExpired.selector,
            revoked: NvidiaCertificateRevoked.selector,
            missing: NvidiaCertificateMissing.selector
        });
    }

    function _ocspErrors() internal pure override returns (OcspErrors memory) {
        return OcspErrors({
            missing: NvidiaOcspMissing.selector,
            onHold: NvidiaCertificateOnHold.selector,
            rootNotPinned: NvidiaRootNotPinned.selector,
            leafMissing: NvidiaLeafMissing.selector
        });
    }
}
