import { formatUnits, parseUnits } from 'viem'

/** One locale for server and browser, so that the first paint and the hydrated page agree. */
export const LOCALE = 'en-US'

/** A decimal string; Intl formats it exactly, a float would not. */
type Decimal = `${number}`

/**
 * Formats base units of a token.
 *
 * @param amount - Base units.
 * @param decimals - Decimals of the token.
 * @param maximumFractionDigits - Digits shown; the rest is cut, never rounded up, so nobody sees more than there is.
 */
export function formatAmount(amount: bigint, decimals: number, maximumFractionDigits = 4): string {
  const format = new Intl.NumberFormat(LOCALE, { maximumFractionDigits, roundingMode: 'trunc' })
  const text = format.format(formatUnits(amount, decimals) as Decimal)
  const smallest = 10n ** BigInt(Math.max(decimals - maximumFractionDigits, 0))
  return amount > 0n && amount < smallest ? `< ${format.format(formatUnits(smallest, decimals) as Decimal)}` : text
}

/** Formats every digit of an amount: for receipts, where nothing may be hidden. */
export function formatAmountExact(amount: bigint, decimals: number): string {
  return new Intl.NumberFormat(LOCALE, { maximumFractionDigits: decimals }).format(
    formatUnits(amount, decimals) as Decimal,
  )
}

/** Why a typed amount was refused. */
export type AmountProblem = 'empty' | 'not-a-number' | 'too-many-decimals' | 'zero'

/** Result of reading what a person typed. */
export type ParsedAmount =
  | { readonly ok: true; readonly amount: bigint }
  | { readonly ok: false; readonly problem: AmountProblem }

/**
 * Reads an amount that a person typed; a comma is taken as the decimal separator when it is the only separator.
 *
 * Refuses more decimals than the token has instead of rounding.
 */
export function parseAmount(text: string, decimals: number): ParsedAmount {
  const trimmed = text.trim()
  if (trimmed === '') return { ok: false, problem: 'empty' }
  const normal = /^\d*,\d+$/.test(trimmed) ? trimmed.replace(',', '.') : trimmed
  if (!/^(\d+\.?\d*|\.\d+)$/.test(normal)) return { ok: false, problem: 'not-a-number' }
  if ((normal.split('.')[1] ?? '').length > decimals) return { ok: false, problem: 'too-many-decimals' }
  const amount = parseUnits(normal, decimals)
  return amount === 0n ? { ok: false, problem: 'zero' } : { ok: true, amount }
}

/** Sentences for refused amounts. */
export const AMOUNT_PROBLEM_TEXT: Record<AmountProblem, string> = {
  empty: 'Enter an amount.',
  'not-a-number': 'Write the amount in digits, for example 12.5.',
  'too-many-decimals': 'The token has fewer decimals than that.',
  zero: 'The amount must be above zero.',
}

/** Formats a market price with as many digits as its size deserves. */
export function formatPrice(price: number): string {
  const digits = price >= 1000 ? 0 : price >= 1 ? 2 : 5
  return new Intl.NumberFormat(LOCALE, {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(price)
}

/** Formats a share (0.034 → +3.40%) with its sign; a true minus is as wide as the plus. */
export function formatChange(share: number): string {
  const text = new Intl.NumberFormat(LOCALE, {
    style: 'percent',
    signDisplay: 'exceptZero',
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  }).format(share)
  return text.replace('-', '−')
}

/** Formats a probability or share without sign. */
export function formatPercent(share: number, digits = 1): string {
  const text = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: digits }).format(share)
  return text.replace('-', '−')
}

/** Formats counts. */
export function formatCount(count: number | bigint): string {
  return new Intl.NumberFormat(LOCALE).format(count)
}

/** Formats volumes: 1.2M, 34K. */
export function formatCompact(value: number): string {
  return new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumFractionDigits: 2 }).format(value)
}
