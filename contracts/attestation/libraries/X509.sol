// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Der} from "./Der.sol";
import {Fail} from "./Fail.sol";
import {X509Fields} from "./X509Fields.sol";

/// @title X.509 certificates and CRLs with P-256 keys and ECDSA-SHA256, as Intel issues them
/// @dev Anything else (other curve, other hash) is malformed. Signatures are the caller's to check. Beside X509Chain because keys and
///      signatures of one size make other stores: words instead of bytes, and the hash at once, which SHA-256 gives for nothing.
library X509 {
    struct Certificate {
        /// sha256 of the to-be-signed part.
        bytes32 tbsHash;
        uint256 serial;
        /// keccak256 of the DER names.
        bytes32 issuer;
        bytes32 subject;
        /// keccak256 of the subject's common name.
        bytes32 commonName;
        uint64 notBefore;
        uint64 notAfter;
        bytes32 x;
        bytes32 y;
        bool isCa;
        /// First byte of KeyUsage: bit 7 digitalSignature, bit 2 keyCertSign, bit 1 cRLSign.
        uint8 keyUsage;
        /// Content of the SGX extension, zero where there is none.
        uint256 sgxStart;
        uint256 sgxStop;
        bytes32 r;
        bytes32 s;
    }

    struct Crl {
        bytes32 tbsHash;
        bytes32 issuer;
        X509Fields.CrlBody body;
        bytes32 r;
        bytes32 s;
    }

    uint8 internal constant DIGITAL_SIGNATURE = 0x80;
    uint8 internal constant SIGNS_CERTIFICATES_AND_CRLS = 0x06;

    /// @dev SEQUENCE { ecdsa-with-SHA256 }.
    bytes12 private constant ALGORITHM = 0x300a06082a8648ce3d040302;
    /// @dev SubjectPublicKeyInfo up to the uncompressed point: id-ecPublicKey, prime256v1, BIT STRING.
    bytes27 private constant KEY_HEAD = 0x3059301306072a8648ce3d020106082a8648ce3d03010703420004;
    bytes9 private constant SGX_EXTENSION = 0x2a864886f84d010d01;

    function parseCertificate(bytes calldata der, bytes4 err) internal pure returns (Certificate memory c) {
        (uint256 pos, uint256 end) = _openSigned(der, err);
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        (c.serial, pos) = X509Fields.serialNumber(der, pos, stop, err);
        pos = _algorithm(der, pos, stop, err);
        (c.issuer,, pos) = X509Fields.name(der, pos, stop, err);
        (c.notBefore, c.notAfter, pos) = X509Fields.validity(der, pos, stop, err);
        (c.subject, c.commonName, pos) = X509Fields.name(der, pos, stop, err);
        if (pos + 91 > stop || bytes27(der[pos:pos + 27]) != KEY_HEAD) Fail.word(err, pos);
        c.x = bytes32(der[pos + 27:pos + 59]);
        c.y = bytes32(der[pos + 59:pos + 91]);
        X509Fields.Extensions memory e = X509Fields.extensions(der, pos + 91, stop, SGX_EXTENSION, err);
        // Both are in every certificate of these chains; without them a leaf could pass as anything.
        if (!e.hasBasicConstraints || !e.hasKeyUsage) Fail.word(err, stop);
        (c.isCa, c.keyUsage, c.sgxStart, c.sgxStop) = (e.isCa, e.keyUsage, e.knownStart, e.knownStop);
        (c.tbsHash, c.r, c.s) = _closeSigned(der, stop, err);
    }

    /// @notice Reads a CRL but for its entries: X509Fields.crlEntry reads those.
    function parseCrl(bytes calldata der, bytes4 err) internal pure returns (Crl memory c) {
        (uint256 pos, uint256 end) = _openSigned(der, err);
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        // Version 2: INTEGER 1.
        if (pos + 3 > stop || bytes3(der[pos:pos + 3]) != 0x020101) Fail.word(err, pos);
        pos = _algorithm(der, pos + 3, stop, err);
        (c.issuer,, pos) = X509Fields.name(der, pos, stop, err);
        c.body = X509Fields.crlBody(der, pos, stop, err);
        (c.tbsHash, c.r, c.s) = _closeSigned(der, stop, err);
    }

    function _openSigned(bytes calldata der, bytes4 err) private pure returns (uint256 pos, uint256 end) {
        (pos, end) = Der.expect(der, 0, der.length, Der.SEQUENCE, err);
        if (end != der.length) Fail.word(err, end);
    }

    /// @dev The signed part runs from the outer head to `tbsStop`; behind it algorithm and BIT STRING { SEQUENCE { r, s } }.
    function _closeSigned(bytes calldata der, uint256 tbsStop, bytes4 err)
        private
        pure
        returns (bytes32 tbsHash, bytes32 r, bytes32 s)
    {
        (uint256 tbsStart, uint256 end) = _openSigned(der, err);
        tbsHash = sha256(der[tbsStart:tbsStop]);
        uint256 pos = _algorithm(der, tbsStop, end, err);
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.BIT_STRING, err);
        if (stop != end || pos == stop || der[pos] != 0) Fail.word(err, pos);
        (pos, stop) = Der.expect(der, pos + 1, end, Der.SEQUENCE, err);
        if (stop != end) Fail.word(err, stop);
        uint256 value;
        (value, pos) = Der.unsigned(der, pos, end, err);
        r = bytes32(value);
        (value, pos) = Der.unsigned(der, pos, end, err);
        s = bytes32(value);
        if (pos != end) Fail.word(err, pos);
    }

    function _algorithm(bytes calldata der, uint256 pos, uint256 end, bytes4 err) private pure returns (uint256) {
        if (pos + 12 > end || bytes12(der[pos:pos + 12]) != ALGORITHM) Fail.word(err, pos);
        return pos + 12;
    }
}
