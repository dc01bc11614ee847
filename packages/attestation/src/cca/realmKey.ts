import { MalformedEvidenceError } from '../errors.ts'
import { concat } from '../internal/bytes.ts'
import { type CborDocument, failCbor, readCbor } from '../internal/cbor.ts'
import { bytesOfSize } from '../internal/cborFields.ts'
import { ES256, ES384, ES512 } from '../internal/cose.ts'
import { EC_SIZE, type EcPublicKey } from '../internal/signatures.ts'
import type { CcaRealmClaims } from './claims.ts'
import { CLAIMS_RULES } from './constants.ts'

/** Common and EC2 parameters of a COSE_Key (RFC 9052 §7.1, RFC 9053 §7.1.1). */
const KEY = { type: 1, algorithm: 3, operations: 4, curve: -1, x: -2, y: -3 } as const
const KEY_TYPE_EC2 = 2
const OPERATION_VERIFY = 2
/** COSE elliptic curves with the one algorithm that is used on each. */
const CURVES = [
  { id: 1, algorithm: ES256 },
  { id: 2, algorithm: ES384 },
  { id: 3, algorithm: ES512 },
] as const
/** SEC1: an uncompressed point follows. */
const UNCOMPRESSED = 0x04

/**
 * Reads the realm attestation key (RAK): a SEC1 point on P-384 in the legacy profile, else an EC2 COSE_Key whose
 * coordinates have the full width of the curve (RFC 9053 §7.1.1).
 *
 * Does not prove: that the point is on its curve; the verification of a signature finds that out.
 *
 * @throws {MalformedEvidenceError} CCA_RAK_MALFORMED.
 */
export function readRealmKey({ profile, publicKey }: Pick<CcaRealmClaims, 'profile' | 'publicKey'>): EcPublicKey {
  const document: CborDocument = { bytes: publicKey, code: 'CCA_RAK_MALFORMED' }
  if (profile === 'legacy') {
    if (publicKey[0] !== UNCOMPRESSED) failCbor(document, 0, 'an uncompressed point')
    return { type: 'ec', curve: 'P-384', point: publicKey.subarray(1) }
  }
  return readCoseKey(document)
}

function readCoseKey(document: CborDocument): EcPublicKey {
  const item = readCbor(document, { ...CLAIMS_RULES, maxItems: 64 })
  if (item.kind !== 'map') return failCbor(document, 0, 'a COSE_Key')
  const { entries } = item
  const integer = (label: number) => {
    const found = entries.get(label)
    return found?.kind === 'integer' ? found.value : undefined
  }
  if (integer(KEY.type) !== KEY_TYPE_EC2) failCbor(document, 0, 'key type EC2')
  const curve = CURVES.find(({ id }) => id === integer(KEY.curve))
  if (!curve) return failCbor(document, 0, 'curve P-256, P-384 or P-521')
  if (entries.has(KEY.algorithm) && integer(KEY.algorithm) !== curve.algorithm.id) {
    failCbor(document, 0, `algorithm ${curve.algorithm.name} or none`)
  }
  const operations = entries.get(KEY.operations)
  if (operations) {
    const verifies =
      operations.kind === 'array' &&
      operations.items.some((one) => one.kind === 'integer' && one.value === OPERATION_VERIFY)
    if (!verifies) failCbor(document, operations.at, 'a key that verifies')
  }
  const size = EC_SIZE[curve.algorithm.curve]
  const [x, y] = [KEY.x, KEY.y].map((label) => {
    const coordinate = entries.get(label)
    if (coordinate) return bytesOfSize(document, coordinate, 'a coordinate', [size])
    throw new MalformedEvidenceError(document.code, { offset: 0, expected: `coordinate ${label}`, got: 'none' })
  })
  return { type: 'ec', curve: curve.algorithm.curve, point: concat(x ?? new Uint8Array(), y ?? new Uint8Array()) }
}
