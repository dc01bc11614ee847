import { createSimulationRoot, type EndorsementOptions, type SgxQuoteOptions } from '@spartan/simulator'
import { beforeAll, describe, expect, test } from 'vitest'
import { concat, toHex } from '../internal/bytes.ts'
import {
  marketplaceSgxPolicy,
  type SgxEvidenceInput,
  type SgxPolicy,
  type SgxReference,
  verifySgxEvidence,
} from './index.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
const REPORT_DATA = Uint8Array.from({ length: 64 }, (_, index) => index)
const SGX: EndorsementOptions = { sgx: { tcbInfoVersion: 3 } }

async function makeGood() {
  const root = await createSimulationRoot({ now: NOW })
  const platform = await root.createPlatform({ name: 'sgx', ppid: '00112233445566778899aabbccddeeff' })
  const quote = await platform.issueSgxQuote({ reportData: REPORT_DATA })
  return { root, platform, quote, endorsements: await platform.endorsements(SGX) }
}

let good: Awaited<ReturnType<typeof makeGood>>
beforeAll(async () => {
  good = await makeGood()
})

const policy = (change: Partial<SgxPolicy> = {}): SgxPolicy => ({
  ...marketplaceSgxPolicy({ measurements: 'any', reportData: 'any' }),
  ...change,
})

const verify = (change: Partial<SgxEvidenceInput> = {}) =>
  verifySgxEvidence({
    evidence: good.quote,
    endorsements: good.endorsements,
    at: NOW,
    trustAnchors: [{ publicKey: good.root.publicKey, simulated: true }],
    policy: policy(),
    ...change,
  })

const reasonOf = async (change: Partial<SgxEvidenceInput>) => {
  const result = await verify(change)
  return result.verdict === 'refused' ? result.reasonCode : 'accepted'
}

const quoted = async (options: Partial<SgxQuoteOptions>) => ({
  evidence: await good.platform.issueSgxQuote({ reportData: REPORT_DATA, ...options }),
})
const endorsed = async (options: EndorsementOptions) => ({ endorsements: await good.platform.endorsements(options) })

