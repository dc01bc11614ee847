import { concat, encodeAbiParameters, type Hex, hashStruct, hashTypedData, keccak256, sha256, toHex } from 'viem'
import {
  BIND_GPU_TYPES,
  eip712Domain,
  KEYSET_TYPES,
  type Keyset,
  REGISTER_FOR_TYPES,
  REGISTER_TYPES,
  REGISTRY_DOMAIN_NAME,
} from './typedData.ts'

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

/**
 * keccak256(abi.encode(blockNumber, blockhash, epoch)): second half of REPORTDATA.
 *
 * @param epoch - Of the keyset that the evidence binds: the next one to register, the current one to renew.
 */
export function registrationChallenge(blockNumber: bigint, blockHash: Hex, epoch: bigint): Hex {
  const words = [{ type: 'uint256' }, { type: 'bytes32' }, { type: 'uint256' }] as const
  return keccak256(encodeAbiParameters(words, [blockNumber, blockHash, epoch]))
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

/** Digest that owner or operator sign so that a relayer may send and pay for the registration, until `deadline` (Unix seconds). */
export function authorisationDigest(keyset: Keyset, challenge: Hex, endpoint: string, deadline: bigint): Hex {
  return hashTypedData({
    domain: eip712Domain(REGISTRY_DOMAIN_NAME, keyset.chainId, keyset.registry),
    types: REGISTER_FOR_TYPES,
    primaryType: 'RegisterFor',
    message: { keysetDigest: keysetDigest(keyset), challenge, endpoint, nonce: keyset.epoch, deadline },
  })
}

/** SHA-256("spartan/gpu/v1" ‖ keyset digest ‖ challenge): what every GPU of a node has to answer. */
export function gpuNonce(digest: Hex, challenge: Hex): Hex {
  return sha256(concat([toHex('spartan/gpu/v1'), digest, challenge]))
}

/** Digest that the receipt signer signs over a GPU's evidence: the measured guest has accepted this GPU. */
export function gpuBindingDigest(keyset: Keyset, challenge: Hex, evidence: Hex): Hex {
  return hashTypedData({
    domain: eip712Domain(REGISTRY_DOMAIN_NAME, keyset.chainId, keyset.registry),
    types: BIND_GPU_TYPES,
    primaryType: 'BindGpu',
    message: { keysetDigest: keysetDigest(keyset), challenge, evidenceHash: keccak256(evidence) },
  })
}

/** keccak256(abi.encode(owner, operator)): one id per node, stable over keyset epochs. */
export function providerId(owner: Hex, operator: Hex): Hex {
  return keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'address' }], [owner, operator]))
}
