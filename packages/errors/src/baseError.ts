import type { Retry } from './reason.ts'
import { type ReasonCode, reasonOf } from './table.ts'

/** What a throw site adds to the table's row. */
export interface ErrorDetails {
  /** Lines with the values that matter: `expected 3, got 4`. Never secrets; URLs lose their credentials. */
  readonly metaMessages?: readonly string[] | undefined
  /** Text of the layer below. */
  readonly details?: string | undefined
  readonly cause?: unknown
}

/**
 * Base of every error this project throws.
 *
 * `code` is stable and listed in docs/errors.md; `shortMessage` is the table's sentence; `metaMessages` carry values.
 */
export class BaseError extends Error {
  override readonly name: string = 'BaseError'
  readonly code: ReasonCode
  readonly shortMessage: string
  readonly metaMessages: readonly string[]
  readonly details: string | undefined
  readonly action: string
  readonly retry: Retry
  readonly docsUrl: string

  constructor(code: ReasonCode, extra: ErrorDetails = {}) {
    const reason = reasonOf(code)
    const meta = (extra.metaMessages ?? []).map(redact)
    const details = extra.details === undefined ? undefined : redact(extra.details)
    const lines = [`${reason.what} [${code}]`, ...meta, ...(details ? [details] : []), reason.action]
    super(lines.join('\n'), extra.cause === undefined ? undefined : { cause: extra.cause })
    this.code = code
    this.shortMessage = reason.what
    this.metaMessages = meta
    this.details = details
    this.action = reason.action
    this.retry = reason.retry
    this.docsUrl = `docs/errors.md#${code.toLowerCase()}`
  }

  /** The first error down the cause chain that satisfies `predicate`. */
  walk(predicate: (error: unknown) => boolean): unknown {
    let current: unknown = this
    while (current !== undefined && current !== null) {
      if (predicate(current)) return current
      current = current instanceof Error ? current.cause : undefined
    }
    return undefined
  }
}

/** Takes user names and passwords out of URLs and anything that looks like a 32-byte private key label out of text. */
export function redact(text: string): string {
  return text
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/gi, '$1[redacted]@')
    .replace(/((?:private|secret|mnemonic|password|api)[_ -]?(?:key)?["']?\s*[:=]\s*)["']?[^\s"',}]+/gi, '$1[redacted]')
}
