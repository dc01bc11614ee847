import {
  encodeSgxEvidence,
  encodeTdxEvidence,
  enumNumber,
  sgxMeasurement,
  TCB_STATUSES,
  TEE_KINDS,
  tdxMeasurement,
} from '@spartan/abi'
import { bytesToHex, keccak256 } from 'viem'
import { afterEach, describe, expect, test } from 'vitest'
import { outcome } from '../support/vendorChain.ts'
import { type DcapChain, type DcapChainOptions, dcapChain, verifyOnchain } from './support/dcapChain.ts'
import { type DcapVector, dcapVectors, tdReportOf, withoutEndorsements } from './support/dcapVectors.ts'
import { comparedClaims, libraryVerdict } from './support/dcapVerdict.ts'
import { hasVectors } from './support/manifest.ts'

/** No step may cost more: the cap of one transaction is 16.7 M (EIP-7825). */
const STEP_LIMIT = 8_000_000n
const GOOD = { Tdx: 'tdx/v4-phala-uptodate', Sgx: 'sgx/v3-automata-0825' } as const
const OUT_OF_DATE = 'tdx/v4-automata-0625'
/** Offset of REPORTDATA in the body of a quote. */
const REPORT_DATA = { Tdx: 520, Sgx: 320 } as const
const CASES = [
  ['Tdx', tdxMeasurement, encodeTdxEvidence],
  ['Sgx', sgxMeasurement, encodeSgxEvidence],
] as const

describe.skipIf(!hasVectors)('published quotes of Intel on-chain', () => {
  const open: DcapChain[] = []
  afterEach(async () => {
    for (const chain of open.splice(0)) await chain.close()
  })
  const start = async (vector: DcapVector, options: Partial<DcapChainOptions> = {}) => {
    const chain = await dcapChain({ time: vector.at, ...options })
    open.push(chain)
    return chain
  }
  const vectorOf = (id: string): DcapVector => {
    const found = [...dcapVectors('tdx'), ...dcapVectors('sgx')].find((vector) => vector.id === id)
    if (found === undefined) throw new Error(`no vector ${id}`)
    return found
  }
  const good = (kind: keyof typeof GOOD) => vectorOf(GOOD[kind])

  test.each(CASES)(
    '%s: claims are what the encoder and the manifest say; no step costs too much',
    async (kind, measure) => {
      const vector = good(kind)
      const chain = await start(vector)
      const { claims, gas } = await verifyOnchain(chain, kind, vector.quote, vector.endorsements)
      const { verify, ...uploads } = gas
      console.table(Object.fromEntries(Object.entries(gas).map(([name, used]) => [name, Number(used)])))
      expect(verify).toBeLessThan(21_000n + 100_000n)
      for (const used of Object.values(uploads)) expect(used).toBeLessThan(STEP_LIMIT)
      const { quote } = vector
      const reportData = tdReportOf(quote) + REPORT_DATA[kind]
      expect(claims.teeKind).toBe(enumNumber(TEE_KINDS, kind))
      expect(claims.simulated).toBe(false)
      expect(claims.measurement).toBe(measure(quote))
      expect(claims.reportDataHigh).toBe(bytesToHex(quote.subarray(reportData, reportData + 32)))
      expect(claims.reportDataLow).toBe(bytesToHex(quote.subarray(reportData + 32, reportData + 64)))
      const ppid = vector.expected.fields?.pck?.ppid
      if (ppid !== undefined) expect(claims.platformId).toBe(keccak256(`0x${ppid}`))
    },
  )

  test.each(CASES)('%s without the P-256 precompile', async (kind) => {
    const vector = good(kind)
    const chain = await start(vector, { hardfork: 'prague' })
    const { claims } = await verifyOnchain(chain, kind, vector.quote, vector.endorsements)
    expect(claims.simulated).toBe(false)
  })

  test.each(CASES)('%s: evidence is refused by the verifier of the other kind', async (kind, _, encode) => {
    const vector = good(kind)
    const chain = await start(vector)
    const other = kind === 'Tdx' ? 'Sgx' : 'Tdx'
    const { evidence } = encode(vector.quote)
    const reason = await outcome(chain.parse({ kind: other, evidence }))
    expect(reason).toBe(kind === 'Sgx' ? 'DCAP_QUOTE_VERSION_UNSUPPORTED' : 'DCAP_TEE_TYPE_UNSUPPORTED')
  })

  test('a quote whose platform is out of date passes where the accept set says so', async () => {
    const vector = vectorOf(OUT_OF_DATE)
    const { quote, endorsements } = vector
    const chain = await start(vector)
    const { claims } = await verifyOnchain(chain, 'Tdx', quote, endorsements)
    const compared = comparedClaims(claims)
    expect(compared).toMatchObject({ teeKind: 'Tdx', tcbStatus: 'OutOfDate' })
    const verdicts = [
      ['OutOfDate', 'accepted', { claims: compared }],
      ['UpToDate', 'DCAP_TCB_STATUS_NOT_ACCEPTED', { code: 'DCAP_TCB_STATUS_NOT_ACCEPTED' }],
    ] as const
    for (const [status, onchain, offchain] of verdicts) {
      const judge = await chain.policy({ acceptedTcbStatuses: 1n << BigInt(enumNumber(TCB_STATUSES, status)) })
      expect(await outcome(judge(claims))).toBe(onchain)
      expect(await libraryVerdict({ kind: 'Tdx', ...vector }, { acceptedTcbStatuses: [status] })).toEqual(offchain)
    }
  })

  test.each([
    ['DCAP_ROOT_CRL_MISSING', ['rootCaCrl']],
    ['DCAP_PCK_CRL_MISSING', ['pckCrl']],
    ['DCAP_TCB_INFO_MISSING', ['tcbInfo']],
    ['DCAP_TCB_INFO_MISSING', ['tcbInfo', 'qeIdentity']],
    ['DCAP_QE_IDENTITY_MISSING', ['qeIdentity']],
  ] as const)('a good quote of hardware: %s without %j', async (code, names) => {
    const vector = withoutEndorsements(good('Tdx'), ...names)
    const { quote, endorsements } = vector
    expect(await libraryVerdict({ kind: 'Tdx', ...vector })).toEqual({ code })
    const chain = await start(vector)
    const refused = await outcome(verifyOnchain(chain, 'Tdx', quote, endorsements))
    expect(refused).toBe(code)
  })
})
