import { MalformedEvidenceError } from '../errors.ts'
import { fromBase64, toBase64 } from '../internal/bytes.ts'

/** Endorsements of SEV-SNP, each DER. */
export interface SnpEndorsements {
  /** VCEK or VLEK certificate. KDS: `/vcek/v1/{product}/{hwid}?blSPL=…`; a VLEK comes with the evidence. */
  readonly vek: Uint8Array
  /** ASK for a VCEK, ASVK for a VLEK. KDS: `/vcek/v1/{product}/cert_chain`, `/vlek/v1/{product}/cert_chain`. */
  readonly intermediate: Uint8Array
  /** ARK. Optional: without it the pinned certificate itself is used. */
  readonly root?: Uint8Array | undefined
  /** CRL of the ARK. KDS: `/vcek/v1/{product}/crl`. */
  readonly crl: Uint8Array
}

/** The JSON form: bytes in base64. */
export type SnpEndorsementsJson = { readonly [field in keyof SnpEndorsements]?: string | undefined }

const FIELDS = ['vek', 'intermediate', 'root', 'crl'] as const

/** Encodes endorsements as JSON; what is not there is left out. */
export function snpEndorsementsToJson(endorsements: Partial<SnpEndorsements>): SnpEndorsementsJson {
  return Object.fromEntries(
    FIELDS.flatMap((field) => {
      const bytes = endorsements[field]
      return bytes ? [[field, toBase64(bytes)]] : []
    }),
  )
}

/**
 * Decodes endorsements from JSON.
 *
 * @throws {MalformedEvidenceError} SNP_ENDORSEMENTS_MALFORMED when a field is not base64, or unknown.
 */
export function snpEndorsementsFromJson(json: unknown): Partial<SnpEndorsements> {
  const wrong = (expected: string, got: string): never => {
    throw new MalformedEvidenceError('SNP_ENDORSEMENTS_MALFORMED', { offset: 0, expected, got })
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return wrong('an object', 'something else')
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => {
      const field = FIELDS.find((known) => known === name) ?? wrong(FIELDS.join(', '), JSON.stringify(name))
      const bytes = typeof value === 'string' ? fromBase64(value) : undefined
      return [field, bytes ?? wrong(`base64 in ${field}`, 'something else')]
    }),
  )
}
