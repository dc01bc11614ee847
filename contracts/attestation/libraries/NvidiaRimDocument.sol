// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {INvidiaErrors} from "../../interfaces/INvidiaErrors.sol";

/// @title Reads a reference integrity manifest (RIM) in Canonical XML 1.1, its enveloped signature taken out
/// @dev No offset comes from the caller: the document is read from its first byte to its last, so that nothing it says can be
///      left out. Accepted is exactly the form in which NVIDIA's manifests come out of canonicalisation; every other document
///      is refused. In canonical XML a raw `<` only begins a tag, and a repeated attribute cannot occur.
///      Sources: ISO/IEC 19770-2:2015; TCG PC Client Reference Integrity Manifest 1.04, section 3; W3C Canonical XML 1.1.
library NvidiaRimDocument {
    enum Edition {
        None,
        Gpu,
        Switch
    }

    struct Rim {
        Edition edition;
        /// Chip, for example `GH100`; ASCII, left-aligned, like the version of driver or VBIOS.
        bytes32 product;
        bytes32 version;
        /// Bit i: the measurement of RIM index i is active.
        uint256 active;
        /// The active ones in the order of the document: index (1), number of alternatives (1), 48 bytes each.
        bytes measurements;
    }

    /// @dev Attributes of one element: [name, nameStop), [value, valueStop).
    struct Attribute {
        uint256 name;
        uint256 nameStop;
        uint256 value;
        uint256 valueStop;
    }

    uint256 private constant MAX_INDEX = 255;
    uint256 private constant MAX_ALTERNATIVES = 64;
    uint256 private constant DIGEST = 48;

    bytes private constant ROOT =
        "<SoftwareIdentity xmlns=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\" xmlns:ns0=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\" xmlns:ns2=\"http://www.w3.org/2001/04/xmlenc#sha384\"";
    bytes private constant ENTITY = "<ns0:Entity";
    bytes private constant ENTITY_END = "</ns0:Entity>";
    bytes private constant META =
        "<ns0:Meta xmlns:ns1=\"https://trustedcomputinggroup.org/resource/tcg-reference-integrity-manifest-rim-information-model/\"";
    bytes private constant META_END = "</ns0:Meta>";
    bytes private constant PAYLOAD = "<ns0:Payload xmlns:SHA384=\"http://www.w3.org/2001/04/xmlenc#sha384\">";
    bytes private constant PAYLOAD_END = "</ns0:Payload>";
    bytes private constant ROOT_END = "</SoftwareIdentity>";
    // At most 32 letters: compared as words.
    bytes32 private constant RESOURCE = "<ns0:Resource active=\"";
    bytes32 private constant ALTERNATIVES = "\" alternatives=\"";
    bytes32 private constant INDEX = "\" index=\"";
    bytes32 private constant NAME = "\" name=\"";
    bytes32 private constant SIZE_AND_TYPE = "\" size=\"48\" type=\"Measurement\"";
    bytes32 private constant HASH = " ns2:Hash";
    bytes32 private constant VALUE = "=\"";
    bytes32 private constant RESOURCE_END = "></ns0:Resource>";

    function parse(bytes calldata xml) internal pure returns (Rim memory rim) {
        uint256 pos = _expect(xml, 0, ROOT);
        pos = _root(xml, pos);
        pos = _space(xml, pos);
        while (_starts(xml, pos, ENTITY)) {
            pos = _entity(xml, pos + ENTITY.length);
            pos = _space(xml, pos);
        }
        pos = _meta(rim, xml, _expect(xml, pos, META));
        pos = _space(xml, _expect(xml, pos, META_END));
        pos = _space(xml, _expect(xml, pos, PAYLOAD));
        pos = _resources(rim, xml, pos);
        pos = _space(xml, _expect(xml, pos, PAYLOAD_END));
        pos = _expect(xml, pos, ROOT_END);
        if (pos != xml.length) _malformed(pos);
    }

    function _malformed(uint256 offset) private pure {
        revert INvidiaErrors.NvidiaRimMalformed(offset);
    }

    /// @dev Attributes of the root element: one of them names the manifest.
    function _root(bytes calldata xml, uint256 pos) private pure returns (uint256) {
        Attribute memory a;
        bool named;
        while (xml.length > pos && xml[pos] == " ") {
            pos = _attribute(a, xml, pos);
            if (bytes32(xml[a.name:a.nameStop]) == "tagId") named = true;
        }
        if (!named) _malformed(pos);
        return _byte(xml, pos, ">");
    }

    function _entity(bytes calldata xml, uint256 pos) private pure returns (uint256) {
        Attribute memory a;
        while (xml.length > pos && xml[pos] == " ") pos = _attribute(a, xml, pos);
        return _expect(xml, _byte(xml, pos, ">"), ENTITY_END);
    }

    function _meta(Rim memory rim, bytes calldata xml, uint256 pos) private pure returns (uint256) {
        Attribute memory a;
        bytes32 edition;
        while (xml.length > pos && xml[pos] == " ") {
            pos = _attribute(a, xml, pos);
            bytes32 name = bytes32(xml[a.name:a.nameStop]);
            if (name == "product") rim.product = _text(xml, a, rim.product);
            else if (name == "colloquialVersion") rim.version = _text(xml, a, rim.version);
            else if (name == "edition") edition = _text(xml, a, edition);
        }
        if (edition == "GPU") rim.edition = Edition.Gpu;
        else if (edition == "SWITCH") rim.edition = Edition.Switch;
        if (rim.product == 0 || rim.version == 0 || rim.edition == Edition.None) _malformed(pos);
        return _byte(xml, pos, ">");
    }

    /// @dev 1 to 32 printable letters, none of which stands for another (XML's entities), where none stood `before`.
    function _text(bytes calldata xml, Attribute memory a, bytes32 before) private pure returns (bytes32) {
        if (a.value == a.valueStop || a.valueStop - a.value > 32 || before != 0) _malformed(a.value);
        for (uint256 i = a.value; i < a.valueStop; ++i) {
            if (xml[i] < 0x20 || xml[i] > 0x7e || xml[i] == "&") _malformed(i);
        }
        return bytes32(xml[a.value:a.valueStop]);
    }

    /// @dev ` name="value"`; no namespace is declared here.
    function _attribute(Attribute memory a, bytes calldata xml, uint256 pos) private pure returns (uint256) {
        a.name = pos + 1;
        a.nameStop = _until(xml, a.name, "=");
        // A longer name than is read here would be cut when compared.
        if (a.nameStop - a.name > 32 || bytes5(xml[a.name:a.nameStop]) == "xmlns") _malformed(a.name);
        a.value = _byte(xml, a.nameStop + 1, "\"");
        a.valueStop = _until(xml, a.value, "\"");
        return a.valueStop + 1;
    }

    /// @dev Every resource, each index once.
    function _resources(Rim memory rim, bytes calldata xml, uint256 pos) private pure returns (uint256) {
        // A digest takes twice its bytes in the document, index and number less than the rest of a resource.
        bytes memory packed = new bytes(xml.length / 2);
        uint256 size;
        uint256 indexes;
        while (_startsWord(xml, pos, RESOURCE, 22)) {
            uint256 bit;
            (pos, size, bit) = _resource(rim, xml, pos + 22, packed, size);
            if (indexes & bit != 0) _malformed(pos);
            indexes |= bit;
            pos = _space(xml, pos);
        }
        if (indexes == 0) _malformed(pos);
        assembly ("memory-safe") {
            mstore(packed, size)
        }
        rim.measurements = packed;
        return pos;
    }

    /// @return next Behind the resource.
    /// @return size Of `packed`, with this resource where it is active.
    /// @return bit Of its index.
    function _resource(Rim memory rim, bytes calldata xml, uint256 pos, bytes memory packed, uint256 size)
        private
        pure
        returns (uint256 next, uint256, uint256 bit)
    {
        bool active = _startsWord(xml, pos, "True", 4);
        pos = _expectWord(xml, active ? pos + 4 : _expectWord(xml, pos, "False", 5), ALTERNATIVES, 16);
        uint256 alternatives;
        uint256 index;
        (alternatives, pos) = _number(xml, pos, MAX_ALTERNATIVES);
        (index, pos) = _number(xml, _expectWord(xml, pos, INDEX, 9), MAX_INDEX);
        pos = _until(xml, _expectWord(xml, pos, NAME, 8), "\"");
        pos = _expectWord(xml, pos, SIZE_AND_TYPE, 30);
        if (active && alternatives == 0) _malformed(pos);
        uint256 start = size + 2;
        (pos, size) = _hashes(xml, pos, alternatives, packed, start);
        pos = _expectWord(xml, pos, RESOURCE_END, 16);
        bit = 1 << index;
        if (!active) return (pos, start - 2, bit);
        rim.active |= bit;
        packed[start - 2] = bytes1(uint8(index));
        packed[start - 1] = bytes1(uint8(alternatives));
        return (pos, size, bit);
    }

    /// @dev `alternatives` values Hash0, Hash1, …, no fewer and no more, in the order of their names.
    function _hashes(bytes calldata xml, uint256 pos, uint256 alternatives, bytes memory packed, uint256 size)
        private
        pure
        returns (uint256, uint256)
    {
        uint256 seen;
        for (uint256 i = 0; i < alternatives; ++i) {
            uint256 place;
            (place, pos) = _number(xml, _expectWord(xml, pos, HASH, 9), MAX_ALTERNATIVES);
            if (place >= alternatives || (seen >> place) & 1 == 1) _malformed(pos);
            seen |= 1 << place;
            pos = _expectWord(xml, pos, VALUE, 2);
            if (pos + 2 * DIGEST >= xml.length) _malformed(pos);
            for (uint256 third = 0; third < 3; ++third) {
                bytes16 value = _hex(_word(xml, pos), pos);
                assembly ("memory-safe") {
                    // The room behind the last value is at least that of the end tags.
                    mstore(add(add(packed, 0x20), size), value)
                }
                pos += 32;
                size += 16;
            }
            pos = _byte(xml, pos, "\"");
        }
        return (pos, size);
    }

    /// @dev 32 hexadecimal digits, capital or small, as 16 bytes.
    function _hex(bytes32 text, uint256 place) private pure returns (bytes16 value) {
        bool valid;
        assembly ("memory-safe") {
            let ones := 0x0101010101010101010101010101010101010101010101010101010101010101
            // Letters have bit 6; as small letters they have bit 5 too.
            let letters := and(shr(6, text), ones)
            let small := or(text, shl(5, letters))
            let digits := add(and(text, mul(ones, 0x0f)), mul(letters, 9))
            // 10 to 15 are written 0x27 further on than 0 to 9. What does not read the same again was no digit.
            let large := and(shr(4, add(digits, mul(ones, 6))), ones)
            let again := add(add(digits, mul(ones, 0x30)), mul(large, 0x27))
            valid := and(eq(again, small), iszero(and(digits, mul(ones, 0xf0))))
            let x := and(or(shr(4, digits), digits), 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff)
            x := and(or(shr(8, x), x), 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff)
            x := and(or(shr(16, x), x), 0x00000000ffffffff00000000ffffffff00000000ffffffff00000000ffffffff)
            x := and(or(shr(32, x), x), 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff)
            value := shl(128, or(shr(64, x), x))
        }
        if (!valid) _malformed(place);
    }

    /// @dev Decimal without leading zeros, at most `max`.
    function _number(bytes calldata xml, uint256 pos, uint256 max) private pure returns (uint256 value, uint256 next) {
        unchecked {
            for (next = pos; next < xml.length; ++next) {
                uint256 digit = uint256(_word(xml, next) >> 248) ^ 0x30;
                if (digit > 9) break;
                value = value * 10 + digit;
                if (value > max) _malformed(pos);
            }
        }
        // A zero in front is only right alone.
        if (next == pos || (next > pos + 1 && xml[pos] == "0")) _malformed(pos);
    }

    function _space(bytes calldata xml, uint256 pos) private pure returns (uint256) {
        unchecked {
            for (; pos < xml.length; ++pos) {
                bytes1 letter = bytes1(_word(xml, pos));
                if (letter != " " && letter != "\n" && letter != "\t") break;
            }
        }
        return pos;
    }

    /// @dev Place of the first such letter from `pos` on; no tag begins before it.
    function _until(bytes calldata xml, uint256 pos, bytes1 wanted) private pure returns (uint256) {
        unchecked {
            for (; pos < xml.length; ++pos) {
                bytes1 letter = bytes1(_word(xml, pos));
                if (letter == wanted) break;
                if (letter == "<") _malformed(pos);
            }
        }
        if (pos >= xml.length) _malformed(pos);
        return pos;
    }

    function _byte(bytes calldata xml, uint256 pos, bytes1 letter) private pure returns (uint256) {
        if (pos >= xml.length || xml[pos] != letter) _malformed(pos);
        return pos + 1;
    }

    /// @dev 32 bytes at `pos`: what lies behind the document is for the caller not to use.
    function _word(bytes calldata xml, uint256 pos) private pure returns (bytes32 word) {
        assembly ("memory-safe") {
            word := calldataload(add(xml.offset, pos))
        }
    }

    function _expectWord(bytes calldata xml, uint256 pos, bytes32 text, uint256 size) private pure returns (uint256) {
        if (!_startsWord(xml, pos, text, size)) _malformed(pos);
        return pos + size;
    }

    /// @param size Letters of `text`, at most 32.
    function _startsWord(bytes calldata xml, uint256 pos, bytes32 text, uint256 size) private pure returns (bool) {
        return pos + size <= xml.length && (_word(xml, pos) ^ text) >> (256 - 8 * size) == 0;
    }

    function _expect(bytes calldata xml, uint256 pos, bytes memory text) private pure returns (uint256) {
        if (!_starts(xml, pos, text)) _malformed(pos);
        return pos + text.length;
    }

    function _starts(bytes calldata xml, uint256 pos, bytes memory text) private pure returns (bool) {
        uint256 stop = pos + text.length;
        return stop <= xml.length && keccak256(xml[pos:stop]) == keccak256(text);
    }
}
