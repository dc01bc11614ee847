import { bytesToHex, type Hex, hexToBytes } from 'viem'
import { z } from 'zod'
import { ProtocolError } from './errors.ts'
import type { Keyset } from './typedData.ts'

/** What a node says about itself at `GET /v1/attestation`. Nothing of it is checked yet but its form. */
export interface AttestationAnswer {
  readonly keyset: Keyset
  readonly challenge: Hex
  readonly quote: Uint8Array
  /** JSON of docs/architecture.md, "Evidence and endorsements"; whoever verifies the quote reads it. */
  readonly endorsements: unknown
}

/** Hex of a bounded number of bytes, in lower case: viem refuses mixed case that is no address checksum. */
function hex(minimum: number, maximum = minimum) {
  return z
    .string()
    .regex(/^0x(?:[0-9a-fA-F]{2})*$/)
    .refine((text) => text.length >= 2 + 2 * minimum && text.length <= 2 + 2 * maximum)
    .transform((text) => text.toLowerCase() as Hex)
}

/** Unsigned integer of `bits`, as a decimal string without leading zeros. */
function decimal(bits: number) {
  return z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,77})$/)
    .transform(BigInt)
    .refine((value) => value >> BigInt(bits) === 0n)
}

const MAX_SIGNER_BYTES = 1024
/** A quote takes about 5 kB. */
const MAX_QUOTE_BYTES = 65_536

const answerSchema = z.object({
  keyset: z.object({
    chainId: decimal(256),
    registry: hex(20),
    owner: hex(20),
    operator: hex(20),
    epoch: decimal(64),
    receiptSigner: hex(20, MAX_SIGNER_BYTES),
    hpkeKeyDigest: hex(32),
    tlsSpkiDigest: hex(32),
    workloadId: hex(32),
    configDigest: hex(32),
    notAfter: decimal(64),
  }),
  challenge: hex(32),
  quote: hex(1, MAX_QUOTE_BYTES),
  endorsements: z.unknown(),
})

/** Writes the answer as a JSON value: bigints as decimal strings, bytes as hex. */
export function attestationAnswerJson(answer: AttestationAnswer): Record<string, unknown> {
  const { keyset, challenge, quote, endorsements } = answer
  const fields = Object.entries(keyset).map(([name, value]) => [name, String(value)] as const)
  return { keyset: Object.fromEntries(fields), challenge, quote: bytesToHex(quote), endorsements }
}

/**
 * Reads the body of an answer of `GET /v1/attestation`. Unknown fields are left out.
 *
 * Proves nothing but the form: every field fits its type in the EIP-712 keyset, so hashing it cannot fail.
 *
 * @throws {ProtocolError} `ATTESTATION_ANSWER_MALFORMED` with the fields that are wrong.
 */
export function parseAttestationAnswer(body: Uint8Array): AttestationAnswer {
  const parsed = answerSchema.safeParse(jsonFrom(body))
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, 5).map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new ProtocolError('ATTESTATION_ANSWER_MALFORMED', { metaMessages: issues })
  }
  const { keyset, challenge, quote, endorsements } = parsed.data
  return { keyset, challenge, quote: hexToBytes(quote), endorsements }
}

function jsonFrom(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (cause) {
    throw new ProtocolError('ATTESTATION_ANSWER_MALFORMED', { metaMessages: ['not JSON'], cause })
  }
}
