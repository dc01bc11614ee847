import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { P384_GENERATOR, p384Abi, p384Hints, p384HintsForTable, p384TableHints, p384TablesAbi } from '@spartan/abi'
import { network } from 'hardhat'
import { type Address, bytesToHex, type Hex, keccak256 } from 'viem'

/** Below the cap of a transaction (EIP-7825). */
const GAS = 16_000_000n

/** What a P-384 contract is asked. */
export interface P384Case {
  readonly publicKey: Uint8Array
  readonly digest: Uint8Array
  readonly signature: Uint8Array
}

/** Hints of a path, or the ones a test puts in their place. */
export type Hints = Uint8Array | undefined

/** The P-384 contracts on a chain of their own, with the generator's table. */
export async function startP384(chain: 'local' | 'prague' = 'local') {
  const { viem } = await network.create(chain)
  const client = await viem.getPublicClient()
  const [wallet] = await viem.getWalletClients()
  if (wallet === undefined) throw new Error('no account')
  const tables = await viem.deployContract('P384Tables')

  async function createTable(publicKey: Uint8Array): Promise<{ table: Address; gasUsed: bigint; input: Hex }> {
    const hints = p384TableHints(publicKey)
    if (hints === undefined) throw new Error('not a point of the curve')
    const call = { address: tables.address, abi: p384TablesAbi, gas: GAS }
    const args = [bytesToHex(publicKey), bytesToHex(hints)] as const
    const hash = await wallet?.writeContract({ ...call, functionName: 'create', args })
    if (hash === undefined) throw new Error('no account')
    const { gasUsed } = await client.getTransactionReceipt({ hash })
    const { input } = await client.getTransaction({ hash })
    const table = await client.readContract({ ...call, functionName: 'tableOf', args: [keccak256(publicKey)] })
    return { table, gasUsed, input }
  }

  const { table: generator } = await createTable(P384_GENERATOR)
  const contract = { address: (await viem.deployContract('P384', [generator])).address, abi: p384Abi } as const
  const sparse = { address: (await viem.deployContract('P384Sparse', [generator])).address, abi: p384Abi } as const

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
  return { viem, client, wallet, tables, contract, sparse, createTable, verify, verifyWithTable }
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
