import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
const { rows } = JSON.parse(read('bench/results/gas.json')) as { rows: { name: string; ours: number; ok: boolean }[] }

/** README's label of a line of the gas tables, and the rows that it states. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  'P-384 signature': ['P-384 verify, arbitrary key', 'P-384 verify, key with table'],
  'SHA-384, per block': ['SHA-384 per 128-byte block'],
  'VCEK certificate': ['RSA-4096-PSS signature of a VCEK certificate'],
  'TDX quote, endorsements in the store': ['TDX quote v4, endorsements cached'],
  'SNP report, chip': ['SNP report, chip key cached', 'SNP report, chip key with table'],
  'Nitro document': ['Nitro document, leaf cached'],
  'NVIDIA report': ['NVIDIA report, key cached', 'NVIDIA report, key with table'],
  'Arm CCA token': ['CCA token, ES384 and ES384', 'CCA token, ES256 and ES256'],
  'TCB info': ['TCB info, stored'],
  '`register` with a TDX quote': ['register with a TDX quote, first epoch', 'register with a TDX quote, next epoch'],
}

/** Signatures are random, and so is the length of their hints. */
const NOISE = 0.01
const gasOf = (figure: string) => Number.parseFloat(figure) * (figure.endsWith('M') ? 1e6 : 1e3)

describe('gas figures', () => {
  test.each(Object.entries(LINES))('README, %s: as in bench/results/gas.json', (label, names) => {
    const line = read('README.md')
      .split('\n')
      .find((text) => text.startsWith(`| ${label}`))
    const cell = line?.split('|')[2] ?? ''
    const stated = [...cell.matchAll(/[\d.]+ [kM]/g)].map(([text]) => gasOf(text))
    expect(stated).toHaveLength(names.length)
    for (const [index, name] of names.entries()) {
      const ours = rows.find((row) => row.name === name)?.ours ?? 0
      expect(Math.abs((stated[index] ?? 0) - ours), `${name}: ${ours}`).toBeLessThanOrEqual(NOISE * ours)
    }
  })

  test('no row of the snapshot misses its goal', () => {
    expect(rows.length).toBeGreaterThan(40)
    expect(rows.filter(({ ok }) => !ok)).toEqual([])
  })
})
