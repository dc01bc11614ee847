import type { ReasonCode } from '@spartan/errors'
import { createSimulationRoot, type EndorsementOptions, type SimulationRoot, workload } from '@spartan/simulator'
import {
  type CertificateFields,
  chainOf,
  crlOf,
  DAY,
  type Expected,
  endorsed,
  type Good,
  newerLevels,
  onQuote,
  otherPck,
  pckAs,
  reissue,
  replaced,
  signText,
  type TdxCase,
  variant,
  without,
} from './tdxCase.ts'
import {
  ATTESTATION_KEY,
  BODY,
  CERTIFICATION,
  join,
  longForm,
  mirrorSignature,
  overwrite,
  overwriteText,
  QE_AUTHENTICATION,
  QE_REPORT,
  QE_SIGNATURE,
  QUOTE_SIGNATURE,
  readU16,
  SIGNATURE_LENGTH,
  spoil,
  spoilText,
  withChain,
} from './tdxQuoteEdits.ts'

import { v5Cases } from './tdxV5Mutations.ts'

export type { TdxCase } from './tdxCase.ts'

/** Start of what is "not yet valid": further off than the clock of a chain moves while the cases run. */
const SOON = DAY / 2
/** TCB evaluation number of the good endorsements, and the floor that the cases are judged with. */
export const EVALUATION_NUMBER = 20

/** The good input and every single mutation of it. `now` is Unix seconds, inside every validity. */
export async function tdxCases(now: number, root: SimulationRoot): Promise<readonly TdxCase[]> {
  const platform = await root.createPlatform({ name: `good-${now}` })
  const reportData = Uint8Array.from({ length: 64 }, (_, index) => index)
  const quote = await platform.issueQuote({ ...(await workload('agreement')), reportData })
  const good: Good = { now, root, platform, quote, endorsements: await platform.endorsements({ now }) }
  const groups = [
    await acceptedCases(good),
    formatCases(good),
    await chainCases(good),
    await crlCases(good),
    await signerCases(good),
    await documentCases(good),
    signatureCases(good),
    await qeCases(good),
    await tcbCases(good),
    await attributeCases(good),
    await v5Cases(good),
  ]
  return groups.flat()
}

async function acceptedCases(good: Good): Promise<readonly TdxCase[]> {
  const { quote } = good
  const other = Uint8Array.from({ length: 20 }, () => 0x11)
  return [
    onQuote(good, 'untouched', 'accepted', quote),
    onQuote(good, 'zero padding behind the quote', 'accepted', join(quote, new Uint8Array(70))),
    onQuote(good, 'quote signature with n - s', 'accepted', mirrorSignature(quote, QUOTE_SIGNATURE)),
    await variant(good, 'empty QE authentication data', 'accepted', { qe: { authData: new Uint8Array() } }),
    await endorsed(good, 'SWHardeningNeeded', 'accepted', { platformStatus: 'SWHardeningNeeded' }),
    await newerLevels(good, 'platform above the newest level', 'accepted'),
    replaced(good, 'another certificate revoked', 'accepted', {
      pckCrl: await crlOf(good, good.root.authorities.pckCa, { revokedSerials: [other] }),
    }),
  ]
}

