// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @notice Checks signatures of ERC-7913 signers: an address, or verifier contract ‖ key.
/// @dev Differs from OpenZeppelin's SignatureChecker in two points that payment channels need:
///      1. An address that has code is still tried as a plain key first. A voucher key can therefore not disown its
///         vouchers by delegating to code (EIP-7702) after it was served.
///      2. Foreign code gets at most CONTRACT_SIGNER_GAS, so that one signer cannot burn the gas of a whole batch.
///      Does NOT prove: that a contract signer will answer the same way later.
library SignerLib {
    /// Gas for foreign code. P-256 in Solidity, without the precompile, needs about 330,000.
    /// A batch of ChannelEscrow.MAX_BATCH items with two such signers each stays below 16 M gas.
    uint256 internal constant CONTRACT_SIGNER_GAS = 350_000;
    /// Length of a signer that is an address alone, in bytes.
    uint256 private constant ADDRESS_BYTES = 20;

    /// @notice Whether `signature` by `signer` over `digest` is valid now. Never reverts on content.
    function isValidSignature(bytes memory signer, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        if (signer.length < ADDRESS_BYTES) return false;
        address target;
        // Safe: the length was checked; the first 20 bytes of the content are the address.
        assembly ("memory-safe") {
            target := shr(96, mload(add(signer, 0x20)))
        }
        if (signer.length == ADDRESS_BYTES) {
            (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, signature);
            if (failure == ECDSA.RecoverError.NoError && recovered == target) return true;
            return _answers(
                target, abi.encodeCall(IERC1271.isValidSignature, (digest, signature)), IERC1271.isValidSignature.selector
            );
        }
        return _answers(
            target,
            abi.encodeCall(IERC7913SignatureVerifier.verify, (_keyOf(signer), digest, signature)),
            IERC7913SignatureVerifier.verify.selector
        );
    }

    function _keyOf(bytes memory signer) private pure returns (bytes memory key) {
        uint256 length = signer.length - ADDRESS_BYTES;
        key = new bytes(length);
        // Safe: copies exactly the bytes behind the address into fresh memory of that length.
        assembly ("memory-safe") {
            mcopy(add(key, 0x20), add(signer, 0x34), length)
        }
    }

    /// Bounded gas and one word of returned bytes: the callee can neither starve nor flood the caller.
    /// Only code that somebody deployed counts: the identity precompile (0x04) returns its input, which begins with the very
    /// selector that a verifier answers with, and would so accept any signature.
    function _answers(address target, bytes memory input, bytes4 expected) private view returns (bool result) {
        if (target.code.length == 0) return false;
        uint256 gasLimit = CONTRACT_SIGNER_GAS;
        // Safe: writes scratch space only; an answer shorter than a word fails the size check.
        assembly ("memory-safe") {
            let success := staticcall(gasLimit, target, add(input, 0x20), mload(input), 0x00, 0x20)
            result := and(success, and(gt(returndatasize(), 0x1f), eq(mload(0x00), expected)))
        }
    }
}
