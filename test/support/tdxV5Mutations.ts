import type { QuoteOptions } from '@spartan/simulator'
import { type Expected, endorsed, type Good, onQuote, replaced, type TdxCase } from './tdxCase.ts'
import { overwrite } from './tdxQuoteEdits.ts'

/** TEE_TCB_SVN; the simulator's newest level has module SVN 7 of version 1 and loader SVN 3. */
const svn = (module: number, version = 1, loader = 3): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, index) => [module, version, loader][index] ?? 0)

const BODY_TYPE = 48
const BODY_SIZE = 50

/** Quotes of version 5, with TD reports of TDX 1.0 and 1.5. */
export async function v5Cases(good: Good): Promise<readonly TdxCase[]> {
  return [...(await formatCases(good)), ...(await serviceTdCases(good)), ...(await relaunchCases(good))]
}

const issue = (good: Good, fields: Partial<QuoteOptions>): Promise<Uint8Array> =>
  good.platform.issueQuote({ version: 5, reportData: new Uint8Array(64).fill(5), ...fields })

async function formatCases(good: Good): Promise<readonly TdxCase[]> {
  const [old, late] = [await issue(good, {}), await issue(good, { td15: {} })]
  const edit = (name: string, expected: Expected, offset: number, ...bytes: readonly number[]) =>
    onQuote(good, `v5: ${name}`, expected, overwrite(late, offset, bytes))
  const flip = (name: string, offset: number) =>
    edit(name, 'DCAP_QUOTE_SIGNATURE_INVALID', offset, (late[offset] ?? 0) ^ 1)
  return [
    onQuote(good, 'v5 with TD 1.0', 'accepted', old),
    onQuote(good, 'v5 with TD 1.5', 'accepted', late),
    onQuote(good, 'v5: header cut', 'DCAP_QUOTE_MALFORMED', late.subarray(0, 52)),
    onQuote(good, 'v5: body cut', 'DCAP_QUOTE_MALFORMED', late.subarray(0, 700)),
    edit('body type of an enclave', 'DCAP_BODY_TYPE_UNSUPPORTED', BODY_TYPE, 1),
    edit('unknown body type', 'DCAP_BODY_TYPE_UNSUPPORTED', BODY_TYPE, 4),
    edit('TD 1.0 with the size of TD 1.5', 'DCAP_QUOTE_MALFORMED', BODY_TYPE, 2),
    edit('body size + 1', 'DCAP_QUOTE_MALFORMED', BODY_SIZE, (late[BODY_SIZE] ?? 0) + 1),
    edit('version 4', 'DCAP_QUOTE_MALFORMED', 0, 4),
    edit('version 3', 'DCAP_QUOTE_VERSION_UNSUPPORTED', 0, 3),
    edit('TEE type SGX', 'DCAP_TEE_TYPE_UNSUPPORTED', 4, 0),
    flip('TEE_TCB_SVN_2', 54 + 584),
    flip('MRSERVICETD', 54 + 600 + 47),
  ]
}

async function serviceTdCases(good: Good): Promise<readonly TdxCase[]> {
  const bound = async (name: string, at: number) => {
    const mrServiceTd = overwrite(new Uint8Array(48), at, [1])
    return onQuote(good, name, 'DCAP_SERVICE_TD_NOT_ACCEPTED', await issue(good, { td15: { mrServiceTd } }))
  }
  const first = await bound('service TD, first byte', 0)
  return [
    first,
    await bound('service TD, last byte', 47),
    { ...first, name: 'service TD, judged by nobody', expected: 'accepted', flags: ['MIGRATABLE'] },
  ]
}

/** Every condition of Intel's relaunch advice on its own, judged by a verifier that accepts every status but Revoked. */
async function relaunchCases(good: Good): Promise<readonly TdxCase[]> {
  const outdated = (teeTcbSvn2: Uint8Array) => ({ teeTcbSvn: svn(6), td15: { teeTcbSvn2 } })
  const current = await issue(good, outdated(svn(7)))
  const judged = async (name: string, fields: Partial<QuoteOptions>, status: TdxCase['status']) => ({
    ...onQuote(good, `relaunch: ${name}`, 'accepted', await issue(good, fields)),
    status,
  })
  const under = async (name: string, options: Parameters<typeof endorsed>[3], status: TdxCase['status']) => {
    const { endorsements } = await endorsed(good, name, 'accepted', options)
    return { ...replaced({ ...good, quote: current }, `relaunch: ${name}`, 'accepted', endorsements), status }
  }
  return [
    await judged('module current by now', outdated(svn(7)), 'TDRelaunchAdvised'),
    await judged('module newer by now', outdated(svn(8, 1, 4)), 'TDRelaunchAdvised'),
    await judged('module of another known version by now', outdated(svn(7, 3)), 'TDRelaunchAdvised'),
    await judged('module without version by now', outdated(svn(7, 0)), 'TDRelaunchAdvised'),
    await judged('module still outdated', outdated(svn(6)), 'OutOfDate'),
    await judged('loader outdated', outdated(svn(7, 1, 2)), 'OutOfDate'),
    await judged('no advice in a TD 1.0 report', { teeTcbSvn: svn(6) }, 'OutOfDate'),
    await judged('nothing outdated', { td15: { teeTcbSvn2: svn(7) } }, 'UpToDate'),
    onQuote(
      good,
      'relaunch: module of an unknown version by now',
      'DCAP_MODULE_IDENTITY_MISSING',
      await issue(good, outdated(svn(7, 9))),
    ),
    onQuote(good, 'relaunch: not in the accept set', 'DCAP_TCB_STATUS_NOT_ACCEPTED', current),
    await under('QE outdated', { qeStatus: 'OutOfDate' }, 'OutOfDate'),
    await under('platform outdated', { platformStatus: 'OutOfDate' }, 'OutOfDate'),
    await under('platform asks for hardening', { platformStatus: 'SWHardeningNeeded' }, 'TDRelaunchAdvised'),
    await under(
      'platform asks for configuration',
      { platformStatus: 'ConfigurationNeeded' },
      'TDRelaunchAdvisedConfigurationNeeded',
    ),
    await under(
      'platform asks for both',
      { platformStatus: 'ConfigurationAndSWHardeningNeeded' },
      'TDRelaunchAdvisedConfigurationNeeded',
    ),
  ]
}