function formatCases(good: Good): readonly TdxCase[] {
  const { quote } = good
  const edit = (name: string, expected: Expected, offset: number, ...bytes: readonly number[]) =>
    onQuote(good, name, expected, overwrite(quote, offset, bytes))
  const innerType = QE_AUTHENTICATION + 2 + readU16(quote, QE_AUTHENTICATION)
  const pem = chainOf(good)
  return [
    onQuote(good, 'header cut', 'DCAP_QUOTE_MALFORMED', quote.subarray(0, 40)),
    onQuote(good, 'body cut', 'DCAP_QUOTE_MALFORMED', quote.subarray(0, 600)),
    onQuote(good, 'certification data cut', 'DCAP_QUOTE_MALFORMED', quote.subarray(0, quote.length - 1)),
    edit('version 6', 'DCAP_QUOTE_VERSION_UNSUPPORTED', 0, 6),
    edit('attestation key type 3', 'DCAP_ATTESTATION_KEY_TYPE_UNSUPPORTED', 2, 3),
    edit('TEE type SGX', 'DCAP_TEE_TYPE_UNSUPPORTED', 4, 0),
    edit('QE vendor', 'DCAP_QE_VENDOR_UNKNOWN', 12, 0),
    edit('signature data length + 1', 'DCAP_QUOTE_MALFORMED', SIGNATURE_LENGTH, (quote[SIGNATURE_LENGTH] ?? 0) ^ 1),
    edit('certification data length', 'DCAP_QUOTE_MALFORMED', CERTIFICATION + 2, (quote[CERTIFICATION + 2] ?? 0) ^ 1),
    edit('outer certification data type 5', 'DCAP_CERTIFICATION_DATA_UNSUPPORTED', CERTIFICATION, 5),
    edit('inner certification data type 1', 'DCAP_CERTIFICATION_DATA_UNSUPPORTED', innerType, 1),
    onQuote(good, 'byte behind the quote', 'DCAP_TRAILING_BYTES', join(quote, Uint8Array.of(0, 1))),
    onQuote(good, 'two certificates', 'DCAP_CERTIFICATION_DATA_UNSUPPORTED', withChain(quote, pem.slice(0, 2))),
    onQuote(
      good,
      'chain without END line',
      'DCAP_CERTIFICATION_DATA_UNSUPPORTED',
      overwrite(quote, quote.length - 3, [0x41]),
    ),
  ]
}

async function chainCases(good: Good): Promise<readonly TdxCase[]> {
  const { root, now } = good
  const [pck = new Uint8Array(), pckCa = new Uint8Array(), rootCa = new Uint8Array()] = chainOf(good)
  const { authorities } = root
  const chain = (name: string, expected: Expected, ...certificates: readonly Uint8Array[]) =>
    onQuote(good, name, expected, withChain(good.quote, certificates))
  const expired = { from: now - 2 * DAY, until: now - 1 }
  const future = { from: now + SOON, until: now + DAY }
  const rootAs = (fields: Partial<CertificateFields>) => reissue(good, authorities.root, authorities.root, fields)
  const caAs = (fields: Partial<CertificateFields>) => reissue(good, authorities.pckCa, authorities.root, fields)
  const attacker = await createSimulationRoot({ now })
  const foreign = await attacker.createPlatform({ name: 'foreign' })
  const old = await root.createPlatform({ name: `old-${now}`, validity: expired })
  const early = await root.createPlatform({ name: `early-${now}`, validity: future })
  const reportData = new Uint8Array(64)
  return [
    onQuote(good, 'root of somebody else', 'DCAP_ROOT_NOT_PINNED', await foreign.issueQuote({ reportData })),
    chain('root certificate signature', 'DCAP_ROOT_SIGNATURE_INVALID', pck, pckCa, spoil(rootCa)),
    chain('root expired', 'DCAP_ROOT_EXPIRED', pck, pckCa, await rootAs({ validity: expired })),
    chain('root not yet valid', 'DCAP_ROOT_EXPIRED', pck, pckCa, await rootAs({ validity: future })),
    chain('root is no CA', 'DCAP_ROOT_CERTIFICATE_MALFORMED', pck, pckCa, await rootAs({ pathLength: undefined })),
    chain('root names another issuer', 'DCAP_ROOT_SIGNATURE_INVALID', pck, pckCa, await rootAs({ issuerName: 'X' })),
    chain('PCK CA is no CA', 'DCAP_PCK_CA_MALFORMED', pck, await caAs({ pathLength: undefined }), rootCa),
    chain('PCK CA names another issuer', 'DCAP_PCK_CA_ISSUER_MISMATCH', pck, await caAs({ issuerName: 'X' }), rootCa),
    chain('PCK CA signature', 'DCAP_PCK_CA_SIGNATURE_INVALID', pck, spoil(pckCa), rootCa),
    chain('PCK CA expired', 'DCAP_PCK_CA_EXPIRED', pck, await caAs({ validity: expired }), rootCa),
    await endorsed(good, 'PCK CA revoked', 'DCAP_PCK_CA_REVOKED', { revoked: ['pckCa'] }),
    chain('PCK with a byte behind it', 'DCAP_PCK_MALFORMED', join(pck, Uint8Array.of(0)), pckCa, rootCa),
    chain('PCK with a long-form length', 'DCAP_PCK_MALFORMED', longForm(pck), pckCa, rootCa),
    chain('PCK without SGX extension', 'DCAP_PCK_MALFORMED', await pckAs(good, {}), pckCa, rootCa),
    chain(
      'PCK that claims the root as issuer',
      'DCAP_PCK_ISSUER_MISMATCH',
      overwriteText(pck, 'Intel SGX PCK Platform CA', 'Intel SGX PCK Platform CX'),
      pckCa,
      rootCa,
    ),
    chain('PCK signature', 'DCAP_PCK_SIGNATURE_INVALID', spoil(pck), pckCa, rootCa),
    onQuote(good, 'PCK expired', 'DCAP_PCK_EXPIRED', await old.issueQuote({ reportData })),
    onQuote(good, 'PCK not yet valid', 'DCAP_PCK_EXPIRED', await early.issueQuote({ reportData })),
    await endorsed(good, 'PCK revoked', 'DCAP_PCK_REVOKED', { revoked: ['pck'] }),
    chain('PCK of another machine', 'DCAP_QE_REPORT_SIGNATURE_INVALID', await otherPck(good), pckCa, rootCa),
    chain('PCK CA in place of the PCK', 'DCAP_PCK_MALFORMED', pckCa, pckCa, rootCa),
  ]
}

