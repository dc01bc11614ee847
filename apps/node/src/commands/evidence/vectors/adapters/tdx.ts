import {
  type DcapEndorsements,
  INTEL_SGX_ROOT,
  type TcbStatus,
  type TdxPolicy,
  type TrustAnchor,
  vectorsTdxPolicy,
} from '@spartan/attestation'
import { dangerouslyVerifyTdxEvidence, type SkippableCheck } from '@spartan/attestation/unsafe'
import { certificatesOf, requiredFile, requiredTime } from '../files.ts'
import { type Adapter, judgementOf } from '../judgement.ts'
import type { VectorEntry } from '../manifest.ts'
import { policyKeysOf } from '../policyKeys.ts'

/** Endorsements by the check that needs them. */
const ENDORSEMENTS = [
  ['root-crl', 'rootCaCrl'],
  ['pck-crl', 'pckCrl'],
  ['tcb-info', 'tcbInfo'],
  ['qe-identity', 'qeIdentity'],
] as const satisfies readonly (readonly [SkippableCheck, keyof DcapEndorsements])[]

/** TDX quotes. */
export const tdxAdapter: Adapter = {
  endorsementChecks: ENDORSEMENTS.map(([check]) => check),
  judge: async (entry, without) => {
    const carried = dcapEndorsementsOf(entry)
    const left = Object.entries(carried).filter(([name]) => {
      const check = ENDORSEMENTS.find(([, field]) => field === name)?.[0]
      return check === undefined || !without.includes(check)
    })
    const endorsements: Partial<DcapEndorsements> = Object.fromEntries(left)
    const skipped = ENDORSEMENTS.filter(([, name]) => endorsements[name] === undefined).map(([check]) => check)
    const result = await dangerouslyVerifyTdxEvidence({
      quote: requiredFile(entry, 'quote.bin'),
      endorsements,
      dangerouslySkip: skipped,
      trustAnchors: [intelAnchorOf(entry)],
      at: requiredTime(entry),
      policy: policyOf(entry),
    })
    return judgementOf(result, skipped)
  },
}

function policyOf(entry: VectorEntry): TdxPolicy {
  const keys = policyKeysOf(entry)
  const statuses = keys.texts('accepted_tcb_statuses')
  const minTcbEvaluationNumber = keys.number('min_tcb_evaluation_data_number')
  const requireSeptVeDisable = keys.flag('require_sept_ve_disable')
  const allowDebug = keys.flag('allow_debug')
  keys.flag('allow_service_td')
  keys.done()
  return {
    ...vectorsTdxPolicy({ measurements: 'any', reportData: 'any' }),
    ...(statuses && { acceptedTcbStatuses: statuses as readonly TcbStatus[] }),
    ...(minTcbEvaluationNumber !== undefined && { minTcbEvaluationNumber }),
    ...(requireSeptVeDisable === true && { septVeDisable: 'require' as const }),
    ...(allowDebug === true && { debug: 'accept' as const }),
  }
}

function dcapEndorsementsOf(entry: VectorEntry): Partial<DcapEndorsements> {
  const [rootCaCrl, pckCrl] = [entry.file('root_ca_crl.der'), entry.file('pck_crl.der')]
  const [tcbInfo, qeIdentity] = [signedDocument(entry, 'tcb_info'), signedDocument(entry, 'qe_identity')]
  const pckCrlIssuerChain = certificatesOf(entry.file('pck_crl_issuer_chain.pem'))
  return {
    ...(rootCaCrl && { rootCaCrl }),
    ...(pckCrl && { pckCrl, pckCrlIssuerChain }),
    ...(tcbInfo && { tcbInfo }),
    ...(qeIdentity && { qeIdentity }),
  }
}

function signedDocument(entry: VectorEntry, name: 'tcb_info' | 'qe_identity') {
  const body = entry.file(`${name}.json`)
  const signature = entry.file(`${name}.sig.hex`)
  if (body === undefined || signature === undefined) return undefined
  const hex = new TextDecoder().decode(signature).trim()
  return {
    body,
    signature: new Uint8Array(Buffer.from(hex, 'hex')),
    issuerChain: certificatesOf(entry.file(`${name}_issuer_chain.pem`)),
  }
}

/** SubjectPublicKeyInfo of a P-256 key up to its point. */
const P256_KEY_HEAD = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex')

/** Intel's own root, unless the entry brings the root of a test PKI. */
export function intelAnchorOf(entry: VectorEntry): TrustAnchor {
  const [root] = certificatesOf(entry.file('trusted_root.pem'))
  if (root === undefined) return INTEL_SGX_ROOT
  const at = Buffer.from(root).indexOf(P256_KEY_HEAD) + P256_KEY_HEAD.length
  return { publicKey: root.slice(at, at + 65), simulated: true }
}
