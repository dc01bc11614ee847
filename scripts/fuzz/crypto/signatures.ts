import { createPublicKey, randomBytes, randomInt, verify as verifyByOpenSsl } from 'node:crypto'
import { p384CombTable, p384Hints, p384HintsForTable } from '@spartan/abi'
import { type Address, bytesToHex } from 'viem'
import { toInteger } from '../../../packages/abi/src/p384/curve.ts'
import { nobleSays } from '../../../test/support/p384Judge.ts'
import {
  newKey,
  type P384Case,
  type P384World,
  signedCase,
  startP384,
  type TestKey,
} from '../../../test/support/p384World.ts'
import { HintWords } from './hintWords.ts'

/** Signatures per key: a table is made for each. */
const PER_KEY = 250
/** @noble/curves judges one valid signature in this many as well. */
const NOBLE_EVERY = 8
const HASHES = ['sha256', 'sha384', 'sha512'] as const

interface Signed extends P384Case {
  readonly message: Uint8Array
  readonly hash: string
}

function fail(what: string, entry: P384Case): never {
  console.error(`DIFFERENT: ${what}`)
  for (const name of ['publicKey', 'digest', 'signature'] as const)
    console.error(`  ${name} ${bytesToHex(entry[name])}`)
  process.exit(1)
}

/** OpenSSL's verdict; it rejects a point that is not on the curve by throwing. */
function opensslSays({ message, hash, publicKey, signature }: Signed): boolean {
  const base64 = (from: number, to: number) => Buffer.from(publicKey.subarray(from, to)).toString('base64url')
  const jwk = { kty: 'EC', crv: 'P-384', x: base64(0, 48), y: base64(48, 96) }
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' })
    return verifyByOpenSsl(hash, message, { key, dsaEncoding: 'ieee-p1363' }, signature)
  } catch {
    return false
  }
}

function flipBit(bytes: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(bytes)
  const bit = randomInt(8 * bytes.length)
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return changed
}

type Path = 'direct' | 'table'

/** One key with its table and what is asked of it. */
interface Bench {
  readonly world: P384World
  readonly key: TestKey
  readonly table: Address
  /** The points of the table, for its hints. */
  readonly comb: ReturnType<typeof p384CombTable>
  readonly words: Readonly<Record<Path, HintWords>>
}

const ask = ({ world, table }: Bench, path: Path, entry: P384Case, hints: Uint8Array) =>
  path === 'direct' ? world.verify(entry, hints) : world.verifyWithTable(entry, table, hints)

const hintsFor = ({ comb }: Bench, path: Path, entry: P384Case) =>
  path === 'direct' ? p384Hints(entry) : p384HintsForTable(entry, comb)

/** One valid signature, then one tampered: every second time in a hint word, else in signature, digest or key. */
async function judge(bench: Bench, index: number): Promise<void> {
  const path: Path = index % 2 === 0 ? 'direct' : 'table'
  const [message, hash] = [randomBytes(randomInt(200)), HASHES[index % 3] ?? 'sha384']
  const entry: Signed = { ...signedCase(bench.key, message, hash), message, hash }
  if (index % NOBLE_EVERY === 0 && !nobleSays(entry)) fail('noble refuses what OpenSSL signed', entry)
  const hints = hintsFor(bench, path, entry)
  if (hints === undefined) return fail('no hints', entry)
  if (!(await ask(bench, path, entry, hints))) fail('valid signature refused', entry)
  if ((index >> 1) % 2 === 0) {
    const wrong = bench.words[path].tampered(hints)
    if (await ask(bench, path, entry, wrong)) fail(`wrong hints accepted: ${bytesToHex(wrong)}`, entry)
    return
  }
  await judgeTampered(bench, path, entry, hints, index >> 2)
}

async function judgeTampered(bench: Bench, path: Path, entry: Signed, hints: Uint8Array, turn: number): Promise<void> {
  // Without a table an invalid signature has no hints: it is given those of the valid one. A table is the true key's:
  // another key's table is among the forged hints.
  const parts = path === 'direct' ? (['signature', 'digest', 'publicKey'] as const) : (['signature', 'digest'] as const)
  const part = parts[turn % parts.length] ?? 'signature'
  const changed = { ...entry, [part]: flipBit(entry[part]) }
  const given = (path === 'table' ? hintsFor(bench, path, changed) : undefined) ?? hints
  const valid = part === 'digest' ? nobleSays(changed) : opensslSays(changed)
  if ((await ask(bench, path, changed, given)) !== valid) fail(`${part} changed`, changed)
}

const pointOf = (publicKey: Uint8Array) => ({
  x: toInteger(publicKey.subarray(0, 48)),
  y: toInteger(publicKey.subarray(48)),
})

/** `count` random signatures and as many tampered ones, half of them on each hinted path. */
export async function fuzzSignatures(count: number): Promise<void> {
  const world = await startP384()
  const words = { direct: HintWords.ofAnyKey(), table: HintWords.withTable() }
  let bench: Bench | undefined
  for (let index = 0; index < count; index++) {
    if (bench === undefined || index % PER_KEY === 0) {
      const key = newKey()
      const comb = p384CombTable(pointOf(key.publicKey))
      bench = { world, key, table: (await world.createTable(key.publicKey)).table, comb, words }
      if (index > 0 && index % 1_000 === 0) console.log(`${index} random and ${index} tampered signatures agree`)
    }
    await judge(bench, index)
  }
  for (const [path, { covered, size, least }] of Object.entries(words))
    console.log(`hint words changed, path ${path}: ${covered} of ${size}, each at least ${least} times`)
  console.log(`${count} random and ${count} tampered signatures agree`)
}
