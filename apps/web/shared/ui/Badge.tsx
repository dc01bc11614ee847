import type { ReactNode } from 'react'
import { classNames } from './classNames.ts'

const TONES = {
  neutral: 'bg-sunken text-ink-2',
  good: 'bg-up-soft text-up',
  bad: 'bg-down-soft text-down',
  warn: 'bg-warn-soft text-warn',
  info: 'bg-info-soft text-info',
} as const

/** Tones of badges and notices; each has its own sign besides the colour. */
export type Tone = keyof typeof TONES

/** Sign that carries the tone for readers who do not see the colour. */
export const TONE_SIGN: Record<Tone, string> = { neutral: '•', good: '✓', bad: '✕', warn: '!', info: 'i' }

/** Short status word. */
export function Badge({ tone = 'neutral', children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return (
    <span
      className={classNames(
        'inline-flex items-center gap-1.5 rounded-sm px-1.5 py-0.5 text-xs font-medium whitespace-nowrap',
        TONES[tone],
      )}
    >
      <span aria-hidden="true" className="text-2xs font-bold">
        {TONE_SIGN[tone]}
      </span>
      {children}
    </span>
  )
}