async function crlCases(good: Good): Promise<readonly TdxCase[]> {
  const { endorsements, root, now } = good
  const { rootCaCrl, pckCrl } = endorsements
  const kinds = [
    ['root CRL', 'DCAP_ROOT_CRL', 'rootCaCrl', rootCaCrl, pckCrl, root.authorities.root],
    ['PCK CRL', 'DCAP_PCK_CRL', 'pckCrl', pckCrl, rootCaCrl, root.authorities.pckCa],
  ] as const
  const groups = kinds.map(async ([label, area, key, crl, foreign, issuer]) => {
    const put = (name: string, condition: string, bytes: Uint8Array) =>
      replaced(good, `${label} ${name}`, `${area}_${condition}` as ReasonCode, { [key]: bytes })
    return [
      without(good, `${label} missing`, `${area}_MISSING`, key),
      put('empty', 'MALFORMED', new Uint8Array()),
      put('cut', 'MALFORMED', crl.subarray(0, crl.length - 1)),
      put('with a byte behind it', 'MALFORMED', join(crl, Uint8Array.of(0))),
      put('of another issuer', 'ISSUER_MISMATCH', foreign),
      put('signature', 'SIGNATURE_INVALID', spoil(crl)),
      put('expired', 'EXPIRED', await crlOf(good, issuer, { validity: { from: now - 2 * DAY, until: now - 1 } })),
      put(
        'from the future',
        'EXPIRED',
        await crlOf(good, issuer, { validity: { from: now + SOON, until: now + DAY } }),
      ),
    ]
  })
  return (await Promise.all(groups)).flat()
}

async function signerCases(good: Good): Promise<readonly TdxCase[]> {
  const { root, now, endorsements, platform } = good
  const { authorities } = root
  const { tcbInfo } = endorsements
  const signerAs = (fields: Partial<CertificateFields>) =>
    reissue(good, authorities.tcbSigner, authorities.root, fields)
  const chain = (name: string, expected: Expected, ...issuerChain: readonly Uint8Array[]) =>
    replaced(good, name, expected, { tcbInfo: { ...tcbInfo, issuerChain } })
  const signer = authorities.tcbSigner.certificate
  const byPck = await platform.pck.key.sign(tcbInfo.body)
  return [
    chain('TCB signer missing', 'DCAP_TCB_SIGNER_MISSING'),
    chain('TCB signer cut', 'DCAP_TCB_SIGNER_MALFORMED', signer.subarray(0, signer.length - 1)),
    chain(
      'TCB signer of another name',
      'DCAP_TCB_SIGNER_WRONG',
      await signerAs({ commonName: 'Intel SGX TCB Signin' }),
    ),
    chain('TCB signer under another issuer', 'DCAP_TCB_SIGNER_WRONG', await signerAs({ issuerName: 'X' })),
    chain('TCB signer is a CA', 'DCAP_TCB_SIGNER_WRONG', await signerAs({ pathLength: 0 })),
    chain('TCB signer signature', 'DCAP_TCB_SIGNER_SIGNATURE_INVALID', spoil(signer)),
    chain(
      'TCB signer expired',
      'DCAP_TCB_SIGNER_EXPIRED',
      await signerAs({ validity: { from: now - 2 * DAY, until: now - 1 } }),
    ),
    await endorsed(good, 'TCB signer revoked', 'DCAP_TCB_SIGNER_REVOKED', { revoked: ['tcbSigner'] }),
    replaced(good, 'TCB info signed by the PCK', 'DCAP_TCB_SIGNER_WRONG', {
      tcbInfo: { body: tcbInfo.body, signature: byPck, issuerChain: [platform.pck.certificate] },
    }),
  ]
}

