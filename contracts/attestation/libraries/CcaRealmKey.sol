// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ICcaErrors} from "../../interfaces/ICcaErrors.sol";
import {Cbor, CborEntries, CborRules} from "./Cbor.sol";

/// @title The realm attestation key (RAK): a SEC1 point on P-384 in the legacy profile, else an EC2 COSE_Key
/// @dev RFC 9052 §7.1, RFC 9053 §7.1.1: coordinates have the full width of the curve. Does not prove that the point is on it; the
///      verification of a signature does.
library CcaRealmKey {
    uint256 private constant TYPE = 1;
    uint256 private constant KEY_ALGORITHM = 3;
    uint256 private constant OPERATIONS = 4;
    /// Words of the labels -1, -2 and -3 (Cbor.negativeKey).
    uint256 private constant CURVE = 1 << 64;
    uint256 private constant X = CURVE | 1;
    uint256 private constant Y = CURVE | 2;
    uint256 private constant TYPE_EC2 = 2;
    uint256 private constant OPERATION_VERIFY = 2;
    uint256 private constant P256 = 1;
    uint256 private constant P384 = 2;
    uint256 private constant P521 = 3;
    bytes1 private constant UNCOMPRESSED = 0x04;
    bytes4 private constant MALFORMED = ICcaErrors.CcaRakMalformed.selector;

    /// @notice Curve by COSE's number and point x ‖ y. P-521 is a key all the same; nothing here verifies with it.
    function read(bytes calldata key, bool legacy) internal pure returns (uint256 curve, bytes memory point) {
        if (legacy) {
            require(key[0] == UNCOMPRESSED, ICcaErrors.CcaRakMalformed(0));
            return (P384, key[1:]);
        }
        (CborEntries entries,, uint256 stop) = Cbor.entriesOf(key, 0, CborRules(MALFORMED, 64, 8, false, false));
        require(stop == key.length, ICcaErrors.CcaRakMalformed(stop));
        require(_unsigned(key, entries, TYPE) == TYPE_EC2, ICcaErrors.CcaRakMalformed(0));
        curve = _unsigned(key, entries, CURVE);
        require(curve >= P256 && curve <= P521, ICcaErrors.CcaRakMalformed(0));
        _checkUse(key, entries, curve);
        uint256 size = curve == P256 ? 32 : curve == P384 ? 48 : 66;
        point = bytes.concat(_coordinate(key, entries, X, size), _coordinate(key, entries, Y, size));
    }

    /// @dev Algorithm and operations, where the key names them: to verify by the one algorithm of its curve.
    function _checkUse(bytes calldata key, CborEntries entries, uint256 curve) private pure {
        uint256 pos = Cbor.find(entries, KEY_ALGORITHM);
        if (pos != 0) {
            // ES256 is -7, ES384 -35, ES512 -36.
            (uint256 argument,) = Cbor.expect(key, pos, Cbor.NEGATIVE, MALFORMED);
            require(argument == (curve == P256 ? 6 : curve == P384 ? 34 : 35), ICcaErrors.CcaRakMalformed(pos));
        }
        pos = Cbor.find(entries, OPERATIONS);
        if (pos == 0) return;
        (uint256 left, uint256 operation) = Cbor.expect(key, pos, Cbor.ARRAY, MALFORMED);
        for (; left > 0; --left) {
            (uint256 major, uint256 argument,) = Cbor.head(key, operation, false, MALFORMED);
            if (major == Cbor.UNSIGNED && argument == OPERATION_VERIFY) return;
            operation = Cbor.check(key, operation, CborRules(MALFORMED, 64, 8, false, false));
        }
        revert ICcaErrors.CcaRakMalformed(pos);
    }

    function _unsigned(bytes calldata key, CborEntries entries, uint256 label) private pure returns (uint256 value) {
        (value,) = Cbor.expect(key, _placeOf(entries, label), Cbor.UNSIGNED, MALFORMED);
    }

    function _coordinate(bytes calldata key, CborEntries entries, uint256 label, uint256 size)
        private
        pure
        returns (bytes calldata)
    {
        (uint256 start, uint256 stop) = Cbor.byteString(key, _placeOf(entries, label), MALFORMED);
        require(stop - start == size, ICcaErrors.CcaRakMalformed(start));
        return key[start:stop];
    }

    function _placeOf(CborEntries entries, uint256 label) private pure returns (uint256 pos) {
        pos = Cbor.find(entries, label);
        require(pos != 0, ICcaErrors.CcaRakMalformed(0));
    }
}
