import {
  type DcapEndorsements,
  type DcapPolicy,
  type DcapSkippable,
  INTEL_SGX_ROOT,
  type TcbStatus,
  type TdxPolicy,
  type TdxReference,
  type TrustAnchor,
  vectorsSgxPolicy,
  vectorsTdxPolicy,
  verifySgxEvidence,
  verifyTdxEvidence,
} from '@spartan/attestation'
import { concat, hexToBytes } from 'viem'
import { certificatesOf, requiredFile, requiredTime } from '../files.ts'
import { type Adapter, judgementOf } from '../judgement.ts'
import type { VectorEntry } from '../manifest.ts'
import { fromHex, indexOfBytes } from '../octets.ts'
import { type PolicyKeys, policyKeysOf } from '../policyKeys.ts'
import { withWorkload } from './eventLog.ts'

/** Endorsements by the check that needs them. */
const ENDORSEMENTS = [
  ['root-crl', 'rootCaCrl'],
  ['pck-crl', 'pckCrl'],
  ['tcb-info', 'tcbInfo'],
  ['qe-identity', 'qeIdentity'],
] as const satisfies readonly (readonly [DcapSkippable, keyof DcapEndorsements])[]

/**
 * The chain is one as well where it lies beside the quote: an entry whose quote carries it in another form than PEM can be
 * judged again with the file in its place.
 */
const endorsementChecks = ['quote-format', ...ENDORSEMENTS.map(([check]) => check)]

/** TDX quotes. */
export const tdxAdapter: Adapter = {
  endorsementChecks,
  judge: async (entry, without) => {
    const { skipped, ...input } = inputOf(entry, without)
    const result = await verifyTdxEvidence({ ...input, policy: tdxPolicyOf(entry, skipped) })
    return withWorkload(entry, judgementOf(result, skipped))
  },
}

/** SGX quotes. */
export const sgxAdapter: Adapter = {
  endorsementChecks,
  judge: async (entry, without) => {
    const { skipped, ...input } = inputOf(entry, without)
    const keys = policyKeysOf(entry)
    const policy = {
      ...vectorsSgxPolicy({ measurements: 'any', reportData: 'any' }),
      ...commonPolicyOf(keys, keys.inner('expected'), skipped),
    }
    keys.done()
    return judgementOf(await verifySgxEvidence({ ...input, policy }), skipped)
  },
}

function inputOf(entry: VectorEntry, without: readonly string[]) {
  const left = Object.entries(dcapEndorsementsOf(entry)).filter(([name]) => {
    const check = ENDORSEMENTS.find(([, field]) => field === name)?.[0]
    return check === undefined || !without.includes(check)
  })
  const endorsements: Partial<DcapEndorsements> = Object.fromEntries(left)
  const quote = requiredFile(entry, 'quote.bin')
  const chain = entry.file('pck_chain.pem')
  return {
    evidence: chain && without.includes('quote-format') ? withChain(quote, chain) : quote,
    endorsements,
    trustAnchors: [intelAnchorOf(entry)],
    at: requiredTime(entry),
    skipped: ENDORSEMENTS.filter(([, name]) => endorsements[name] === undefined).map(([check]) => check),
  }
}

function tdxPolicyOf(entry: VectorEntry, skipped: readonly DcapSkippable[]): TdxPolicy {
  const keys = policyKeysOf(entry)
  const expected = keys.inner('expected')
  const requireSeptVeDisable = keys.flag('require_sept_ve_disable')
  const allowServiceTd = keys.flag('allow_service_td')
  const minTeeTcbSvn = keys.text('min_tee_tcb_svn')
  const policy: TdxPolicy = {
    ...vectorsTdxPolicy({ measurements: tdMeasurementsOf(expected), reportData: 'any' }),
    ...commonPolicyOf(keys, expected, skipped),
    ...(requireSeptVeDisable === true && { septVeDisable: 'require' as const }),
    ...(allowServiceTd === false && { serviceTd: 'refuse' as const }),
    ...(minTeeTcbSvn !== undefined && { minTeeTcbSvn }),
  }
  keys.done()
  return policy
}

/** What the entry says of both TEEs. CRLs are never accepted outside of their window, whatever it says of them. */
function commonPolicyOf(
  keys: PolicyKeys,
  expected: PolicyKeys,
  skipped: readonly DcapSkippable[],
): Partial<DcapPolicy> {
  keys.flag('require_fresh_crl')
  const statuses = keys.texts('accepted_tcb_statuses')
  const minTcbEvaluationNumber = keys.number('min_tcb_evaluation_data_number')
  const evaluation = keys.text('tcb_evaluation') === 'skip' ? (['tcb-evaluation'] as const) : []
  const allowDebug = keys.flag('allow_debug')
  const [fmspc, vendor] = [expected.text('fmspc'), expected.text('qe_vendor_id')]
  const reportData = expected.text('report_data')
  return {
    dangerouslySkip: [...skipped, ...evaluation],
    ...(statuses && { acceptedTcbStatuses: statuses as readonly TcbStatus[] }),
    ...(minTcbEvaluationNumber !== undefined && { minTcbEvaluationNumber }),
    ...(allowDebug === true && { debug: 'accept' as const }),
    ...(fmspc !== undefined && { allowedFmspcs: [fmspc] }),
    ...(vendor !== undefined && { allowedQeVendorIds: [vendor] }),
    ...(reportData !== undefined && { reportData: { expected: reportData } }),
  }
}

