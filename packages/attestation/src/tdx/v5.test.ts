import { createSimulationRoot, type EndorsementOptions, type QuoteOptions } from '@spartan/simulator'
import { beforeAll, describe, expect, test } from 'vitest'
import { type TdxPolicy, vectorsTdxPolicy, verifyTdxEvidence } from '../index.ts'
import { toHex } from '../internal/bytes.ts'
import { ACCEPTABLE_TCB_STATUSES } from '../result.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
const REPORT_DATA = new Uint8Array(64).fill(5)
/** The simulator's newest level: module SVN 7 of major version 1, loader SVN 3. */
const SVN = (module: number, version = 1, loader = 3) => {
  const svn = new Uint8Array(16)
  svn.set([module, version, loader])
  return svn
}

async function makePlatform() {
  const root = await createSimulationRoot({ now: NOW })
  return { root, platform: await root.createPlatform({ name: 'v5' }) }
}

let world: Awaited<ReturnType<typeof makePlatform>>
beforeAll(async () => {
  world = await makePlatform()
})

async function judge(
  quote: Partial<QuoteOptions>,
  endorsed: EndorsementOptions = {},
  policy: Partial<TdxPolicy> = {},
  edit: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
) {
  const { root, platform } = world
  return verifyTdxEvidence({
    evidence: edit(await platform.issueQuote({ version: 5, reportData: REPORT_DATA, ...quote })),
    endorsements: await platform.endorsements(endorsed),
    at: NOW,
    trustAnchors: [{ publicKey: root.publicKey, simulated: true }],
    policy: { ...vectorsTdxPolicy({ measurements: 'any', reportData: 'any' }), ...policy },
  })
}

const ANY_STATUS: Partial<TdxPolicy> = { acceptedTcbStatuses: ACCEPTABLE_TCB_STATUSES }

async function statusOf(quote: Partial<QuoteOptions>, endorsed: EndorsementOptions = {}) {
  const result = await judge(quote, endorsed, ANY_STATUS)
  return result.verdict === 'accepted' ? result.claims.tcbStatus : result.reasonCode
}

