import type { ReactNode } from 'react'

/** Head of a page: what it is, in one line, and what can be done here. */
export function PageHeader({
  title,
  lead,
  actions,
}: {
  readonly title: ReactNode
  readonly lead?: ReactNode
  readonly actions?: ReactNode
}) {
  return (
    <header className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="text-2xl font-semibold">{title}</h1>
        {lead && <p className="mt-1 max-w-[80ch] text-pretty text-ink-2">{lead}</p>}
      </div>
      {actions}
    </header>
  )
}

/** Label left, value right: for long lists of fields. */
export function FactRow({ label, children }: { readonly label: ReactNode; readonly children: ReactNode }) {
  return (
    <div className="grid gap-x-4 gap-y-0.5 border-b border-line px-4 py-2 last:border-b-0 sm:grid-cols-[13rem_1fr]">
      <dt className="text-sm text-ink-3">{label}</dt>
      <dd className="num min-w-0">{children}</dd>
    </div>
  )
}
