import { secp256k1 } from '@noble/curves/secp256k1'
import type { Hex } from 'viem'

type Point = InstanceType<typeof secp256k1.ProjectivePoint>

interface KnownSigner {
  readonly key: Point
  readonly seen: number
}

const ORDER = secp256k1.CURVE.n
/** Keys kept, the longest unused one goes first; a table takes about 100 kB. */
const MAX_KNOWN = 64
/** A table costs as much as three recoveries, so it is made for a signer that comes back. */
const SEEN_BEFORE_TABLE = 2
const TABLE_WINDOW = 5

/**
 * Public keys of signers whose signatures were verified by recovery before, with tables that make the next verification
 * three times as fast.
 */
export interface KnownSigners {
  /** Notes the public key (uncompressed) that a good signature of `signer` recovered to. */
  learn(signer: string, publicKey: Hex): void
  /**
   * True only when recovery would give the known public key of `signer`; false says nothing.
   *
   * With R the point of (r, v), recovery gives r⁻¹(sR − zG). That is Q exactly when R = s⁻¹zG + s⁻¹rQ, which is computed
   * here with tables for both points, and compared with r and v: the same statement, not a weaker one.
   */
  confirms(signer: string, digest: Hex, signature: Hex): boolean
}

/** Makes an empty memory of signers. Holds public data only. */
export function createKnownSigners(): KnownSigners {
  const known = new Map<string, KnownSigner>()
  const keep = (signer: string, entry: KnownSigner) => {
    known.delete(signer)
    known.set(signer, entry)
    const [oldest] = known.keys()
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest)
  }
  return {
    learn: (signer, publicKey) => {
      const before = known.get(signer)
      const key = before?.key ?? secp256k1.ProjectivePoint.fromHex(publicKey.slice(2))
      const seen = (before?.seen ?? 0) + 1
      if (seen === SEEN_BEFORE_TABLE) secp256k1.utils.precompute(TABLE_WINDOW, key)
      keep(signer, { key, seen })
    },
    confirms: (signer, digest, signature) => {
      const entry = known.get(signer)
      if (entry === undefined || entry.seen < SEEN_BEFORE_TABLE) return false
      keep(signer, entry)
      return isSignedBy(entry.key, digest, signature)
    },
  }
}

function isSignedBy(key: Point, digest: Hex, signature: Hex): boolean {
  const r = BigInt(signature.slice(0, 66))
  const s = BigInt(`0x${signature.slice(66, 130)}`)
  const odd = signature.slice(130).toLowerCase() === '1c'
  if (r === 0n || r >= ORDER || s === 0n || s >= ORDER) return false
  const inverse = inverseOf(s)
  const ofBase = (BigInt(digest) * inverse) % ORDER
  const ofKey = (r * inverse) % ORDER
  if (ofBase === 0n) return false
  const sum = secp256k1.ProjectivePoint.BASE.multiply(ofBase).add(key.multiply(ofKey))
  if (sum.equals(secp256k1.ProjectivePoint.ZERO)) return false
  const { x, y } = sum.toAffine()
  return x === r && (y & 1n) === (odd ? 1n : 0n)
}

/** Inverse modulo the order, by Euclid. Public values: its time may depend on them. */
function inverseOf(value: bigint): bigint {
  let [rest, previous, factor, previousFactor] = [value, ORDER, 1n, 0n]
  while (rest > 0n) {
    const quotient = previous / rest
    ;[previous, rest] = [rest, previous % rest]
    ;[previousFactor, factor] = [factor, previousFactor - quotient * factor]
  }
  return previousFactor < 0n ? previousFactor + ORDER : previousFactor
}
