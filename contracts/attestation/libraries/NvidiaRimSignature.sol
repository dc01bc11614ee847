// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";

/// @title SignedInfo of a reference integrity manifest in canonical form
/// @dev Canonical XML 1.1 of the one form that NVIDIA's signatures have: the whole document (URI=""), enveloped signature taken out,
///      SHA-384, ECDSA. Everything but the digest is fixed, so no algorithm, transform or reference can be another one.
///      Source: W3C XML Signature Syntax and Processing 1.1, section 4; TCG Reference Integrity Manifest, section 4.
library NvidiaRimSignature {
    string private constant HEAD =
        "<ds:SignedInfo xmlns=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\" xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:ns0=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\" xmlns:ns2=\"http://www.w3.org/2001/04/xmlenc#sha384\">"
        "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\"></ds:CanonicalizationMethod>"
        "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384\"></ds:SignatureMethod>"
        "<ds:Reference URI=\"\"><ds:Transforms>"
        "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>"
        "<ds:Transform Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\"></ds:Transform></ds:Transforms>"
        "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#sha384\"></ds:DigestMethod><ds:DigestValue>";
    string private constant TAIL = "</ds:DigestValue></ds:Reference></ds:SignedInfo>";

    /// @notice What is signed for a document of this digest (48 bytes).
    function signedInfo(bytes memory digest) internal pure returns (bytes memory) {
        return bytes.concat(bytes(HEAD), bytes(Base64.encode(digest)), bytes(TAIL));
    }
}
