import { BaseError } from '@spartan/errors'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { equalBytes } from '../../packages/attestation/src/internal/bytes.ts'
import { FUZZ_FORMATS, type FuzzFormat } from './formats.ts'
import { type Mutation, mutate, mutations } from './mutations.ts'

/** Cases over all properties of one format: `npm run fuzz:evidence` asks for more. */
const CASES = Number(process.env.FUZZ_CASES ?? 2000 / FUZZ_FORMATS.length)
const numRuns = Math.ceil(CASES / 4)
/** Longest time for one judgement, milliseconds of processor time. */
const LIMIT_MS = 50
/** What one judgement may hold beside what it was given, bytes. */
const LIMIT_BYTES = 32 * 1024 * 1024

describe.each(FUZZ_FORMATS.map((make) => [make.name, make] as const))('%s', (_, make) => {
  let format: FuzzFormat
  beforeAll(async () => {
    format = await make()
    expect((await format.judge(format.good)).verdict).toBe('accepted')
  })

  test('default: no check of what is accepted was passed over', async () => {
    const { checks } = await format.judge(format.good)
    expect(checks.length).toBeGreaterThan(0)
    expect(checks.filter(({ status, values }) => status !== 'done' && values.because === 'not reached')).toEqual([])
  })

  test('property: no flipped bit of a signed region is accepted', async () => {
    const bits = format.signed.flatMap(([start, stop]) => [{ start: 8 * start, stop: 8 * stop }])
    const bit = fc.constantFrom(...bits).chain(({ start, stop }) => fc.integer({ min: start, max: stop - 1 }))
    await fc.assert(
      fc.asyncProperty(bit, async (at) => {
        const changed = format.good.slice()
        changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7))
        expect(await verdictOf(format, changed)).not.toBe('accepted')
      }),
      { numRuns },
    )
  })

  test('property: no truncation is accepted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: format.good.length - 1 }), async (length) => {
        expect(await verdictOf(format, format.good.subarray(0, length))).not.toBe('accepted')
      }),
      { numRuns },
    )
  })

  test('property: bytes behind the end are refused unless they are zero', async () => {
    const tail = fc.uint8Array({ minLength: 1, maxLength: 4096 }).filter((bytes) => bytes.some((byte) => byte !== 0))
    await fc.assert(
      fc.asyncProperty(tail, async (bytes) => {
        expect(await verdictOf(format, Uint8Array.of(...format.good, ...bytes))).not.toBe('accepted')
      }),
      { numRuns },
    )
  })

  test('property: whatever is done to the bytes, the same evidence or a typed refusal comes out', async () => {
    await fc.assert(
      fc.asyncProperty(mutations(format.good.length), async (steps: readonly Mutation[]) => {
        const changed = mutate(format.good, steps)
        const result = await judge(format, changed)
        if (result.verdict === 'refused') return
        const original = await format.judge(format.good)
        // What is not signed (padding, line breaks of PEM, high or low s) may differ; what was said may not.
        expect(
          original.verdict === 'accepted' && equalBytes(result.claims.evidenceId, original.claims.evidenceId),
        ).toBe(true)
      }),
      { numRuns },
    )
  })
})

async function verdictOf(format: FuzzFormat, evidence: Uint8Array): Promise<string> {
  const result = await judge(format, evidence)
  return result.verdict === 'accepted' ? 'accepted' : result.reasonCode
}

/** Judges within the limits of time and memory. A slow run is repeated: another process may have had the processor. */
async function judge(format: FuzzFormat, evidence: Uint8Array, attempts = 3) {
  const [start, held] = [process.cpuUsage(), process.memoryUsage()]
  const result = await format.judge(evidence)
  const { user, system } = process.cpuUsage(start)
  const now = process.memoryUsage()
  const grown = now.heapUsed + now.arrayBuffers - held.heapUsed - held.arrayBuffers
  if (result.verdict === 'refused') expect(result.error).toBeInstanceOf(BaseError)
  expect(grown).toBeLessThan(LIMIT_BYTES)
  const milliseconds = (user + system) / 1000
  if (milliseconds > LIMIT_MS && attempts > 1) return judge(format, evidence, attempts - 1)
  expect(milliseconds).toBeLessThanOrEqual(LIMIT_MS)
  return result
}
