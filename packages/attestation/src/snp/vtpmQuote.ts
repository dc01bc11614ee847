import { EvidenceRejectedError, MalformedEvidenceError } from '../errors.ts'
import { concat, equalBytes, ownCopy, toHex } from '../internal/bytes.ts'
import { sha256 } from '../internal/hashes.ts'
import { type RsaPublicKey, verifyRsaPkcs1 } from '../internal/signatures.ts'

/** A quote of the vTPM, as `TPM2_Quote` gives it, with the register values that it covers. */
export interface VtpmQuote {
  /** TPMS_ATTEST. */
  readonly message: Uint8Array
  /** RSASSA-PKCS1-v1_5 with SHA-256 over `message`: bare bytes, without TPMT_SIGNATURE around them. */
  readonly signature: Uint8Array
  /** Values of the SHA-256 bank by register number, 32 bytes each; undefined: not at hand. */
  readonly pcrs?: Readonly<Record<number, Uint8Array>> | undefined
}

/** What a verified quote says. */
export interface VtpmClaims {
  /** What the quote was asked for with: qualifying data, 0 to 64 bytes. */
  readonly challenge: Uint8Array
  /** Registers that the quote covers, in ascending order. */
  readonly selection: readonly number[]
  /** Their values; empty when they were not at hand. */
  readonly pcrs: ReadonlyMap<number, Uint8Array>
  readonly pcrDigest: Uint8Array
  /** TPM resets since its making; changes with every boot. */
  readonly resetCount: number
  /** DER SubjectPublicKeyInfo of the attestation key. */
  readonly attestationKey: Uint8Array
}

/** Constants of TPM 2.0. Source: TCG TPM 2.0 Library, part 2, 6.2, 6.3, 6.9 and 10.12. */
const TPM = { generated: 0xff54_4347, attestQuote: 0x8018, sha256: 0x000b, digestSize: 32, registers: 24 } as const
/** clockInfo (clock, resetCount, restartCount, safe) and firmwareVersion. */
const CLOCK = { size: 8 + 4 + 4 + 1, resetCountAt: 8, firmwareSize: 8 } as const
const MAX_QUALIFYING_DATA = 64
const MAX_NAME = 68

interface ParsedQuote {
  readonly challenge: Uint8Array
  readonly resetCount: number
  readonly selection: readonly number[]
  readonly pcrDigest: Uint8Array
}

/** Reads big-endian fields from the front. */
class QuoteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  fail(expected: string, got: string): never {
    throw new MalformedEvidenceError('SNP_VTPM_QUOTE_MALFORMED', { offset: this.#at, expected, got })
  }

  take(length: number, what: string): Uint8Array {
    const stop = this.#at + length
    if (stop > this.#bytes.length) this.fail(what, 'the end')
    const found = this.#bytes.subarray(this.#at, stop)
    this.#at = stop
    return found
  }

  integer(length: number, what: string): number {
    return this.take(length, what).reduce((value, byte) => value * 256 + byte, 0)
  }

  expect(length: number, value: number, what: string): void {
    const got = this.integer(length, what)
    if (got !== value) this.fail(`${what} 0x${value.toString(16)}`, `0x${got.toString(16)}`)
  }

  /** TPM2B: length u16, bytes. */
  sized(max: number, what: string): Uint8Array {
    const length = this.integer(2, what)
    if (length > max) this.fail(`at most ${max} bytes of ${what}`, `${length}`)
    return this.take(length, what)
  }

  end(): void {
    if (this.#at !== this.#bytes.length) this.fail('the end of the quote', 'more bytes')
  }
}

/**
 * Parses TPMS_ATTEST of a quote over one selection of the SHA-256 bank. Source: TCG TPM 2.0 Library, part 2, 10.12.8.
 *
 * @throws {MalformedEvidenceError} SNP_VTPM_QUOTE_MALFORMED.
 */
function parseQuote(message: Uint8Array): ParsedQuote {
  const reader = new QuoteReader(message)
  reader.expect(4, TPM.generated, 'TPM_GENERATED')
  reader.expect(2, TPM.attestQuote, 'TPM_ST_ATTEST_QUOTE')
  reader.sized(MAX_NAME, 'qualified signer')
  const challenge = reader.sized(MAX_QUALIFYING_DATA, 'qualifying data')
  const clock = reader.take(CLOCK.size, 'clock information')
  const resetCount = clock.subarray(CLOCK.resetCountAt, CLOCK.resetCountAt + 4).reduce((n, byte) => n * 256 + byte, 0)
  reader.take(CLOCK.firmwareSize, 'firmware version')
  reader.expect(4, 1, 'one selection')
  reader.expect(2, TPM.sha256, 'the SHA-256 bank')
  const bitmap = reader.take(reader.integer(1, 'size of the selection'), 'selection')
  if (bitmap.length > TPM.registers / 8) reader.fail(`at most ${TPM.registers} registers`, `${8 * bitmap.length}`)
  const selection = [...bitmap].flatMap((byte, index) =>
    [0, 1, 2, 3, 4, 5, 6, 7].flatMap((bit) => ((byte >> bit) & 1 ? [8 * index + bit] : [])),
  )
  const pcrDigest = reader.sized(TPM.digestSize, 'digest')
  if (pcrDigest.length !== TPM.digestSize) reader.fail(`${TPM.digestSize} bytes of digest`, `${pcrDigest.length}`)
  reader.end()
  return { challenge, resetCount, selection, pcrDigest }
}

/**
 * Verifies a quote of the vTPM under the attestation key that the report vouches for, and the register values under it.
 *
 * Proves: this vTPM signed the selected registers, with the values given, for this challenge. Does not prove: that the
 * challenge is fresh, or anything about registers outside of the selection.
 *
 * @throws {MalformedEvidenceError} SNP_VTPM_QUOTE_MALFORMED.
 * @throws {EvidenceRejectedError} SNP_VTPM_SIGNATURE_INVALID, SNP_VTPM_PCR_MISSING, SNP_VTPM_PCR_DIGEST_MISMATCH.
 */
export async function verifyVtpmQuote(quote: VtpmQuote, key: RsaPublicKey): Promise<VtpmClaims> {
  const { signature } = quote
  const message = ownCopy(quote.message)
  if (!(await verifyRsaPkcs1(key, 'SHA-256', message, signature))) {
    throw new EvidenceRejectedError('SNP_VTPM_SIGNATURE_INVALID')
  }
  const parsed = parseQuote(message)
  const pcrs = await verifyRegisters(quote, parsed)
  return { ...parsed, pcrs, attestationKey: key.spki }
}

async function verifyRegisters(
  { pcrs }: VtpmQuote,
  { selection, pcrDigest }: ParsedQuote,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const found = new Map<number, Uint8Array>()
  if (!pcrs) return found
  for (const register of selection) {
    const given = pcrs[register]
    const value = given && ownCopy(given)
    if (value?.length !== TPM.digestSize) {
      throw new EvidenceRejectedError('SNP_VTPM_PCR_MISSING', { metaMessages: [`register ${register}`] })
    }
    found.set(register, value)
  }
  const digest = await sha256(concat(...found.values()))
  if (!equalBytes(digest, pcrDigest)) {
    throw new EvidenceRejectedError('SNP_VTPM_PCR_DIGEST_MISMATCH', {
      metaMessages: [`signed ${toHex(pcrDigest)}`, `of the values given ${toHex(digest)}`],
    })
  }
  return found
}
