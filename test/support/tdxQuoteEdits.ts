// Edits of quotes and DER documents at the level of bytes, for the mutations in tdxMutations.ts.

// Offsets in a version 4 TDX quote.
export const BODY = 48
export const SIGNATURE_LENGTH = BODY + 584
export const QUOTE_SIGNATURE = SIGNATURE_LENGTH + 4
export const ATTESTATION_KEY = QUOTE_SIGNATURE + 64
export const CERTIFICATION = ATTESTATION_KEY + 64
export const QE_REPORT = CERTIFICATION + 6
export const QE_SIGNATURE = QE_REPORT + 384
export const QE_AUTHENTICATION = QE_SIGNATURE + 64

/** Puts another certificate chain into a quote and sets all three lengths. */
export function withChain(quote: Uint8Array, certificates: readonly Uint8Array[]): Uint8Array {
  const chainAt = QE_AUTHENTICATION + 2 + readU16(quote, QE_AUTHENTICATION) + 6
  const pem = Buffer.from(certificates.map(toPem).join(''))
  const grown = Buffer.concat([quote.subarray(0, chainAt), pem])
  grown.writeUInt32LE(pem.length, chainAt - 4)
  grown.writeUInt32LE(grown.length - QE_REPORT, CERTIFICATION + 2)
  grown.writeUInt32LE(grown.length - QUOTE_SIGNATURE, SIGNATURE_LENGTH)
  return Uint8Array.from(grown)
}

function toPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** The last byte changed: in a certificate, CRL or digest that leaves the form and breaks the content. */
export const spoil = (bytes: Uint8Array) => overwrite(bytes, bytes.length - 1, [(bytes[bytes.length - 1] ?? 0) ^ 1])

/** A digit of a date changed, so that the text keeps its form. */
export function spoilText(body: Uint8Array): Uint8Array {
  const at = new TextDecoder().decode(body).indexOf('"tcbDate":"20') + 14
  return overwrite(body, at, [(body[at] ?? 0) ^ 1])
}

export function overwrite(bytes: Uint8Array, offset: number, change: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy.set(change, offset)
  return copy
}

/** Replaces a text by one of the same length. */
export function overwriteText(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const at = Buffer.from(bytes).indexOf(from)
  return overwrite(bytes, at, [...Buffer.from(to)])
}

/** The outer length of a DER document written in one byte more than needed. */
export function longForm(der: Uint8Array): Uint8Array {
  return join(Uint8Array.of(0x30, 0x83, 0), der.subarray(2))
}

/** The other valid signature over the same message: s becomes n - s. */
export function mirrorSignature(quote: Uint8Array, offset: number): Uint8Array {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const s = BigInt(`0x${Buffer.from(quote.subarray(offset + 32, offset + 64)).toString('hex')}`)
  return overwrite(quote, offset + 32, [...Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex')])
}

export const readU16 = (bytes: Uint8Array, offset: number) => (bytes[offset] ?? 0) | ((bytes[offset + 1] ?? 0) << 8)
export const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(Buffer.concat(parts))
