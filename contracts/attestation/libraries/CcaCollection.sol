// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICcaErrors} from "../../interfaces/ICcaErrors.sol";
import {Cbor, CborEntries, CborRules} from "./Cbor.sol";

/// @title The collection around the two tokens of Arm CCA
/// @dev EAT collection (draft-ffm-rats-cca-token-00) and CMW collection (from -02 on). Nobody has signed these bytes, so only one
///      form of them is read.
library CcaCollection {
    uint256 private constant EAT = 399;
    uint256 private constant CMW = 907;
    /// CoAP content format of `application/eat+cwt`, which every member of a CMW collection carries.
    uint256 private constant CMW_EAT_CWT = 263;
    uint256 private constant PLATFORM = 44234;
    uint256 private constant REALM = 44241;
    bytes4 private constant MALFORMED = ICcaErrors.CcaTokenMalformed.selector;

    /// @notice The platform token and the realm token.
    function read(bytes calldata token) internal pure returns (bytes calldata platform, bytes calldata realm) {
        uint256 stop = Cbor.check(token, 0, _rules());
        require(stop == token.length, ICcaErrors.CcaTrailingBytes(stop));
        (uint256 major, uint256 tag, uint256 pos) = Cbor.head(token, 0, false, MALFORMED);
        bool isCmw = tag == CMW;
        require(major == Cbor.TAG && (isCmw || tag == EAT), ICcaErrors.CcaCollectionTagUnsupported(tag));
        (CborEntries members, uint256 count,) = Cbor.entriesOf(token, pos, _rules());
        require(count == 2, ICcaErrors.CcaTokenMalformed(pos));
        platform = _member(token, Cbor.find(members, PLATFORM), isCmw);
        realm = _member(token, Cbor.find(members, REALM), isCmw);
    }

    /// @dev The token itself, or `[263, token]` (draft-ietf-rats-msg-wrap: content format, value).
    function _member(bytes calldata token, uint256 pos, bool isCmw) private pure returns (bytes calldata) {
        require(pos != 0, ICcaErrors.CcaTokenMalformed(0));
        if (isCmw) {
            uint256 argument;
            (argument, pos) = Cbor.expect(token, pos, Cbor.ARRAY, MALFORMED);
            require(argument == 2, ICcaErrors.CcaTokenMalformed(pos));
            (argument, pos) = Cbor.expect(token, pos, Cbor.UNSIGNED, MALFORMED);
            require(argument == CMW_EAT_CWT, ICcaErrors.CcaTokenMalformed(pos));
        }
        (uint256 start, uint256 stop) = Cbor.byteString(token, pos, MALFORMED);
        return token[start:stop];
    }

    function _rules() private pure returns (CborRules memory) {
        return CborRules(MALFORMED, 64, 4, true, false);
    }
}
