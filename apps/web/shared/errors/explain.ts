import { BaseError, decodeContractError, isReasonCode, type ReasonCode, reasonOf } from '@spartan/sdk'

/** What the reader gets instead of an exception. */
export interface Explanation {
  /** A wallet refusal is the reader's own decision: `neutral`, never an error. */
  readonly tone: 'neutral' | 'bad'
  /** What happened, one sentence. */
  readonly title: string
  /** What to do next, one sentence. */
  readonly action: string
  /** Row of the reason table, when there is one. */
  readonly code?: ReasonCode
  /** Values and the words of the layer below, for a bug report. */
  readonly technical?: string
}

const USER_REJECTED = 4001
const INSUFFICIENT_FUNDS = /insufficient funds|exceeds the balance|doesn't have enough funds/i
const UNREACHABLE = /fetch failed|failed to fetch|networkerror|http request failed|timed out|econnrefused/i

/** Every error down the cause chain, outermost first. */
function* chainOf(error: unknown): Generator<Record<string, unknown>> {
  const seen = new Set<unknown>()
  let current = error
  while (typeof current === 'object' && current !== null && !seen.has(current)) {
    seen.add(current)
    yield current as Record<string, unknown>
    current = (current as { cause?: unknown }).cause
  }
}

function textOf(error: unknown): string {
  const first = chainOf(error).next().value
  const { shortMessage, message } = first ?? {}
  return typeof shortMessage === 'string' ? shortMessage : typeof message === 'string' ? message : String(error)
}

function row(code: ReasonCode, technical?: string): Explanation {
  const { what, action } = reasonOf(code)
  return { tone: 'bad', title: what, action, code, ...(technical ? { technical } : {}) }
}

/** Whether the person said no in the wallet. */
export function isRejection(error: unknown): boolean {
  for (const link of chainOf(error)) {
    if (link.code === USER_REJECTED || link.code === 'SDK_WALLET_REJECTED') return true
  }
  return false
}

/**
 * Turns anything that was thrown into text and a next step: the one place where the dApp does so.
 *
 * Order: refusal in the wallet, our own codes (SDK, node, dApp), the contracts' custom errors, the chain's usual troubles,
 * and at last the first sentence of the unknown error.
 */
export function explain(error: unknown): Explanation {
  if (isRejection(error)) {
    return {
      tone: 'neutral',
      title: 'You declined in the wallet.',
      action: 'Nothing was sent. Try again when you like.',
    }
  }
  for (const link of chainOf(error)) {
    if (link instanceof BaseError) return row(link.code, [...link.metaMessages, link.details ?? ''].join('\n').trim())
    if (typeof link.code === 'string' && isReasonCode(link.code)) return row(link.code, textOf(link))
  }
  const contract = decodeContractError(error)
  if (contract) return explainRevert(contract)
  const text = textOf(error)
  const whole = [...chainOf(error)].map((link) => `${link.message ?? ''} ${link.details ?? ''}`).join(' ')
  if (INSUFFICIENT_FUNDS.test(whole)) return row('WEB_FUNDS_INSUFFICIENT', text)
  if (UNREACHABLE.test(whole)) return row('WEB_CHAIN_UNREACHABLE', text)
  return { tone: 'bad', title: text, action: 'Try again; if it stays, report the text below.', technical: whole.trim() }
}

function explainRevert(contract: NonNullable<ReturnType<typeof decodeContractError>>): Explanation {
  const values = contract.args.map(String).join(', ')
  if (contract.code) return row(contract.code, values ? `${contract.name}(${values})` : contract.name)
  const title =
    contract.name === 'Error' ? `The contract refused: ${values}.` : `The contract refused with ${contract.name}.`
  return { tone: 'bad', title, action: 'Check the values and try again.', technical: `${contract.name}(${values})` }
}
