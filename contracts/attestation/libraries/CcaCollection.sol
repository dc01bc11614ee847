// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICcaErrors} from "../../interfaces/ICcaErrors.sol";
import {Cbor, CborEntries, CborRules} from "./Cbor.sol";

/// @title The collection around the two tokens of Arm CCA
/// @dev EAT collection (draft-ffm-rats-cca-token-00) and CMW collection (from -02 on). Nobody has signed these bytes, so only one
///      form of them is read.
library CcaCollection {
    uint256 private constant MAX_ITEMS = 64;
    uint256 private constant MAX_DEPTH = 4;
    uint256 private constant EAT = 399;
    uint256 private constant CMW = 907;
    /// CoAP content format of `application/eat+cwt`, which every member of a CMW collection carries.
    uint256 private constant CMW_EAT_CWT = 263;
    uint256 private constant PLATFORM = 44234;
    uint256 private constant REALM = 44241;
    bytes4 private constant MALFORMED = ICcaErrors.CcaTokenMalformed.selector;

    /// @notice The platform token and the realm token.
    function read(bytes calldata token) internal pure returns (bytes calldata platform, bytes calldata realm) {
        (uint256 major, uint256 tag, uint256 pos) = Cbor.head(token, 0, true, MALFORMED);
        bool isCmw = tag == CMW;
        bool isCollection = major == Cbor.TAG && (isCmw || tag == EAT);
        if (!isCollection || Cbor.majorOf(token, pos) != Cbor.MAP) _refuse(token, isCollection, tag);
        // The tag is one item, one level above.
        (CborEntries members, uint256 count, uint256 stop) =
            Cbor.entriesOf(token, pos, CborRules(MALFORMED, MAX_ITEMS - 1, MAX_DEPTH - 1, true, false));
        require(stop == token.length, ICcaErrors.CcaTrailingBytes(stop));
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

    /// @dev What is no collection: for being malformed, for bytes behind it, for its tag, for its content, in this order.
    function _refuse(bytes calldata token, bool isCollection, uint256 tag) private pure {
        uint256 stop = Cbor.check(token, 0, CborRules(MALFORMED, MAX_ITEMS, MAX_DEPTH, true, false));
        require(stop == token.length, ICcaErrors.CcaTrailingBytes(stop));
        require(isCollection, ICcaErrors.CcaCollectionTagUnsupported(tag));
        revert ICcaErrors.CcaTokenMalformed(0);
    }
}
