import type { DcapEndorsements } from '@spartan/attestation'
import {
  createSimulationRoot,
  type EndorsementOptions,
  type SgxQuoteOptions,
  type SimulationRoot,
} from '@spartan/simulator'
import { chainOf, type Expected, type Good, type PlatformOptions, signText, type TdxCase } from './tdxCase.ts'
import { join, mirrorSignature, overwrite, readU16 } from './tdxQuoteEdits.ts'

// Offsets in a version 3 SGX quote.
const BODY = 48
const SIGNATURE_LENGTH = BODY + 384
const QUOTE_SIGNATURE = SIGNATURE_LENGTH + 4
const ATTESTATION_KEY = QUOTE_SIGNATURE + 64
const QE_REPORT = ATTESTATION_KEY + 64
const QE_SIGNATURE = QE_REPORT + 384
const QE_AUTHENTICATION = QE_SIGNATURE + 64
/** Version 4: outer certification data type. */
const OUTER_TYPE = ATTESTATION_KEY + 64

/** What makes a family of cases: the platform, and both kinds of endorsements of it. */
interface GoodSgx extends Good {
  readonly tdx: DcapEndorsements
}

const SGX: EndorsementOptions = { sgx: { tcbInfoVersion: 3 } }

/** The good SGX quote and every single mutation of what differs from TDX. `now` is Unix seconds, inside every validity. */
export async function sgxCases(now: number, root: SimulationRoot): Promise<readonly TdxCase[]> {
  const platform = await root.createPlatform({ name: `sgx-${now}` })
  const reportData = Uint8Array.from({ length: 64 }, (_, index) => index + 1)
  const good: GoodSgx = {
    now,
    root,
    platform,
    quote: await platform.issueSgxQuote({ reportData }),
    endorsements: await platform.endorsements({ now, ...SGX }),
    tdx: await platform.endorsements({ now }),
  }
  const groups = [
    await formatCases(good),
    await certificationCases(good),
    signatureCases(good),
    await enclaveCases(good),
    await tcbInfoCases(good),
    await documentCases(good),
    await levelCases(good),
  ]
  return groups.flat()
}

const onQuote = (good: GoodSgx, name: string, expected: Expected, quote: Uint8Array): TdxCase => ({
  kind: 'Sgx',
  name: `SGX: ${name}`,
  expected,
  quote,
  endorsements: good.endorsements,
})

const issued = async (good: GoodSgx, name: string, expected: Expected, options: Partial<SgxQuoteOptions>) =>
  onQuote(good, name, expected, await good.platform.issueSgxQuote({ reportData: new Uint8Array(64), ...options }))

const endorsed = async (good: GoodSgx, name: string, expected: Expected, options: EndorsementOptions) => ({
  ...onQuote(good, name, expected, good.quote),
  endorsements: await good.platform.endorsements({ now: good.now, ...SGX, ...options }),
})

/** Another platform under the good one's endorsements. */
async function variant(good: GoodSgx, name: string, expected: Expected, options: PlatformOptions): Promise<TdxCase> {
  const qe = { ...good.platform.qe, ...options.qe }
  const platform = await good.root.createPlatform({ ...options, qe, name: `sgx ${name}-${good.now}` })
  return onQuote(good, name, expected, await platform.issueSgxQuote({ reportData: new Uint8Array(64) }))
}

