import { BaseError, type ErrorDetails, type ReasonCode } from '@spartan/errors'

/** Codes of this package, all `INFERENCE_…`. */
export type InferenceCode = Extract<ReasonCode, `INFERENCE_${string}`>

/** Thrown by engines and by the request codec; `code` is one of `INFERENCE_…`. Values of tensors never stand in it. */
export class InferenceError extends BaseError {
  override readonly name: string = 'InferenceError'

  constructor(code: InferenceCode, extra?: ErrorDetails) {
    super(code, extra)
  }
}
