// Reads Wycheproof files of ECDSA and RSASSA-PSS signatures, in the current schema and in the one before it.
import { readFileSync } from 'node:fs'

/** Digest in WebCrypto's spelling. */
export type Hash = 'SHA-256' | 'SHA-384' | 'SHA-512'

/** How the signatures of a group are made. */
export type Scheme =
  | {
      readonly kind: 'ecdsa'
      readonly curve: 'P-256' | 'P-384'
      readonly hash: Hash
      /** Raw r‖s, or the DER SEQUENCE of X.509. */
      readonly encoding: 'p1363' | 'der'
    }
  | {
      readonly kind: 'rsa-pss'
      readonly hash: Hash
      readonly mgfHash: Hash
      /** Bytes. */
      readonly saltLength: number
    }

/** One signature to judge. */
export interface WycheproofCase {
  readonly id: number
  readonly comment: string
  readonly scheme: Scheme
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array
  /** ECDSA: the uncompressed point, 0x04 ‖ x ‖ y. */
  readonly point: Uint8Array | undefined
  readonly message: Uint8Array
  readonly signature: Uint8Array
  /** `acceptable`: neither verdict is wrong. */
  readonly expected: 'valid' | 'invalid' | 'acceptable'
}

/** A file that this runner has no scheme for, or that is not a Wycheproof file. */
export class WycheproofFileError extends Error {
  override readonly name = 'WycheproofFileError'
}

type Fields = Readonly<Record<string, unknown>>

const HASHES: readonly string[] = ['SHA-256', 'SHA-384', 'SHA-512'] satisfies Hash[]
const CURVES: Readonly<Record<string, 'P-256' | 'P-384'>> = {
  secp256r1: 'P-256',
  'P-256': 'P-256',
  secp384r1: 'P-384',
  'P-384': 'P-384',
}

/**
 * Every case of a file.
 *
 * @throws {WycheproofFileError} when a group is not ECDSA on P-256 or P-384 or RSASSA-PSS with SHA-256, SHA-384 or SHA-512.
 */
export function loadWycheproof(path: string): readonly WycheproofCase[] {
  let file: unknown
  try {
    file = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new WycheproofFileError(`${path}: not readable as JSON`, { cause })
  }
  const groups = list(object(file, path), 'testGroups', path)
  const cases = groups.flatMap((group, index) => casesOf(object(group, path), `${path}: group ${index}`))
  if (cases.length === 0) throw new WycheproofFileError(`${path}: no case`)
  return cases
}

function casesOf(group: Fields, where: string): readonly WycheproofCase[] {
  const scheme = schemeOf(group, where)
  // The schema before had the same fields under other names.
  const key = object(group.publicKey ?? group.key ?? {}, where)
  const spki = hex(group.publicKeyDer ?? group.keyDer, `${where}: publicKeyDer`)
  const point = scheme.kind === 'ecdsa' ? hex(key.uncompressed, `${where}: uncompressed`) : undefined
  return list(group, 'tests', where).map((item) => {
    const test = object(item, where)
    const at = `${where}: case ${String(test.tcId)}`
    return {
      id: integer(test.tcId, at),
      comment: String(test.comment ?? ''),
      scheme,
      spki,
      point,
      message: hex(test.msg, `${at}: msg`),
      signature: hex(test.sig, `${at}: sig`),
      expected: verdict(test.result, at),
    }
  })
}

function schemeOf(group: Fields, where: string): Scheme {
  const { type } = group
  if (type === 'RsassaPssVerify') {
    if (group.mgf !== 'MGF1') throw new WycheproofFileError(`${where}: mask generation ${String(group.mgf)}`)
    return {
      kind: 'rsa-pss',
      hash: hash(group.sha, where),
      mgfHash: hash(group.mgfSha, where),
      saltLength: integer(group.sLen, where),
    }
  }
  if (type !== 'EcdsaVerify' && type !== 'EcdsaP1363Verify') {
    throw new WycheproofFileError(`${where}: type ${String(type)}`)
  }
  const key = object(group.publicKey ?? group.key ?? {}, where)
  const curve = CURVES[String(key.curve)]
  if (curve === undefined) throw new WycheproofFileError(`${where}: curve ${String(key.curve)}`)
  return { kind: 'ecdsa', curve, hash: hash(group.sha, where), encoding: type === 'EcdsaVerify' ? 'der' : 'p1363' }
}

function hash(value: unknown, where: string): Hash {
  if (typeof value === 'string' && HASHES.includes(value)) return value as Hash
  throw new WycheproofFileError(`${where}: hash ${String(value)}`)
}

function verdict(value: unknown, where: string): WycheproofCase['expected'] {
  if (value === 'valid' || value === 'invalid' || value === 'acceptable') return value
  throw new WycheproofFileError(`${where}: result ${String(value)}`)
}

function object(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new WycheproofFileError(`${where}: expected an object`)
}

function list(fields: Fields, name: string, where: string): readonly unknown[] {
  const value = fields[name]
  if (Array.isArray(value)) return value
  throw new WycheproofFileError(`${where}: expected an array ${name}`)
}

function integer(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw new WycheproofFileError(`${where}: expected an integer`)
}

function hex(value: unknown, where: string): Uint8Array {
  if (typeof value === 'string' && value.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(value)) {
    return new Uint8Array(Buffer.from(value, 'hex'))
  }
  throw new WycheproofFileError(`${where}: expected hex`)
}
