import { cborCheckAbi } from '@spartan/abi'
import fc from 'fast-check'
import { network } from 'hardhat'
import { bytesToHex, concatHex, type Hex, keccak256, numberToHex, stringToBytes, zeroHash } from 'viem'
import { beforeAll, describe, expect, test } from 'vitest'
import { type CborItem, type CborKey, type CborRules, readCbor } from '../../packages/attestation/src/internal/cbor.ts'
import { mutate, mutations } from '../fuzz/mutations.ts'

const DOCUMENTS = 1_500
/** Longer runs: CBOR_FUZZ=20000. */
const wanted = Number(process.env.CBOR_FUZZ ?? DOCUMENTS)
const BATCH = 100

const RULES: readonly CborRules[] = [
  { maxBytes: 65_536, maxItems: 64, maxDepth: 4, heads: 'shortest', topMap: 'definite' },
  { maxBytes: 65_536, maxItems: 4096, maxDepth: 8, heads: 'any', topMap: 'definite' },
  { maxBytes: 65_536, maxItems: 512, maxDepth: 8, heads: 'any', topMap: 'indefinite-allowed' },
]

const join = (parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]))

/** A head with its argument in the given number of bytes, or in more where it does not fit. */
function head(major: number, argument: bigint, width: number): Uint8Array {
  const needed =
    argument < 24n ? 0 : argument < 0x100n ? 1 : argument < 0x1_0000n ? 2 : argument < 0x1_0000_0000n ? 4 : 8
  const size = Math.max(needed, width)
  const first = (major << 5) | (size === 0 ? Number(argument) : 24 + Math.log2(size))
  const bytes = Array.from({ length: size }, (_, i) => Number((argument >> BigInt(8 * (size - 1 - i))) & 0xffn))
  return Uint8Array.of(first, ...bytes)
}

const width = fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(1, 2, 4, 8) })
const argument = fc.oneof(
  fc.bigInt({ min: 0n, max: 30n }),
  fc.constantFrom(
    0xffn,
    0x100n,
    0xffffn,
    0x1_0000n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 53n - 1n,
    2n ** 53n,
    2n ** 64n - 1n,
  ),
)
const content = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }).map(stringToBytes),
)
const withContent = (major: number, arbitrary: fc.Arbitrary<Uint8Array>) =>
  fc.tuple(arbitrary, width).map(([bytes, size]) => join([head(major, BigInt(bytes.length), size), bytes]))
const integer = fc.tuple(fc.constantFrom(0, 1), argument, width).map(([major, value, size]) => head(major, value, size))
const text = withContent(
  3,
  fc
    .oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('', '1', 'pcrs', 'digest'))
    .map((value) => stringToBytes(value)),
)
const simple = fc.oneof(
  fc.constantFrom(0xe0, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7).map((first) => Uint8Array.of(first)),
  fc.integer({ min: 0, max: 255 }).map((value) => Uint8Array.of(0xf8, value)),
  fc.constantFrom(
    Uint8Array.of(0xf9, 0, 22),
    Uint8Array.of(0xfa, 0, 0, 0, 0),
    Uint8Array.of(0xfb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0),
    Uint8Array.of(0xff),
    Uint8Array.of(0xfc),
  ),
)

/** Mostly well-formed items: keys repeat, heads are long, byte strings sit where texts do, now and then. */
const { item } = fc.letrec<{ item: Uint8Array; map: Uint8Array; array: Uint8Array }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 7, depthSize: 'small' },
    integer,
    text,
    withContent(2, content),
    withContent(3, content),
    simple,
    tie('array'),
    tie('map'),
    fc.tuple(argument, width, tie('item')).map(([tag, size, inner]) => join([head(6, tag, size), inner])),
  ),
  array: fc
    .tuple(fc.array(tie('item'), { maxLength: 6 }), width)
    .map(([items, size]) => join([head(4, BigInt(items.length), size), ...items])),
  map: fc
    .tuple(
      fc.array(fc.tuple(fc.oneof({ weight: 20, arbitrary: fc.oneof(integer, text) }, tie('item')), tie('item')), {
        maxLength: 8,
      }),
      width,
      fc.integer({ min: 0, max: 9 }),
    )
    .map(([entries, size, form]) =>
      form === 0
        ? join([Uint8Array.of(0xbf), ...entries.flat(), Uint8Array.of(0xff)])
        : join([head(5, BigInt(entries.length), size), ...entries.flat()]),
    ),
}))