async function formatCases(good: GoodSgx): Promise<readonly TdxCase[]> {
  const reportData = new Uint8Array(64)
  const [v4, v5] = [
    await good.platform.issueSgxQuote({ reportData, version: 4 }),
    await good.platform.issueSgxQuote({ reportData, version: 5 }),
  ]
  const edit = (name: string, expected: Expected, offset: number, change: readonly number[], quote = good.quote) =>
    onQuote(good, name, expected, overwrite(quote, offset, change))
  const more = (offset: number, quote = good.quote) => [((quote[offset] ?? 0) + 1) & 0xff]
  const tdx = await good.platform.issueQuote({ reportData })
  return [
    onQuote(good, 'version 3', 'accepted', good.quote),
    onQuote(good, 'version 4', 'accepted', v4),
    onQuote(good, 'version 5', 'accepted', v5),
    onQuote(good, 'zero padding', 'accepted', join(good.quote, new Uint8Array(9))),
    onQuote(good, 'byte behind the quote', 'DCAP_TRAILING_BYTES', join(good.quote, Uint8Array.of(1))),
    onQuote(good, 'header cut', 'DCAP_QUOTE_MALFORMED', good.quote.subarray(0, 47)),
    onQuote(good, 'body cut', 'DCAP_QUOTE_MALFORMED', good.quote.subarray(0, BODY + 383)),
    onQuote(good, 'QE report cut', 'DCAP_QUOTE_MALFORMED', good.quote.subarray(0, QE_SIGNATURE)),
    onQuote(good, 'a TDX quote', 'DCAP_TEE_TYPE_UNSUPPORTED', tdx),
    edit('version 2', 'DCAP_QUOTE_VERSION_UNSUPPORTED', 0, [2]),
    edit('version 6', 'DCAP_QUOTE_VERSION_UNSUPPORTED', 0, [6]),
    edit('key type 3', 'DCAP_ATTESTATION_KEY_TYPE_UNSUPPORTED', 2, [3]),
    edit('TEE type', 'DCAP_TEE_TYPE_UNSUPPORTED', 7, [1]),
    edit('QE vendor', 'DCAP_QE_VENDOR_UNKNOWN', 27, [0]),
    edit('body of a TD', 'DCAP_BODY_TYPE_UNSUPPORTED', BODY, [2], v5),
    edit('body size', 'DCAP_QUOTE_MALFORMED', BODY + 2, more(BODY + 2, v5), v5),
    edit('outer certification type', 'DCAP_CERTIFICATION_DATA_UNSUPPORTED', OUTER_TYPE, [5], v4),
    edit('outer certification size', 'DCAP_QUOTE_MALFORMED', OUTER_TYPE + 2, more(OUTER_TYPE + 2, v4), v4),
    edit('length of the signature data', 'DCAP_QUOTE_MALFORMED', SIGNATURE_LENGTH, more(SIGNATURE_LENGTH)),
    edit('length of the authentication data', 'DCAP_QUOTE_MALFORMED', QE_AUTHENTICATION, [0xff, 0xff]),
    ...[20, 31, 96, 127, 160, 191, 262, 293, 294, 303].map((offset) =>
      edit(`reserved byte ${offset}`, 'DCAP_QUOTE_MALFORMED', BODY + offset, [1]),
    ),
  ]
}

/** What the quote says of its PCK certificate, which nobody has signed. */
async function certificationCases(good: GoodSgx): Promise<readonly TdxCase[]> {
  const { platform } = good
  const pckChain = chainOf(good)
  const svns = [Uint8Array.from(platform.tcb.componentSvns), Uint8Array.of(platform.tcb.pceSvn, 0)]
  const named = async (
    name: string,
    expected: Expected,
    type: number,
    parts: readonly Uint8Array[],
    chain: readonly Uint8Array[] | undefined = pckChain,
  ): Promise<TdxCase> => {
    const entry = await issued(good, name, expected, { certificationData: { type, bytes: join(...parts) } })
    return { ...entry, endorsements: { ...good.endorsements, ...(chain.length > 0 && { pckChain: chain }) } }
  }
  const [pck = new Uint8Array()] = pckChain
  const [unsupported, mismatch] = ['DCAP_CERTIFICATION_DATA_UNSUPPORTED', 'DCAP_CERTIFICATION_DATA_MISMATCH'] as const
  const otherPpid = overwrite(platform.ppid, 0, [(platform.ppid[0] ?? 0) ^ 1])
  return [
    await named('PCK named by its PPID', 'accepted', 1, [platform.ppid, ...svns]),
    await named('PCK named, PPID encrypted with RSA-2048', 'accepted', 2, [
      new Uint8Array(256),
      ...svns,
      platform.pceid,
    ]),
    await named('PCK named, PPID encrypted with RSA-3072', 'accepted', 3, [
      new Uint8Array(384),
      ...svns,
      platform.pceid,
    ]),
    await named('PCK itself', 'accepted', 4, [pck]),
    await named('PCK named, no chain at hand', 'DCAP_PCK_MISSING', 1, [platform.ppid, ...svns], []),
    await named('PCK named by another PPID', mismatch, 1, [otherPpid, ...svns]),
    await named('PCK named by another CPUSVN', mismatch, 1, [platform.ppid, new Uint8Array(16), ...svns.slice(1)]),
    await named('PCK named by another PCESVN', mismatch, 1, [platform.ppid, ...svns.slice(0, 1), Uint8Array.of(13, 1)]),
    await named('PCK named by another PCEID', mismatch, 3, [new Uint8Array(384), ...svns, Uint8Array.of(1, 0)]),
    await named('another certificate', mismatch, 4, [overwrite(pck, pck.length - 1, [0])]),
    await named('PCK named, one byte more', unsupported, 1, [platform.ppid, ...svns, new Uint8Array(1)]),
    await named('certification data type 0', unsupported, 0, [platform.ppid, ...svns]),
    await named('certification data type 6', unsupported, 6, [platform.ppid, ...svns]),
  ]
}

