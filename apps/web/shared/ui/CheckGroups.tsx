import { type Check, CheckList } from './CheckList.tsx'
import { classNames } from './classNames.ts'

/** Groups of steps, closed when all is well; the group with the step that failed is open. */
export function CheckGroups({
  groups,
}: {
  readonly groups: readonly { readonly title: string; readonly checks: readonly Check[] }[]
}) {
  return (
    <div className="rounded-md border border-line">
      {groups.map(({ title, checks }) => (
        <Group key={title} title={title} checks={checks} />
      ))}
    </div>
  )
}

function Group({ title, checks }: { readonly title: string; readonly checks: readonly Check[] }) {
  const passed = checks.filter(({ status }) => status === 'done').length
  const failed = checks.some(({ status }) => status === 'failed')
  const whole = passed === checks.length
  return (
    <details open={failed} className="group/set border-b border-line last:border-b-0" data-testid="check-group">
      <summary className="flex min-h-10 list-none items-center gap-2 px-3 py-1.5 text-sm">
        <span
          aria-hidden="true"
          className={classNames(
            'w-4 shrink-0 text-center font-bold',
            failed ? 'text-down' : whole ? 'text-up' : 'text-ink-3',
          )}
        >
          {failed ? '✕' : whole ? '✓' : '–'}
        </span>
        <span className="min-w-0 flex-1 font-medium">{title}</span>
        <span className="num shrink-0 text-xs text-ink-3">
          {passed}/{checks.length}
          <span className="sr-only"> passed</span>
        </span>
        <span aria-hidden="true" className="shrink-0 text-xs text-ink-3 group-open/set:rotate-90">
          ›
        </span>
      </summary>
      <div className="border-t border-line bg-canvas px-3">
        <CheckList checks={checks} label={title} />
      </div>
    </details>
  )
}
