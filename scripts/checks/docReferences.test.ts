import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** Of the AWS Nitro Enclaves NSM API. */
const FOREIGN = ['docs/attestation_process.md']
const OUTSIDE = /(^|\/)(node_modules|generated|\.next|dist|out|artifacts)(\/|$)/

const files = (...patterns: readonly string[]) =>
  globSync(
    patterns.map((pattern) => pattern),
    { cwd: ROOT, exclude: (path) => OUTSIDE.test(path) },
  )

/** `file: reference` for each that leads nowhere. */
function dangling(paths: readonly string[], pattern: RegExp, resolve: (file: string, reference: string) => string) {
  return paths.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(pattern)]
      .map(([, reference = '']) => reference)
      .filter((reference) => !FOREIGN.includes(reference) && !existsSync(resolve(file, reference)))
      .map((reference) => `${file}: ${reference}`),
  )
}

test('every page that code names is there', () => {
  const sources = files('{contracts,packages,apps,scripts,test}/**/*.{sol,ts,tsx,mjs}')
  expect(sources.length).toBeGreaterThan(500)
  // A decision may go by its number, before its title.
  const decisions = globSync('docs/decisions/*.md', { cwd: ROOT }).join('\n')
  const found = dangling(sources, /(?<![\w/.-])(docs\/[\w./-]*\w)/g, (_, reference) => join(ROOT, reference))
  expect(found.filter((line) => !/decisions\/\d{4}$/.test(line) || !decisions.includes(line.slice(-4)))).toEqual([])
})

test('every link between pages leads to a file', () => {
  const pages = files('*.md', 'docs/**/*.md', '{contracts,packages,apps,scripts,test,bench}/**/*.md')
  expect(pages.length).toBeGreaterThan(20)
  const link = /\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g
  expect(dangling(pages, link, (file, reference) => join(ROOT, dirname(file), reference))).toEqual([])
})
