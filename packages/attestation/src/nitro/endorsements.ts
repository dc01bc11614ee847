import { MalformedEvidenceError } from '../errors.ts'
import { fromBase64, toBase64 } from '../internal/bytes.ts'

/** Endorsements of AWS Nitro: the CRLs of the CAs whose certificates name a distribution point. */
export interface NitroEndorsements {
  /** DER, in any order. */
  readonly crls: readonly Uint8Array[]
}

/** The JSON form of {@link NitroEndorsements}: base64. */
export interface NitroEndorsementsJson {
  readonly crls: readonly string[]
}

/** Encodes endorsements as JSON. */
export function nitroEndorsementsToJson({ crls }: NitroEndorsements): NitroEndorsementsJson {
  return { crls: crls.map(toBase64) }
}

/** Decodes the JSON form. Fails with NITRO_ENDORSEMENTS_MALFORMED; proves nothing about what is inside. */
export function nitroEndorsementsFromJson(json: unknown): NitroEndorsements {
  const { crls, ...unknown } = typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {}
  if (!Array.isArray(crls) || Object.keys(unknown).length > 0) return fail('an object with the one key "crls"')
  return {
    crls: crls.map((crl) => (typeof crl === 'string' ? fromBase64(crl) : undefined) ?? fail('CRLs in base64')),
  }
}

function fail(expected: string): never {
  throw new MalformedEvidenceError('NITRO_ENDORSEMENTS_MALFORMED', { offset: 0, expected, got: 'something else' })
}
