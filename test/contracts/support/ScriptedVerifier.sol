// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IEvidenceVerifier} from "../../../contracts/interfaces/IEvidenceVerifier.sol";
import {Claims} from "../../../contracts/types/ProtocolTypes.sol";

/// Stands in for a verifier at the registry's boundary: answers what the test told it. Only ever deployed by Solidity unit tests;
/// the registry is proven with the real verifier in test/onchain/registry.test.ts.
contract ScriptedVerifier is IEvidenceVerifier {
    error DcapTcbRevoked();
    error DcapTcbStatusNotAccepted(uint8 status);
    error DcapTcbInfoExpired(uint64 nextUpdate);

    enum Mode { Answer, Reject, Outdated, Inconclusive, EmptyRevert, BurnGas }

    Claims private _claims;
    Mode public mode;

    function setClaims(Claims calldata claims) external {
        _claims = claims;
    }

    function setMode(Mode mode_) external {
        mode = mode_;
    }

    function verify(bytes calldata) external view returns (Claims memory) {
        if (mode == Mode.Reject) revert DcapTcbRevoked();
        if (mode == Mode.Outdated) revert DcapTcbStatusNotAccepted(5);
        if (mode == Mode.Inconclusive) revert DcapTcbInfoExpired(7);
        // solhint-disable-next-line reason-string, gas-custom-errors
        if (mode == Mode.EmptyRevert) revert();
        if (mode == Mode.BurnGas) {
            for (uint256 i = 0;; i++) {
                keccak256(abi.encode(i));
            }
        }
        return _claims;
    }
}
