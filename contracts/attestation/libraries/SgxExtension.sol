// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Der} from "./Der.sol";
import {Fail} from "./Fail.sol";

/// @title The SGX extension of a PCK certificate, OID 1.2.840.113741.1.13.1
/// @dev Read in the order Intel writes it: .1 PPID, .2 TCB, .3 PCEID, .4 FMSPC, .5 SGX type, then .6 and .7 of platform CAs.
library SgxExtension {
    struct Platform {
        bytes16 ppid;
        bytes16 components;
        uint16 pceSvn;
        uint16 pceId;
        bytes6 fmspc;
    }

    bytes9 private constant BASE = 0x2a864886f84d010d01;

    /// @param start Content of the extension, [start, stop).
    function parse(bytes calldata der, uint256 start, uint256 stop, bytes4 err) internal pure returns (Platform memory p) {
        (uint256 pos, uint256 end) = Der.expect(der, start, stop, Der.SEQUENCE, err);
        if (end != stop) Fail.word(err, end);
        uint256 value;
        (value, pos) = _octets(der, pos, end, 1, 16, err);
        p.ppid = bytes16(der[value:value + 16]);
        pos = _tcb(p, der, pos, end, err);
        (value, pos) = _octets(der, pos, end, 3, 2, err);
        p.pceId = uint16(bytes2(der[value:value + 2]));
        (value, pos) = _octets(der, pos, end, 4, 6, err);
        p.fmspc = bytes6(der[value:value + 6]);
        // SGX type, platform instance and configuration: walked, not used.
        for (uint256 id = 5; pos < end || id == 5; ++id) {
            if (id > 7) Fail.word(err, pos);
            (, pos) = _item(der, pos, end, abi.encodePacked(BASE, uint8(id)), err);
        }
    }

    function _tcb(Platform memory p, bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        private
        pure
        returns (uint256 stop)
    {
        uint256 value;
        (value, stop) = _item(der, pos, end, abi.encodePacked(BASE, uint8(2)), err);
        uint256 close;
        (pos, close) = Der.expect(der, value, stop, Der.SEQUENCE, err);
        if (close != stop) Fail.word(err, close);
        uint256 svn;
        uint256 components;
        for (uint256 i = 1; i <= 16; ++i) {
            (svn, pos) = _svn(der, pos, stop, i, err);
            if (svn > 0xff) Fail.word(err, pos);
            components = (components << 8) | svn;
        }
        p.components = bytes16(uint128(components));
        (svn, pos) = _svn(der, pos, stop, 17, err);
        if (svn > 0xffff) Fail.word(err, pos);
        p.pceSvn = uint16(svn);
        // CPUSVN: 16 bytes, repeats what the components say.
        (value, pos) = _item(der, pos, stop, abi.encodePacked(BASE, uint8(2), uint8(18)), err);
        (value, close) = Der.expect(der, value, pos, Der.OCTET_STRING, err);
        if (close != pos || close - value != 16 || pos != stop) Fail.word(err, pos);
    }

    function _svn(bytes calldata der, uint256 pos, uint256 end, uint256 id, bytes4 err)
        private
        pure
        returns (uint256 svn, uint256 stop)
    {
        uint256 value;
        (value, stop) = _item(der, pos, end, abi.encodePacked(BASE, uint8(2), uint8(id)), err);
        (svn, value) = Der.unsigned(der, value, stop, err);
        if (value != stop) Fail.word(err, value);
    }

    function _octets(bytes calldata der, uint256 pos, uint256 end, uint256 id, uint256 size, bytes4 err)
        private
        pure
        returns (uint256 value, uint256 stop)
    {
        (value, stop) = _item(der, pos, end, abi.encodePacked(BASE, uint8(id)), err);
        uint256 close;
        (value, close) = Der.expect(der, value, stop, Der.OCTET_STRING, err);
        if (close != stop || close - value != size) Fail.word(err, value);
    }

    /// @dev SEQUENCE { OID, value }: where the value starts and the item stops.
    function _item(bytes calldata der, uint256 pos, uint256 end, bytes memory id, bytes4 err)
        private
        pure
        returns (uint256 value, uint256 stop)
    {
        uint256 start;
        (start, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        (start, value) = Der.expect(der, start, stop, Der.OID, err);
        if (value - start != id.length || keccak256(der[start:value]) != keccak256(id)) Fail.word(err, start);
    }
}
