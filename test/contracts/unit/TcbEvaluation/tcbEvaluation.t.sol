// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {LevelList} from "../../../../contracts/attestation/libraries/LevelList.sol";
import {TcbEvaluation} from "../../../../contracts/attestation/libraries/TcbEvaluation.sol";
import {TcbStatus} from "../../../../contracts/types/ProtocolTypes.sol";
import {TestBase} from "../../support/TestBase.sol";

contract TcbEvaluationTest is TestBase {
    /// Any platform against any level, compared word by word and byte by byte.
    function testFuzz_findLevels_ComparesEveryComponentWithItsOwn(
        bytes16 sgx,
        bytes16 tdx,
        uint16 pceSvn,
        bytes16 neededSgx,
        bytes16 neededTdx,
        uint16 neededPceSvn
    ) public view {
        tdx &= ~bytes16(uint128(0xff) << 112);
        bool expected = pceSvn >= neededPceSvn && _reaches(sgx, neededSgx) && _reaches(tdx, neededTdx);
        assertWord(_reached(sgx, tdx, pceSvn, _level(neededSgx, neededPceSvn, neededTdx)), expected ? bytes32(uint256(1)) : bytes32(0), "any level");
    }

    /// A level that is reached exactly, and with one component more is not.
    function testFuzz_findLevels_OneComponentDecides(bytes16 sgx, bytes16 tdx, uint16 pceSvn, uint256 index) public view {
        tdx &= ~bytes16(uint128(0xff) << 112);
        assertWord(_reached(sgx, tdx, pceSvn, _level(sgx, pceSvn, tdx)), bytes32(uint256(1)), "exactly");
        index %= 16;
        uint128 one = uint128(1) << uint128(8 * (15 - index));
        if (uint8(sgx[index]) != 255) {
            bytes16 more = bytes16(uint128(sgx) + one);
            assertWord(_reached(sgx, tdx, pceSvn, _level(more, pceSvn, tdx)), bytes32(0), "SGX component");
        }
        if (uint8(tdx[index]) != 255) {
            bytes16 more = bytes16(uint128(tdx) + one);
            assertWord(_reached(sgx, tdx, pceSvn, _level(sgx, pceSvn, more)), bytes32(0), "TDX component");
        }
    }

    function testFuzz_insert_KeepsLevelsFromHighToLow(bytes32[6] memory svns, uint8 distinct) public pure {
        bytes memory list;
        for (uint256 i = 0; i < 6; ++i) {
            // Few distinct values, so that the first 32 bytes of a level are often equal and the last two decide.
            bytes32 head = bytes32(uint256(svns[i]) % (uint256(distinct) % 3 + 1));
            list = LevelList.insert(list, bytes.concat(head, bytes2(svns[i]), bytes1(uint8(i))));
        }
        require(list.length == 6 * 35, "all of them");
        for (uint256 i = 1; i < 6; ++i) {
            (uint256 before, uint256 next) = (_key(list, 35 * (i - 1)), _key(list, 35 * i));
            // Of equal levels the first comes first.
            bool inOrder = before > next || (before == next && list[35 * i - 1] < list[35 * i + 34]);
            require(inOrder, "order");
        }
    }

    /// 1 when reached, 0 when no level is.
    function _reached(bytes16 sgx, bytes16 tdx, uint16 pceSvn, bytes memory level) private view returns (bytes32) {
        bytes32 signer = keccak256(new bytes(48));
        TcbEvaluation.Platform memory platform = TcbEvaluation.Platform(sgx, pceSvn, tdx, signer, 0);
        try this.find(bytes.concat(new bytes(56), hex"0001", level), platform) returns (TcbStatus status) {
            require(status == TcbStatus.SWHardeningNeeded, "status");
            return bytes32(uint256(1));
        } catch {
            return 0;
        }
    }

    function find(bytes calldata info, TcbEvaluation.Platform calldata platform) external pure returns (TcbStatus) {
        return TcbEvaluation.findLevels(info, platform).platform;
    }

    function _level(bytes16 sgx, uint16 pceSvn, bytes16 tdx) private pure returns (bytes memory) {
        return bytes.concat(sgx, bytes2(pceSvn), tdx, bytes1(uint8(TcbStatus.SWHardeningNeeded)));
    }

    function _reaches(bytes16 actual, bytes16 needed) private pure returns (bool) {
        for (uint256 i = 0; i < 16; ++i) {
            if (uint8(actual[i]) < uint8(needed[i])) return false;
        }
        return true;
    }

    /// The heads of the test are below 3: both parts fit one number.
    function _key(bytes memory list, uint256 pos) private pure returns (uint256 key) {
        for (uint256 i = 0; i < 34; ++i) {
            key = (key << 8) | uint8(list[pos + i]);
        }
    }
}
