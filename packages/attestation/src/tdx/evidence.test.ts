import { createSimulationRoot, type EndorsementOptions, workload } from '@spartan/simulator'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  appraiseTdx,
  type DcapEndorsements,
  EvidenceRejectedError,
  INTEL_SGX_ROOT,
  MalformedEvidenceError,
  marketplaceTdxPolicy,
  parseTdxQuote,
  type TdxEvidenceInput,
  type TdxPolicy,
  verifyTdxEvidence,
  verifyTdxQuote,
} from '../index.ts'
import { concat, toHex } from '../internal/bytes.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
const REPORT_DATA = Uint8Array.from({ length: 64 }, (_, index) => index)
/** End of header and TD report; behind it the signature data. */
const SIGNED_END = 632

async function makeGood() {
  const root = await createSimulationRoot({ now: NOW })
  const platform = await root.createPlatform({ name: 'a', ppid: '00112233445566778899aabbccddeeff' })
  const quote = await platform.issueQuote({ ...(await workload('trend')), reportData: REPORT_DATA })
  return { root, platform, quote, endorsements: await platform.endorsements() }
}

let good: Awaited<ReturnType<typeof makeGood>>
beforeAll(async () => {
  good = await makeGood()
})

const anything = (change: Partial<TdxPolicy> = {}) => ({
  ...marketplaceTdxPolicy({ measurements: 'any', reportData: 'any' }),
  ...change,
})

const verify = (change: Partial<TdxEvidenceInput> = {}) =>
  verifyTdxEvidence({
    evidence: good.quote,
    endorsements: good.endorsements,
    at: NOW,
    trustAnchors: [{ publicKey: good.root.publicKey, simulated: true }],
    policy: anything(),
    ...change,
  })

const reasonOf = async (change: Partial<TdxEvidenceInput>) => {
  const result = await verify(change)
  return result.verdict === 'refused' ? result.reasonCode : 'accepted'
}

const endorsed = async (options: EndorsementOptions) => ({ endorsements: await good.platform.endorsements(options) })