describe('TDX quotes version 5', () => {
  test('default: TD 1.0 and TD 1.5 bodies', async () => {
    const old = await judge({})
    const late = await judge({ td15: {} })
    if (old.verdict === 'refused') throw old.error
    if (late.verdict === 'refused') throw late.error
    expect(old.claims).toMatchObject({ quoteVersion: 5, teeTcbSvn2: undefined, mrServiceTd: undefined })
    expect(late.claims).toMatchObject({ quoteVersion: 5, product: 'Intel TDX, Sierra Forest', tcbStatus: 'UpToDate' })
    expect(toHex(late.claims.mrServiceTd ?? Uint8Array.of(1))).toBe('00'.repeat(48))
    expect(late.claims.reportData).toEqual(REPORT_DATA)
    expect(late.claims.evidenceId).not.toEqual(old.claims.evidenceId)
  })

  test.each([
    ['body type of an enclave', 48, [1, 0], 'DCAP_BODY_TYPE_UNSUPPORTED'],
    ['unknown body type', 48, [9, 0], 'DCAP_BODY_TYPE_UNSUPPORTED'],
    ['TD 1.0 with the size of TD 1.5', 48, [2, 0], 'DCAP_QUOTE_MALFORMED'],
    ['size one less', 50, [135, 2], 'DCAP_QUOTE_MALFORMED'],
    ['version 3', 0, [3], 'DCAP_QUOTE_VERSION_UNSUPPORTED'],
    ['version 4', 0, [4], 'DCAP_QUOTE_MALFORMED'],
    ['TEE type SGX', 4, [0], 'DCAP_TEE_TYPE_UNSUPPORTED'],
  ] as const)('error: %s', async (_, offset, bytes, code) => {
    const result = await judge({ td15: {} }, {}, {}, (quote) => {
      quote.set(bytes, offset)
      return quote
    })
    expect(result).toMatchObject({ verdict: 'refused', reasonCode: code })
  })

  test('error: DCAP_SERVICE_TD_NOT_ACCEPTED', async () => {
    const mrServiceTd = new Uint8Array(48).fill(0x11)
    const bound = { td15: { mrServiceTd } }
    const code = 'DCAP_SERVICE_TD_NOT_ACCEPTED'
    expect(await judge(bound, {}, { serviceTd: 'refuse' })).toMatchObject({ reasonCode: code })
    expect(await judge(bound, {}, { serviceTd: { allowed: [] } })).toMatchObject({ reasonCode: code })
    expect((await judge(bound, {}, { serviceTd: { allowed: [toHex(mrServiceTd)] } })).verdict).toBe('accepted')
    expect((await judge(bound, {}, { serviceTd: 'any' })).verdict).toBe('accepted')
    expect((await judge({ td15: {} }, {}, { serviceTd: 'refuse' })).verdict).toBe('accepted')
  })

  test('error: DCAP_TEE_TCB_SVN_TOO_LOW, component by component', async () => {
    const floor = async (minTeeTcbSvn: string) => (await judge({}, {}, { minTeeTcbSvn })).verdict
    expect(await floor(toHex(SVN(7)))).toBe('accepted')
    expect(await floor(toHex(SVN(6, 1, 4)))).toBe('refused')
    expect(await floor(toHex(SVN(8, 0, 0)))).toBe('refused')
    expect(await floor('00')).toBe('refused')
    expect(await judge({}, {}, { minTeeTcbSvn: 'ff'.repeat(16) })).toMatchObject({
      reasonCode: 'DCAP_TEE_TCB_SVN_TOO_LOW',
    })
  })

  test('error: DCAP_XFAM_INVALID', async () => {
    expect(await judge({ xfam: new Uint8Array(8) })).toMatchObject({ reasonCode: 'DCAP_XFAM_INVALID' })
  })

  test('error: DCAP_FMSPC_NOT_ACCEPTED, DCAP_QE_VENDOR_NOT_ACCEPTED', async () => {
    expect((await judge({}, {}, { allowedFmspcs: ['50A06F000000'] })).verdict).toBe('accepted')
    expect(await judge({}, {}, { allowedFmspcs: ['00906ed50000'] })).toMatchObject({
      reasonCode: 'DCAP_FMSPC_NOT_ACCEPTED',
    })
    expect(await judge({}, {}, { allowedQeVendorIds: ['00'.repeat(16)] })).toMatchObject({
      reasonCode: 'DCAP_QE_VENDOR_NOT_ACCEPTED',
    })
  })
})