/** TCB info and QE identity: what happens to the one happens to the other. */
async function documentCases(good: Good): Promise<readonly TdxCase[]> {
  const { now, endorsements } = good
  const kinds = [
    ['TCB info', 'DCAP_TCB_INFO', 'tcbInfo', 'editTcbInfo', 'SGX', 2],
    ['QE identity', 'DCAP_QE_IDENTITY', 'qeIdentity', 'editQeIdentity', 'QE', 1],
  ] as const
  const groups = kinds.map(async ([label, area, key, edit, otherId, otherVersion]) => {
    const document = endorsements[key]
    const text = new TextDecoder().decode(document.body)
    const code = (condition: string) => `${area}_${condition}` as ReasonCode
    const resigned = async (name: string, condition: string, body: string) =>
      replaced(good, `${label} ${name}`, code(condition), { [key]: await signText(good, body, document.issuerChain) })
    const edited = (name: string, condition: string, change: Readonly<Record<string, unknown>>) =>
      endorsed(good, `${label} ${name}`, code(condition), { [edit]: (body: object) => ({ ...body, ...change }) })
    const valid = (name: string, condition: string, from: number, until: number) =>
      endorsed(good, `${label} ${name}`, code(condition), { validity: { [key]: { from, until } } })
    return [
      without(good, `${label} missing`, code('MISSING'), key),
      replaced(good, `${label} with one letter changed`, code('SIGNATURE_INVALID'), {
        [key]: { ...document, body: spoilText(document.body) },
      }),
      replaced(good, `${label} signature zero`, code('SIGNATURE_INVALID'), {
        [key]: { ...document, signature: new Uint8Array(64) },
      }),
      await resigned(
        'with a key twice',
        'MALFORMED',
        `${text.slice(0, -1)},"tcbEvaluationDataNumber":${EVALUATION_NUMBER}}`,
      ),
      await resigned('with white space', 'MALFORMED', text.replace(',"version"', ', "version"')),
      await resigned('with a byte behind it', 'MALFORMED', `${text} `),
      await resigned('with an escape', 'MALFORMED', text.replace('UpToDate', 'UpToD\\u0061te')),
      await edited('with an unknown key', 'MALFORMED', { extra: 1 }),
      await edited('without levels', 'MALFORMED', { tcbLevels: [] }),
      await edited('with a bad date', 'MALFORMED', { issueDate: '2026-02-30T00:00:00Z' }),
      await edited('for another TEE', 'ID_MISMATCH', { id: otherId }),
      await edited('of another version', 'VERSION_UNSUPPORTED', { version: otherVersion }),
      await edited('below the evaluation number', 'X', { tcbEvaluationDataNumber: EVALUATION_NUMBER - 1 }).then(
        (entry) => ({ ...entry, expected: 'DCAP_TCB_EVALUATION_NUMBER_TOO_LOW' as const }),
      ),
      await valid('from the future', 'NOT_YET_VALID', now + SOON, now + DAY),
      await valid('expired', 'EXPIRED', now - 2 * DAY, now - 1),
    ]
  })
  return (await Promise.all(groups)).flat()
}

function signatureCases(good: Good): readonly TdxCase[] {
  const { quote } = good
  const flip = (name: string, expected: Expected, offset: number) =>
    onQuote(good, name, expected, overwrite(quote, offset, [(quote[offset] ?? 0) ^ 1]))
  const zeros = new Array<number>(64).fill(0)
  return [
    flip('header user data', 'DCAP_QUOTE_SIGNATURE_INVALID', 30),
    flip('MRTD', 'DCAP_QUOTE_SIGNATURE_INVALID', BODY + 136),
    flip('REPORTDATA', 'DCAP_QUOTE_SIGNATURE_INVALID', BODY + 583),
    flip('quote signature', 'DCAP_QUOTE_SIGNATURE_INVALID', QUOTE_SIGNATURE),
    onQuote(good, 'quote signature zero', 'DCAP_QUOTE_SIGNATURE_INVALID', overwrite(quote, QUOTE_SIGNATURE, zeros)),
    flip('attestation key', 'DCAP_ATTESTATION_KEY_NOT_BOUND', ATTESTATION_KEY),
    flip('QE authentication data', 'DCAP_ATTESTATION_KEY_NOT_BOUND', QE_AUTHENTICATION + 2),
    flip('QE report', 'DCAP_QE_REPORT_SIGNATURE_INVALID', QE_REPORT + 64),
    flip('QE report signature', 'DCAP_QE_REPORT_SIGNATURE_INVALID', QE_SIGNATURE + 40),
  ]
}