const document = fc.tuple(item, fc.integer({ min: 0, max: 2 }), fc.nat()).chain(([bytes, kind, rules]) =>
  (kind === 0 ? mutations(bytes.length).map((steps) => mutate(bytes, steps)) : fc.constant(bytes)).map((changed) => ({
    bytes: changed,
    rules: rules % RULES.length,
  })),
)

const u64 = (value: bigint | number) => numberToHex(value, { size: 8 })
const tagged = (major: number, rest: Hex) => keccak256(concatHex([numberToHex(major, { size: 1 }), rest]))
/** The argument of an integer's head: n, or -1 - n below zero. */
const argumentOf = (value: number | bigint) => (value < 0 ? -1n - BigInt(value) : BigInt(value))

function wordOf(key: CborKey): Hex {
  if (typeof key === 'string') return keccak256(stringToBytes(key))
  return numberToHex((key < 0 ? 1n << 64n : 0n) | argumentOf(key), { size: 32 })
}

/** The hash of a tree as CborCheck computes it. */
function digestOf(found: CborItem): Hex {
  const fold = (start: Hex, inner: readonly (readonly Hex[])[]): Hex =>
    inner.reduce((hash, parts) => keccak256(concatHex([hash, ...parts])), start)
  switch (found.kind) {
    case 'integer':
      return tagged(found.value < 0 ? 1 : 0, u64(argumentOf(found.value)))
    case 'bytes':
      return tagged(2, bytesToHex(found.value))
    case 'text':
      return tagged(3, bytesToHex(stringToBytes(found.value)))
    case 'array':
      return fold(
        tagged(4, u64(found.items.length)),
        found.items.map((one) => [digestOf(one)]),
      )
    case 'map':
      return fold(
        tagged(5, u64(found.entries.size)),
        [...found.entries].reverse().map(([key, value]) => [wordOf(key), digestOf(value)]),
      )
    case 'tag':
      return fold(tagged(6, u64(found.tag)), [[digestOf(found.content)]])
    case 'simple':
      return tagged(7, u64(found.value === 'other' ? 0 : found.value === null ? 22 : found.value ? 21 : 20))
  }
}

function digestInTypeScript(bytes: Uint8Array, rules: CborRules): Hex {
  let found: CborItem
  try {
    found = readCbor({ bytes, code: 'CCA_TOKEN_MALFORMED' }, rules)
  } catch {
    return zeroHash
  }
  return digestOf(found)
}

describe('Cbor', () => {
  let digests: (documents: readonly Uint8Array[], rules: CborRules) => Promise<readonly Hex[]>

  beforeAll(async () => {
    const { viem } = await network.create('local')
    const client = await viem.getPublicClient()
    const { address } = await viem.deployContract('CborCheck')
    digests = (documents, { maxItems, maxDepth, heads, topMap }) =>
      client.readContract({
        address,
        abi: cborCheckAbi,
        functionName: 'digests',
        args: [
          documents.map((bytes) => bytesToHex(bytes)),
          BigInt(maxItems),
          BigInt(maxDepth),
          heads === 'shortest',
          topMap === 'indefinite-allowed',
        ],
      })
  })

  test('every document is read or refused as by the library', async () => {
    const documents = fc.sample(document, wanted)
    let accepted = 0
    for (const [index, rules] of RULES.entries()) {
      const mine = documents.filter((one) => one.rules === index).map(({ bytes }) => bytes)
      for (let from = 0; from < mine.length; from += BATCH) {
        const batch = mine.slice(from, from + BATCH)
        const expected = batch.map((bytes) => digestInTypeScript(bytes, rules))
        const got = await digests(batch, rules)
        for (const [i, bytes] of batch.entries()) expect(got[i], `${index}: ${bytesToHex(bytes)}`).toBe(expected[i])
        accepted += expected.filter((hash) => hash !== zeroHash).length
      }
    }
    // Both outcomes occur in earnest.
    expect(accepted).toBeGreaterThan(wanted / 10)
    expect(accepted).toBeLessThan((wanted * 9) / 10)
  })
})
