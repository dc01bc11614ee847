import type { ReactNode } from 'react'

/** Empty place that names the cause and the next step. */
export function EmptyState({
  title,
  children,
  action,
  page = false,
}: {
  readonly title: string
  /** The state is the whole page: its title is the page's heading. */
  readonly page?: boolean
  readonly children?: ReactNode
  readonly action?: ReactNode
}) {
  const Title = page ? 'h1' : 'p'
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-12 text-center">
      <span aria-hidden="true" className="mb-1 text-2xl text-line-strong">
        ◌
      </span>
      <Title className="text-lg font-medium">{title}</Title>
      {children && <div className="max-w-prose text-ink-2">{children}</div>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  )
}
