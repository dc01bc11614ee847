import { readFileSync } from 'node:fs'

/** Numbers of one runner. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** One turbo task of the test command: how it is run and how its counts are read. */
export interface TestTask {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** From the runner's output and exit code. */
  readonly count: (output: string, ok: boolean) => Counts
}

const ONE = (_: string, ok: boolean): Counts => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 })

function vitest(name: string): TestTask {
  const file = `test-results/vitest-${name}.json`
  return {
    name,
    command: 'vitest',
    args: ['run', '--project', name, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    count: (_, ok) => vitestCounts(readFileSync(file, 'utf8'), ok),
  }
}

function vitestCounts(json: string, ok: boolean): Counts {
  const report = JSON.parse(json) as {
    numPassedTests: number
    numFailedTests: number
    numPendingTests: number
    numTodoTests?: number
  }
  const failed = report.numFailedTests
  // A runner that fails without a failed test (a file that does not load) still counts as a failure.
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !ok ? 1 : failed,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  }
}

function solidityCounts(output: string, ok: boolean): Counts {
  const number = (word: string) =>
    [...output.matchAll(new RegExp(`^\\s*(\\d+) ${word}`, 'gm'))].reduce((sum, match) => sum + Number(match[1]), 0)
  const failed = number('failing')
  const passed = number('passing')
  if (ok && passed === 0) return { passed: 0, failed: 1, skipped: 0 }
  return { passed, failed: failed === 0 && !ok ? 1 : failed, skipped: number('skipped') }
}

/** Every task of `npm test`, in the order in which they are listed. */
export const TASKS: readonly TestTask[] = [
  { name: 'format', command: 'biome', args: ['check', '.'], count: ONE },
  { name: 'solhint', command: 'solhint', args: ['--max-warnings', '0', 'contracts/**/*.sol'], count: ONE },
  { name: 'imports', command: 'node', args: ['scripts/checks/imports.ts'], count: ONE },
  { name: 'unused', command: 'knip', args: [], count: ONE },
  { name: 'types', command: 'tsc', args: ['--noEmit'], count: ONE },
  { name: 'types-web', command: 'tsc', args: ['--noEmit', '-p', 'apps/web'], count: ONE },
  { name: 'generated', command: 'node', args: ['scripts/codegen/all.ts', '--check'], count: ONE },
  vitest('unit'),
  { name: 'contracts', command: 'hardhat', args: ['test', 'solidity'], count: solidityCounts },
  vitest('onchain'),
  vitest('integration'),
  vitest('e2e'),
]
