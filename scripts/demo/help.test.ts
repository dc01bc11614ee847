import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { HELP, portsFrom } from './options.ts'
import { PROVIDER_PLANS } from './providerPlans.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

test('npm start -- --help prints the help where nothing is installed, and installs nothing', () => {
  const bare = mkdtempSync(join(tmpdir(), 'spartan-help-'))
  try {
    mkdirSync(join(bare, 'scripts'))
    for (const path of ['package.json', 'package-lock.json', 'scripts/bootstrap.mjs', 'scripts/demo'])
      cpSync(join(ROOT, path), join(bare, path), { recursive: true })
    const args = ['scripts/bootstrap.mjs', 'scripts/demo/main.ts', '--help']
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: bare, encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toBe(HELP)
    expect(status).toBe(0)
    expect(existsSync(join(bare, 'node_modules'))).toBe(false)
  } finally {
    rmSync(bare, { recursive: true, force: true })
  }
})

test('the help counts providers and ports as they are', () => {
  const ports = portsFrom(0)
  expect(HELP).toContain(`simulated TEEs, ${PROVIDER_PLANS.length} providers`)
  expect(HELP).toContain(`first of ${Math.max(...ports.providers) + 1} ports`)
})
