import type { ComponentProps, ReactNode } from 'react'
import { classNames } from './classNames.ts'

/** Framed surface. */
export function Card({ className, ...rest }: ComponentProps<'section'>) {
  return <section className={classNames('rounded-lg border border-line bg-surface', className)} {...rest} />
}

/** Title row of a card. */
export function CardHeader({
  title,
  note,
  actions,
  level = 2,
}: {
  readonly title: ReactNode
  readonly note?: ReactNode
  readonly actions?: ReactNode
  readonly level?: 2 | 3
}) {
  const Heading = level === 2 ? 'h2' : 'h3'
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 border-b border-line px-4 py-3">
      <div className="min-w-0">
        <Heading className="text-lg font-semibold">{title}</Heading>
        {note && <p className="mt-0.5 text-sm text-ink-2">{note}</p>}
      </div>
      {actions}
    </header>
  )
}
