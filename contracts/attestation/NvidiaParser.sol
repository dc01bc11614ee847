// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {NvidiaFwid} from "./libraries/NvidiaFwid.sol";
import {NvidiaOcsp} from "./libraries/NvidiaOcsp.sol";
import {NvidiaRimDocument} from "./libraries/NvidiaRimDocument.sol";
import {Sha1} from "./libraries/Sha1.sol";
import {X509Chain} from "./libraries/X509Chain.sol";

/// @title Reads what only NVIDIA's endorsements need: OCSP responses, firmware identities, reference integrity manifests
/// @notice Stateless. A contract of its own only because of the size limit.
/// @dev Proves the shape; signatures, validity and revocation are the stores' to check.
contract NvidiaParser {
    function ocsp(bytes calldata der, bytes4 err, bytes4 unsuccessful) external pure returns (NvidiaOcsp.Response memory) {
        return NvidiaOcsp.parse(der, err, unsuccessful);
    }

    /// @notice The statuses in [pos, stop) of an OCSP response.
    function ocspStatuses(bytes calldata der, uint256 pos, uint256 stop, bytes4 err)
        external
        pure
        returns (NvidiaOcsp.Single[] memory)
    {
        return NvidiaOcsp.statuses(der, pos, stop, err);
    }

    /// @notice The certificate at `pos` of an OCSP response, and where the next one begins; its extended key usage may be critical.
    function responder(bytes calldata der, uint256 pos, uint256 stop, bytes4 err)
        external
        pure
        returns (X509Chain.Certificate memory c, bool signsOcsp, uint256 next)
    {
        return NvidiaOcsp.responder(der, pos, stop, err);
    }

    /// @notice Whether the extended key usage among the extensions in [start, stop) of a certificate lets it sign OCSP responses.
    function isOcspSigner(bytes calldata der, uint256 start, uint256 stop, bytes4 err) external pure returns (bool) {
        return NvidiaOcsp.isResponder(der, start, stop, err);
    }

    function fwid(bytes calldata der, uint256 start, uint256 stop, bytes4 err) external pure returns (bytes memory) {
        return NvidiaFwid.read(der, start, stop, err);
    }

    /// @notice Names things, proves nothing.
    function sha1(bytes calldata message) external pure returns (bytes20) {
        return Sha1.hash(message);
    }

    function rim(bytes calldata xml) external pure returns (NvidiaRimDocument.Rim memory) {
        return NvidiaRimDocument.parse(xml);
    }
}