async function qeCases(good: Good): Promise<readonly TdxCase[]> {
  const { qe } = good.platform
  const attributes = overwrite(qe.attributes, 0, [(qe.attributes[0] ?? 0) | 2])
  return [
    await variant(good, 'debug QE', 'DCAP_QE_IDENTITY_MISMATCH', { qe: { attributes } }),
    await variant(good, 'QE of another signer', 'DCAP_QE_IDENTITY_MISMATCH', { qe: { mrSigner: spoil(qe.mrSigner) } }),
    await variant(good, 'QE of another product', 'DCAP_QE_IDENTITY_MISMATCH', { qe: { isvProdId: 1 } }),
    await variant(good, 'QE with another MISCSELECT', 'DCAP_QE_IDENTITY_MISMATCH', {
      qe: { miscSelect: Uint8Array.of(1, 0, 0, 0) },
    }),
    await variant(good, 'QE one SVN older', 'DCAP_TCB_STATUS_NOT_ACCEPTED', { qe: { isvSvn: qe.isvSvn - 1 } }),
    await variant(good, 'QE older than every level', 'DCAP_QE_LEVEL_NOT_FOUND', { qe: { isvSvn: 0 } }),
    await endorsed(good, 'QE revoked', 'DCAP_TCB_REVOKED', { qeStatus: 'Revoked' }),
    await endorsed(good, 'QE level OutOfDate', 'DCAP_TCB_STATUS_NOT_ACCEPTED', { qeStatus: 'OutOfDate' }),
  ]
}

async function tcbCases(good: Good): Promise<readonly TdxCase[]> {
  const { tcb } = good.platform
  const components = (...changes: readonly (readonly [number, number])[]) => ({
    tcb: {
      componentSvns: tcb.componentSvns.map((svn, index) => svn + (changes.find(([at]) => at === index)?.[1] ?? 0)),
    },
  })
  const older = components([0, -1])
  const module = (name: string, expected: Expected, ...svns: readonly number[]) =>
    variant(good, name, expected, { tcb: { teeTcbSvn: [...svns, ...tcb.teeTcbSvn.slice(svns.length)] } })
  const status = (platformStatus: EndorsementOptions['platformStatus'], expected: Expected) =>
    endorsed(good, `platform ${platformStatus}`, expected, platformStatus ? { platformStatus } : {})
  return [
    await variant(good, 'TCB info of another FMSPC', 'DCAP_TCB_INFO_MISSING', { fmspc: '00806f050000' }),
    await variant(good, 'TCB info of another PCEID', 'DCAP_PCEID_MISMATCH', { pceid: '0001' }),
    await variant(good, 'platform one level older', 'DCAP_TCB_STATUS_NOT_ACCEPTED', older),
    await variant(good, 'platform at the revoked level', 'DCAP_TCB_REVOKED', {
      tcb: { ...older.tcb, pceSvn: tcb.pceSvn - 1 },
    }),
    await variant(good, 'platform older than every level', 'DCAP_TCB_LEVEL_NOT_FOUND', components([0, -2])),
    await variant(good, 'PCE older than every level', 'DCAP_TCB_LEVEL_NOT_FOUND', { tcb: { pceSvn: tcb.pceSvn - 2 } }),
    await variant(good, 'lexicographic trap', 'DCAP_TCB_LEVEL_NOT_FOUND', components([0, 5], [1, -1])),
    await module('TDX component 2 older', 'DCAP_TCB_LEVEL_NOT_FOUND', 7, 1, 2),
    await module('module version without identity', 'DCAP_MODULE_IDENTITY_MISSING', 7, 2),
    await module('module one SVN older', 'DCAP_TCB_STATUS_NOT_ACCEPTED', 6, 1),
    await module('module older than every level', 'DCAP_MODULE_LEVEL_NOT_FOUND', 0, 1),
    await status('ConfigurationNeeded', 'DCAP_TCB_STATUS_NOT_ACCEPTED'),
    await status('ConfigurationAndSWHardeningNeeded', 'DCAP_TCB_STATUS_NOT_ACCEPTED'),
    await status('OutOfDate', 'DCAP_TCB_STATUS_NOT_ACCEPTED'),
    await status('OutOfDateConfigurationNeeded', 'DCAP_TCB_STATUS_NOT_ACCEPTED'),
    await status('Revoked', 'DCAP_TCB_REVOKED'),
    await endorsed(good, 'module OutOfDate', 'DCAP_TCB_STATUS_NOT_ACCEPTED', { moduleStatus: 'OutOfDate' }),
    await endorsed(good, 'module Revoked', 'DCAP_TCB_REVOKED', { moduleStatus: 'Revoked' }),
    await endorsed(good, 'status of no meaning', 'DCAP_TCB_INFO_MALFORMED', {
      editTcbInfo: (body) => ({ ...body, tcbLevels: body.tcbLevels.map((level) => ({ ...level, tcbStatus: 'Fine' })) }),
    }),
    ...(await levelOrderCases(good, module)),
    await endorsed(good, 'no module identities', 'DCAP_MODULE_IDENTITY_MISSING', {
      editTcbInfo: ({ tdxModuleIdentities: _, ...body }) => body,
    }),
  ]
}

