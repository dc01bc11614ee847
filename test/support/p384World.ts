import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { p384Abi, p384Hints, p384HintsForTable } from '@spartan/abi'
import { type Address, bytesToHex, type Hex } from 'viem'
import { createTable, deployP384, startVendorChain } from './vendorChain.ts'

/** What a P-384 contract is asked. */
export interface P384Case {
  readonly publicKey: Uint8Array
  readonly digest: Uint8Array
  readonly signature: Uint8Array
}

/** Hints of a path, or the ones a test puts in their place. */
export type Hints = Uint8Array | undefined

/** The P-384 contracts on a chain of their own, with the generator's table. */
export async function startP384(rules: 'local' | 'prague' = 'local') {
  const chain = await startVendorChain({ rules })
  const { client } = chain
  const { tables, P384, P384Sparse } = await deployP384(chain)
  const contract = { address: P384, abi: p384Abi } as const
  const sparse = { address: P384Sparse, abi: p384Abi } as const

  /** By `P384`, or by another back-end. */
  function verify({ publicKey, digest, signature }: P384Case, hints: Hints, by = contract): Promise<boolean> {
    const args = [digest, publicKey, signature, hints ?? new Uint8Array()].map((bytes) => bytesToHex(bytes))
    return client.readContract({ ...by, functionName: 'verify', args: args as [Hex, Hex, Hex, Hex] })
  }
  function verifyWithTable(
    { digest, signature }: P384Case,
    table: Address,
    hints: Hints,
    by = contract,
  ): Promise<boolean> {
    const [d, s, h] = [digest, signature, hints ?? new Uint8Array()].map((bytes) => bytesToHex(bytes))
    return client.readContract({
      ...by,
      functionName: 'verifyWithTable',
      args: [d ?? '0x', table, s ?? '0x', h ?? '0x'],
    })
  }
  return {
    ...chain,
    tables,
    contract,
    sparse,
    createTable: (publicKey: Uint8Array) => createTable(chain, tables, publicKey),
    verify,
    verifyWithTable,
  }
}

export type P384World = Awaited<ReturnType<typeof startP384>>

export interface TestKey {
  readonly publicKey: Uint8Array
  readonly privateKey: KeyObject
}

/** A fresh key; x ‖ y. */
export function newKey(): TestKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const { x = '', y = '' } = createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })).export({
    format: 'jwk',
  })
  return { publicKey: Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]), privateKey }
}

/** OpenSSL's signature over the message; the digest is that of `hash`. */
export function signedCase({ publicKey, privateKey }: TestKey, message: Uint8Array, hash = 'sha384'): P384Case {
  const signature = sign(hash, message, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return { publicKey, digest: createHash(hash).update(message).digest(), signature }
}

/** Hints of the two hinted paths. */
export const hintsOf = (entry: P384Case) => ({ direct: p384Hints(entry), table: p384HintsForTable(entry) })
