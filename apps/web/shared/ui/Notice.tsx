import type { ReactNode } from 'react'
import { TONE_SIGN, type Tone } from './Badge.tsx'
import { classNames } from './classNames.ts'

const FRAMES: Record<Tone, string> = {
  neutral: 'border-line bg-sunken',
  good: 'border-up/40 bg-up-soft',
  bad: 'border-down/40 bg-down-soft',
  warn: 'border-warn/40 bg-warn-soft',
  info: 'border-info/40 bg-info-soft',
}

/** What happened and what to do next. */
export function Notice({
  tone = 'neutral',
  title,
  children,
  actions,
  ...rest
}: {
  readonly tone?: Tone
  readonly title: ReactNode
  readonly children?: ReactNode
  readonly actions?: ReactNode
  readonly 'data-testid'?: string
}) {
  return (
    <div
      role={tone === 'bad' ? 'alert' : undefined}
      className={classNames('flex gap-3 rounded-md border px-3 py-2.5 text-sm', FRAMES[tone])}
      {...rest}
    >
      <span aria-hidden="true" className="mt-px w-3 text-center font-bold">
        {TONE_SIGN[tone]}
      </span>
      <div className="min-w-0 flex-1">
        <p className="font-medium">{title}</p>
        {children && <div className="mt-0.5 text-ink-2">{children}</div>}
        {actions && <div className="mt-2 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  )
}
