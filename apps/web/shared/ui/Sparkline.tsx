import { classNames } from './classNames.ts'

const WIDTH = 120
const HEIGHT = 32
const PADDING = 2

/** Path of a line through the values, scaled into the box. */
export function sparklinePath(values: readonly number[]): string {
  const low = Math.min(...values)
  const span = Math.max(...values) - low || 1
  const step = (WIDTH - 2 * PADDING) / Math.max(values.length - 1, 1)
  return values
    .map((value, index) => {
      const x = PADDING + index * step
      const y = HEIGHT - PADDING - ((value - low) / span) * (HEIGHT - 2 * PADDING)
      return `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`
    })
    .join('')
}

/** Small line of closes. Decorative: the row says the same in numbers. */
export function Sparkline({ values }: { readonly values: readonly number[] }) {
  if (values.length < 2) return <span className="text-ink-3">–</span>
  const rising = (values.at(-1) ?? 0) >= (values[0] ?? 0)
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      className={classNames('h-8 w-[7.5rem]', rising ? 'text-up' : 'text-down')}
    >
      <path d={sparklinePath(values)} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  )
}
