// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Der} from "./Der.sol";
import {Fail} from "./Fail.sol";
import {X509Fields} from "./X509Fields.sol";

/// @title X.509 certificates and CRLs of the chains of AMD, AWS and NVIDIA: P-384 and RSA-4096 keys, SHA-384 signatures
/// @dev RFC 5280. Another key or signature algorithm is malformed. Signatures, validity and use are the caller's to check. Intel's,
///      with P-256 keys, are read by X509; what both have in common by X509Fields.
library X509Chain {
    enum KeyKind { P384, Rsa4096 }
    enum Scheme { EcdsaSha384, RsaPssSha384 }

    struct Signed {
        Scheme scheme;
        /// The signed bytes are der[start:stop].
        uint256 start;
        uint256 stop;
        /// r ‖ s, 48 bytes each, or the 512 bytes of RSA.
        bytes signature;
    }

    struct Certificate {
        Signed signed;
        uint256 serial;
        /// keccak256 of the DER names.
        bytes32 issuer;
        bytes32 subject;
        /// keccak256 of the subject's common name; zero where it has none.
        bytes32 commonName;
        uint64 notBefore;
        uint64 notAfter;
        KeyKind keyKind;
        /// x ‖ y (96 bytes) or the modulus (512 bytes).
        bytes key;
        bool isCa;
        /// CAs that may follow below a CA; the maximum: any number.
        uint256 pathLength;
        bool hasKeyUsage;
        /// First byte of KeyUsage: bit 7 digitalSignature, bit 2 keyCertSign, bit 1 cRLSign.
        uint8 keyUsage;
        /// Content of the SEQUENCE OF Extension in the DER; equal where there is none.
        uint256 extensionsStart;
        uint256 extensionsStop;
    }

    struct Crl {
        Signed signed;
        bytes32 issuer;
        X509Fields.CrlBody body;
    }

    uint8 internal constant DIGITAL_SIGNATURE = 0x80;
    uint8 internal constant SIGNS_CERTIFICATES = 0x04;
    uint8 internal constant SIGNS_CRLS = 0x02;

    /// @dev AlgorithmIdentifier { ecdsa-with-SHA384 }.
    bytes12 private constant ECDSA_SHA384 = 0x300a06082a8648ce3d040303;
    /// @dev AlgorithmIdentifier { id-RSASSA-PSS, SHA-384, MGF1 with SHA-384, salt 48 }: AMD writes it with and without the default
    ///      trailer field.
    bytes32 private constant PSS_SHA384 = keccak256(
        hex"304106092a864886f70d01010a3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130"
    );
    bytes32 private constant PSS_SHA384_TRAILER = keccak256(
        hex"304606092a864886f70d01010a3039a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130a303020101"
    );
    /// @dev SubjectPublicKeyInfo up to the uncompressed point: id-ecPublicKey, secp384r1, BIT STRING.
    bytes24 private constant P384_HEAD = 0x3076301006072a8648ce3d020106052b8104002203620004;
    /// @dev SubjectPublicKeyInfo up to the 512 bytes of the modulus: rsaEncryption, NULL, BIT STRING, SEQUENCE, INTEGER with sign byte.
    bytes32 private constant RSA_HEAD = 0x30820222300d06092a864886f70d01010105000382020f003082020a02820201;
    /// @dev The sign byte, and what follows the modulus: 65537.
    bytes5 private constant RSA_EXPONENT = 0x0203010001;

    /// @notice Whether a certificate is that of a CA whose key may be used so.
    /// @param uses Bits of KeyUsage.
    function isCaThat(Certificate memory c, uint8 uses) internal pure returns (bool) {
        return c.isCa && c.keyUsage & uses == uses;
    }

    /// @notice Reads a certificate; reverts with `err` and the place of the fault.
    function parseCertificate(bytes calldata der, bytes4 err) internal pure returns (Certificate memory c) {
        return parseCertificate(der, 0, err);
    }

    /// @notice Like it, for certificates with one more extension that may be critical, because the caller reads it.
    /// @param known Its OID, left-aligned.
    function parseCertificate(bytes calldata der, bytes32 known, bytes4 err) internal pure returns (Certificate memory c) {
        bytes32 algorithm;
        (c.signed, algorithm) = parseSigned(der, 0, der.length, err);
        (uint256 pos, uint256 stop) = Der.expect(der, c.signed.start, c.signed.stop, Der.SEQUENCE, err);
        (c.serial, pos) = X509Fields.serialNumber(der, pos, stop, err);
        pos = _sameAlgorithm(der, pos, stop, algorithm, err);
        (c.issuer,, pos) = X509Fields.name(der, pos, stop, err);
        (c.notBefore, c.notAfter, pos) = X509Fields.validity(der, pos, stop, err);
        (c.subject, c.commonName, pos) = X509Fields.name(der, pos, stop, err);
        pos = _key(c, der, pos, stop, err);
        X509Fields.Extensions memory e = X509Fields.extensions(der, pos, stop, known, err);
        (c.isCa, c.pathLength, c.hasKeyUsage, c.keyUsage) = (e.isCa, e.pathLength, e.hasKeyUsage, e.keyUsage);
        (c.extensionsStart, c.extensionsStop) = (e.start, e.stop);
    }

    /// @notice Reads a CRL but for its entries: X509Fields.crlEntry reads those.
    function parseCrl(bytes calldata der, bytes4 err) internal pure returns (Crl memory c) {
        bytes32 algorithm;
        (c.signed, algorithm) = parseSigned(der, 0, der.length, err);
        (uint256 pos, uint256 stop) = Der.expect(der, c.signed.start, c.signed.stop, Der.SEQUENCE, err);
        // Version 2: INTEGER 1.
        if (pos + 3 > stop || bytes3(der[pos:pos + 3]) != 0x020101) Fail.word(err, pos);
        pos = _sameAlgorithm(der, pos + 3, stop, algorithm, err);
        (c.issuer,, pos) = X509Fields.name(der, pos, stop, err);
        c.body = X509Fields.crlBody(der, pos, stop, err);
    }

    /// @notice SEQUENCE { to be signed, AlgorithmIdentifier, BIT STRING } in [pos, end), nothing behind it.
    /// @return signed What is signed, and the signature.
    /// @return algorithm keccak256 of the AlgorithmIdentifier: the same has to stand inside the signed part.
    function parseSigned(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        internal
        pure
        returns (Signed memory signed, bytes32 algorithm)
    {
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        if (stop != end) Fail.word(err, stop);
        signed.start = pos;
        (, pos) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        signed.stop = pos;
        (algorithm, signed.scheme, pos) = _algorithm(der, pos, end, err);
        (pos, stop) = Der.expect(der, pos, end, Der.BIT_STRING, err);
        if (stop != end || pos == stop || der[pos] != 0) Fail.word(err, pos);
        if (signed.scheme == Scheme.EcdsaSha384) signed.signature = ecdsaSignature(der, pos + 1, end, err);
        else if (end - pos != 513) Fail.word(err, pos);
        else signed.signature = der[pos + 1:end];
    }

    /// @notice SEQUENCE { r, s } in [pos, end) as r ‖ s of 48 bytes each: shorter ones are padded.
    function ecdsaSignature(bytes calldata der, uint256 pos, uint256 end, bytes4 err) internal pure returns (bytes memory) {
        uint256 stop;
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        if (stop != end) Fail.word(err, stop);
        bytes memory r;
        bytes memory s;
        (r, pos) = _integer48(der, pos, end, err);
        (s, pos) = _integer48(der, pos, end, err);
        if (pos != end) Fail.word(err, pos);
        return bytes.concat(r, s);
    }

    /// @dev Non-negative INTEGER of at most 48 bytes, minimal encoding, padded to 48.
    function _integer48(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        private
        pure
        returns (bytes memory value, uint256 stop)
    {
        uint256 start;
        (start, stop) = Der.expect(der, pos, end, Der.INTEGER, err);
        if (start == stop || uint8(der[start]) > 0x7f) Fail.word(err, pos);
        if (der[start] == 0 && stop - start > 1) {
            ++start;
            if (uint8(der[start]) < 0x80) Fail.word(err, pos);
        }
        if (stop - start > 48) Fail.word(err, pos);
        value = bytes.concat(new bytes(48 - (stop - start)), der[start:stop]);
    }

    function _algorithm(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        private
        pure
        returns (bytes32 id, Scheme scheme, uint256 stop)
    {
        (, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        id = keccak256(der[pos:stop]);
        if (stop - pos == 12 && bytes12(der[pos:stop]) == ECDSA_SHA384) scheme = Scheme.EcdsaSha384;
        else if (id == PSS_SHA384 || id == PSS_SHA384_TRAILER) scheme = Scheme.RsaPssSha384;
        else Fail.word(err, pos);
    }

    function _sameAlgorithm(bytes calldata der, uint256 pos, uint256 end, bytes32 algorithm, bytes4 err)
        private
        pure
        returns (uint256 stop)
    {
        (, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        if (keccak256(der[pos:stop]) != algorithm) Fail.word(err, pos);
    }

    function _key(Certificate memory c, bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        private
        pure
        returns (uint256 stop)
    {
        if (pos + 120 <= end && bytes24(der[pos:pos + 24]) == P384_HEAD) {
            c.keyKind = KeyKind.P384;
            c.key = der[pos + 24:pos + 120];
            return pos + 120;
        }
        // 32 bytes of head, the sign byte, 512 of modulus, 5 of exponent. 4,096 bits exactly.
        if (
            pos + 550 > end || bytes32(der[pos:pos + 32]) != RSA_HEAD || der[pos + 32] != 0
                || uint8(der[pos + 33]) < 0x80 || bytes5(der[pos + 545:pos + 550]) != RSA_EXPONENT
        ) Fail.word(err, pos);
        c.keyKind = KeyKind.Rsa4096;
        c.key = der[pos + 33:pos + 545];
        return pos + 550;
    }
}
