import {
  type NamedRim,
  NVIDIA_ROOTS,
  type NvidiaPolicy,
  type NvidiaSkippable,
  type NvidiaTrustAnchor,
  pairRims,
  vectorsNvidiaPolicy,
  verifyNvidiaEvidence,
  verifyRim,
} from '@spartan/attestation'
import { certificatesOf, requiredFile, requiredTime } from '../files.ts'
import { type Adapter, type Judgement, judgementBy, judgementOf } from '../judgement.ts'
import type { VectorEntry } from '../manifest.ts'
import { policyKeysOf } from '../policyKeys.ts'

/**
 * Reports of GPUs and switches. Reference manifests are entries of their own: evidence that states by name with which ones it was
 * compared is judged with those of them that are authentic, when the comparison is what it is about.
 */
export const nvidiaAdapter: Adapter = {
  endorsementChecks: [],
  judge: async (entry) => {
    const alone = await judgeReport(entry, [])
    // A good entry may name a manifest of another revision, which it does not meet; only a negative is about that.
    if (alone.verdict === 'refused' || entry.expected.verdict === 'pass') return alone
    const { usable } = await pairRims(comparedRims(entry), { at: requiredTime(entry), trustAnchors: anchorsOf(entry) })
    const rims = usable.map(({ document }) => document)
    return rims.length === 0 ? alone : judgeReport(entry, rims)
  },
}

/**
 * Reference manifests alone. A genuine one that is a negative is about evidence that states a comparison with it: that evidence is
 * judged with it.
 */
export const rimAdapter: Adapter = {
  endorsementChecks: [],
  judge: async (entry) => {
    const document = requiredFile(entry, 'rim.xml')
    const input = { document, at: requiredTime(entry), trustAnchors: anchorsOf(entry), ocsp: [] }
    const alone = await judgementBy(() => verifyRim({ ...input, revocation: 'dangerouslySkip' }))
    const skipped = ['rim-ocsp']
    if (alone.verdict === 'refused' || entry.expected.verdict === 'pass') return { ...alone, skipped }
    for (const partner of entry.siblings()) {
      if (partner.expected.verdict !== 'fail' || !(entry.name in comparisonsOf(partner))) continue
      const found = await judgeReport(partner, [document])
      if (found.verdict === 'refused') return found
    }
    return { ...alone, skipped }
  },
}

/** What an entry may lack: OCSP responses always, manifests for one part of the firmware or for all. */
const SKIPPABLE: readonly NvidiaSkippable[] = ['ocsp', 'driver-rim', 'vbios-rim', 'rim-ocsp']

async function judgeReport(entry: VectorEntry, rims: readonly Uint8Array[]): Promise<Judgement> {
  const result = await verifyNvidiaEvidence({
    evidence: {
      report: requiredFile(entry, 'attestation_report.bin'),
      certificateChain: requiredFile(entry, 'cert_chain.pem'),
    },
    endorsements: { rims },
    at: requiredTime(entry),
    trustAnchors: anchorsOf(entry),
    policy: { ...policyOf(entry), dangerouslySkip: SKIPPABLE },
  })
  // What is given is checked whatever may be skipped, so that the result knows best what was left out.
  const done = result.checks.filter(({ status }) => status === 'done').map(({ id }) => id)
  return judgementOf(result, rims.length === 0 ? SKIPPABLE : SKIPPABLE.filter((id) => !done.includes(id)))
}

function policyOf(entry: VectorEntry): NvidiaPolicy {
  const keys = policyKeysOf(entry)
  const expected = keys.inner('expected').text('report_data')
  // Development mode is measured, never stated: manifests decide, whatever an entry allows.
  keys.flag('allow_debug')
  keys.done()
  const nonce = expected ?? entry.expected.nonce
  return vectorsNvidiaPolicy({ nonce: nonce ? { expected: nonce } : 'any' })
}

/** Manifests that the entry says it was compared with, by the name of their entry. */
function comparisonsOf({ expected }: VectorEntry): Readonly<Record<string, unknown>> {
  const stated = expected.fields?.rim_comparison
  return typeof stated === 'object' && stated !== null ? (stated as Readonly<Record<string, unknown>>) : {}
}

function comparedRims(entry: VectorEntry): readonly NamedRim[] {
  const names = Object.keys(comparisonsOf(entry))
  return entry.siblings().flatMap((sibling) => {
    const document = names.includes(sibling.name) ? sibling.file('rim.xml') : undefined
    return document ? [{ name: sibling.name, document }] : []
  })
}

/** NVIDIA's own roots, unless the entry brings the root of a test PKI. */
function anchorsOf(entry: VectorEntry): readonly NvidiaTrustAnchor[] {
  const [certificate] = certificatesOf(entry.file('trusted_root.pem'))
  if (!certificate) return NVIDIA_ROOTS
  return (['device', 'rim'] as const).map((role) => ({ role, certificate, simulated: true }))
}