describe('verifyTdxEvidence', () => {
  test('default: accepts, with claims and every check listed in order', async () => {
    const result = await verify({ policy: anything({ reportData: { expected: `0x${toHex(REPORT_DATA)}` } }) })
    if (result.verdict === 'refused') throw result.error
    expect(result.claims).toMatchObject({
      tee: 'tdx',
      quoteVersion: 4,
      simulated: true,
      trustTier: 'simulated',
      tcbStatus: 'UpToDate',
      advisoryIds: [],
      tcbEvaluationNumber: 20,
      endorsementAgeSeconds: 3600,
      earliestExpiry: NOW - 3600 + 30 * 86_400,
    })
    expect(toHex(result.claims.platformId)).toBe('00112233445566778899aabbccddeeff')
    expect(result.claims.measurementPreimage.length).toBe(9 * 48 + 16)
    expect(result.checks.filter(({ status }) => status === 'not-requested').map(({ id }) => id)).toEqual([
      'tee-tcb-svn',
      'measurement',
    ])
    expect(result.checks.some(({ status }) => status === 'failed')).toBe(false)
  })

  test('behavior: a refusal names the failed check and lists the rest as not reached', async () => {
    const result = await verify(await endorsed({ revoked: ['pck'] }))
    expect(result).toMatchObject({ verdict: 'refused', reasonCode: 'DCAP_PCK_REVOKED' })
    const at = result.checks.findIndex(({ id }) => id === 'pck')
    expect(result.checks[at]).toMatchObject({ status: 'failed', reasonCode: 'DCAP_PCK_REVOKED' })
    expect(result.checks.slice(0, at).every(({ status }) => status === 'done')).toBe(true)
    expect(result.checks.slice(at + 1).every(({ values }) => values.because === 'not reached')).toBe(true)
    expect(result).not.toHaveProperty('claims')
  })

  test('behavior: trust comes from the anchors given and from nothing else', async () => {
    expect(await reasonOf({ trustAnchors: [] })).toBe('DCAP_ROOT_NOT_PINNED')
    expect(await reasonOf({ trustAnchors: [INTEL_SGX_ROOT] })).toBe('DCAP_ROOT_NOT_PINNED')
  })

  test('behavior: validity includes both ends', async () => {
    const validity = { tcbInfo: { from: NOW, until: NOW + 10 } }
    const change = await endorsed({ validity })
    expect(await reasonOf({ ...change, at: NOW })).toBe('accepted')
    expect(await reasonOf({ ...change, at: NOW + 10 })).toBe('accepted')
    expect(await reasonOf({ ...change, at: NOW - 1 })).toBe('DCAP_TCB_INFO_NOT_YET_VALID')
    expect(await reasonOf({ ...change, at: NOW + 11 })).toBe('DCAP_TCB_INFO_EXPIRED')
  })

  test('property: no flipped bit of the signed bytes passes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: SIGNED_END * 8 - 1 }), async (bit) => {
        expect(await reasonOf({ evidence: flipBit(good.quote, bit) })).not.toBe('accepted')
      }),
      { numRuns: 150 },
    )
  })

  test('property: no flipped bit of certificates, QE report, keys or signatures passes', async () => {
    const first = SIGNED_END * 8
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: first, max: good.quote.length * 8 - 1 }), async (bit) => {
        const flipped = flipBit(good.quote, bit)
        const result = await verify({ evidence: flipped })
        // The case of a line break is the one thing in PEM that carries nothing.
        if (result.verdict === 'accepted') expect(sameChain(flipped)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  test('property: every truncation is malformed, with its type', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: good.quote.length - 1 }), async (length) => {
        const result = await verify({ evidence: good.quote.subarray(0, length) })
        if (result.verdict === 'accepted') throw new Error('accepted')
        expect(result.error).toBeInstanceOf(MalformedEvidenceError)
        expect(result.reasonCode).toBe('DCAP_QUOTE_MALFORMED')
      }),
      { numRuns: 200 },
    )
  })

  test('property: no flipped bit of an endorsement passes', async () => {
    const parts = ['rootCaCrl', 'pckCrl'] as const
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...parts), fc.nat(), async (part, seed) => {
        const bytes = good.endorsements[part]
        const endorsements: DcapEndorsements = {
          ...good.endorsements,
          [part]: flipBit(bytes, seed % (bytes.length * 8)),
        }
        expect(await reasonOf({ endorsements })).not.toBe('accepted')
      }),
      { numRuns: 100 },
    )
  })
})

