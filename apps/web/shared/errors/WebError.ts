import { BaseError, type ErrorDetails, type ReasonCode } from '@spartan/sdk'

/** Everything that the dApp itself refuses; `code` is a row of the reason table. */
export class WebError extends BaseError {
  override readonly name = 'WebError'

  constructor(code: Extract<ReasonCode, `WEB_${string}`>, extra: ErrorDetails = {}) {
    super(code, extra)
  }
}
