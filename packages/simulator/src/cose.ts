import { type CborEntries, cborArray, cborBytes, cborInteger, cborMap, cborTag, cborText } from './cbor.ts'
import type { PkiAlgorithm, PkiKey } from './pki.ts'

/** COSE algorithm and curve (RFC 9053 §2.1 and §7.1) of each kind of key. */
const ALGORITHMS: Readonly<
  Record<Exclude<PkiAlgorithm, 'rsa-pss-4096'>, { readonly id: number; readonly curve: number }>
> = {
  'ecdsa-p256': { id: -7, curve: 1 },
  'ecdsa-p384': { id: -35, curve: 2 },
  'ecdsa-p521': { id: -36, curve: 3 },
}

/** Id of the COSE algorithm of a key. */
export function coseAlgorithmOf({ algorithm }: Pick<PkiKey, 'algorithm'>): number {
  return parametersOf(algorithm).id
}

/** Content of an EC2 COSE_Key: type, curve, x, y. */
export function encodeCoseKey({ algorithm, point }: Pick<PkiKey, 'algorithm' | 'point'>): Uint8Array<ArrayBuffer> {
  const half = point.length / 2
  return cborMap(
    new Map<number, Uint8Array>([
      [1, cborInteger(2)],
      [-1, cborInteger(parametersOf(algorithm).curve)],
      [-2, cborBytes(point.subarray(0, half))],
      [-3, cborBytes(point.subarray(half))],
    ]),
  )
}

/** What a COSE_Sign1 message may say besides its payload. */
export interface CoseSign1Options {
  /** Encoded protected headers; the algorithm of the key alone unless given. */
  readonly protectedHeaders?: CborEntries
  readonly unprotectedHeaders?: CborEntries
  /** Tag 18 in front; on unless said otherwise. */
  readonly tagged?: boolean
}

/** Signs a payload as COSE_Sign1 (RFC 9052 §4.4). */
export async function signCose(
  payload: Uint8Array,
  key: PkiKey,
  { protectedHeaders, unprotectedHeaders = new Map(), tagged = true }: CoseSign1Options = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const header = cborMap(protectedHeaders ?? new Map([[1, cborInteger(coseAlgorithmOf(key))]]))
  const toBeSigned = cborArray(
    cborText('Signature1'),
    cborBytes(header),
    cborBytes(new Uint8Array()),
    cborBytes(payload),
  )
  const signature = await key.sign(toBeSigned)
  const message = cborArray(cborBytes(header), cborMap(unprotectedHeaders), cborBytes(payload), cborBytes(signature))
  return tagged ? cborTag(18, message) : message
}

function parametersOf(algorithm: PkiAlgorithm) {
  if (algorithm === 'rsa-pss-4096') throw new RangeError('COSE keys here are on elliptic curves')
  return ALGORITHMS[algorithm]
}
