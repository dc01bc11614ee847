import { readFileSync } from 'node:fs'
import type { BenchRow } from '../row.ts'

/** Hints and signatures are random, and zero bytes of calldata cost less: rows move by this share from run to run. */
const NOISE = 0.01

/** Prints every row that differs from bench/results/gas.json. Returns false when one costs more, is new, or is gone. */
export function compareWithSnapshot(rows: readonly BenchRow[]): boolean {
  const { rows: kept } = JSON.parse(readFileSync('bench/results/gas.json', 'utf8')) as { rows: readonly BenchRow[] }
  const { text, same } = differences(rows, kept)
  // Standard output may be for the table as JSON.
  console.error(text)
  return same
}

/** What differs between measured rows and kept ones, by kind; the same unless a row is dearer, new, or gone. */
export function differences(
  rows: readonly BenchRow[],
  kept: readonly BenchRow[],
): { readonly text: string; readonly same: boolean } {
  const before = new Map(kept.map(({ name, ours }) => [name, ours]))
  const kinds = { dearer: [] as string[], new: [] as string[], gone: [] as string[], cheaper: [] as string[] }
  for (const { name, ours, unit } of rows) {
    const old = before.get(name)
    before.delete(name)
    if (old === undefined) kinds.new.push(`${name}: ${ours} ${unit}`)
    else if (Math.abs(ours - old) > NOISE * old)
      kinds[ours > old ? 'dearer' : 'cheaper'].push(`${name}: ${old} → ${ours} ${unit}`)
  }
  for (const [name, old] of before) kinds.gone.push(`${name}: ${old}`)
  const same = kinds.dearer.length + kinds.new.length + kinds.gone.length === 0
  const counts = Object.entries(kinds).map(([kind, lines]) => `${lines.length} ${kind}`)
  const lines = Object.entries(kinds).flatMap(([kind, some]) => some.map((line) => `${kind.padEnd(8)} ${line}`))
  const verdict = same
    ? 'nothing dearer, new or gone'
    : 'the rows that are dearer, new or gone differ from bench/results/gas.json: exit code 1'
  return { text: [...lines, `${rows.length} rows: ${counts.join(', ')}; ${verdict}`].join('\n'), same }
}
