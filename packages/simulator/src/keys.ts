/** One P-256 key pair that can travel as JSON. */
export interface SigningKey {
  /** SEC1 uncompressed point, 65 bytes (0x04 ‖ x ‖ y). */
  readonly publicKey: Uint8Array<ArrayBuffer>
  readonly jwk: JsonWebKey
  /** ECDSA P-256 with SHA-256 over `message`: raw r‖s, 64 bytes. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array<ArrayBuffer>>
}

const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const
const ECDSA_SHA256 = { name: 'ECDSA', hash: 'SHA-256' } as const

/** Makes a fresh P-256 key pair. */
export async function generateSigningKey(): Promise<SigningKey> {
  const pair = await crypto.subtle.generateKey(P256, true, ['sign', 'verify'])
  return importSigningKey(await crypto.subtle.exportKey('jwk', pair.privateKey))
}

/** Restores a key pair from its private JWK. */
export async function importSigningKey(jwk: JsonWebKey): Promise<SigningKey> {
  const privateKey = await crypto.subtle.importKey('jwk', jwk, P256, true, ['sign'])
  const { kty = '', crv = '', x = '', y = '' } = jwk
  const publicJwk = await crypto.subtle.importKey('jwk', { kty, crv, x, y }, P256, true, ['verify'])
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', publicJwk))
  return {
    publicKey,
    jwk,
    sign: async (message) =>
      new Uint8Array(await crypto.subtle.sign(ECDSA_SHA256, privateKey, Uint8Array.from(message))),
  }
}
