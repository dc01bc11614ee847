import { MalformedEvidenceError } from '../errors.ts'
import { fromBase64, toBase64 } from '../internal/bytes.ts'

/** Endorsements of one NVIDIA device. */
export interface NvidiaEndorsements {
  /** OCSP responses in DER for the device certificates, in any order. */
  readonly ocsp: readonly Uint8Array[]
  /** Reference integrity manifests of this device's driver and VBIOS: XML as published, in any order. */
  readonly rims: readonly Uint8Array[]
  /** OCSP responses in DER for the signers of the manifests, in any order. */
  readonly rimOcsp: readonly Uint8Array[]
}

/** The JSON form: every member base64. */
export interface NvidiaEndorsementsJson {
  readonly ocsp: readonly string[]
  readonly rims: readonly string[]
  readonly rimOcsp: readonly string[]
}

const MEMBERS = ['ocsp', 'rims', 'rimOcsp'] as const
/** Five certificates, two manifests with four each: far below. */
const MAX_ITEMS = 32

/** Encodes endorsements as JSON. */
export function nvidiaEndorsementsToJson({ ocsp, rims, rimOcsp }: NvidiaEndorsements): NvidiaEndorsementsJson {
  return { ocsp: ocsp.map(toBase64), rims: rims.map(toBase64), rimOcsp: rimOcsp.map(toBase64) }
}

/** Decodes the JSON form. Fails with NVIDIA_ENDORSEMENTS_MALFORMED; proves nothing about what is inside. */
export function nvidiaEndorsementsFromJson(json: unknown): NvidiaEndorsements {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return wrong('endorsements', 'an object')
  const unknown = Object.keys(json).find((key) => !MEMBERS.some((member) => member === key))
  if (unknown !== undefined) return wrong(unknown, 'a known member')
  const all = json as Readonly<Record<string, unknown>>
  const read = (member: (typeof MEMBERS)[number]) => readItems(all[member], member)
  return { ocsp: read('ocsp'), rims: read('rims'), rimOcsp: read('rimOcsp') }
}

function readItems(value: unknown, member: string): readonly Uint8Array[] {
  if (!Array.isArray(value) || value.length > MAX_ITEMS) return wrong(member, `an array of at most ${MAX_ITEMS}`)
  return value.map((item: unknown, place) => {
    const bytes = typeof item === 'string' ? fromBase64(item) : undefined
    return bytes ?? wrong(`${member}[${place}]`, 'base64')
  })
}

function wrong(path: string, expected: string): never {
  const where = { offset: 0, expected, got: 'something else' }
  throw new MalformedEvidenceError('NVIDIA_ENDORSEMENTS_MALFORMED', where, { details: path })
}
