import { TCB_STATUSES, tdxMeasurement } from '@spartan/abi'
import { bytesToHex, keccak256 } from 'viem'
import { describe, expect, it } from 'vitest'
import { dcapChain, verifyOnchain } from './support/dcapChain.ts'
import { TDX_ONCHAIN_EXPECTATIONS } from './support/dcapExpectations.ts'
import { type DcapVector, dcapVectors, simulationRootOf, tdReportOf, withoutTrailing } from './support/dcapVectors.ts'
import { hasVectors } from './support/manifest.ts'

const OUT_OF_DATE = TCB_STATUSES.indexOf('OutOfDate')
/** No step may cost more: the cap of one transaction is 16.7 M (EIP-7825). */
const STEP_LIMIT = 8_000_000n

describe.skipIf(!hasVectors)('TDX vectors on-chain', () => {
  const vectors = dcapVectors('tdx')
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
        time: vector.at,
        simulationRoot: simulationRootOf(vector),
        minTcbEvaluationNumber: expected.minTcbEvaluationNumber,
      })
      try {
        const endorsed = expected.endorsementsFrom === undefined ? vector : vectorOf(expected.endorsementsFrom)
        const quote = expected.cutTrailing === true ? withoutTrailing(vector.quote) : vector.quote
        const { code, claims, gas } = await verifyOnchain(chain, quote, endorsed.endorsements)
        expect({ code, status: claims && TCB_STATUSES[claims.tcbStatus] }).toEqual({
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

  it('a real quote: verify stays below 100 k gas before the base fee of a transaction, all uploads together below 8 M', async () => {
    const vector = vectorOf('v4-phala-uptodate')
    const chain = await dcapChain({ time: vector.at })
    const { gas } = await verifyOnchain(chain, vector.quote, vector.endorsements)
    await chain.close()
    const { verify, ...uploads } = gas
    console.table(Object.fromEntries(Object.entries(gas).map(([name, used]) => [name, Number(used)])))
    expect(verify).toBeLessThan(21_000n + 100_000n)
    expect(Object.values(uploads).reduce((sum, used) => sum + used, 0n)).toBeLessThan(STEP_LIMIT)
  })

  it('a real quote without the P-256 precompile', async () => {
    const vector = vectorOf('v4-phala-uptodate')
    const chain = await dcapChain({ time: vector.at, hardfork: 'prague' })
    const { code, claims } = await verifyOnchain(chain, vector.quote, vector.endorsements)
    await chain.close()
    expect(code).toBeUndefined()
    expect(claims?.simulated).toBe(false)
  })

  it('a quote whose platform is out of date passes where the accept set says so', async () => {
    const vector = vectorOf('v4-automata-0625')
    const chain = await dcapChain({ time: vector.at, acceptedTcbStatuses: 1n << BigInt(OUT_OF_DATE) })
    const { code, claims } = await verifyOnchain(chain, vector.quote, vector.endorsements)
    await chain.close()
    expect(code).toBeUndefined()
    expect(claims?.tcbStatus).toBe(OUT_OF_DATE)
  })
})

function expectClaims(vector: DcapVector, claims: NonNullable<Awaited<ReturnType<typeof verifyOnchain>>['claims']>) {
  const { quote, expected } = vector
  const reportData = tdReportOf(quote) + 520
  const ppid = expected.fields?.pck?.ppid
  expect(claims.teeKind).toBe(1)
  expect(claims.simulated).toBe(simulationRootOf(vector) !== undefined)
  expect(claims.measurement).toBe(tdxMeasurement(quote))
  expect(claims.reportDataHigh).toBe(bytesToHex(quote.subarray(reportData, reportData + 32)))
  expect(claims.reportDataLow).toBe(bytesToHex(quote.subarray(reportData + 32, reportData + 64)))
  expect(claims.earliestExpiry).toBeGreaterThan(BigInt(vector.at))
  if (ppid !== undefined) expect(claims.platformId).toBe(keccak256(`0x${ppid}`))
}