/** Levels out of order: which one is reached stays the same. */
async function levelOrderCases(
  good: Good,
  module: (name: string, expected: Expected, ...svns: readonly number[]) => Promise<TdxCase>,
): Promise<readonly TdxCase[]> {
  const { endorsements } = await endorsed(good, 'reversed', 'accepted', {
    editTcbInfo: (body) => ({
      ...body,
      tcbLevels: [...body.tcbLevels].reverse(),
      tdxModuleIdentities: body.tdxModuleIdentities.map((identity) => ({
        ...identity,
        tcbLevels: [...identity.tcbLevels].reverse(),
      })),
    }),
    editQeIdentity: (body) => ({ ...body, tcbLevels: [...body.tcbLevels].reverse() }),
  })
  const older = await module('levels from low to high, module one SVN older', 'DCAP_TCB_STATUS_NOT_ACCEPTED', 6, 1)
  return [
    { ...onQuote(good, 'levels from low to high', 'accepted', good.quote), endorsements },
    { ...older, endorsements },
  ]
}

async function attributeCases(good: Good): Promise<readonly TdxCase[]> {
  const td = async (name: string, expected: Expected, fields: object) => {
    const quote = await good.platform.issueQuote({ ...fields, reportData: new Uint8Array(64) })
    return onQuote(good, name, expected, quote)
  }
  const attributes = (...bytes: readonly number[]) => ({
    tdAttributes: Uint8Array.from({ length: 8 }, (_, at) => bytes[at] ?? 0),
  })
  const ones = new Uint8Array(48).fill(1)
  return [
    { ...(await td('TD in debug mode, judged by nobody', 'accepted', attributes(1, 0, 0, 0x10))), flags: ['DEBUG'] },
    await td('TD in debug mode', 'DCAP_TD_DEBUG', attributes(1, 0, 0, 0x10)),
    await td('reserved TD attribute bit 1', 'DCAP_TD_ATTRIBUTES_RESERVED', attributes(2, 0, 0, 0x10)),
    await td('reserved TD attribute bit 29', 'DCAP_TD_ATTRIBUTES_RESERVED', attributes(0, 0, 0, 0x30)),
    await td('PKS and PERFMON', 'accepted', attributes(0, 0, 0, 0x50, 0, 0, 0, 0x80)),
    await td('MRSIGNERSEAM', 'DCAP_MODULE_IDENTITY_MISMATCH', { mrSignerSeam: ones }),
    await td('SEAMATTRIBUTES', 'DCAP_MODULE_IDENTITY_MISMATCH', {
      seamAttributes: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0),
    }),
    await td('XFAM without SSE', 'DCAP_XFAM_INVALID', { xfam: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0) }),
  ]
}
