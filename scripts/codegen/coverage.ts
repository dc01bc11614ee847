// Writes docs/specs/coverage.md: every check and every reason code of the verifier, with the published vectors and the tests that
// exercise it; gaps are listed. What the vectors do is recorded in test/vectors/coverage.json whenever they are at hand
// (SPARTAN_FIXTURES), so that the page is the same without them. --check fails when the committed files differ.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  CCA_CHECKS,
  type CheckTable,
  NITRO_CHECKS,
  NVIDIA_CHECKS,
  SGX_CHECKS,
  SNP_CHECKS,
  TDX_CHECKS,
} from '@spartan/attestation'
import { codeOfSolidityError, REASONS } from '@spartan/errors'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PAGE = join(ROOT, 'docs', 'specs', 'coverage.md')
const RECORD = join(ROOT, 'test', 'vectors', 'coverage.json')
const CHECK = process.argv.includes('--check')

/** What one vector did. */
interface Recorded {
  readonly id: string
  readonly code: string | null
  readonly check: string | null
  readonly done: readonly string[]
}

interface Section {
  readonly title: string
  /** Folder of the vectors. */
  readonly family: string
  readonly checks: CheckTable<string>
}

const SECTIONS: readonly Section[] = [
  { title: 'Intel TDX', family: 'tdx', checks: TDX_CHECKS },
  { title: 'Intel SGX', family: 'sgx', checks: SGX_CHECKS },
  { title: 'AMD SEV-SNP', family: 'sev-snp', checks: SNP_CHECKS },
  { title: 'Arm CCA', family: 'cca', checks: CCA_CHECKS },
  { title: 'NVIDIA', family: 'nvidia-gpu', checks: NVIDIA_CHECKS },
  { title: 'AWS Nitro', family: 'nitro', checks: NITRO_CHECKS },
]
const AREAS = ['DCAP', 'SNP', 'CCA', 'NVIDIA', 'NITRO', 'EVENT_LOG', 'EVIDENCE'] as const

function readRecord(): readonly Recorded[] {
  const vectors = join(process.env.SPARTAN_FIXTURES ?? '', 'vectors')
  if (process.env.SPARTAN_FIXTURES === undefined || !existsSync(join(vectors, 'manifest.json'))) {
    return JSON.parse(readFileSync(RECORD, 'utf8'))
  }
  const main = join(ROOT, 'apps', 'node', 'src', 'main.ts')
  const run = spawnSync(process.execPath, [main, 'evidence', 'vectors', vectors, '--json'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const { entries } = JSON.parse(run.stdout) as { readonly entries: readonly Report[] }
  return entries.map(({ id, reasonCode, failedCheck, doneChecks }) => ({
    id,
    code: reasonCode,
    check: failedCheck,
    done: doneChecks,
  }))
}

interface Report {
  readonly id: string
  readonly reasonCode: string | null
  readonly failedCheck: string | null
  readonly doneChecks: readonly string[]
}

/** Test files by the codes that they name; the contracts' tests name custom errors. */
function testWords(): ReadonlyMap<string, readonly string[]> {
  const files = globSync(['{packages,apps}/*/src/**/*.test.ts', 'test/**/*.{ts,sol}'], { cwd: ROOT }).sort()
  const words = new Map<string, string[]>()
  for (const file of files) {
    const source = readFileSync(join(ROOT, file), 'utf8')
    const errors = [...source.matchAll(/\b(Dcap[A-Za-z0-9]+)\.selector/g)].map(([, name = '']) =>
      codeOfSolidityError(name),
    )
    for (const word of new Set([...(source.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? []), ...errors])) {
      words.set(word, [...(words.get(word) ?? []), file])
    }
  }
  return words
}

const shown = (items: readonly string[], limit: number) =>
  items.length === 0
    ? '–'
    : `${items.slice(0, limit).join(' ')}${items.length > limit ? ` and ${items.length - limit} more` : ''}`

function checkTable({ title, family, checks }: Section, record: readonly Recorded[]): readonly string[] {
  const vectors = record.filter(({ id }) => id.startsWith(`${family}/`))
  const rows = checks.map(([id, meaning]) => {
    const refusing = Map.groupBy(
      vectors.filter(({ check }) => check === id),
      ({ code }) => code ?? '',
    )
    const refusals = [...refusing].map(([code, found]) => `\`${code}\` ×${found.length}`).sort()
    const done = vectors.filter((vector) => vector.done.includes(id)).length
    return `| \`${id}\` | ${meaning} | ${done} | ${shown(refusals, 12)} |`
  })
  return [
    '',
    `## ${title}: checks`,
    '',
    '| check | what holds | vectors that pass it | vectors that it refuses |',
    '|---|---|---|---|',
    ...rows,
  ]
}

function codeTable(area: string, record: readonly Recorded[], words: ReturnType<typeof testWords>): readonly string[] {
  const rows = codesOf(area).map((code) => {
    const vectors = record.filter((vector) => vector.code === code).map(({ id }) => id.split('/')[1] ?? id)
    const tests = (words.get(code) ?? []).map((file) => `\`${file.replace(/^.*\//, '')}\``)
    return `| \`${code}\` | ${shown(vectors, 3)} | ${shown([...new Set(tests)], 4)} |`
  })
  return ['', `## ${area}: codes`, '', '| code | vectors | tests |', '|---|---|---|', ...rows]
}

const codesOf = (area: string) => Object.keys(REASONS).filter((code) => code.startsWith(`${area}_`))

function render(record: readonly Recorded[]): string {
  const words = testWords()
  const vectorCodes = new Set(record.map(({ code }) => code))
  const gaps = AREAS.flatMap(codesOf).filter((code) => !vectorCodes.has(code) && !words.has(code))
  const judged = record.length
  return `${[
    '# Coverage of the verifier',
    '',
    'Generated by `node scripts/codegen/coverage.ts`. Vectors: the published ones, judged by `spartan evidence vectors`',
    `(${judged} entries; test/vectors/coverage.json records what each did). Tests: files that name the code.`,
    '',
    '## Gaps',
    '',
    gaps.length === 0
      ? 'No code is without a vector and without a test.'
      : `${gaps.length} codes that no vector gives and no test names: ${gaps.map((code) => `\`${code}\``).join(' ')}`,
    ...SECTIONS.flatMap((section) => checkTable(section, record)),
    ...AREAS.flatMap((area) => codeTable(area, record, words)),
  ].join('\n')}\n`
}

/** One line per vector, so that a change shows as one. */
function format(record: readonly Recorded[]): string {
  return `[\n${record.map((vector) => `  ${JSON.stringify(vector)}`).join(',\n')}\n]\n`
}

const record = readRecord()
let stale = false
for (const [path, content] of [
  [RECORD, format(record)],
  [PAGE, render(record)],
] as const) {
  if (!CHECK) writeFileSync(path, content)
  else if (readFileSync(path, 'utf8') !== content) {
    console.error(`${path.slice(ROOT.length)} is stale: run node scripts/codegen/coverage.ts`)
    stale = true
  }
}
process.exit(stale ? 1 : 0)
