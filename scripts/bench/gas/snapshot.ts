import { readFileSync } from 'node:fs'
import type { BenchRow } from '../row.ts'

/** Hints and signatures are random, and zero bytes of calldata cost less: rows move by this share from run to run. */
const NOISE = 0.01

/** Prints every row that differs from bench/results/gas.json. Returns false when one costs more, is new, or is gone. */
export function compareWithSnapshot(rows: readonly BenchRow[]): boolean {
  const { rows: kept } = JSON.parse(readFileSync('bench/results/gas.json', 'utf8')) as { rows: readonly BenchRow[] }
  const before = new Map(kept.map(({ name, ours }) => [name, ours]))
  const lines: string[] = []
  let same = true
  for (const { name, ours, unit } of rows) {
    const old = before.get(name)
    before.delete(name)
    if (old !== undefined && Math.abs(ours - old) <= NOISE * old) continue
    same &&= old !== undefined && ours < old
    lines.push(`${name}: ${old ?? 'new'} → ${ours} ${unit}`)
  }
  for (const [name, old] of before) lines.push(`${name}: ${old} → gone`)
  console.log(lines.length === 0 ? `${rows.length} rows as in the snapshot` : lines.join('\n'))
  return same && before.size === 0
}
