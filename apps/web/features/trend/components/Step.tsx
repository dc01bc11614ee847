import type { ReactNode } from 'react'
import { classNames } from '../../../shared/ui/classNames.ts'

/** Where a step of the purchase stands. */
export type StepState = 'done' | 'current' | 'waiting'

/** One numbered step. */
export function Step({
  number,
  title,
  state,
  children,
}: {
  readonly number: number
  readonly title: string
  readonly state: StepState
  readonly children: ReactNode
}) {
  return (
    <li
      aria-current={state === 'current' ? 'step' : undefined}
      data-state={state}
      className="grid grid-cols-[1.5rem_minmax(0,1fr)] gap-x-3 border-b border-line px-4 py-3"
    >
      <span
        aria-hidden="true"
        className={classNames(
          'num flex size-6 items-center justify-center rounded-full text-xs font-semibold',
          state === 'done' && 'bg-up-soft text-up',
          state === 'current' && 'bg-ink text-canvas',
          state === 'waiting' && 'bg-sunken text-ink-3',
        )}
      >
        {state === 'done' ? '✓' : number}
      </span>
      <div className="min-w-0">
        <h3 className={classNames('mb-1.5 leading-6 font-medium', state === 'waiting' && 'text-ink-2')}>
          {title}
          {state === 'done' && <span className="sr-only"> (done)</span>}
        </h3>
        {children}
      </div>
    </li>
  )
}
