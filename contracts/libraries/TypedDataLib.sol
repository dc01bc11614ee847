// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Keyset, Receipt, Voucher} from "../types/ProtocolTypes.sol";

/// @notice EIP-712 type hashes and struct hashes of the protocol; twins of packages/protocol/src/typedData.ts.
library TypedDataLib {
    bytes32 internal constant KEYSET_TYPEHASH = keccak256(
        "Keyset(uint256 chainId,address registry,address owner,address operator,uint64 epoch,bytes receiptSigner,bytes32 hpkeKeyDigest,bytes32 tlsSpkiDigest,bytes32 workloadId,bytes32 configDigest,uint64 notAfter)"
    );
    bytes32 internal constant REGISTER_TYPEHASH = keccak256("Register(bytes32 keysetDigest,bytes32 challenge)");
    bytes32 internal constant REGISTER_FOR_TYPEHASH = keccak256(
        "RegisterFor(bytes32 keysetDigest,bytes32 challenge,string endpoint,uint256 nonce,uint64 deadline)"
    );
    bytes32 internal constant BIND_GPU_TYPEHASH =
        keccak256("BindGpu(bytes32 keysetDigest,bytes32 challenge,bytes32 evidenceHash)");
    bytes32 internal constant RECEIPT_TYPEHASH = keccak256(
        "Receipt(bytes32 providerId,uint64 keysetEpoch,bytes32 channelId,uint64 seq,bytes32 requestHash,bytes32 responseHash,uint256 assetId,uint32 assetVersion,bytes32 modelRoot,bytes32 dataRoot,uint8 status,uint64 unitsIn,uint64 unitsOut,uint128 fee,uint128 cumulativeFee,uint64 budgetCounter,uint64 startedAt,uint64 finishedAt,bytes32 previousReceipt)"
    );
    bytes32 internal constant VOUCHER_TYPEHASH =
        keccak256("Voucher(bytes32 channelId,uint128 cumulativeMax,uint64 seq,uint64 notAfter)");
    bytes32 internal constant COOPERATIVE_CLOSE_TYPEHASH =
        keccak256("CooperativeClose(bytes32 channelId,uint128 finalCumulative)");

    /// @notice EIP-712 struct hash of a keyset: the first half of REPORTDATA.
    function hashKeyset(Keyset calldata keyset) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                KEYSET_TYPEHASH,
                keyset.chainId,
                keyset.registry,
                keyset.owner,
                keyset.operator,
                keyset.epoch,
                keccak256(keyset.receiptSigner),
                keyset.hpkeKeyDigest,
                keyset.tlsSpkiDigest,
                keyset.workloadId,
                keyset.configDigest,
                keyset.notAfter
            )
        );
    }

    /// @notice EIP-712 struct hash of a registration.
    function hashRegister(bytes32 keysetDigest, bytes32 challenge) internal pure returns (bytes32) {
        return keccak256(abi.encode(REGISTER_TYPEHASH, keysetDigest, challenge));
    }

    /// @notice EIP-712 struct hash of the permission to send a registration.
    function hashRegisterFor(
        bytes32 keysetDigest,
        bytes32 challenge,
        string calldata endpoint,
        uint256 nonce,
        uint64 deadline
    ) internal pure returns (bytes32) {
        bytes32 endpointHash = keccak256(bytes(endpoint));
        return keccak256(abi.encode(REGISTER_FOR_TYPEHASH, keysetDigest, challenge, endpointHash, nonce, deadline));
    }

    /// @notice EIP-712 struct hash of a GPU's binding to a keyset.
    function hashBindGpu(bytes32 keysetDigest, bytes32 challenge, bytes32 evidenceHash)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(BIND_GPU_TYPEHASH, keysetDigest, challenge, evidenceHash));
    }

    /// @notice EIP-712 struct hash of a receipt. Every member is one word, so the ABI encoding is EIP-712's encodeData.
    function hashReceipt(Receipt calldata receipt) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECEIPT_TYPEHASH, receipt));
    }

    /// @notice EIP-712 struct hash of a voucher; one word per member as well.
    function hashVoucher(Voucher calldata voucher) internal pure returns (bytes32) {
        return keccak256(abi.encode(VOUCHER_TYPEHASH, voucher));
    }

    /// @notice EIP-712 struct hash of the agreement to close a channel at once.
    function hashCooperativeClose(bytes32 channelId, uint128 finalCumulative) internal pure returns (bytes32) {
        return keccak256(abi.encode(COOPERATIVE_CLOSE_TYPEHASH, channelId, finalCumulative));
    }
}
