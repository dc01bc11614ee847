import { tdxMeasurement } from '@spartan/abi'
import { bytesToHex, type Hex, keccak256 } from 'viem'
import { describe, expect, it } from 'vitest'
import { dcapChain, verifyOnchain } from './support/dcapChain.ts'
import { TDX_ONCHAIN_EXPECTATIONS } from './support/dcapExpectations.ts'
import { certificatesOf, type DcapVector, hasVectors, partialEndorsements, tdxVectors } from './support/dcapVectors.ts'

const STATUS = ['Unknown', 'UpToDate', 'SWHardeningNeeded', 'ConfigurationNeeded', 'ConfigurationAndSWHardeningNeeded']
const OUT_OF_DATE = 1n << 5n
/** No step may cost more: the cap of one transaction is 16.7 M (EIP-7825). */
const STEP_LIMIT = 8_000_000n

describe.skipIf(!hasVectors)('TDX vectors on-chain', () => {
  const vectors = hasVectors ? tdxVectors() : []
  const vectorOf = (name: string): DcapVector => {
    const found = vectors.find(({ id }) => id === `tdx/${name}`)
    if (found === undefined) throw new Error(`no vector ${name}`)
    return found
  }

  it('has an expectation for every vector and a vector for every expectation', () => {
    expect(vectors.map(({ id }) => id.slice(4)).sort()).toEqual(Object.keys(TDX_ONCHAIN_EXPECTATIONS).sort())
  })

  for (const vector of vectors) {
    const expected = TDX_ONCHAIN_EXPECTATIONS[vector.id.slice(4)]
    it(`${vector.id} → ${expected?.code ?? expected?.status}`, async () => {
      if (expected === undefined) throw new Error('no expectation')
      const chain = await dcapChain({
        time: vector.verifyAt,
        simulationRoot: simulationRootOf(vector),
        minTcbEvaluationNumber: expected.minTcbEvaluationNumber,
      })
      try {
        const endorsed = expected.endorsementsFrom === undefined ? vector : vectorOf(expected.endorsementsFrom)
        const quote = expected.cutTrailing === true ? cutTrailing(vector.quote) : vector.quote
        const { code, claims, gas } = await verifyOnchain(chain, quote, partialEndorsements(endorsed))
        expect({ code, status: claims && STATUS[claims.tcbStatus] }).toEqual({
          code: expected.code,
          status: expected.status,
        })
        for (const used of Object.values(gas)) expect(used).toBeLessThan(STEP_LIMIT)
        if (claims !== undefined) expectClaims(vector, claims)
      } finally {
        await chain.close()
      }
    })
  }

  it('a real quote: verify stays below 300 k gas, all uploads together below 8 M', async () => {
    const vector = vectorOf('v4-phala-uptodate')
    const chain = await dcapChain({ time: vector.verifyAt })
    const { gas } = await verifyOnchain(chain, vector.quote, partialEndorsements(vector))
    await chain.close()
    const { verify, ...uploads } = gas
    console.table(Object.fromEntries(Object.entries(gas).map(([name, used]) => [name, Number(used)])))
    expect(verify).toBeLessThan(300_000n)
    expect(Object.values(uploads).reduce((sum, used) => sum + used, 0n)).toBeLessThan(STEP_LIMIT)
  })

  it('a real quote without the P-256 precompile', async () => {
    const vector = vectorOf('v4-phala-uptodate')
    const chain = await dcapChain({ time: vector.verifyAt, hardfork: 'prague' })
    const { code, claims } = await verifyOnchain(chain, vector.quote, partialEndorsements(vector))
    await chain.close()
    expect(code).toBeUndefined()
    expect(claims?.simulated).toBe(false)
  })

  it('a quote whose platform is out of date passes where the accept set says so', async () => {
    const vector = vectorOf('v4-automata-0625')
    const chain = await dcapChain({ time: vector.verifyAt, acceptedTcbStatuses: OUT_OF_DATE })
    const { code, claims } = await verifyOnchain(chain, vector.quote, partialEndorsements(vector))
    await chain.close()
    expect(code).toBeUndefined()
    expect(claims?.tcbStatus).toBe(5)
  })
})

function expectClaims(vector: DcapVector, claims: NonNullable<Awaited<ReturnType<typeof verifyOnchain>>['claims']>) {
  const { quote, ppid } = vector
  expect(claims.teeKind).toBe(1)
  expect(claims.simulated).toBe(simulationRootOf(vector) !== undefined)
  expect(claims.measurement).toBe(tdxMeasurement(quote))
  expect(claims.reportDataHigh).toBe(bytesToHex(quote.subarray(568, 600)))
  expect(claims.reportDataLow).toBe(bytesToHex(quote.subarray(600, 632)))
  expect(claims.earliestExpiry).toBeGreaterThan(BigInt(vector.verifyAt))
  if (ppid !== undefined) expect(claims.platformId).toBe(keccak256(`0x${ppid}`))
}

/** Key of the entry's own trust anchor; undefined where Intel's root is the anchor. */
function simulationRootOf({ file }: DcapVector): readonly [Hex, Hex] | undefined {
  const root = certificatesOf(file('trusted_root.pem'))[0]
  if (root === undefined) return undefined
  const hex = bytesToHex(root)
  const key = hex.indexOf('03420004') + 8
  return [`0x${hex.slice(key, key + 64)}`, `0x${hex.slice(key + 64, key + 128)}`]
}

/** The quote without what follows its declared end. */
function cutTrailing(quote: Uint8Array): Uint8Array {
  return quote.subarray(0, 636 + new DataView(quote.buffer, quote.byteOffset).getUint32(632, true))
}
