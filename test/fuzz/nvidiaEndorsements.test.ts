import { parseNvidiaEvidence, verifyNvidiaEvidence, verifyRim } from '@spartan/attestation'
import { BaseError } from '@spartan/errors'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { equalBytes } from '../../packages/attestation/src/internal/bytes.ts'
import { type SimulatedCase, simulatedCase } from '../../packages/attestation/src/nvidia/test/simulated.ts'

/** Cases of each property; by default 170 in all: `npm run fuzz:evidence` asks for more. */
const runs = (byDefault: number) => ({ numRuns: Number(process.env.FUZZ_CASES ?? byDefault) })
/** Longest time for one case, milliseconds of processor time. */
const LIMIT_MS = 50

let gpu: SimulatedCase
beforeAll(async () => {
  gpu = await simulatedCase()
  // Keys are imported once; that is not part of a case.
  await judge()
})
const judge = (change: Partial<SimulatedCase> = {}) => verifyNvidiaEvidence({ ...gpu, ...change })

/**
 * Runs one case within the limit of time; the verdict's code, or `accepted`. Anything but a typed error fails the test. A slow run is
 * repeated: another process may have had the processor.
 */
async function codeOf(run: () => unknown, attempts = 3): Promise<string> {
  const start = process.cpuUsage()
  const code = await verdictOf(run)
  const { user, system } = process.cpuUsage(start)
  const milliseconds = (user + system) / 1000
  if (milliseconds > LIMIT_MS && attempts > 1) return codeOf(run, attempts - 1)
  expect(milliseconds, 'processor time of one case').toBeLessThan(LIMIT_MS)
  return code
}

async function verdictOf(run: () => unknown): Promise<string> {
  try {
    const found = (await run()) as { reasonCode?: string } | undefined
    return found?.reasonCode ?? 'accepted'
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    return error.code
  }
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = Uint8Array.from(bytes)
  const place = Math.floor(bit / 8) % changed.length
  changed[place] = (changed[place] ?? 0) ^ (1 << (bit % 8))
  return changed
}

const bit = fc.nat({ max: 8 * 65_536 })

/** Cut, longer, or with bytes replaced. */
function mutations(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.nat({ max: bytes.length - 1 })
  const replaced = fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 })
  const mutated = fc.oneof(
    place.map((length) => bytes.slice(0, length)),
    fc.uint8Array({ minLength: 1, maxLength: 64 }).map((more) => Uint8Array.from([...bytes, ...more])),
    fc.tuple(place, fc.nat({ max: 64 })).map(([at, length]) => {
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)])
    }),
    replaced.map((changes) => {
      const changed = Uint8Array.from(bytes)
      for (const [at, value] of changes) changed[at] = value
      return changed
    }),
  )
  return mutated.filter((changed) => !equalBytes(changed, bytes))
}

describe('any single bit flipped is refused', () => {
  test('in an OCSP response', async () => {
    const { ocsp } = gpu.endorsements
    const property = fc.asyncProperty(fc.nat({ max: ocsp.length - 1 }), bit, async (which, place) => {
      const changed = ocsp.map((response, index) => (index === which ? flipped(response, place) : response))
      expect(await codeOf(() => judge({ endorsements: { ...gpu.endorsements, ocsp: changed } }))).not.toBe('accepted')
    })
    await fc.assert(property, runs(30))
  })

  test('in a manifest', async () => {
    const [document = new Uint8Array()] = gpu.endorsements.rims
    const { at, trustAnchors } = gpu
    const property = fc.asyncProperty(bit, async (place) => {
      const input = {
        document: flipped(document, place),
        at,
        trustAnchors,
        ocsp: [],
        revocation: 'dangerouslySkip',
      } as const
      expect(await codeOf(() => verifyRim(input).then(() => undefined))).not.toBe('accepted')
    })
    await fc.assert(property, runs(50))
  })
})

describe('anything else ends in a verdict or a typed error', () => {
  test('a mutated chain', async () => {
    const { report, certificateChain } = gpu.evidence
    await fc.assert(
      fc.asyncProperty(mutations(certificateChain), async (changed) => {
        const parsed = codeOf(() => {
          parseNvidiaEvidence({ report, certificateChain: changed })
        })
        expect(await parsed).toMatch(/^(accepted|NVIDIA_\w+)$/)
      }),
      runs(30),
    )
  })

  test('a mutated OCSP response or manifest', async () => {
    const [response = new Uint8Array()] = gpu.endorsements.ocsp
    const [document = new Uint8Array()] = gpu.endorsements.rims
    const { at, trustAnchors, endorsements } = gpu
    await fc.assert(
      fc.asyncProperty(mutations(response), async (changed) => {
        const ocsp = [changed, ...endorsements.ocsp.slice(1)]
        expect(await codeOf(() => judge({ endorsements: { ...endorsements, ocsp } }))).toMatch(/^NVIDIA_\w+$/)
      }),
      runs(30),
    )
    await fc.assert(
      fc.asyncProperty(mutations(document), async (changed) => {
        const input = { document: changed, at, trustAnchors, ocsp: [], revocation: 'dangerouslySkip' } as const
        expect(await codeOf(() => verifyRim(input).then(() => undefined))).toMatch(/^(accepted|NVIDIA_\w+)$/)
      }),
      runs(30),
    )
  })
})