function signatureCases(good: GoodSgx): readonly TdxCase[] {
  const flip = (name: string, expected: Expected, offset: number) =>
    onQuote(good, name, expected, overwrite(good.quote, offset, [(good.quote[offset] ?? 0) ^ 1]))
  const body = ['CPUSVN', 'MISCSELECT', 'ISVEXTPRODID', 'ATTRIBUTES', 'XFRM', 'MRENCLAVE', 'MRSIGNER', 'CONFIGID']
  const offsets = [0, 16, 32, 49, 56, 64, 128, 192]
  const bound = 'DCAP_ATTESTATION_KEY_NOT_BOUND'
  return [
    flip('QE SVN in the header', 'DCAP_QUOTE_SIGNATURE_INVALID', 8),
    flip('header user data', 'DCAP_QUOTE_SIGNATURE_INVALID', 47),
    ...body.map((name, index) => flip(name, 'DCAP_QUOTE_SIGNATURE_INVALID', BODY + (offsets[index] ?? 0))),
    flip('ISVPRODID', 'DCAP_QUOTE_SIGNATURE_INVALID', BODY + 256),
    flip('ISVSVN', 'DCAP_QUOTE_SIGNATURE_INVALID', BODY + 258),
    flip('CONFIGSVN', 'DCAP_QUOTE_SIGNATURE_INVALID', BODY + 260),
    flip('ISVFAMILYID', 'DCAP_QUOTE_SIGNATURE_INVALID', BODY + 304),
    flip('REPORTDATA', 'DCAP_QUOTE_SIGNATURE_INVALID', BODY + 383),
    flip('quote signature', 'DCAP_QUOTE_SIGNATURE_INVALID', QUOTE_SIGNATURE + 63),
    onQuote(good, 'quote signature with n - s', 'accepted', mirrorSignature(good.quote, QUOTE_SIGNATURE)),
    flip('attestation key', bound, ATTESTATION_KEY + 63),
    flip('QE authentication data', bound, QE_AUTHENTICATION + 2 + readU16(good.quote, QE_AUTHENTICATION) - 1),
    flip('QE report', 'DCAP_QE_REPORT_SIGNATURE_INVALID', QE_REPORT),
    flip('QE report signature', 'DCAP_QE_REPORT_SIGNATURE_INVALID', QE_SIGNATURE),
  ]
}

async function enclaveCases(good: GoodSgx): Promise<readonly TdxCase[]> {
  const debug = Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0)
  return [
    await issued(good, 'enclave in debug mode', 'DCAP_ENCLAVE_DEBUG', { attributes: debug }),
    {
      ...(await issued(good, 'enclave in debug mode, judged by nobody', 'accepted', { attributes: debug })),
      flags: ['DEBUG'],
    },
    await issued(good, 'enclave with key separation', 'accepted', {
      configId: new Uint8Array(64).fill(1),
      configSvn: 2,
      isvFamilyId: new Uint8Array(16).fill(3),
      isvExtProdId: new Uint8Array(16).fill(4),
      miscSelect: Uint8Array.of(1, 0, 0, 0),
    }),
  ]
}

