import type { VectorReport } from './judge.ts'

/** Counts of one family. */
export interface FamilySummary {
  readonly family: string
  readonly entries: number
  readonly ok: number
  /** Negatives that were accepted. */
  readonly accepted: number
  /** Good ones that were refused. */
  readonly rejected: number
  /** Negatives refused for a reason other than the stated one. */
  readonly otherReason: number
  /** Negatives whose stated reason no rule knows. */
  readonly unreviewed: number
  readonly errors: number
}

/** Counts per family, in the order of the entries. */
export function summarize(reports: readonly VectorReport[]): readonly FamilySummary[] {
  const families = Map.groupBy(reports, ({ id }) => id.split('/')[0] ?? '')
  return [...families].map(([family, entries]) => {
    const count = (is: (report: VectorReport) => boolean) => entries.filter(is).length
    return {
      family,
      entries: entries.length,
      ok: count(({ ok }) => ok),
      accepted: count(({ verdict, expected }) => verdict === 'pass' && expected === 'fail'),
      rejected: count(({ verdict, expected }) => verdict === 'fail' && expected === 'pass'),
      otherReason: count(({ reason }) => reason === 'other'),
      unreviewed: count(({ reason }) => reason === 'unreviewed'),
      errors: count(({ verdict }) => verdict === 'error'),
    }
  })
}

/** One line per entry and a table per family. */
export function formatReports(reports: readonly VectorReport[]): string {
  return [...reports.map(formatReport), '', ...formatSummary(summarize(reports))].join('\n')
}

function formatReport(report: VectorReport): string {
  const { id, ok, verdict, reasonCode, expected, expectedReason, skipped, refusedBefore, judgedWithout, differences } =
    report
  const notes = [
    ...(skipped.length > 0 ? [`skipped: ${skipped.join(', ')}`] : []),
    ...(refusedBefore.length > 0 ? [`refused before for: ${refusedBefore.join(', ')}`] : []),
    ...(judgedWithout.length > 0 ? [`judged without: ${judgedWithout.join(', ')}`] : []),
    ...(report.reason === 'unreviewed' ? ['reason not in the table'] : []),
    ...differences.map(({ name, expected: wanted, got }) => `${name}: expected ${wanted}, got ${got}`),
    ...(report.exception === null ? [] : [`exception: ${report.exception}`]),
    ...(ok
      ? []
      : [
          `expected ${expected ?? 'nothing'}${expectedReason ? `: ${expectedReason}` : ''}`,
          firstLines(report.problem),
        ]),
  ]
  const mark = ok ? 'ok   ' : 'WRONG'
  return `${mark} ${id}  ${verdict}${reasonCode ? ` ${reasonCode}` : ''}${notes.map((note) => `\n        ${note}`).join('')}`
}

const firstLines = (text: string) => text.split('\n').slice(0, 3).join(' · ')

const COLUMNS = [
  ['family', 'tee'],
  ['entries', 'entries'],
  ['ok', 'right'],
  ['accepted', 'negatives accepted'],
  ['rejected', 'good refused'],
  ['otherReason', 'other reason'],
  ['unreviewed', 'reason unreviewed'],
  ['errors', 'not judged'],
] as const satisfies readonly (readonly [keyof FamilySummary, string])[]

function formatSummary(families: readonly FamilySummary[]): readonly string[] {
  const rows = [COLUMNS.map(([, title]) => title), ...families.map((row) => COLUMNS.map(([name]) => `${row[name]}`))]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
