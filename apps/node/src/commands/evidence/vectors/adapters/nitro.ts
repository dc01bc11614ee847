import {
  AWS_NITRO_ROOT_G1,
  type NitroEndorsements,
  type NitroPolicy,
  type NitroTrustAnchor,
  vectorsNitroPolicy,
  verifyNitroChain,
  verifyNitroEvidence,
} from '@spartan/attestation'
import { certificatesOf, requiredFile, requiredTime } from '../files.ts'
import { type Adapter, judgementBy, judgementOf } from '../judgement.ts'
import type { VectorEntry } from '../manifest.ts'
import { policyKeysOf } from '../policyKeys.ts'

/** AWS Nitro documents. */
export const nitroAdapter: Adapter = {
  endorsementChecks: ['crl'],
  judge: async (entry, without) => {
    const endorsements = without.includes('crl') ? {} : endorsementsOf(entry)
    const skipped = skippedBy(endorsements)
    const result = await verifyNitroEvidence({
      evidence: requiredFile(entry, 'cose_sign1.cbor'),
      endorsements,
      at: requiredTime(entry),
      trustAnchors: [anchorOf(entry)],
      policy: { ...policyOf(entry), dangerouslySkip: skipped },
    })
    return judgementOf(result, skipped)
  },
}

/** Bundles of certificates alone, in the order of their files: root first. */
export const nitroChainAdapter: Adapter = {
  endorsementChecks: [],
  judge: async (entry) => {
    const endorsements = endorsementsOf(entry)
    const dangerouslySkip = skippedBy(endorsements)
    const cabundle = entry.fileNames
      .filter((name) => /^cb\d+\.der$/.test(name))
      .map((name) => requiredFile(entry, name))
    const input = { cabundle, endorsements, at: requiredTime(entry), trustAnchors: [anchorOf(entry)], dangerouslySkip }
    return { ...(await judgementBy(() => verifyNitroChain(input))), skipped: dangerouslySkip }
  },
}

const skippedBy = ({ crls }: Partial<NitroEndorsements>): NitroPolicy['dangerouslySkip'] => (crls ? [] : ['crl'])

function policyOf(entry: VectorEntry): NitroPolicy {
  const keys = policyKeysOf(entry)
  const allowDebug = keys.flag('allow_debug')
  const expected = keys.inner('expected')
  const [userData, pcr0] = [expected.text('report_data'), expected.text('measurement')]
  keys.done()
  const { nonce } = entry.expected
  const others = { pcr1: 'any', pcr2: 'any', pcr3: 'any', pcr4: 'any', pcr8: 'any', others: {} }
  const policy = vectorsNitroPolicy({
    pcrs: pcr0 === undefined ? 'any' : [{ pcr0, ...others }],
    publicKey: 'any',
    userData: userData === undefined ? 'any' : { expected: userData },
    nonce: nonce ? { expected: nonce } : 'any',
  })
  return allowDebug === true ? { ...policy, debug: 'accept' } : policy
}

function endorsementsOf(entry: VectorEntry): Partial<NitroEndorsements> {
  const names = entry.fileNames.filter((name) => /(^|[_.-])crl[^/]*\.der$/.test(name))
  return names.length === 0 ? {} : { crls: names.map((name) => requiredFile(entry, name)) }
}

/** AWS's own root, unless the entry brings the root of a test PKI. */
function anchorOf(entry: VectorEntry): NitroTrustAnchor {
  const [certificate] = certificatesOf(entry.file('trusted_root.pem'))
  return certificate ? { certificate, simulated: true } : AWS_NITRO_ROOT_G1
}
