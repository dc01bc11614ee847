import type { TensorInput, TensorOutput } from '@spartan/sdk'
import { WebError } from '../../shared/errors/WebError.ts'

/** Name of the model at the nodes and of the asset in the registry (docs/architecture.md, "The trend model"). */
export const TREND_MODEL = 'trend'
/** Daily closes that the model reads. */
export const TREND_CLOSES = 257
/** Elements of its outputs: position, and three probabilities. */
const TREND_OUTPUTS = 4n

/** What the model said. */
export interface Trend {
  /** -1 (short) to 1 (long). */
  readonly position: number
  /** Over the next five days; sum 1. */
  readonly down: number
  readonly flat: number
  readonly up: number
}

/** Fee of one analysis, token base units: known before it runs. */
export function trendFee(prices: { readonly pricePerUnitIn: bigint; readonly pricePerUnitOut: bigint }): bigint {
  return prices.pricePerUnitIn * BigInt(TREND_CLOSES) + prices.pricePerUnitOut * TREND_OUTPUTS
}

/**
 * Input tensor from daily closes, oldest first; the newest ones are taken.
 *
 * @throws {WebError} `WEB_HISTORY_TOO_SHORT`.
 */
export function trendInput(closes: readonly number[]): TensorInput {
  if (closes.length < TREND_CLOSES) {
    throw new WebError('WEB_HISTORY_TOO_SHORT', {
      metaMessages: [`needed ${TREND_CLOSES} closes, got ${closes.length}`],
    })
  }
  return { name: 'closes', datatype: 'FP64', shape: [1, TREND_CLOSES], data: closes.slice(-TREND_CLOSES) }
}

/**
 * Reads the model's outputs.
 *
 * @throws {WebError} `WEB_ANSWER_MALFORMED` when a tensor is missing or outside its range.
 */
export function trendOf(outputs: readonly TensorOutput[]): Trend {
  const position = numbersOf(outputs, 'position', 1)[0]
  const [down, flat, up] = numbersOf(outputs, 'probabilities', 3)
  if (position === undefined || down === undefined || flat === undefined || up === undefined) throw malformed('empty')
  const inRange = Math.abs(position) <= 1 && [down, flat, up].every((share) => share >= 0 && share <= 1)
  if (!inRange) throw malformed('a value is outside its range')
  return { position, down, flat, up }
}

function numbersOf(outputs: readonly TensorOutput[], name: string, count: number): number[] {
  const data = outputs.find((output) => output.name === name)?.data ?? []
  const numbers = data.filter((value): value is number => typeof value === 'number' && Number.isFinite(value))
  if (numbers.length !== count) throw malformed(`${name}: expected ${count} numbers, got ${numbers.length}`)
  return numbers
}

function malformed(line: string): WebError {
  return new WebError('WEB_ANSWER_MALFORMED', { metaMessages: [line] })
}

/** The position in words; small positions are called none. */
export function leaning(position: number): 'up' | 'down' | 'none' {
  if (Math.abs(position) < 0.1) return 'none'
  return position > 0 ? 'up' : 'down'
}
