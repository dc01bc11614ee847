// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Der} from "./Der.sol";
import {Fail} from "./Fail.sol";
import {X509Fields} from "./X509Fields.sol";

/// @title Firmware identity (FWID) that a device's boot ROM wrote into the certificate of its attestation key
/// @dev Hopper GPUs and LS10 switches carry a CompositeDeviceID, whose one FWID is its last member; Blackwell GPUs a TcbInfo, whose
///      first FWID is the one in the report. NVIDIA's SDK knows newer devices with a TcbInfo under the OID of the older
///      structure; the first member tells them apart.
///      Sources: TCG DICE Layering Architecture 1.0, 5.5; DICE Attestation Architecture 1.1, 6.1.1.
library NvidiaFwid {
    /// 2.23.133.5.4.1 and 2.23.133.5.4.1.1.
    bytes6 private constant COMPOSITE_DEVICE_ID = 0x678105050401;
    bytes7 private constant TCB_INFO = 0x67810505040101;
    /// OBJECT IDENTIFIER SHA-384.
    bytes11 private constant SHA384 = 0x0609608648016503040202;
    uint256 private constant SIZE = 48;
    uint256 private constant FIRST_TAG = 0x80;
    uint256 private constant LAST_TAG = 0x8a;
    uint256 private constant FWIDS = 6;
    /// [6] is constructed.
    uint256 private constant FWIDS_TAG = 0xa6;

    /// @notice The identity, 48 bytes; empty where the certificate has neither extension.
    /// @param pos Content of the certificate's SEQUENCE OF Extension, up to `stop`.
    function read(bytes calldata der, uint256 pos, uint256 stop, bytes4 err) internal pure returns (bytes memory fwid) {
        while (pos < stop) {
            uint256 from = pos;
            bytes32 id;
            uint256 value;
            (id,, value, pos) = X509Fields.extension(der, pos, stop, err);
            bool isComposite = id == COMPOSITE_DEVICE_ID;
            if (!isComposite && id != TCB_INFO) continue;
            if (fwid.length != 0) Fail.word(err, from);
            (uint256 start, uint256 end) = _last(der, value, pos, Der.SEQUENCE, err);
            bool isOld = isComposite && start < end && uint8(der[start]) == Der.INTEGER;
            fwid = isOld ? _composite(der, start, end, err) : _tcbInfo(der, start, end, err);
        }
    }

    /// @dev SEQUENCE { INTEGER 1, SubjectPublicKeyInfo, FWID } and nothing behind it.
    function _composite(bytes calldata der, uint256 pos, uint256 end, bytes4 err) private pure returns (bytes memory fwid) {
        if (pos + 3 > end || bytes3(der[pos:pos + 3]) != 0x020101) Fail.word(err, pos);
        (, pos) = Der.expect(der, pos + 3, end, Der.SEQUENCE, err);
        (fwid, pos) = _fwid(der, pos, end, err);
        if (pos != end) Fail.word(err, pos);
    }

    /// @dev SEQUENCE of optional members [0] to [10] in the order of their tags.
    function _tcbInfo(bytes calldata der, uint256 pos, uint256 end, bytes4 err) private pure returns (bytes memory fwid) {
        uint256 next = FIRST_TAG;
        while (pos < end) {
            (uint256 tag, uint256 start, uint256 stop) = Der.element(der, pos, end, err);
            bool isList = tag == FWIDS_TAG;
            uint256 place = isList ? FIRST_TAG + FWIDS : tag;
            if (place < next || place > LAST_TAG || tag == FIRST_TAG + FWIDS) Fail.word(err, pos);
            next = place + 1;
            if (isList) fwid = _first(der, start, stop, err);
            pos = stop;
        }
        if (fwid.length == 0) Fail.word(err, end);
    }

    function _first(bytes calldata der, uint256 pos, uint256 end, bytes4 err) private pure returns (bytes memory fwid) {
        (fwid, pos) = _fwid(der, pos, end, err);
        while (pos < end) (, pos) = _fwid(der, pos, end, err);
    }

    /// @dev SEQUENCE { OID sha384, OCTET STRING of 48 bytes }.
    function _fwid(bytes calldata der, uint256 pos, uint256 end, bytes4 err)
        private
        pure
        returns (bytes memory fwid, uint256 stop)
    {
        (pos, stop) = Der.expect(der, pos, end, Der.SEQUENCE, err);
        if (pos + 11 > stop || bytes11(der[pos:pos + 11]) != SHA384) Fail.word(err, pos);
        (pos, end) = _last(der, pos + 11, stop, Der.OCTET_STRING, err);
        if (end - pos != SIZE) Fail.word(err, pos);
        fwid = der[pos:end];
    }

    function _last(bytes calldata der, uint256 pos, uint256 end, uint256 tag, bytes4 err)
        private
        pure
        returns (uint256 start, uint256 stop)
    {
        (start, stop) = Der.expect(der, pos, end, tag, err);
        if (stop != end) Fail.word(err, stop);
    }
}
