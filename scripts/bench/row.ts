import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'

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
function formatRows(rows: readonly BenchRow[]): string {
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

/** Finishes a benchmark: keeps the result in bench/results unless it is a quick one, prints it, and exits 1 when a goal is missed. */
export function report(
  area: string,
  rows: readonly BenchRow[],
  { keep, context = {} }: { readonly keep: boolean; readonly context?: Readonly<Record<string, string>> },
): never {
  const result = {
    area,
    measuredAt: new Date().toISOString().slice(0, 10),
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? '',
    node: process.version,
    ...context,
    rows,
  }
  if (keep) {
    mkdirSync('bench/results', { recursive: true })
    writeFileSync(`bench/results/${area}.json`, `${JSON.stringify(result, null, 2)}\n`)
  }
  console.log(process.argv.includes('--json') ? JSON.stringify(result) : formatRows(rows))
  process.exit(rows.every(({ ok }) => ok) ? 0 : 1)
}
