import { MalformedEvidenceError } from '../errors.ts'

/**
 * Endorsements of CCA: none that travel. The platform attestation key is a trust anchor ({@link CcaTrustAnchor}), the
 * reference values are policy.
 */
export type CcaEndorsements = Readonly<Record<never, never>>

/** The JSON form of {@link CcaEndorsements}: an empty object. */
export type CcaEndorsementsJson = Readonly<Record<never, never>>

/** Encodes endorsements as JSON. */
export function ccaEndorsementsToJson(_endorsements: CcaEndorsements): CcaEndorsementsJson {
  return {}
}

/** Decodes the JSON form. Fails with CCA_ENDORSEMENTS_MALFORMED for anything but an empty object. */
export function ccaEndorsementsFromJson(json: unknown): CcaEndorsements {
  const isEmpty = typeof json === 'object' && json !== null && !Array.isArray(json) && Object.keys(json).length === 0
  if (isEmpty) return {}
  throw new MalformedEvidenceError('CCA_ENDORSEMENTS_MALFORMED', {
    offset: 0,
    expected: 'an empty object',
    got: JSON.stringify(json)?.slice(0, 80) ?? String(json),
  })
}
