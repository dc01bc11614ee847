// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {DcapVerifier} from "../../../../contracts/attestation/verifiers/DcapVerifier.sol";
import {IDcapErrors} from "../../../../contracts/interfaces/IDcapErrors.sol";
import {IEndorsementStore} from "../../../../contracts/interfaces/IEndorsementStore.sol";
import {DcapSamples} from "../../support/DcapSamples.sol";
import {TestBase} from "../../support/TestBase.sol";

contract DcapVerifierParseTest is TestBase {
    DcapVerifier private _verifier = new DcapVerifier(IEndorsementStore(address(1)), 30, 0);

    function test_parse_AcceptsEvidence() public view {
        (bytes32 pckId, uint256 size) = _verifier.parse(DcapSamples.EVIDENCE);
        assertWord(pckId, bytes32(DcapSamples.EVIDENCE), "PCK id");
        assertEq(DcapSamples.EVIDENCE.length, 32 + 1220 + size + 6, "size");
    }

    function test_parse_RevertsWhen_HeaderIsAnother() public {
        _refuses(32, 0x05, abi.encodeWithSelector(IDcapErrors.DcapQuoteVersionUnsupported.selector, 5));
        _refuses(34, 0x03, abi.encodeWithSelector(IDcapErrors.DcapAttestationKeyTypeUnsupported.selector, 3));
        _refuses(36, 0x00, abi.encodeWithSelector(IDcapErrors.DcapTeeTypeUnsupported.selector, 0));
        bytes16 vendor = 0x009a7233f79c4ca9940a0db3957f0607;
        _refuses(44, 0x00, abi.encodeWithSelector(IDcapErrors.DcapQeVendorUnknown.selector, vendor));
    }

    function test_parse_RevertsWhen_LengthsDisagree() public {
        bytes memory good = DcapSamples.EVIDENCE;
        _refuses(664, uint8(good[664]) ^ 1, abi.encodeWithSelector(IDcapErrors.DcapQuoteMalformed.selector, 664));
        _refuses(798, uint8(good[798]) ^ 1, abi.encodeWithSelector(IDcapErrors.DcapQuoteMalformed.selector, 796));
        _refuses(796, 0x05, abi.encodeWithSelector(IDcapErrors.DcapCertificationDataUnsupported.selector, 5));
        uint256 inner = good.length - 6;
        _refuses(inner, 0x03, abi.encodeWithSelector(IDcapErrors.DcapCertificationDataUnsupported.selector, 3));
        vm.expectRevert(abi.encodeWithSelector(IDcapErrors.DcapQuoteMalformed.selector, good.length + 1));
        _verifier.parse(bytes.concat(good, hex"00"));
    }

    function testFuzz_parse_OnlyFormatErrors(bytes calldata evidence) public view {
        try _verifier.parse(evidence) {
            assertTrue(false, "garbage is no evidence");
        } catch (bytes memory reason) {
            _isFormatError(bytes4(reason));
        }
    }

    function testFuzz_parse_AnyCutIsMalformed(uint256 length) public view {
        bytes memory cut = bytes.concat(DcapSamples.EVIDENCE);
        length = bound(length, 0, cut.length - 1);
        assembly ("memory-safe") {
            mstore(cut, length)
        }
        try _verifier.parse(cut) {
            assertTrue(false, "cut evidence is no evidence");
        } catch (bytes memory reason) {
            assertTrue(bytes4(reason) == IDcapErrors.DcapQuoteMalformed.selector, "malformed");
        }
    }

    function _isFormatError(bytes4 selector) private pure {
        assertTrue(
            selector == IDcapErrors.DcapQuoteMalformed.selector
                || selector == IDcapErrors.DcapQuoteVersionUnsupported.selector
                || selector == IDcapErrors.DcapAttestationKeyTypeUnsupported.selector
                || selector == IDcapErrors.DcapTeeTypeUnsupported.selector
                || selector == IDcapErrors.DcapQeVendorUnknown.selector
                || selector == IDcapErrors.DcapCertificationDataUnsupported.selector,
            "only format errors"
        );
    }

    function _refuses(uint256 position, uint8 value, bytes memory reason) private {
        bytes memory evidence = bytes.concat(DcapSamples.EVIDENCE);
        evidence[position] = bytes1(value);
        vm.expectRevert(reason);
        _verifier.parse(evidence);
    }
}
