// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {X509Chain} from "./libraries/X509Chain.sol";
import {X509Fields} from "./libraries/X509Fields.sol";

/// @title Reads certificates and CRLs of P-384 and RSA-4096 chains
/// @notice Stateless. A contract of its own only because of the size limit: the stores on DeviceKeys share one. Intel's store has
///         CertificateParser, which reads P-256 and the SGX extension; both read the rest of a certificate by X509Fields.
/// @dev Proves that the DER has the expected shape; signatures, validity and revocation are the store's to check.
///      `err` is the selector of the error(uint256 offset) to revert with.
contract ChainParser {
    function certificate(bytes calldata der, bytes4 err) external pure returns (X509Chain.Certificate memory) {
        return X509Chain.parseCertificate(der, err);
    }

    function crl(bytes calldata der, bytes4 err) external pure returns (X509Chain.Crl memory) {
        return X509Chain.parseCrl(der, err);
    }

    /// @notice At most `count` revocations of a CRL from offset `pos`, where one begins, up to the end of them.
    /// @return serials Serial numbers.
    /// @return dates Unix seconds, never zero: a revocation dated 1970 counts from second 1.
    /// @return next Where the next one begins, or the end.
    function crlEntries(bytes calldata der, uint256 pos, uint256 stop, uint256 count, bytes4 err)
        external
        pure
        returns (uint256[] memory serials, uint64[] memory dates, uint256 next)
    {
        // An entry has at least 20 bytes: SEQUENCE, INTEGER of one byte, UTCTime.
        uint256 room = (stop - pos) / 20;
        if (count < room) room = count;
        (serials, dates) = (new uint256[](room), new uint64[](room));
        uint256 found = 0;
        for (; pos < stop && found < room; ++found) {
            uint64 date;
            (serials[found], date, pos) = X509Fields.crlEntry(der, pos, stop, err);
            dates[found] = date == 0 ? 1 : date;
        }
        // Fewer than 20 bytes that are left over are no entry.
        if (found < count && pos < stop) (,, pos) = X509Fields.crlEntry(der, pos, stop, err);
        assembly ("memory-safe") {
            mstore(serials, found)
            mstore(dates, found)
        }
        next = pos;
    }
}
