import { classNames } from './classNames.ts'

/** One step of a verification. `not-requested`: not part of what was asked, or not reached. */
export interface Check {
  readonly id: string
  readonly title: string
  readonly status: 'done' | 'failed' | 'not-requested'
  readonly reasonCode?: string | undefined
  /** Raw values that were compared; shown on demand. */
  readonly values: Readonly<Record<string, string>>
}

const SIGNS = {
  done: { sign: '✓', word: 'passed', colour: 'text-up' },
  failed: { sign: '✕', word: 'failed', colour: 'text-down' },
  'not-requested': { sign: '–', word: 'not checked', colour: 'text-ink-3' },
} as const

/** Every step with its outcome; nothing is summed up into one green tick. */
export function CheckList({ checks, label }: { readonly checks: readonly Check[]; readonly label: string }) {
  return (
    <ol aria-label={label} className="flex flex-col text-sm">
      {checks.map((check) => (
        <li
          key={check.id}
          data-testid={`check-${check.id}`}
          data-status={check.status}
          className="border-b border-line last:border-b-0"
        >
          <CheckLine check={check} />
        </li>
      ))}
    </ol>
  )
}

function CheckLine({ check }: { readonly check: Check }) {
  const { sign, word, colour } = SIGNS[check.status]
  const values = Object.entries(check.values)
  const head = (
    <>
      <span aria-hidden="true" className={classNames('w-4 shrink-0 text-center font-bold', colour)}>
        {sign}
      </span>
      <span className="min-w-0 flex-1">
        {check.title}
        <span className="sr-only">: {word}</span>
        {check.reasonCode && <span className="mono ml-2 text-xs text-down">{check.reasonCode}</span>}
      </span>
    </>
  )
  if (values.length === 0) return <p className="flex min-h-8 items-center gap-2 py-1.5">{head}</p>
  return (
    <details className="group" open={check.status === 'failed'}>
      <summary className="flex min-h-8 list-none items-center gap-2 py-1.5">
        {head}
        <span aria-hidden="true" className="shrink-0 text-xs text-ink-3 group-open:rotate-90">
          ›
        </span>
      </summary>
      <dl className="mb-2 ml-6 grid gap-x-3 gap-y-1 rounded-sm bg-sunken p-2 text-xs sm:grid-cols-[max-content_minmax(0,1fr)]">
        {values.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="mono break-all">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
