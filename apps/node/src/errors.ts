import { BaseError, type ErrorDetails, type ReasonCode } from '@spartan/errors'
import type { SignedReceipt } from '@spartan/protocol'

/** The configuration, a key file or the data directory is not usable. Exit code 5. */
export class ConfigError extends BaseError {
  override readonly name = 'ConfigError'
}

/** The command line or one of its input files is not usable. Exit code 2. */
export class UsageError extends BaseError {
  override readonly name = 'UsageError'
}

/** The TEE, its endorsements or the attestation of a provider failed. Exit code 3. */
export class AttesterError extends BaseError {
  override readonly name = 'AttesterError'
}

/** The chain could not be read, refused a transaction, or differs from what the node knows. Exit code 4. */
export class ChainError extends BaseError {
  override readonly name = 'ChainError'
}

/** A sealed asset could not be fetched or is not the published one. */
export class AssetError extends BaseError {
  override readonly name = 'AssetError'
}

/** A request was refused. Becomes a problem document with the HTTP status of its reason. */
export class RequestError extends BaseError {
  override readonly name = 'RequestError'
  /** Seconds for the Retry-After header. */
  readonly retryAfterSeconds: number | undefined
  /** Of what was charged under the number that was asked for. Travels inside the encrypted answer. */
  readonly receipt: SignedReceipt | undefined

  constructor(
    code: ReasonCode,
    extra: ErrorDetails & { readonly retryAfterSeconds?: number; readonly receipt?: SignedReceipt } = {},
  ) {
    super(code, extra)
    this.retryAfterSeconds = extra.retryAfterSeconds
    this.receipt = extra.receipt
  }
}

/** The journal could not be read or written, or is older than the chain. */
export class JournalError extends BaseError {
  override readonly name = 'JournalError'
}

/** Message of anything thrown, redacted by {@link BaseError}; never for HTTP answers. */
export function messageOf(error: unknown): string {
  if (error instanceof BaseError) return [error.shortMessage, ...error.metaMessages].join(' ')
  return error instanceof Error ? error.message : String(error)
}

/** Something that a judgement needs is missing, unreadable or unsupported: nothing was judged. Exit code 4. */
export class CannotCheckError extends BaseError {
  override readonly name = 'CannotCheckError'
}
