// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {CertificateParser} from "../../../../contracts/attestation/CertificateParser.sol";
import {SignedJsonParser} from "../../../../contracts/attestation/SignedJsonParser.sol";
import {QeIdentityJson} from "../../../../contracts/attestation/libraries/QeIdentityJson.sol";
import {SgxExtension} from "../../../../contracts/attestation/libraries/SgxExtension.sol";
import {TcbInfoJson} from "../../../../contracts/attestation/libraries/TcbInfoJson.sol";
import {X509} from "../../../../contracts/attestation/libraries/X509.sol";
import {IDcapErrors} from "../../../../contracts/interfaces/IDcapErrors.sol";
import {DcapSamples} from "../../support/DcapSamples.sol";
import {TestBase} from "../../support/TestBase.sol";

contract DcapParsersTest is TestBase {
    bytes4 private constant PCK = IDcapErrors.DcapPckMalformed.selector;
    bytes4 private constant CRL = IDcapErrors.DcapPckCrlMalformed.selector;

    CertificateParser private _certificates = new CertificateParser();
    SignedJsonParser private _documents = new SignedJsonParser();

    function test_pck_ReadsCertificateAndSgxExtension() public view {
        (X509.Certificate memory c, SgxExtension.Platform memory p) = _certificates.pck(DcapSamples.PCK, PCK);
        assertTrue(!c.isCa && c.keyUsage & X509.DIGITAL_SIGNATURE != 0, "a leaf that signs");
        assertTrue(c.notBefore < c.notAfter && c.serial != 0 && c.x != 0 && c.y != 0, "fields");
        assertTrue(p.ppid != 0 && p.fmspc != 0 && p.components != 0 && p.pceSvn != 0, "platform");
    }

    function test_crl_ReadsItsEntry() public view {
        X509.Crl memory c = _certificates.crl(DcapSamples.CRL, CRL);
        assertTrue(c.entriesStart < c.entriesStop && c.thisUpdate < c.nextUpdate, "one entry");
    }

    function test_tcbInfo_ReadsLevels() public view {
        TcbInfoJson.TcbInfo memory info = _documents.tcbInfo(DcapSamples.TCB_INFO);
        assertTrue(info.issueDate < info.nextUpdate && info.fmspc != 0, "head");
        uint256 modules = uint8(info.packed[64]);
        assertTrue(modules > 0 && info.packed.length > 65 + 65 * modules, "packed");
    }

    function test_qeIdentity_ReadsLevels() public view {
        QeIdentityJson.QeIdentity memory identity = _documents.qeIdentity(DcapSamples.QE_IDENTITY);
        assertEq(identity.packed.length, 75 + 3 * uint256(uint8(identity.packed[74])), "packed");
    }

    function test_json_RevertsWhen_NotStrict() public view {
        _refusesQe('{"id":"TD_QE","id":"TD_QE"}', IDcapErrors.DcapQeIdentityMalformed.selector);
        _refusesQe('{"id":"TD_QE"}', IDcapErrors.DcapQeIdentityMalformed.selector);
        _refusesQe('{ "id":"TD_QE"}', IDcapErrors.DcapQeIdentityMalformed.selector);
        _refusesQe('{"other":"TD_QE"}', IDcapErrors.DcapQeIdentityMalformed.selector);
        _refusesQe('{"version":02}', IDcapErrors.DcapQeIdentityMalformed.selector);
        _refusesQe('{"version":4294967296}', IDcapErrors.DcapQeIdentityMalformed.selector);
        _refusesQe('{"issueDate":"2025-02-29T00:00:00Z"}', IDcapErrors.DcapQeIdentityMalformed.selector);
        _refusesQe('{"i\\u0064":"TD_QE"}', IDcapErrors.DcapQeIdentityMalformed.selector);
        _refusesQe('{"id":"QE"}', IDcapErrors.DcapQeIdentityIdMismatch.selector);
        _refusesQe('{"version":1}', IDcapErrors.DcapQeIdentityVersionUnsupported.selector);
        _refusesQe(bytes.concat(DcapSamples.QE_IDENTITY, " "), IDcapErrors.DcapQeIdentityMalformed.selector);
    }

    function test_certificate_RevertsWhen_TrailingByte() public {
        vm.expectRevert(abi.encodeWithSelector(PCK, DcapSamples.PCK.length));
        _certificates.certificate(bytes.concat(DcapSamples.PCK, hex"00"), PCK);
    }

    /// @dev Whatever the bytes, a parser answers or reverts with one of its own errors.
    function testFuzz_certificate_OnlyOwnErrors(uint256 position, uint8 value, uint256 length) public view {
        bytes memory der = _mutate(DcapSamples.PCK, position, value, length);
        try _certificates.pck(der, PCK) {}
        catch (bytes memory reason) {
            _isOneOf(reason, PCK, PCK, PCK);
        }
    }

    function testFuzz_crl_OnlyOwnErrors(uint256 position, uint8 value, uint256 length) public view {
        try _certificates.crl(_mutate(DcapSamples.CRL, position, value, length), CRL) {}
        catch (bytes memory reason) {
            _isOneOf(reason, CRL, CRL, CRL);
        }
    }

    function testFuzz_tcbInfo_OnlyOwnErrors(uint256 position, uint8 value, uint256 length) public view {
        try _documents.tcbInfo(_mutate(DcapSamples.TCB_INFO, position, value, length)) {}
        catch (bytes memory reason) {
            _isOneOf(
                reason,
                IDcapErrors.DcapTcbInfoMalformed.selector,
                IDcapErrors.DcapTcbInfoIdMismatch.selector,
                IDcapErrors.DcapTcbInfoVersionUnsupported.selector
            );
        }
    }

    function testFuzz_qeIdentity_OnlyOwnErrors(uint256 position, uint8 value, uint256 length) public view {
        try _documents.qeIdentity(_mutate(DcapSamples.QE_IDENTITY, position, value, length)) {}
        catch (bytes memory reason) {
            _isOneOf(
                reason,
                IDcapErrors.DcapQeIdentityMalformed.selector,
                IDcapErrors.DcapQeIdentityIdMismatch.selector,
                IDcapErrors.DcapQeIdentityVersionUnsupported.selector
            );
        }
    }

    function testFuzz_garbage_IsMalformed(bytes calldata garbage) public view {
        try _certificates.certificate(garbage, PCK) {
            assertTrue(false, "garbage is no certificate");
        } catch (bytes memory reason) {
            _isOneOf(reason, PCK, PCK, PCK);
        }
        try _documents.tcbInfo(garbage) {
            assertTrue(false, "garbage is no TCB info");
        } catch (bytes memory reason) {
            bytes4 malformed = IDcapErrors.DcapTcbInfoMalformed.selector;
            _isOneOf(reason, malformed, malformed, malformed);
        }
    }

    /// @dev One byte changed; every fourth time cut short as well.
    function _mutate(bytes memory good, uint256 position, uint8 value, uint256 length)
        private
        pure
        returns (bytes memory changed)
    {
        changed = bytes.concat(good);
        changed[position % changed.length] = bytes1(value);
        if (length % 4 == 0) {
            uint256 cut = (length / 4) % changed.length;
            assembly ("memory-safe") {
                mstore(changed, cut)
            }
        }
    }

    function _isOneOf(bytes memory reason, bytes4 a, bytes4 b, bytes4 c) private pure {
        bytes4 selector = bytes4(reason);
        assertTrue(selector == a || selector == b || selector == c, "only errors of its own");
    }

    function _refusesQe(bytes memory json, bytes4 selector) private view {
        try _documents.qeIdentity(json) {
            assertTrue(false, string(json));
        } catch (bytes memory reason) {
            assertTrue(bytes4(reason) == selector, string(json));
        }
    }
}
