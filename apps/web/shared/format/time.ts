import { LOCALE } from './number.ts'

/** Formats Unix seconds as `2026-11-22 14:05 UTC`: the same text on server and browser. */
export function formatInstant(unixSeconds: number | bigint): string {
  return `${new Date(Number(unixSeconds) * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** Formats Unix seconds as a day, UTC. */
export function formatDay(unixSeconds: number | bigint): string {
  return new Date(Number(unixSeconds) * 1000).toISOString().slice(0, 10)
}

const STEPS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** Formats a span of seconds by its largest unit: `6 days`, `1 hour`. */
export function formatSpan(seconds: number): string {
  const size = Math.abs(seconds)
  const [unit, least] = STEPS.find(([, step]) => size >= step) ?? (['second', 1] as const)
  const format = new Intl.NumberFormat(LOCALE, { style: 'unit', unit, unitDisplay: 'long' })
  return format.format(Math.trunc(size / least))
}

/** Formats the distance between two instants: `in 3 hours`, `2 minutes ago`. Unix seconds. */
export function formatDistance(toSeconds: number | bigint, nowSeconds: number | bigint): string {
  const distance = Number(toSeconds) - Number(nowSeconds)
  const format = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' })
  for (const [unit, size] of STEPS) {
    if (Math.abs(distance) >= size) return format.format(Math.trunc(distance / size), unit)
  }
  return format.format(Math.trunc(distance), 'second')
}