describe('policy', () => {
  const policy = (change: Partial<TdxPolicy>) => ({ policy: anything(change) })

  test('error: DCAP_REPORT_DATA_MISMATCH', async () => {
    expect(await reasonOf(policy({ reportData: { expected: '00'.repeat(64) } }))).toBe('DCAP_REPORT_DATA_MISMATCH')
    // A prefix is not the value.
    expect(await reasonOf(policy({ reportData: { expected: toHex(REPORT_DATA.subarray(0, 32)) } }))).toBe(
      'DCAP_REPORT_DATA_MISMATCH',
    )
  })

  test('error: DCAP_MEASUREMENT_NOT_ACCEPTED', async () => {
    // Any function will do: what is compared is what it gives.
    const keccak256 = (preimage: Uint8Array) => toHex(preimage)
    const preimage = await verify().then((result) => (result.verdict === 'accepted' ? result.claims : undefined))
    const measurements = { keccak256: [toHex(preimage?.measurementPreimage ?? new Uint8Array())] }
    expect(await reasonOf({ ...policy({ measurements }), keccak256 })).toBe('accepted')
    expect(await reasonOf(policy({ measurements }))).toBe('DCAP_MEASUREMENT_NOT_ACCEPTED')
    expect(await reasonOf({ ...policy({ measurements: { keccak256: [] } }), keccak256 })).toBe(
      'DCAP_MEASUREMENT_NOT_ACCEPTED',
    )
    expect(await reasonOf(policy({ measurements: { references: [] } }))).toBe('DCAP_MEASUREMENT_NOT_ACCEPTED')
    const { mrTd } = await workload('trend')
    const reference = { ...ANY_REFERENCE, mrTd: toHex(mrTd) }
    expect(await reasonOf(policy({ measurements: { references: [reference] } }))).toBe('accepted')
    expect(await reasonOf(policy({ measurements: { references: [{ ...reference, rtmr3: '00'.repeat(48) }] } }))).toBe(
      'DCAP_MEASUREMENT_NOT_ACCEPTED',
    )
  })

  test('error: DCAP_PLATFORM_NOT_ACCEPTED', async () => {
    const ppid = '0x00112233445566778899AABBCCDDEEFF'
    expect(await reasonOf(policy({ allowedPlatformIds: [ppid] }))).toBe('accepted')
    expect(await reasonOf(policy({ allowedPlatformIds: [] }))).toBe('DCAP_PLATFORM_NOT_ACCEPTED')
    expect(await reasonOf(policy({ allowedPlatformIds: [ppid], deniedPlatformIds: [ppid] }))).toBe(
      'DCAP_PLATFORM_NOT_ACCEPTED',
    )
  })

  test('error: DCAP_ENDORSEMENTS_TOO_OLD', async () => {
    expect(await reasonOf({ at: NOW + 7 * 86_400 - 3_600 })).toBe('accepted')
    expect(await reasonOf({ at: NOW + 7 * 86_400 })).toBe('DCAP_ENDORSEMENTS_TOO_OLD')
  })

  test('behavior: the root CRL, which is issued once a year, does not age; the PCK CRL does', async () => {
    const issuedMonthsAgo = { from: NOW - 100 * 86_400, until: NOW + 100 * 86_400 }
    expect(await reasonOf(await endorsed({ validity: { rootCrl: issuedMonthsAgo } }))).toBe('accepted')
    const old = await endorsed({ validity: { pckCrl: issuedMonthsAgo } })
    expect(await reasonOf(old)).toBe('DCAP_ENDORSEMENTS_TOO_OLD')
  })

  test('error: DCAP_ADVISORY_NOT_ACCEPTED', async () => {
    const hardening = await endorsed({ platformStatus: 'SWHardeningNeeded' })
    expect(await reasonOf(hardening)).toBe('DCAP_ADVISORY_NOT_ACCEPTED')
    expect(await reasonOf({ ...hardening, ...policy({ acceptedAdvisoryIds: ['INTEL-SA-00001'] }) })).toBe('accepted')
  })

  test('error: DCAP_SEPT_VE_DISABLE_CLEAR', async () => {
    const quote = await good.platform.issueQuote({ reportData: REPORT_DATA, tdAttributes: new Uint8Array(8) })
    expect(await reasonOf({ evidence: quote })).toBe('DCAP_SEPT_VE_DISABLE_CLEAR')
    expect(await reasonOf({ evidence: quote, ...policy({ septVeDisable: 'any' }) })).toBe('accepted')
  })

  test('error: DCAP_TCB_EVALUATION_NUMBER_TOO_LOW', async () => {
    expect(await reasonOf(policy({ minTcbEvaluationNumber: 20 }))).toBe('accepted')
    expect(await reasonOf(policy({ minTcbEvaluationNumber: 21 }))).toBe('DCAP_TCB_EVALUATION_NUMBER_TOO_LOW')
  })

  test('error: DCAP_TRAILING_BYTES', async () => {
    const quote = concat(good.quote, Uint8Array.of(1))
    expect(await reasonOf({ evidence: quote })).toBe('DCAP_TRAILING_BYTES')
    expect(await reasonOf({ evidence: quote, ...policy({ trailingBytes: 'any' }) })).toBe('accepted')
  })
})

