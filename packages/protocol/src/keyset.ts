import { concat, encodeAbiParameters, type Hex, hashStruct, hashTypedData, keccak256, sha256, toHex } from 'viem'
import { eip712Domain, KEYSET_TYPES, type Keyset, REGISTER_TYPES, REGISTRY_DOMAIN_NAME } from './typedData.ts'

/** HPKE KEM identifiers (RFC 9180, section 7.1). */
export const KEM_X25519_HKDF_SHA256 = 0x0020

/** EIP-712 hashStruct of the keyset: first half of REPORTDATA. */
export function keysetDigest(keyset: Keyset): Hex {
  return hashStruct({ types: KEYSET_TYPES, primaryType: 'Keyset', data: keyset })
}

/** sha256(u16 KEM id, big-endian ‖ public key). */
export function hpkeKeyDigest(kemId: number, publicKey: Uint8Array): Hex {
  return sha256(concat([toHex(kemId, { size: 2 }), toHex(publicKey)]))
}

/** keccak256(abi.encode(blockNumber, blockhash, ownerNonce)): second half of REPORTDATA. */
export function registrationChallenge(blockNumber: bigint, blockHash: Hex, ownerNonce: bigint): Hex {
  const words = [{ type: 'uint256' }, { type: 'bytes32' }, { type: 'uint256' }] as const
  return keccak256(encodeAbiParameters(words, [blockNumber, blockHash, ownerNonce]))
}

/** 64 bytes: keyset digest ‖ challenge. */
export function reportData(digest: Hex, challenge: Hex): Hex {
  return concat([digest, challenge])
}

/** Digest that the receipt signer signs to prove that it holds its key. */
export function registerDigest(keyset: Keyset, challenge: Hex): Hex {
  return hashTypedData({
    domain: eip712Domain(REGISTRY_DOMAIN_NAME, keyset.chainId, keyset.registry),
    types: REGISTER_TYPES,
    primaryType: 'Register',
    message: { keysetDigest: keysetDigest(keyset), challenge },
  })
}

/** keccak256(abi.encode(owner, operator)): one id per node, stable over keyset epochs. */
export function providerId(owner: Hex, operator: Hex): Hex {
  return keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'address' }], [owner, operator]))
}
