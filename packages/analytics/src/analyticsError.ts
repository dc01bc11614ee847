import { BaseError, type ErrorDetails, type ReasonCode } from '@spartan/errors'

/** Codes of this package, all `ANALYTICS_…`. */
export type AnalyticsCode = Extract<ReasonCode, `ANALYTICS_${string}`>

/** Thrown by this package; `code` is one of `ANALYTICS_…`. */
export class AnalyticsError extends BaseError {
  override readonly name: string = 'AnalyticsError'

  constructor(code: AnalyticsCode, extra?: ErrorDetails) {
    super(code, extra)
  }
}

/** Throws `ANALYTICS_ARGUMENT_INVALID` unless `ok`. */
export function requireArgument(ok: boolean, what: string): asserts ok {
  if (!ok) throw new AnalyticsError('ANALYTICS_ARGUMENT_INVALID', { metaMessages: [what] })
}