describe('verifyTdxQuote', () => {
  test('throws the typed error instead of answering', async () => {
    const input = {
      evidence: parseTdxQuote(good.quote),
      endorsements: await good.platform.endorsements({ revoked: ['pckCa'] }),
      at: NOW,
      trustAnchors: [{ publicKey: good.root.publicKey, simulated: true }],
      policy: anything(),
    }
    await expect(verifyTdxQuote(input)).rejects.toThrow(EvidenceRejectedError)
    await expect(verifyTdxQuote(input)).rejects.toMatchObject({ code: 'DCAP_PCK_CA_REVOKED' })
  })
})

describe('dangerouslySkip', () => {
  test('skips only what is named and missing, and says so', async () => {
    const { rootCaCrl: _, ...endorsements } = good.endorsements
    const refused = await verify({ endorsements, policy: anything({ dangerouslySkip: ['pck-crl'] }) })
    expect(refused).toMatchObject({ verdict: 'refused', reasonCode: 'DCAP_ROOT_CRL_MISSING' })
    const accepted = await verify({ endorsements, policy: anything({ dangerouslySkip: ['root-crl'] }) })
    expect(accepted.verdict).toBe('accepted')
    expect(accepted.checks.find(({ id }) => id === 'root-crl')?.status).toBe('not-requested')
  })

  test('an endorsement that is given is checked all the same', async () => {
    const all = ['root-crl', 'pck-crl', 'tcb-info', 'qe-identity'] as const
    const policy = anything({ dangerouslySkip: all })
    expect(await reasonOf({ ...(await endorsed({ revoked: ['pck'] })), policy })).toBe('DCAP_PCK_REVOKED')
    const result = await verify({ endorsements: {}, policy })
    if (result.verdict === 'refused') throw result.error
    expect(result.claims).toMatchObject({ tcbStatus: 'Unknown', endorsementAgeSeconds: undefined })
  })

  test('tcb-evaluation: the endorsements are authenticated, their status is not asked for', async () => {
    const policy = anything({ dangerouslySkip: ['tcb-evaluation'] })
    const revoked = await endorsed({ platformStatus: 'Revoked' })
    expect(await reasonOf({ ...revoked, policy })).toBe('accepted')
    const result = await verify({ ...revoked, policy })
    expect(result.checks.find(({ id }) => id === 'tcb-levels')?.status).toBe('not-requested')
    const { tcbInfo } = good.endorsements
    const spoiled = { ...good.endorsements, tcbInfo: { ...tcbInfo, signature: new Uint8Array(64) } }
    expect(await reasonOf({ endorsements: spoiled, policy })).toBe('DCAP_TCB_INFO_SIGNATURE_INVALID')
  })
})

const ANY_REFERENCE = {
  mrSeam: 'any',
  mrSignerSeam: 'any',
  seamAttributes: 'any',
  mrTd: 'any',
  mrConfigId: 'any',
  mrOwner: 'any',
  mrOwnerConfig: 'any',
  rtmr0: 'any',
  rtmr1: 'any',
  rtmr2: 'any',
  rtmr3: 'any',
  tdAttributes: 'any',
  xfam: 'any',
}

function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes)
  const at = bit >> 3
  flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit & 7))
  return flipped
}

/** Whether a quote still carries exactly the same certificates, keys and signatures. */
function sameChain(quote: Uint8Array): boolean {
  const [before, after] = [parseTdxQuote(good.quote).signatureData, parseTdxQuote(quote).signatureData]
  const all = ({ certificationData, ...data }: typeof before) =>
    certificationData.type === 5 &&
    toHex(
      concat(
        ...Object.values(certificationData.chain),
        data.attestationKey,
        data.quoteSignature,
        data.qeReport.bytes,
        data.qeReportSignature,
      ),
    )
  return all(before) === all(after)
}