describe('verifySgxEvidence', () => {
  test('default: accepts, with claims and every check listed in order', async () => {
    const result = await verify({ policy: policy({ reportData: { expected: toHex(REPORT_DATA) } }) })
    if (result.verdict === 'refused') throw result.error
    expect(result.claims).toMatchObject({
      tee: 'sgx',
      product: 'Intel SGX, Sierra Forest',
      trustTier: 'simulated',
      quoteVersion: 3,
      tcbStatus: 'UpToDate',
      isvProdId: 7,
      isvSvn: 3,
      tcbEvaluationNumber: 20,
    })
    expect(toHex(result.claims.platformId)).toBe('00112233445566778899aabbccddeeff')
    expect(result.claims.platformInstanceId?.length).toBe(16)
    expect(result.claims.evidenceId.length).toBe(32)
    expect(result.checks.filter(({ status }) => status !== 'done').map(({ id }) => id)).toEqual(['measurement'])
  })

  test.each([3, 4, 5] as const)('behavior: version %i', async (version) => {
    const result = await verify(await quoted({ version }))
    if (result.verdict === 'refused') throw result.error
    expect(result.claims.quoteVersion).toBe(version)
  })

  test('behavior: TCB info of version 2 says the same', async () => {
    expect(await reasonOf(await endorsed({ sgx: { tcbInfoVersion: 2 } }))).toBe('accepted')
    const outdated = await endorsed({ sgx: { tcbInfoVersion: 2 }, platformStatus: 'OutOfDate' })
    expect(await reasonOf(outdated)).toBe('DCAP_TCB_STATUS_NOT_ACCEPTED')
  })

  test.each([
    [
      'TCB info of TDX',
      { sgx: { tcbInfoVersion: 3, editTcbInfo: (body) => ({ ...body, id: 'TDX' }) } },
      'DCAP_TCB_INFO_ID_MISMATCH',
    ],
    [
      'version 2 with another id',
      { sgx: { tcbInfoVersion: 2, editTcbInfo: (body) => ({ ...body, id: 'TDX' }) } },
      'DCAP_TCB_INFO_ID_MISMATCH',
    ],
    [
      'version 3 without id',
      { sgx: { tcbInfoVersion: 3, editTcbInfo: ({ id: _, ...body }) => body } },
      'DCAP_TCB_INFO_MALFORMED',
    ],
    [
      'version 4',
      { sgx: { tcbInfoVersion: 3, editTcbInfo: (body) => ({ ...body, version: 4 }) } },
      'DCAP_TCB_INFO_VERSION_UNSUPPORTED',
    ],
    [
      'version 2 with components of version 3',
      { sgx: { tcbInfoVersion: 3, editTcbInfo: ({ id: _, ...body }) => ({ ...body, version: 2 }) } },
      'DCAP_TCB_INFO_MALFORMED',
    ],
    [
      'QE identity of TDX',
      { ...SGX, editQeIdentity: (body) => ({ ...body, id: 'TD_QE' }) },
      'DCAP_QE_IDENTITY_ID_MISMATCH',
    ],
    [
      'QE identity of another version',
      { ...SGX, editQeIdentity: (body) => ({ ...body, version: 3 }) },
      'DCAP_QE_IDENTITY_VERSION_UNSUPPORTED',
    ],
    [
      'QE identity of the future',
      {
        ...SGX,
        editQeIdentity: (body) => ({ ...body, issueDate: '2030-01-01T00:00:00Z', nextUpdate: '2031-01-01T00:00:00Z' }),
      },
      'DCAP_QE_IDENTITY_NOT_YET_VALID',
    ],
    [
      'TD quoting enclave',
      { ...SGX, editQeIdentity: (body) => ({ ...body, isvprodid: 2 }) },
      'DCAP_QE_IDENTITY_MISMATCH',
    ],
    ['QE outdated', { ...SGX, qeStatus: 'OutOfDate' }, 'DCAP_TCB_STATUS_NOT_ACCEPTED'],
    ['QE revoked', { ...SGX, qeStatus: 'Revoked' }, 'DCAP_TCB_REVOKED'],
    ['platform revoked', { ...SGX, platformStatus: 'Revoked' }, 'DCAP_TCB_REVOKED'],
    ['PCK revoked', { ...SGX, revoked: ['pck'] }, 'DCAP_PCK_REVOKED'],
  ] satisfies readonly (readonly [string, EndorsementOptions, string])[])('error: %s', async (_, options, code) => {
    expect(await reasonOf(await endorsed(options))).toBe(code)
  })

  test('error: DCAP_ENCLAVE_DEBUG', async () => {
    const debug = await quoted({ attributes: Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0) })
    expect(await reasonOf(debug)).toBe('DCAP_ENCLAVE_DEBUG')
    expect(await reasonOf({ ...debug, policy: policy({ debug: 'accept' }) })).toBe('accepted')
  })

  test('error: reserved bytes of the enclave report in use', async () => {
    for (const offset of [20, 96, 160, 262]) {
      const evidence = Uint8Array.from(good.quote)
      evidence[48 + offset] = 1
      expect(await reasonOf({ evidence })).toBe('DCAP_QUOTE_MALFORMED')
    }
  })

  test('error: a TDX quote, and version 6', async () => {
    expect(await reasonOf({ evidence: await good.platform.issueQuote({ reportData: REPORT_DATA }) })).toBe(
      'DCAP_TEE_TYPE_UNSUPPORTED',
    )
    const evidence = Uint8Array.from(good.quote)
    evidence[0] = 6
    expect(await reasonOf({ evidence })).toBe('DCAP_QUOTE_VERSION_UNSUPPORTED')
  })

  test('error: DCAP_PRODUCT_NOT_ACCEPTED on DDR4 and on an unknown processor', async () => {
    for (const fmspc of ['00606a000000', '00a067110000', '00ff6f000000']) {
      const platform = await good.root.createPlatform({ name: fmspc, fmspc })
      const change = {
        evidence: await platform.issueSgxQuote({ reportData: REPORT_DATA }),
        endorsements: await platform.endorsements(SGX),
      }
      expect(await reasonOf(change)).toBe('DCAP_PRODUCT_NOT_ACCEPTED')
      expect(await reasonOf({ ...change, policy: policy({ lowTrustProducts: 'accept' }) })).toBe('accepted')
    }
  })
})

