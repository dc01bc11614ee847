const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const
const ECDSA_SHA256 = { name: 'ECDSA', hash: 'SHA-256' } as const

/**
 * Whether `signature` (raw r‖s, 64 bytes) over `message` is by the P-256 key `publicKey` (x‖y, 64 bytes).
 *
 * A point that is not on the curve and r or s outside 1..n-1 verify nothing. High s is accepted: hardware makes it.
 */
export async function verifyP256(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (publicKey.length !== 64 || signature.length !== 64) return false
  const point = Uint8Array.of(4, ...publicKey)
  let key: CryptoKey
  try {
    key = await crypto.subtle.importKey('raw', point, P256, false, ['verify'])
  } catch {
    // WebCrypto refuses to import a point that is not on the curve.
    return false
  }
  return crypto.subtle.verify(ECDSA_SHA256, key, Uint8Array.from(signature), Uint8Array.from(message))
}

/** SHA-256. */
export async function sha256(message: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(message)))
}