// Intel Quote Verification Library, TD relaunch check: every condition once on its own.
describe('TD relaunch advice', () => {
  const launchedOld = { teeTcbSvn: SVN(6) }
  const now = (teeTcbSvn2: Uint8Array) => ({ ...launchedOld, td15: { teeTcbSvn2 } })

  test.each([
    ['module current by now', now(SVN(7)), {}, 'TDRelaunchAdvised'],
    ['module newer by now', now(SVN(8, 1, 4)), {}, 'TDRelaunchAdvised'],
    ['module of another known major version by now', now(SVN(7, 3)), {}, 'TDRelaunchAdvised'],
    ['no advice in a TD 1.0 report', launchedOld, {}, 'OutOfDate'],
    ['module still outdated', now(SVN(6)), {}, 'OutOfDate'],
    ['loader outdated', now(SVN(7, 1, 2)), {}, 'OutOfDate'],
    ['module without major version: judged by the TDX components', now(SVN(7, 0)), {}, 'TDRelaunchAdvised'],
    ['module of an unknown major version', now(SVN(7, 9)), {}, 'DCAP_MODULE_IDENTITY_MISSING'],
    ['nothing outdated', { td15: { teeTcbSvn2: SVN(7) } }, {}, 'UpToDate'],
    ['QE outdated', now(SVN(7)), { qeStatus: 'OutOfDate' }, 'OutOfDate'],
    ['QE revoked', now(SVN(7)), { qeStatus: 'Revoked' }, 'DCAP_TCB_REVOKED'],
    ['platform outdated', now(SVN(7)), { platformStatus: 'OutOfDate' }, 'OutOfDate'],
    ['platform revoked', now(SVN(7)), { platformStatus: 'Revoked' }, 'DCAP_TCB_REVOKED'],
    [
      'platform that asks for configuration',
      now(SVN(7)),
      { platformStatus: 'ConfigurationNeeded' },
      'TDRelaunchAdvisedConfigurationNeeded',
    ],
    [
      'platform that asks for configuration and hardening',
      now(SVN(7)),
      { platformStatus: 'ConfigurationAndSWHardeningNeeded' },
      'TDRelaunchAdvisedConfigurationNeeded',
    ],
    ['platform that asks for hardening', now(SVN(7)), { platformStatus: 'SWHardeningNeeded' }, 'TDRelaunchAdvised'],
  ] as const)('%s', async (_, quote, endorsed, expected) => {
    expect(await statusOf(quote, endorsed)).toBe(expected)
  })

  test('behavior: no preset accepts it', async () => {
    expect(await judge(now(SVN(7)))).toMatchObject({ reasonCode: 'DCAP_TCB_STATUS_NOT_ACCEPTED' })
  })
})

describe('TCB info', () => {
  test('behavior: the order of levels in the document changes nothing', async () => {
    const reversed: EndorsementOptions = {
      editTcbInfo: (body) => ({
        ...body,
        tcbLevels: [...body.tcbLevels].reverse(),
        tdxModuleIdentities: body.tdxModuleIdentities.map((identity) => ({
          ...identity,
          tcbLevels: [...identity.tcbLevels].reverse(),
        })),
      }),
      editQeIdentity: (body) => ({ ...body, tcbLevels: [...body.tcbLevels].reverse() }),
    }
    expect(await statusOf({}, reversed)).toBe('UpToDate')
    expect(await statusOf({ teeTcbSvn: SVN(6) }, reversed)).toBe('OutOfDate')
  })

  test('behavior: module identities are found by TDX_ and two hex digits of either case', async () => {
    const id = (text: string): EndorsementOptions => ({
      editTcbInfo: (body) => ({
        ...body,
        tdxModuleIdentities: body.tdxModuleIdentities.map((identity, index) =>
          index === 0 ? { ...identity, id: text } : identity,
        ),
      }),
    })
    expect(await statusOf({ teeTcbSvn: SVN(7, 0x1a) }, id('TDX_1A'))).toBe('UpToDate')
    expect(await statusOf({ teeTcbSvn: SVN(7, 0x1a) }, id('TDX_1a'))).toBe('UpToDate')
    expect(await statusOf({ teeTcbSvn: SVN(7, 0x1a) }, id('TDX_26'))).toBe('DCAP_MODULE_IDENTITY_MISSING')
    expect(await statusOf({}, id('TDX_1'))).toBe('DCAP_TCB_INFO_MALFORMED')
  })

  test('behavior: components 0 and 1 count only for a module without major version', async () => {
    const asked: EndorsementOptions = {
      editTcbInfo: (body) => ({
        ...body,
        tcbLevels: body.tcbLevels.map((level) => ({
          ...level,
          tcb: {
            ...level.tcb,
            tdxtcbcomponents: level.tcb.tdxtcbcomponents.map((component, index) =>
              index === 0 ? { ...component, svn: 9 } : component,
            ),
          },
        })),
      }),
    }
    expect(await statusOf({ teeTcbSvn: SVN(7, 1) }, asked)).toBe('UpToDate')
    expect(await statusOf({ teeTcbSvn: SVN(7, 0) }, asked)).toBe('DCAP_TCB_LEVEL_NOT_FOUND')
  })
})
