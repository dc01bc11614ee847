import { readFileSync, writeFileSync } from 'node:fs'

export const address = (value: number) => `0x${value.toString(16).padStart(3, '0')}`
export const word64 = (value: bigint) => `0x${value.toString(16).padStart(16, '0')}`

export const indent = (lines: readonly string[], by: number) =>
  lines.map((line) => `${' '.repeat(by)}${line}`).join('\n')

export const range = (from: number, to: number, step: number) =>
  Array.from({ length: (to - from) / step }, (_, index) => from + index * step)

/** What the names TWICE, PAIR and LOW of the templates stand for. */
export function withMasks(template: string): string {
  return template
    .replaceAll('TWICE', '0x10000000000000001')
    .replaceAll('PAIR', '0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff')
    .replaceAll('LOW', '0xffffffffffffffff')
    .replaceAll('x * 0x10000000000000001', 'x * (2^64 + 1)')
}

/** Writes a contract of contracts/crypto; with `--check` exits 1 when the committed file differs. */
export function writeContract(name: string, source: string): void {
  const file = new URL(`../../../contracts/crypto/${name}.sol`, import.meta.url)
  if (!process.argv.includes('--check')) writeFileSync(file, source)
  else if (readFileSync(file, 'utf8') !== source) {
    console.error(`contracts/crypto/${name}.sol is stale: run npm run codegen`)
    process.exit(1)
  }
}