/** One reference for each MRSEAM that is accepted, with the values that the entry expects. */
function tdMeasurementsOf(expected: PolicyKeys): TdxPolicy['measurements'] {
  const value = (name: string) => expected.text(name) ?? 'any'
  const reference: TdxReference = {
    mrSeam: 'any',
    mrSignerSeam: value('mr_signer_seam'),
    seamAttributes: value('seam_attributes'),
    mrTd: value('mrtd'),
    mrConfigId: value('mr_config_id'),
    mrOwner: value('mr_owner'),
    mrOwnerConfig: value('mr_owner_config'),
    rtmr0: value('rtmr0'),
    rtmr1: value('rtmr1'),
    rtmr2: value('rtmr2'),
    rtmr3: value('rtmr3'),
    tdAttributes: value('td_attributes'),
    xfam: value('xfam'),
  }
  const seams = expected.texts('mr_seam_any_of') ?? ['any']
  return { references: seams.map((mrSeam) => ({ ...reference, mrSeam })) }
}

function dcapEndorsementsOf(entry: VectorEntry): Partial<DcapEndorsements> {
  const [rootCaCrl, pckCrl] = [entry.file('root_ca_crl.der'), entry.file('pck_crl.der')]
  const [tcbInfo, qeIdentity] = [signedDocument(entry, 'tcb_info'), signedDocument(entry, 'qe_identity')]
  const pckCrlIssuerChain = certificatesOf(entry.file('pck_crl_issuer_chain.pem'))
  const pckChain = certificatesOf(entry.file('pck_chain.pem'))
  return {
    ...(rootCaCrl && { rootCaCrl }),
    ...(pckCrl && { pckCrl, pckCrlIssuerChain }),
    ...(tcbInfo && { tcbInfo }),
    ...(qeIdentity && { qeIdentity }),
    ...(pckChain.length > 0 && { pckChain }),
  }
}

function signedDocument(entry: VectorEntry, name: 'tcb_info' | 'qe_identity') {
  const body = entry.file(`${name}.json`)
  const signature = entry.file(`${name}.sig.hex`)
  if (body === undefined) return undefined
  // A document that came without its signature, or with something else in its place, is not one that is missing.
  const hex = new TextDecoder().decode(signature).trim()
  return {
    body,
    signature: fromHex(hex) ?? new Uint8Array(),
    issuerChain: certificatesOf(entry.file(`${name}_issuer_chain.pem`)),
  }
}

/** Offsets in a TDX quote of version 4: signature data, certification data of the QE, and its authentication data. */
const QUOTE_V4 = { signatureData: 632, certification: 764, authentication: 1218 } as const

/** A TDX quote of version 4 with another chain as certification data, which no signature covers; others as they are. */
function withChain(quote: Uint8Array, chain: Uint8Array): Uint8Array {
  const { signatureData, certification, authentication } = QUOTE_V4
  if (quote.length < authentication + 2) return quote
  const given = new DataView(quote.buffer, quote.byteOffset, quote.length)
  if (given.getUint16(0, true) !== 4 || given.getUint32(4, true) !== 0x81) return quote
  const chainAt = authentication + 2 + given.getUint16(authentication, true) + 6
  const grown = concat([quote.subarray(0, chainAt), chain])
  const lengths = new DataView(grown.buffer, grown.byteOffset, grown.length)
  lengths.setUint32(chainAt - 4, chain.length, true)
  lengths.setUint32(certification + 2, grown.length - certification - 6, true)
  lengths.setUint32(signatureData, grown.length - signatureData - 4, true)
  return grown
}

/** SubjectPublicKeyInfo of a P-256 key up to its point. */
const P256_KEY_HEAD = hexToBytes('0x3059301306072a8648ce3d020106082a8648ce3d030107034200')

/** Intel's own root, unless the entry brings the root of a test PKI. */
export function intelAnchorOf(entry: VectorEntry): TrustAnchor {
  const [root] = certificatesOf(entry.file('trusted_root.pem'))
  if (root === undefined) return INTEL_SGX_ROOT
  const at = indexOfBytes(root, P256_KEY_HEAD) + P256_KEY_HEAD.length
  return { publicKey: root.slice(at, at + 65), simulated: true }
}