describe('enclave references', () => {
  const ANY: SgxReference = {
    mrEnclave: 'any',
    mrSigner: 'any',
    configId: 'any',
    isvFamilyId: 'any',
    isvExtProdId: 'any',
    attributes: 'any',
    miscSelect: 'any',
    isvProdId: 'any',
    minIsvSvn: 0,
    minConfigSvn: 0,
  }
  const against = (change: Partial<SgxReference>, quote = good.quote) =>
    reasonOf({ evidence: quote, policy: policy({ measurements: { references: [{ ...ANY, ...change }] } }) })

  test('default: each field decides', async () => {
    const result = await verify()
    if (result.verdict === 'refused') throw result.error
    const { mrEnclave, mrSigner } = result.claims.measurements
    const code = 'DCAP_MEASUREMENT_NOT_ACCEPTED'
    expect(await against({ mrEnclave: `0x${toHex(mrEnclave).toUpperCase()}`, mrSigner: toHex(mrSigner) })).toBe(
      'accepted',
    )
    expect(await against({ mrEnclave: '00'.repeat(32) })).toBe(code)
    expect(await against({ mrSigner: '00'.repeat(32) })).toBe(code)
    expect(await against({ isvProdId: 7, minIsvSvn: 3 })).toBe('accepted')
    expect(await against({ isvProdId: 8 })).toBe(code)
    expect(await against({ minIsvSvn: 4 })).toBe(code)
    expect(await against({ minIsvSvn: Number.NaN })).toBe(code)
    expect(await reasonOf({ policy: policy({ measurements: { references: [] } }) })).toBe(code)
  })

  test('behavior: with KSS, CONFIGID and its kin count as well', async () => {
    const configId = new Uint8Array(64).fill(4)
    const { evidence } = await quoted({ configId, configSvn: 2, isvFamilyId: new Uint8Array(16).fill(5) })
    expect(await against({ configId: toHex(configId), minConfigSvn: 2, isvFamilyId: '05'.repeat(16) }, evidence)).toBe(
      'accepted',
    )
    expect(await against({ configId: '00'.repeat(64) }, evidence)).toBe('DCAP_MEASUREMENT_NOT_ACCEPTED')
    expect(await against({ minConfigSvn: 3 }, evidence)).toBe('DCAP_MEASUREMENT_NOT_ACCEPTED')
  })
})

describe('certification data that only names the PCK', () => {
  const chainOf = ({ root, platform } = good) => [
    platform.pck.certificate,
    root.authorities.pckCa.certificate,
    root.authorities.root.certificate,
  ]
  const named = (type: number, ...parts: readonly Uint8Array[]) =>
    quoted({ certificationData: { type, bytes: concat(...parts) } })
  const tcb = () => [Uint8Array.from(good.platform.tcb.componentSvns), Uint8Array.of(13, 0)] as const
  const pceid = new Uint8Array(2)
  const withChain = () => ({ endorsements: { ...good.endorsements, pckChain: chainOf() } })

  test('default: types 1 to 4 with the chain among the endorsements', async () => {
    const forms = [
      await named(1, good.platform.ppid, ...tcb()),
      await named(2, new Uint8Array(256), ...tcb(), pceid),
      await named(3, new Uint8Array(384), ...tcb(), pceid),
      await named(4, good.platform.pck.certificate),
    ]
    for (const form of forms) {
      expect(await reasonOf({ ...form, ...withChain() })).toBe('accepted')
      expect(await reasonOf(form)).toBe('DCAP_PCK_MISSING')
    }
  })

  test('error: DCAP_CERTIFICATION_DATA_MISMATCH', async () => {
    const other = await good.root.createPlatform({ name: 'other' })
    const forms = [
      await named(1, other.ppid, ...tcb()),
      await named(1, good.platform.ppid, new Uint8Array(16), Uint8Array.of(13, 0)),
      await named(3, new Uint8Array(384), ...tcb(), Uint8Array.of(1, 0)),
      await named(2, new Uint8Array(256), tcb()[0], Uint8Array.of(12, 0), pceid),
      await named(4, other.pck.certificate),
    ]
    for (const form of forms) {
      expect(await reasonOf({ ...form, ...withChain() })).toBe('DCAP_CERTIFICATION_DATA_MISMATCH')
    }
  })

  test('error: DCAP_CERTIFICATION_DATA_UNSUPPORTED for another length or type', async () => {
    const forms = [
      await named(1, good.platform.ppid, ...tcb(), pceid),
      await named(3, new Uint8Array(256), ...tcb(), pceid),
      await named(6, good.platform.pck.certificate),
      await named(7, new Uint8Array(100)),
      await named(5, good.platform.pck.certificate),
    ]
    for (const form of forms) {
      expect(await reasonOf({ ...form, ...withChain() })).toBe('DCAP_CERTIFICATION_DATA_UNSUPPORTED')
    }
  })

  test('behavior: a chain in the quote is the one that counts', async () => {
    const stranger = await createSimulationRoot({ now: NOW })
    const platform = await stranger.createPlatform({ name: 'stranger' })
    const pckChain = chainOf({ ...good, root: stranger, platform })
    expect(await reasonOf({ endorsements: { ...good.endorsements, pckChain } })).toBe('accepted')
  })
})
