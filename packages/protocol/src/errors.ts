import { BaseError } from '@spartan/errors'

/** Thrown when bytes or text from outside do not have the form the protocol demands, or do not verify. */
export class ProtocolError extends BaseError {
  override readonly name = 'ProtocolError'
}
