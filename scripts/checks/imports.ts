// Fails when an import arrow turns back (docs/architecture.md, "Packages"), a package reaches into another one's files,
// or a pure package touches time, randomness, the network or Node.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** What each workspace's production code may import. Tests may import the simulator besides. */
const ALLOWED: Record<string, readonly string[]> = {
  'packages/errors': [],
  'packages/protocol': ['errors'],
  'packages/attestation': ['errors'],
  'packages/endorsements': ['attestation', 'errors'],
  'packages/simulator': [],
  'packages/abi': ['errors'],
  'packages/sdk': ['abi', 'attestation', 'errors', 'protocol'],
  'packages/inference': ['errors'],
  'packages/analytics': ['errors'],
  'apps/node': ['abi', 'attestation', 'endorsements', 'errors', 'inference', 'protocol'],
  'apps/web': ['sdk', 'analytics'],
}

/** Bytes, time and endorsements are arguments there; they run unchanged in browser and Node. */
const PURE = ['packages/attestation', 'packages/analytics']
const IMPURE =
  /(?<![\w.])(?:fetch\s*\(|Date\.now\s*\(|new Date\(\)|Math\.random\s*\(|process\.|console\.)|from 'node:|getRandomValues/

/** Runs in a page as well; what needs Node stands behind a subpath of its own. */
const BROWSER = /^packages\/endorsements\/src\/(?!node\/|test\/)/

interface Finding {
  readonly file: string
  readonly text: string
}

function workspaceOf(file: string): string {
  return file.split(sep).slice(0, 2).join('/')
}

function importsOf(source: string): string[] {
  return [...source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '')
}

function isExported(name: string, subpath: string): boolean {
  const text = readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8')
  const { exports = {} } = JSON.parse(text) as { exports?: Record<string, unknown> }
  return Object.hasOwn(exports, `.${subpath}`)
}

function checkImports(file: string, source: string): Finding[] {
  const workspace = workspaceOf(file)
  const allowed = ALLOWED[workspace]
  if (!allowed) return [{ file, text: `workspace ${workspace} has no entry in scripts/checks/imports.ts` }]
  const isTest = /\.test(-d)?\.tsx?$|\/test\//.test(file)
  const findings: Finding[] = []
  for (const target of importsOf(source)) {
    const ours = /^@spartan\/([^/]+)(\/.*)?$/.exec(target)
    if (ours) {
      const name = ours[1] ?? ''
      const self = workspace.endsWith(`/${name}`)
      if (!self && !allowed.includes(name) && !(isTest && name === 'simulator'))
        findings.push({ file, text: `${workspace} must not import ${target}` })
      if (ours[2] && !isExported(name, ours[2]))
        findings.push({ file, text: `deep import ${target}: use the package's exports` })
    } else if (target.startsWith('.')) {
      const resolved = relative(ROOT, join(ROOT, dirname(file), target))
      if (workspaceOf(resolved) !== workspace && !isTest)
        findings.push({ file, text: `relative import leaves the workspace: ${target}` })
    }
  }
  return findings
}

const withoutComments = (source: string) => source.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')

function checkPurity(file: string, source: string): Finding[] {
  if (!PURE.includes(workspaceOf(file)) || /\.test\.ts$/.test(file)) return []
  const hit = IMPURE.exec(withoutComments(source))
  return hit ? [{ file, text: `pure package uses ${hit[0].trim()}` }] : []
}

function checkBrowser(file: string, source: string): Finding[] {
  if (!BROWSER.test(file.split(sep).join('/')) || /\.test\.ts$/.test(file)) return []
  const hit = /from 'node:|\.\/node\/|\bprocess\.|\bBuffer\b/.exec(withoutComments(source))
  return hit ? [{ file, text: `runs in browsers but uses ${hit[0]}` }] : []
}

function checkSolidity(file: string, source: string): Finding[] {
  const imports = [...source.matchAll(/from "([^"]+)"/g)].map((match) => match[1] ?? '')
  if (file.includes('periphery')) return []
  return imports
    .filter((target) => target.includes('periphery'))
    .map((target) => ({ file, text: `core contract imports ${target}` }))
}

const ignored = (path: string) => /node_modules|\.next|generated/.test(path)
const sources = globSync('{packages,apps}/**/*.{ts,tsx}', { cwd: ROOT }).filter((path) => !ignored(path))
const contracts = globSync('contracts/**/*.sol', { cwd: ROOT })
const findings = [
  ...sources.flatMap((file) => {
    const source = readFileSync(join(ROOT, file), 'utf8')
    return [...checkImports(file, source), ...checkPurity(file, source), ...checkBrowser(file, source)]
  }),
  ...contracts.flatMap((file) => checkSolidity(file, readFileSync(join(ROOT, file), 'utf8'))),
]
for (const { file, text } of findings) console.error(`${file}: ${text}`)
console.log(`imports: ${sources.length + contracts.length} files, ${findings.length} findings`)
process.exit(findings.length === 0 ? 0 : 1)
