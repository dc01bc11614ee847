import { createHash, createPublicKey } from 'node:crypto'
import {
  p256CheckAbi,
  p384Abi,
  p384Hints,
  p384HintsForTable,
  p384PlainAbi,
  p384TableHints,
  rsaPssAbi,
} from '@spartan/abi'
import { MalformedEvidenceError } from '@spartan/attestation'
import { type Address, bytesToHex, type Hex } from 'viem'
import { ecdsaSignatureBytes, readEcdsaSignature } from '../../packages/attestation/src/internal/signatures.ts'
import { createTable, deployP384, deployRsaPss, startVendorChain } from '../../test/support/vendorChain.ts'
import type { JudgedCase, Verify } from './judge.ts'

const MODULUS_BYTES = 512

/**
 * Judges cases by the contracts, on a chain in this process.
 *
 * P-256: precompile and Solidity have to agree. P-384: the hint-free contract decides; each hinted path has to agree with
 * it wherever its hints exist, and may answer false only where there are none. Neither way is given a chance to differ
 * silently: a disagreement throws, which fails the case.
 */
export async function startOnchain(): Promise<Verify> {
  const contracts = await deploy()
  return (one) => {
    if (one.scheme.kind === 'rsa-pss') return verifyRsaPss(contracts, one)
    const raw = one.scheme.encoding === 'p1363' ? one.signature : rawOf(one.signature, one.scheme.curve)
    if (raw === undefined || one.point === undefined || one.point[0] !== 4) return Promise.resolve(false)
    const asked: Asked = { digest: digestOf(one), key: one.point.subarray(1), signature: raw }
    return one.scheme.curve === 'P-256' ? verifyP256(contracts, asked) : verifyP384(contracts, asked)
  }
}

interface Asked {
  readonly digest: Uint8Array
  readonly key: Uint8Array
  readonly signature: Uint8Array
}

const digestOf = ({ scheme, message }: JudgedCase) =>
  createHash(scheme.hash.replace('-', '').toLowerCase()).update(message).digest()

async function deploy() {
  const chain = await startVendorChain()
  const { viem, client } = chain
  const { tables, P384: p384, P384Sparse: sparse } = await deployP384(chain)
  const tableOfKey = async (key: Uint8Array): Promise<Address | undefined> =>
    p384TableHints(key) && (await createTable(chain, tables, key)).table
  const { rsaPss } = await deployRsaPss(chain)
  const plain = await viem.deployContract('P384Plain')
  const p256 = await viem.deployContract('P256Check')
  return { client, tableOfKey, p384, sparse, rsaPss, plain: plain.address, p256: p256.address }
}

type Contracts = Awaited<ReturnType<typeof deploy>>

/** One table per key of a file. */
const tablesOf = new WeakMap<Contracts, Map<string, Promise<Address | undefined>>>()

function tableFor(contracts: Contracts, key: Uint8Array): Promise<Address | undefined> {
  const known = tablesOf.get(contracts) ?? new Map<string, Promise<Address | undefined>>()
  tablesOf.set(contracts, known)
  const table = known.get(bytesToHex(key)) ?? contracts.tableOfKey(key)
  known.set(bytesToHex(key), table)
  return table
}

async function verifyP384(contracts: Contracts, { digest, key, signature }: Asked): Promise<boolean> {
  const { client, p384, sparse, plain } = contracts
  const [d, k, s] = [digest, key, signature].map((bytes) => bytesToHex(bytes)) as [Hex, Hex, Hex]
  const args = [d, k, s] as const
  const verdict = await client.readContract({
    address: plain,
    abi: p384PlainAbi,
    functionName: 'verify',
    args,
  })
  const input = { publicKey: key, digest, signature }
  const table = await tableFor(contracts, key)
  for (const { address, instructions, columns } of backends(p384, sparse)) {
    const hints = p384Hints(input, instructions)
    const direct = await client.readContract({
      address,
      abi: p384Abi,
      functionName: 'verify',
      args: [d, k, s, bytesToHex(hints ?? new Uint8Array())],
    })
    agree(`verify, ${instructions} instructions without slopes,`, verdict, direct, hints)
    if (table === undefined) continue
    const tableHints = p384HintsForTable(input, undefined, columns)
    const cached = await client.readContract({
      address,
      abi: p384Abi,
      functionName: 'verifyWithTable',
      args: [d, table, s, bytesToHex(tableHints ?? new Uint8Array())],
    })
    agree(`verifyWithTable, ${columns} columns without slopes,`, verdict, cached, tableHints)
  }
  return verdict
}

/** The back-ends with hints; of P384Sparse a part of the steps without slopes, and all. */
const backends = (p384: Address, sparse: Address) => [
  { address: p384, instructions: 0, columns: 0 },
  { address: sparse, instructions: 0, columns: 0 },
  { address: sparse, instructions: 19, columns: 7 },
  { address: sparse, instructions: 255, columns: 47 },
]

function agree(path: string, verdict: boolean, hinted: boolean, hints: Uint8Array | undefined): void {
  if (hinted !== (hints !== undefined && verdict))
    throw new Error(`${path} says ${hinted}, the hint-free path ${verdict}`)
}

async function verifyP256({ client, p256 }: Contracts, { digest, key, signature }: Asked): Promise<boolean> {
  if (signature.length !== 64 || key.length !== 64) return false
  const word = (bytes: Uint8Array, at: number) => bytesToHex(bytes.subarray(at, at + 32))
  const [hash, r, s] = [word(digest, 0), word(signature, 0), word(signature, 32)]
  const ask = (usePrecompile: boolean) =>
    client.readContract({
      address: p256,
      abi: p256CheckAbi,
      functionName: 'verify',
      args: [usePrecompile, hash, r, s, word(key, 0), word(key, 32)],
    })
  const [native, solidity] = [await ask(true), await ask(false)]
  if (native !== solidity) throw new Error(`the precompile says ${native}, Solidity ${solidity}`)
  return native
}

async function verifyRsaPss({ client, rsaPss }: Contracts, { scheme, spki, message, signature }: JudgedCase) {
  if (scheme.kind !== 'rsa-pss' || scheme.hash !== 'SHA-384' || scheme.saltLength !== 48) {
    throw new Error('the contract verifies SHA-384 with salts of 48 bytes')
  }
  const { n = '', e } = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' }).export({
    format: 'jwk',
  })
  const modulus = Buffer.from(n, 'base64url')
  if (modulus.length !== MODULUS_BYTES || e !== 'AQAB')
    throw new Error('the contract verifies 4,096-bit keys with 65537')
  const args = [bytesToHex(message), bytesToHex(modulus), bytesToHex(signature)] as const
  return client.readContract({ address: rsaPss, abi: rsaPssAbi, functionName: 'verify', args })
}

/** r ‖ s of a canonical DER signature, as certificates are read. */
function rawOf(signature: Uint8Array, curve: 'P-256' | 'P-384'): Uint8Array | undefined {
  try {
    const document = { bytes: signature, code: 'DCAP_PCK_MALFORMED' } as const
    return ecdsaSignatureBytes(readEcdsaSignature(document, 0, signature.length), curve)
  } catch (error) {
    if (error instanceof MalformedEvidenceError) return undefined
    throw error
  }
}
