import { BaseError } from '@spartan/errors'

/** Thrown by every refusal of the client. `code` says why, `retry` whether trying again can help. */
export class SdkError extends BaseError {
  override readonly name = 'SdkError'
}