describe('what the caller does meanwhile', () => {
  test('error: a time that is none is inside of no validity', async () => {
    expect(await reasonOf({ at: Number.NaN })).toBe('DCAP_ROOT_EXPIRED')
    expect(await reasonOf({ at: Number.POSITIVE_INFINITY })).toBe('DCAP_ROOT_EXPIRED')
    expect(await reasonOf({ at: Number.NEGATIVE_INFINITY })).toBe('DCAP_ROOT_EXPIRED')
  })

  test('error: a REPORTDATA written into the buffer after its signature was read is not what is judged', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(good.quote.length))
    shared.set(good.quote)
    const wanted = new Uint8Array(64).fill(7)
    const judged = verify({ evidence: shared, policy: anything({ reportData: { expected: toHex(wanted) } }) })
    shared.set(wanted, SIGNED_END - 64)
    expect(await judged).toMatchObject({ verdict: 'refused', reasonCode: 'DCAP_REPORT_DATA_MISMATCH' })
  })

  test('default: claims stay what they were when the buffer is used again', async () => {
    const buffer = Buffer.from(good.quote)
    const result = await verify({ evidence: buffer })
    buffer.fill(0)
    expect(result).toMatchObject({ verdict: 'accepted', claims: { reportData: REPORT_DATA } })
  })

  test('default: endorsements are judged as they were given', async () => {
    const { tcbInfo } = good.endorsements
    const body = tcbInfo.body.slice()
    const judged = verify({ endorsements: { ...good.endorsements, tcbInfo: { ...tcbInfo, body } } })
    body.fill(0)
    expect(await judged).toMatchObject({ verdict: 'accepted' })
  })
})

describe('appraiseTdx', () => {
  const verifiedFor = async (change: Partial<TdxPolicy>, endorsements: Partial<DcapEndorsements>) =>
    verifyTdxQuote({
      evidence: parseTdxQuote(good.quote),
      endorsements,
      at: NOW,
      trustAnchors: [{ publicKey: good.root.publicKey, simulated: true }],
      policy: anything(change),
    })
  const codeOf = async (verified: Awaited<ReturnType<typeof verifiedFor>>, change: Partial<TdxPolicy> = {}) => {
    const result = await appraiseTdx(verified, anything(change))
    return result.verdict === 'refused' ? result.reasonCode : 'accepted'
  }

  test('error: what was verified for a policy that skips more or has a lower floor', async () => {
    const everything = ['root-crl', 'pck-crl', 'tcb-info', 'qe-identity', 'tcb-evaluation'] as const
    const names = { rootCaCrl: 'ROOT_CRL', pckCrl: 'PCK_CRL', tcbInfo: 'TCB_INFO', qeIdentity: 'QE_IDENTITY' } as const
    for (const [name, code] of Object.entries(names)) {
      const { [name as keyof typeof names]: _left, ...rest } = good.endorsements
      const verified = await verifiedFor({ dangerouslySkip: everything }, rest)
      expect(await codeOf(verified)).toBe(`DCAP_${code}_MISSING`)
      expect(await codeOf(verified, { dangerouslySkip: everything })).toBe('accepted')
    }
    const skipped = await verifiedFor({ dangerouslySkip: ['tcb-evaluation'] }, good.endorsements)
    expect(await codeOf(skipped)).toBe('DCAP_TCB_STATUS_NOT_ACCEPTED')
    const low = await verifiedFor({}, good.endorsements)
    expect(await codeOf(low, { minTcbEvaluationNumber: 1000 })).toBe('DCAP_TCB_EVALUATION_NUMBER_TOO_LOW')
    expect(await codeOf(low)).toBe('accepted')
  })
})

test('error: a field that a policy lacks where nobody checks types asks for the stricter', async () => {
  const { debug: _debug, septVeDisable: _sept, lowTrustProducts: _low, trailingBytes: _trailing, ...rest } = anything()
  const policy = rest as TdxPolicy
  const debugged = await good.platform.issueQuote({
    reportData: REPORT_DATA,
    tdAttributes: Uint8Array.of(1, 0, 0, 0x10, 0, 0, 0, 0),
  })
  expect(await reasonOf({ policy, evidence: concat(good.quote, Uint8Array.of(1)) })).toBe('DCAP_TRAILING_BYTES')
  expect(await reasonOf({ policy, evidence: debugged })).toBe('DCAP_TD_DEBUG')
})
