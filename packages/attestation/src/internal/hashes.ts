/** Hashes of the evidence formats read here. */
export type HashName = 'SHA-256' | 'SHA-384' | 'SHA-512'

/** Digest of a message. */
export async function digest(hash: HashName, message: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest(hash, asBufferSource(message)))
}

/** SHA-256. */
export const sha256 = (message: Uint8Array) => digest('SHA-256', message)

/** SHA-384. */
export const sha384 = (message: Uint8Array) => digest('SHA-384', message)

/** The same bytes for WebCrypto, which takes no view of shared memory: those are copied. */
export function asBufferSource(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : Uint8Array.from(bytes)
}
