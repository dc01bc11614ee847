// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {SgxExtension} from "./libraries/SgxExtension.sol";
import {X509} from "./libraries/X509.sol";

/// @title Reads certificates and CRLs of Intel's chains
/// @notice Stateless. A contract of its own only because of the size limit; EndorsementStore creates it. The other vendors' chains are
///         read by ChainParser.
/// @dev Proves that the DER has the expected shape; signatures, validity and revocation are the store's to check.
///      `err` is the selector of the error(uint256 offset) to revert with.
contract CertificateParser {
    function certificate(bytes calldata der, bytes4 err) external pure returns (X509.Certificate memory) {
        return X509.parseCertificate(der, err);
    }

    /// @notice A PCK certificate: a leaf that signs and has the SGX extension.
    function pck(bytes calldata der, bytes4 err)
        external
        pure
        returns (X509.Certificate memory c, SgxExtension.Platform memory p)
    {
        c = X509.parseCertificate(der, err);
        // A start of zero (no extension) fails too: the outer SEQUENCE there does not fit an empty range.
        p = SgxExtension.parse(der, c.sgxStart, c.sgxStop, err);
    }

    function crl(bytes calldata der, bytes4 err) external pure returns (X509.Crl memory) {
        return X509.parseCrl(der, err);
    }
}
