// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ISnpErrors} from "../../interfaces/ISnpErrors.sol";
import {Der} from "./Der.sol";
import {Fail} from "./Fail.sol";
import {SnpProducts} from "./SnpProducts.sol";
import {X509Fields} from "./X509Fields.sol";

/// @title AMD's extensions of VCEK and VLEK certificates
/// @dev Source: AMD 57230, extensions under 1.3.6.1.4.1.3704.1. Every one that AMD's certificates carry has to be there.
library SnpVek {
    struct Facts {
        /// Product line in ASCII, left-aligned: productName up to the stepping, which says nothing.
        bytes32 product;
        /// The TCB that the key was derived for, in the wire order of the product.
        bytes8 tcb;
        /// VCEK: keccak256 of CHIP_ID (hwID, zeros up to 64 bytes). VLEK: keccak256 of CSP_ID.
        bytes32 identity;
    }

    /// @dev 1.3.6.1.4.1.3704.1, content bytes.
    bytes8 private constant ARC = 0x2b060104019c7801;
    // Places of the extensions: the last number of their OID, those of 1.3.6.1.4.1.3704.1.3 behind the others.
    uint256 private constant STRUCT_VERSION = 1;
    uint256 private constant PRODUCT_NAME = 2;
    uint256 private constant HARDWARE_ID = 4;
    uint256 private constant CSP_ID = 5;
    uint256 private constant BOOT_LOADER = 16 + 1;
    uint256 private constant TEE = 16 + 2;
    uint256 private constant SNP = 16 + 3;
    uint256 private constant SPL_4 = 16 + 4;
    uint256 private constant SPL_5 = 16 + 5;
    uint256 private constant SPL_7 = 16 + 7;
    uint256 private constant MICROCODE = 16 + 8;
    uint256 private constant FMC = 16 + 9;
    uint256 private constant PLACES = 32;

    uint256 private constant IA5_STRING = 0x16;
    uint256 private constant MAX_TEXT = 128;

    /// @notice Reads the extensions in [start, stop) of a certificate whose form has been checked.
    function read(bytes calldata der, uint256 start, uint256 stop, bool isVlek) internal pure returns (Facts memory facts) {
        uint256[PLACES] memory places = _places(der, start, stop);
        facts.product = _product(der, places);
        facts.tcb = _tcb(der, places, facts.product);
        facts.identity = isVlek ? _cspId(der, places) : _chipId(der, places, facts.product);
    }

    /// @dev Where the value of each extension lies: start << 128 | stop; zero where there is none. Each OID occurs once.
    function _places(bytes calldata der, uint256 pos, uint256 end) private pure returns (uint256[PLACES] memory places) {
        bytes4 err = ISnpErrors.SnpVekMalformed.selector;
        while (pos < end) {
            (bytes32 id,, uint256 value, uint256 stop) = X509Fields.extension(der, pos, end, err);
            pos = stop;
            if (bytes8(id) != ARC) continue;
            bool isSpl = id[8] == 0x03;
            uint256 last = uint8(id[isSpl ? 9 : 8]);
            if (last < 16 && id << (isSpl ? 80 : 72) == 0) places[isSpl ? 16 + last : last] = (value << 128) | stop;
        }
    }

    function _product(bytes calldata der, uint256[PLACES] memory places) private pure returns (bytes32 product) {
        (uint256 start, uint256 stop) = _text(der, places, PRODUCT_NAME);
        uint256 end = start;
        while (end < stop && der[end] != "-") ++end;
        product = end - start > 32 ? bytes32(0) : bytes32(der[start:end]);
        if (product != SnpProducts.MILAN && product != SnpProducts.GENOA && product != SnpProducts.TURIN) {
            revert ISnpErrors.SnpProductUnknown(product);
        }
    }

    /// @dev SPLs that no component has yet are there, and zero. Turin has its FMC in the place of the first of them.
    function _tcb(bytes calldata der, uint256[PLACES] memory places, bytes32 product) private pure returns (bytes8) {
        uint256 structVersion = SnpProducts.structVersion(product);
        if (_integer(der, places, STRUCT_VERSION) != structVersion) _fail(places, STRUCT_VERSION);
        for (uint256 place = structVersion == 0 ? SPL_4 : SPL_5; place <= SPL_7; ++place) {
            if (_integer(der, places, place) != 0) _fail(places, place);
        }
        uint256 tcb = (_integer(der, places, BOOT_LOADER) << 16) | (_integer(der, places, TEE) << 8)
            | _integer(der, places, SNP);
        uint256 microcode = _integer(der, places, MICROCODE);
        if (structVersion == 0) {
            if (places[FMC] != 0) _fail(places, FMC);
            return bytes8(uint64(((tcb >> 8) << 48) | ((tcb & 0xff) << 8) | microcode));
        }
        if (places[SPL_4] != 0 && _integer(der, places, SPL_4) != 0) _fail(places, SPL_4);
        return bytes8(uint64((_integer(der, places, FMC) << 56) | (tcb << 32) | microcode));
    }

    function _cspId(bytes calldata der, uint256[PLACES] memory places) private pure returns (bytes32) {
        if (places[HARDWARE_ID] != 0) _fail(places, HARDWARE_ID);
        (uint256 start, uint256 stop) = _text(der, places, CSP_ID);
        return keccak256(der[start:stop]);
    }

    /// @dev hwID as bare bytes, or as an OCTET STRING around them: AMD has issued both. The length decides which.
    function _chipId(bytes calldata der, uint256[PLACES] memory places, bytes32 product) private pure returns (bytes32) {
        if (places[CSP_ID] != 0) _fail(places, CSP_ID);
        if (places[HARDWARE_ID] == 0) revert ISnpErrors.SnpHwidMissing();
        (uint256 start, uint256 stop) = (places[HARDWARE_ID] >> 128, uint128(places[HARDWARE_ID]));
        uint256 size = SnpProducts.chipIdSize(product);
        bool isWrapped = stop - start == size + 2 && uint8(der[start]) == Der.OCTET_STRING && uint8(der[start + 1]) == size;
        if (isWrapped) start += 2;
        if (stop - start != size) revert ISnpErrors.SnpHwidLengthWrong(size, stop - start);
        return keccak256(bytes.concat(der[start:stop], new bytes(64 - size)));
    }

    /// @dev IA5String of 1 to 128 printable letters: where they stand.
    function _text(bytes calldata der, uint256[PLACES] memory places, uint256 place)
        private
        pure
        returns (uint256 start, uint256 stop)
    {
        bytes4 err = ISnpErrors.SnpVekExtensionMalformed.selector;
        (uint256 from, uint256 end) = _find(places, place);
        (start, stop) = Der.expect(der, from, end, IA5_STRING, err);
        if (stop != end || start == stop || stop - start > MAX_TEXT) Fail.word(err, from);
        for (uint256 i = start; i < stop; ++i) {
            if (uint8(der[i]) < 0x20 || uint8(der[i]) > 0x7e) Fail.word(err, i);
        }
    }

    /// @dev INTEGER of 0 to 255. Above 127 it has two content bytes: the whole number counts, not its last byte.
    function _integer(bytes calldata der, uint256[PLACES] memory places, uint256 place) private pure returns (uint256 value) {
        bytes4 err = ISnpErrors.SnpVekExtensionMalformed.selector;
        (uint256 pos, uint256 end) = _find(places, place);
        uint256 stop;
        (value, stop) = Der.unsigned(der, pos, end, err);
        if (stop != end || value > 0xff) Fail.word(err, pos);
    }

    function _find(uint256[PLACES] memory places, uint256 place) private pure returns (uint256 start, uint256 stop) {
        if (places[place] == 0) revert ISnpErrors.SnpVekExtensionMissing(_oidOf(place));
        return (places[place] >> 128, uint128(places[place]));
    }

    function _fail(uint256[PLACES] memory places, uint256 place) private pure {
        revert ISnpErrors.SnpVekExtensionMalformed(places[place] >> 128);
    }

    /// @dev Content bytes of the OID, left-aligned.
    function _oidOf(uint256 place) private pure returns (bytes32) {
        bytes memory rest = place < 16 ? bytes.concat(bytes1(uint8(place))) : bytes.concat(hex"03", bytes1(uint8(place - 16)));
        return bytes32(bytes.concat(ARC, rest));
    }
}
