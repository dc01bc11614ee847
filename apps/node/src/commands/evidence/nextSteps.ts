import type { AttestationResult, EvidenceKind } from '@spartan/attestation'
import { BaseError } from '@spartan/errors'
import { isCannotCheck } from './exitCodes.ts'

/** Kinds whose endorsements `spartan evidence fetch` gets. */
const FETCHED: ReadonlySet<EvidenceKind> = new Set<EvidenceKind>(['tdx', 'sgx', 'snp', 'nvidia'])

/** The commands and options that bring what a judgement lacked. Empty where nothing of that kind helps. */
export function nextSteps(kind: EvidenceKind, result: AttestationResult, file: string): readonly string[] {
  if (result.verdict === 'accepted') return []
  const { reasonCode, error } = result
  if (reasonCode === 'CCA_TRUST_ANCHOR_MISSING')
    return ['Next: --trust-anchor cpak.pem (the public key of the platform in PEM)']
  if (reasonCode === 'NITRO_CRL_MISSING') {
    return ['Next: --endorsements CRL… (AWS publishes them at the CRL distribution points of `document.cabundle`)']
  }
  const lacks = (error instanceof BaseError && error.retry === 'refetch') || isCannotCheck(reasonCode)
  if (!lacks || !FETCHED.has(kind)) return []
  const from = file === '-' ? 'FILE' : JSON.stringify(file)
  return [
    `Next: spartan evidence fetch ${from} --out endorsements.json`,
    `      spartan evidence verify ${from} --endorsements endorsements.json`,
  ]
}