async function tcbInfoCases(good: GoodSgx): Promise<readonly TdxCase[]> {
  type Edit = NonNullable<NonNullable<EndorsementOptions['sgx']>['editTcbInfo']>
  const edited = (name: string, expected: Expected, tcbInfoVersion: 2 | 3, editTcbInfo: Edit) =>
    endorsed(good, name, expected, { sgx: { tcbInfoVersion, editTcbInfo } })
  /** Every level's SVNs changed. */
  const tcb = (name: string, tcbInfoVersion: 2 | 3, change: (tcb: object) => object) =>
    edited(name, 'DCAP_TCB_INFO_MALFORMED', tcbInfoVersion, (body) => ({
      ...body,
      tcbLevels: body.tcbLevels.map((level) => ({ ...level, tcb: change(level.tcb) })),
    }))
  const add = (change: object) => (body: object) => ({ ...body, ...change })
  const without = (key: string) => (body: object) =>
    Object.fromEntries(Object.entries(body).filter(([name]) => name !== key))
  const [malformed, mismatch] = ['DCAP_TCB_INFO_MALFORMED', 'DCAP_TCB_INFO_ID_MISMATCH'] as const
  return [
    await endorsed(good, 'TCB info of version 2', 'accepted', { sgx: { tcbInfoVersion: 2 } }),
    await edited('version 2 with its id', 'accepted', 2, add({ id: 'SGX' })),
    await edited('version 2 of another TEE', mismatch, 2, add({ id: 'TDX' })),
    await edited('version 3 of another TEE', mismatch, 3, add({ id: 'TDX' })),
    await edited('version 3 without id', malformed, 3, without('id')),
    await edited('TCB info of version 1', 'DCAP_TCB_INFO_VERSION_UNSUPPORTED', 2, add({ version: 1 })),
    await edited('TCB info of version 4', 'DCAP_TCB_INFO_VERSION_UNSUPPORTED', 3, add({ version: 4 })),
    await edited('components of version 3 in version 2', malformed, 3, (body) => ({
      ...without('id')(body),
      version: 2,
    })),
    await edited('components of version 2 in version 3', malformed, 2, (body) => ({ id: 'SGX', ...body, version: 3 })),
    await edited('TCB info with a TDX module', malformed, 3, add({ tdxModule: {} })),
    await edited('TCB info with module identities', malformed, 3, add({ tdxModuleIdentities: [] })),
    await edited('both forms of components', malformed, 3, (body) => ({
      ...body,
      tcbLevels: body.tcbLevels.map((level) => ({ ...level, tcb: { ...level.tcb, sgxtcbcomp01svn: 3 } })),
    })),
    await tcb('one component missing', 2, without('sgxtcbcomp16svn')),
    await tcb('a seventeenth component', 2, add({ sgxtcbcomp17svn: 0 })),
    await tcb('component 0', 2, add({ sgxtcbcomp00svn: 0 })),
    await tcb('component above 255', 2, add({ sgxtcbcomp08svn: 256 })),
    await tcb('TDX components', 3, add({ tdxtcbcomponents: [] })),
    await tcb('no PCESVN', 3, without('pcesvn')),
    await tcb('PCESVN above 65535', 3, add({ pcesvn: 65_536 })),
    {
      ...(await edited('levels from low to high', 'accepted', 3, (body) => ({
        ...body,
        tcbLevels: [...body.tcbLevels].reverse(),
      }))),
    },
    await componentTwice(good),
  ]
}

async function componentTwice(good: GoodSgx): Promise<TdxCase> {
  const { tcbInfo } = await good.platform.endorsements({ now: good.now, sgx: { tcbInfoVersion: 2 } })
  const text = new TextDecoder().decode(tcbInfo.body).replace('"sgxtcbcomp02svn"', '"sgxtcbcomp01svn"')
  return {
    ...onQuote(good, 'component twice', 'DCAP_TCB_INFO_MALFORMED', good.quote),
    endorsements: { ...good.endorsements, tcbInfo: await signText(good, text, tcbInfo.issuerChain) },
  }
}

