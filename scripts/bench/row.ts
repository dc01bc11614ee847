/** One measured line of a benchmark. `goal` and `limit` are in `unit`. */
export interface BenchRow {
  readonly name: string
  readonly unit: string
  readonly ours: number
  /** Best public figure or the peer measured in the same run; null where there is none. */
  readonly peer: number | null
  /** Physical or protocol limit; null where none is known. */
  readonly limit: number | null
  readonly goal: number
  readonly ok: boolean
  /** Where peer and limit come from. */
  readonly note: string
}

type Given = Omit<BenchRow, 'ok' | 'peer' | 'limit' | 'note'> &
  Partial<Pick<BenchRow, 'peer' | 'limit' | 'note'>> & {
    /** Rates: more is better. Less is, unless given. */
    readonly moreIsBetter?: boolean
  }

/** Completes a row; ok means that the goal is met. */
export function row(given: Given): BenchRow {
  const { name, unit, ours, peer = null, limit = null, goal, note = '', moreIsBetter = false } = given
  const ok = moreIsBetter ? ours >= goal : ours <= goal
  return { name, unit, ours: Math.round(ours * 100) / 100, peer, limit, goal, ok, note }
}

/** Rows as a table for people. */
export function formatRows(rows: readonly BenchRow[]): string {
  const head = ['', 'ours', 'peer', 'limit', 'goal', 'unit', '']
  const body = rows.map((entry) => [
    entry.name,
    entry.ours.toLocaleString('en'),
    entry.peer?.toLocaleString('en') ?? '–',
    entry.limit?.toLocaleString('en') ?? '–',
    entry.goal.toLocaleString('en'),
    entry.unit,
    entry.ok ? 'ok' : 'MISSED',
  ])
  const lines = [head, ...body]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n')
}
