import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { REASONS, solidityErrorOf } from '@spartan/errors'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const NOT_SHIPPED = /node_modules|\.next|\.test\.tsx?$|\/generated\/|^packages\/errors\/src\/reasons\//
/** Tables about codes: a row there throws nothing. */
const NAMES_ONLY = /\/evidence\/exitCodes\.ts$|\/evidence\/vectors\/reasons\//

/** Shipped sources without comments: a code that only a comment names is not used. */
function codeOf(pattern: string): string {
  const files = globSync(pattern, { cwd: ROOT }).filter((path) => !NOT_SHIPPED.test(path) && !NAMES_ONLY.test(path))
  const sources = files.map((path) => readFileSync(join(ROOT, path), 'utf8'))
  return sources.join('\n').replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '')
}

function found(source: string, pattern: RegExp): ReadonlySet<string | undefined> {
  return new Set([...source.matchAll(pattern)].map((match) => match[1]))
}

const typescript = codeOf('{packages,apps,scripts}/**/*.{ts,tsx}')
const solidity = codeOf('contracts/**/*.sol')
const written = found(typescript, /\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b/g)
const reverted = found(solidity, /(?<!\berror )\b([A-Z]\w+)(?=\(|\.selector)/g)
const returned = found(solidity, /\bReasonCodes\.([A-Z0-9_]+)/g)

describe('reason codes', () => {
  test('every row of the table is thrown by TypeScript, or reverted with or returned by a contract', () => {
    const isUsed = (code: string) => written.has(code) || reverted.has(solidityErrorOf(code)) || returned.has(code)
    expect(Object.keys(REASONS).filter((code) => !isUsed(code))).toEqual([])
  })
})
