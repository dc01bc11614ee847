// Reads Wycheproof files, those of signatures in the current schema and in the one before it.
import { createPublicKey } from 'node:crypto'
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
      /** Of the message and of MGF1. */
      readonly hash: Hash
      /** Bytes. */
      readonly saltLength: number
    }

/** One signature to judge. */
export interface WycheproofCase {
  readonly id: number
  readonly comment: string
  /** Undefined: no scheme of evidence; such a case cannot be judged. */
  readonly scheme: Scheme | undefined
  /** SubjectPublicKeyInfo, DER; RSA always as rsaEncryption. */
  readonly spki: Uint8Array
  /** ECDSA: the uncompressed point, 0x04 ‖ x ‖ y. */
  readonly point: Uint8Array | undefined
  readonly message: Uint8Array
  readonly signature: Uint8Array
  /** `acceptable`: neither verdict is wrong. */
  readonly expected: 'valid' | 'invalid' | 'acceptable'
}

/** The file is not a Wycheproof file of signatures. */
export class WycheproofFileError extends Error {
  override readonly name = 'WycheproofFileError'
}

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>

const HASHES: readonly string[] = ['SHA-256', 'SHA-384', 'SHA-512'] satisfies Hash[]
const CURVES: Readonly<Record<string, 'P-256' | 'P-384'>> = {
  secp256r1: 'P-256',
  'P-256': 'P-256',
  secp384r1: 'P-384',
  'P-384': 'P-384',
}

/**
 * A file as JSON.
 *
 * @throws {WycheproofFileError} when it cannot be read as a JSON object.
 */
export function readWycheproof(path: string): Fields {
  let file: unknown
  try {
    file = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new WycheproofFileError(`${path}: not readable as JSON`, { cause })
  }
  return object(file, path)
}

/** Every case of the file of signatures at a path; see {@link signatureCases}. */
export const loadWycheproof = (path: string) => signatureCases(readWycheproof(path), path)

/**
 * Every case of a file of signatures. Groups that are not ECDSA on P-256 or P-384 with SHA-256, SHA-384 or SHA-512, or
 * RSASSA-PSS with MGF1 over the same of these hashes, come without a scheme.
 *
 * @throws {WycheproofFileError} when the file is not of a Wycheproof signature schema.
 */
export function signatureCases(file: Fields, path: string): readonly WycheproofCase[] {
  const groups = list(file, 'testGroups', path)
  const cases = groups.flatMap((group, index) => casesOf(object(group, path), `${path}: group ${index}`))
  if (cases.length === 0) throw new WycheproofFileError(`${path}: no case`)
  return cases
}

function casesOf(group: Fields, where: string): readonly WycheproofCase[] {
  const scheme = schemeOf(group, where)
  const spki = spkiOf(group, where)
  const { uncompressed } = keyOf(group, where)
  const point = scheme?.kind === 'ecdsa' ? hex(uncompressed, `${where}: uncompressed`) : undefined
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

/** The schema before had the same fields under other names. */
const keyOf = (group: Fields, where: string) => object(group.publicKey ?? group.key ?? {}, where)

function spkiOf(group: Fields, where: string): Uint8Array {
  const rsa = group.publicKeyAsn ?? group.keyAsn
  // The SPKI of some files restricts the key to one PSS parameter set by its OID, which certificates here never do.
  if (rsa === undefined) return hex(group.publicKeyDer ?? group.keyDer, `${where}: publicKeyDer`)
  const key = Buffer.from(hex(rsa, `${where}: publicKeyAsn`))
  return new Uint8Array(createPublicKey({ key, format: 'der', type: 'pkcs1' }).export({ type: 'spki', format: 'der' }))
}

function schemeOf(group: Fields, where: string): Scheme | undefined {
  const { type, sha } = group
  if (type === 'RsassaPssVerify') {
    const saltLength = integer(group.sLen, where)
    return isHash(sha) && group.mgf === 'MGF1' && group.mgfSha === sha
      ? { kind: 'rsa-pss', hash: sha, saltLength }
      : undefined
  }
  if (type !== 'EcdsaVerify' && type !== 'EcdsaP1363Verify') {
    throw new WycheproofFileError(`${where}: type ${String(type)}`)
  }
  const curve = CURVES[String(keyOf(group, where).curve)]
  if (curve === undefined || !isHash(sha)) return undefined
  return { kind: 'ecdsa', curve, hash: sha, encoding: type === 'EcdsaVerify' ? 'der' : 'p1363' }
}

function isHash(value: unknown): value is Hash {
  return typeof value === 'string' && HASHES.includes(value)
}

/** The expectation of a case. */
export function verdict(value: unknown, where: string): WycheproofCase['expected'] {
  if (value === 'valid' || value === 'invalid' || value === 'acceptable') return value
  throw new WycheproofFileError(`${where}: result ${String(value)}`)
}

/** The value as an object. */
export function object(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new WycheproofFileError(`${where}: expected an object`)
}

/** The array under a name. */
export function list(fields: Fields, name: string, where: string): readonly unknown[] {
  const value = fields[name]
  if (Array.isArray(value)) return value
  throw new WycheproofFileError(`${where}: expected an array ${name}`)
}

/** The value as an integer. */
export function integer(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw new WycheproofFileError(`${where}: expected an integer`)
}

/** The bytes of hex text. */
export function hex(value: unknown, where: string): Uint8Array {
  if (typeof value === 'string' && value.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(value)) {
    return new Uint8Array(Buffer.from(value, 'hex'))
  }
  throw new WycheproofFileError(`${where}: expected hex`)
}
