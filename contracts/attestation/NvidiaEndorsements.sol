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
        bytes memory facts = abi.encode(
            NVIDIA.fwid(certificate, c.extensionsStart, c.extensionsStop, NvidiaCertificateMalformed.selector),
            _chip(parentId, hardwareModel),
            keccak256(_minimal(c.serial))
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

    /// @dev The boot ROM's certificate names the chip; other roles have no facts, or the name of no chip.
    function _chip(bytes32 parentId, bytes calldata hardwareModel) private view returns (bytes32 chip) {
        bytes memory facts = _entryOf(parentId, NvidiaCertificateMissing.selector).facts;
        chip = NvidiaChip.ofHardwareModel(hardwareModel);
        if (chip == 0 || bytes32(facts) != keccak256(hardwareModel)) revert NvidiaArchitectureUnsupported();
    }

    /// @dev Big-endian without leading zero bytes.
    function _minimal(uint256 number) private pure returns (bytes memory text) {
        uint256 size;
        for (uint256 rest = number; rest != 0; rest >>= 8) ++size;
        text = new bytes(size);
        for (uint256 i = 0; i < size; ++i) text[i] = bytes1(uint8(number >> (8 * (size - 1 - i))));
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