/** Documents of the other kind, of the other platform, or none. */
async function documentCases(good: GoodSgx): Promise<readonly TdxCase[]> {
  const { endorsements, tdx } = good
  const base = onQuote(good, '', 'accepted', good.quote)
  const replaced = (name: string, expected: Expected, change: Partial<DcapEndorsements>): TdxCase => ({
    ...base,
    name: `SGX: ${name}`,
    expected,
    endorsements: { ...endorsements, ...change },
  })
  const missing = (key: keyof DcapEndorsements, expected: Expected): TdxCase => ({
    ...replaced(`${key} missing`, expected, {}),
    endorsements: Object.fromEntries(Object.entries(endorsements).filter(([name]) => name !== key)),
  })
  const foreign = await createSimulationRoot({ now: good.now })
  const stranger = await foreign.createPlatform({ name: 'stranger' })
  return [
    replaced('TCB info for TDX', 'DCAP_TCB_INFO_ID_MISMATCH', { tcbInfo: tdx.tcbInfo }),
    replaced('QE identity for TDX', 'DCAP_QE_IDENTITY_ID_MISMATCH', { qeIdentity: tdx.qeIdentity }),
    missing('tcbInfo', 'DCAP_TCB_INFO_MISSING'),
    missing('qeIdentity', 'DCAP_QE_IDENTITY_MISSING'),
    missing('rootCaCrl', 'DCAP_ROOT_CRL_MISSING'),
    missing('pckCrl', 'DCAP_PCK_CRL_MISSING'),
    onQuote(
      good,
      'another root',
      'DCAP_ROOT_NOT_PINNED',
      await stranger.issueSgxQuote({ reportData: new Uint8Array(64) }),
    ),
    await variant(good, 'TCB info of another FMSPC', 'DCAP_TCB_INFO_MISSING', { fmspc: '00806f050000' }),
    await variant(good, 'TCB info of another PCEID', 'DCAP_PCEID_MISMATCH', { pceid: '0001' }),
    await endorsed(good, 'quoting enclave for TDs', 'DCAP_QE_IDENTITY_MISMATCH', {
      editQeIdentity: (body) => ({ ...body, isvprodid: 2 }),
    }),
    await endorsed(good, 'PCK revoked', 'DCAP_PCK_REVOKED', { revoked: ['pck'] }),
  ]
}

async function levelCases(good: GoodSgx): Promise<readonly TdxCase[]> {
  const { componentSvns, pceSvn } = good.platform.tcb
  const components = (index: number, change: number) => ({
    tcb: { componentSvns: componentSvns.map((svn, at) => (at === index ? svn + change : svn)) },
  })
  const status = async (platformStatus: NonNullable<EndorsementOptions['platformStatus']>) => ({
    ...(await endorsed(good, `platform ${platformStatus}`, 'accepted', { platformStatus })),
    status: platformStatus,
  })
  const part = async (name: string, options: EndorsementOptions, found: TdxCase['status']) => ({
    ...(await endorsed(good, name, 'accepted', options)),
    status: found,
  })
  const outdated = (name: string, options: PlatformOptions) =>
    variant(good, name, 'accepted', options).then((entry) => ({ ...entry, status: 'OutOfDate' as const }))
  return [
    await status('SWHardeningNeeded'),
    await status('ConfigurationNeeded'),
    await status('ConfigurationAndSWHardeningNeeded'),
    await status('OutOfDate'),
    await status('OutOfDateConfigurationNeeded'),
    await endorsed(good, 'platform Revoked', 'DCAP_TCB_REVOKED', { platformStatus: 'Revoked' }),
    await endorsed(good, 'QE Revoked', 'DCAP_TCB_REVOKED', { qeStatus: 'Revoked' }),
    await part('QE OutOfDate', { qeStatus: 'OutOfDate' }, 'OutOfDate'),
    await part(
      'QE OutOfDate, platform asks for configuration',
      { qeStatus: 'OutOfDate', platformStatus: 'ConfigurationNeeded' },
      'OutOfDateConfigurationNeeded',
    ),
    await outdated('one level older', components(0, -1)),
    await variant(good, 'PCE at the revoked level', 'DCAP_TCB_REVOKED', { tcb: { pceSvn: pceSvn - 1 } }),
    await variant(good, 'older than every level', 'DCAP_TCB_LEVEL_NOT_FOUND', components(0, -2)),
    await variant(good, 'lexicographic trap', 'DCAP_TCB_LEVEL_NOT_FOUND', {
      tcb: { componentSvns: componentSvns.map((svn, at) => (at === 0 ? svn + 5 : at === 1 ? svn - 1 : svn)) },
    }),
    await variant(good, 'QE older than every level', 'DCAP_QE_LEVEL_NOT_FOUND', { qe: { isvSvn: 0 } }),
  ]
}
