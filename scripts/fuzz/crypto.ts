// npm run fuzz:crypto [-- COUNT]
// COUNT random and COUNT tampered P-384 signatures (20,000 by default) through the contracts against OpenSSL and
// @noble/curves, every hint word changed in turn, and NIST's SHA-384 Monte Carlo chain. Exit code 1 at the first difference.
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { p384 } from '@noble/curves/p384'
import { sha512Abi } from '@spartan/abi'
import { bytesToHex } from 'viem'
import { hintsOf, newKey, type P384Case, type P384World, signedCase, startP384 } from '../../test/support/p384World.ts'

const DEFAULT_COUNT = 20_000
/** Signatures per key: a table is made for each. */
const PER_KEY = 250
/** Hashes of the Monte Carlo chain of the SHA validation system: 100 checkpoints of 1,000. */
const CHECKPOINTS = 100
const PER_CHECKPOINT = 1_000
const N = p384.CURVE.n
const P = p384.CURVE.Fp.ORDER

const bytes48 = (value: bigint) => Buffer.from(value.toString(16).padStart(96, '0'), 'hex')
const integer = (bytes: Uint8Array) => BigInt(`0x0${Buffer.from(bytes).toString('hex')}`)

function fail(what: string, entry: P384Case): never {
  console.error(`DIFFERENT: ${what}`)
  for (const [name, bytes] of Object.entries(entry)) console.error(`  ${name} ${bytesToHex(bytes as Uint8Array)}`)
  process.exit(1)
}

/** The verdict of @noble/curves, which rejects what it cannot read by throwing. */
function nobleSays({ publicKey, digest, signature }: P384Case): boolean {
  try {
    return p384.verify(signature, digest, Buffer.concat([Buffer.of(4), publicKey]), { lowS: false, prehash: false })
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

/** Changes that a forger who knows the equations would try on the word of 48 bytes at `at`. */
const WORD_CHANGES: readonly ((word: bigint) => bigint)[] = [
  (word) => (P - word) % P,
  (word) => (N - word + 2n ** 384n) % 2n ** 384n,
  () => 0n,
  () => 1n,
  () => 2n ** 384n - 1n,
  (word) => (word + 1n) % 2n ** 384n,
  (word) => word ^ (1n << BigInt(randomInt(384))),
  () => integer(randomBytes(48)),
]

/** One hint word changed, or two exchanged; undefined if nothing changed. */
function tamperedHints(hints: Uint8Array, head: number): Uint8Array | undefined {
  const changed = Uint8Array.from(hints)
  const words = Math.floor((hints.length - head) / 48)
  const place = () => head + 48 * randomInt(words)
  const choice = randomInt(WORD_CHANGES.length + 2)
  const at = randomInt(4) === 0 ? randomInt(head) : place()
  if (choice === WORD_CHANGES.length) {
    const other = place()
    const at48 = place()
    changed.copyWithin(at48, other, other + 48)
    changed.set(hints.subarray(at48, at48 + 48), other)
  } else if (choice > WORD_CHANGES.length || at + 48 > hints.length) {
    changed[at] = (changed[at] ?? 0) ^ (1 + randomInt(255))
  } else {
    const change = WORD_CHANGES[choice]
    changed.set(bytes48((change?.(integer(hints.subarray(at, at + 48))) ?? 0n) % 2n ** 384n), at)
  }
  // A slope is read as its residue: the same word plus p is the same slope.
  const same = changed.every((byte, index) => byte === hints[index])
  return same || isSameModuloP(hints, changed, head) ? undefined : changed
}

function isSameModuloP(before: Uint8Array, after: Uint8Array, head: number): boolean {
  for (let at = 0; at < head; at++) if (before[at] !== after[at]) return false
  for (let at = head; at < before.length; at += 48) {
    const [old, now] = [before.subarray(at, at + 48), after.subarray(at, at + 48)]
    if ((integer(old) - integer(now)) % P !== 0n) return false
  }
  return true
}

async function fuzzSignatures(world: P384World, count: number): Promise<void> {
  let key = newKey()
  let table = (await world.createTable(key.publicKey)).table
  for (let index = 0; index < count; index++) {
    if (index > 0 && index % PER_KEY === 0) {
      key = newKey()
      table = (await world.createTable(key.publicKey)).table
      console.log(`${index} random and ${index} tampered signatures agree`)
    }
    const entry = signedCase(key, randomBytes(randomInt(200)), ['sha256', 'sha384', 'sha512'][index % 3])
    if (!nobleSays(entry)) fail('noble refuses what OpenSSL signed', entry)
    const { direct, table: forTable } = hintsOf(entry)
    if (direct === undefined || forTable === undefined) return fail('no hints', entry)
    const isDirect = index % 2 === 0
    const verify = (given: P384Case, hints: Uint8Array | undefined) =>
      isDirect ? world.verify(given, hints) : world.verifyWithTable(given, table, hints)
    if (!(await verify(entry, isDirect ? direct : forTable))) fail('valid signature refused', entry)
    const part = (['signature', 'digest', 'publicKey', 'hints'] as const)[(index >> 1) % 4] ?? 'hints'
    if (part === 'hints') {
      const wrong = isDirect ? tamperedHints(direct, 145) : tamperedHints(forTable, 96)
      if (wrong !== undefined && (await verify(entry, wrong))) fail(`wrong hints accepted: ${bytesToHex(wrong)}`, entry)
    } else if (isDirect || part !== 'publicKey') {
      const changed = { ...entry, [part]: flipBit(entry[part]) }
      const hints = hintsOf(changed)
      const given = (isDirect ? hints.direct : hints.table) ?? (isDirect ? direct : forTable)
      if ((await verify(changed, given)) !== nobleSays(changed)) fail(`${part} changed`, changed)
    }
  }
}

/** NIST's Monte Carlo test: each hash is over the three before it. */
async function monteCarlo(world: P384World): Promise<void> {
  const { address } = await world.viem.deployContract('Sha512')
  let seed: Uint8Array = createHash('sha384').update('seed').digest()
  for (let checkpoint = 0; checkpoint < CHECKPOINTS; checkpoint++) {
    let chain: Uint8Array[] = [seed, seed, seed]
    for (let step = 0; step < PER_CHECKPOINT; step++) {
      const message = Buffer.concat(chain)
      const expected = createHash('sha384').update(message).digest()
      // The chain itself shows every difference at its next checkpoint; the contract is asked one time in ten.
      if (step % 10 === 9) {
        const args = [bytesToHex(message)] as const
        const [high, low] = await world.client.readContract({ address, abi: sha512Abi, functionName: 'sha384', args })
        if (`${high}${low.slice(2)}` !== bytesToHex(expected)) throw new Error(`SHA-384 of ${bytesToHex(message)}`)
      }
      chain = [...chain.slice(1), expected]
    }
    seed = chain[2] ?? seed
  }
  console.log(`SHA-384 Monte Carlo: ${CHECKPOINTS} checkpoints agree`)
}

const count = Number(process.argv[2] ?? DEFAULT_COUNT)
if (!Number.isSafeInteger(count) || count < 1) {
  console.error('npm run fuzz:crypto [-- COUNT]   COUNT of random and of tampered signatures, 20,000 by default')
  process.exit(2)
}
const world = await startP384()
await monteCarlo(world)
await fuzzSignatures(world, count)
console.log(`${count} random and ${count} tampered signatures agree`)
