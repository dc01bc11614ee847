import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSimulationRoot, endorsementsToJson, workload } from '@spartan/simulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attestationEntries, buildAttestationPackage } from './attestationPackage.ts'
import { bundleSize } from './bundleSize.ts'

const KILOBYTE = 1024

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attestation-package-'))
  await buildAttestationPackage(join(folder, 'package'))
  mkdirSync(join(folder, 'node_modules/@spartan'), { recursive: true })
  symlinkSync(join(folder, 'package'), join(folder, 'node_modules/@spartan/attestation'))
  const root = await createSimulationRoot({ now: Math.floor(Date.now() / 1000) })
  const platform = await root.createPlatform({ name: 'readme' })
  const quote = await platform.issueQuote({ ...(await workload('readme')), reportData: new Uint8Array(64) })
  writeFileSync(join(folder, 'quote.bin'), quote)
  writeFileSync(join(folder, 'endorsements.json'), JSON.stringify(endorsementsToJson(await platform.endorsements())))
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the package as others install it', () => {
  test('default: the ten lines of the README run as they stand', () => {
    const snippet = /Node:\n\n```js\n([\s\S]+?)```/.exec(readFileSync('packages/attestation/README.md', 'utf8'))?.[1]
    writeFileSync(join(folder, 'verify.mjs'), snippet ?? '')
    const printed = execFileSync(process.execPath, ['verify.mjs'], { cwd: folder, encoding: 'utf8' })
    // The evidence is simulated, and Intel's root is the only one that the lines trust.
    expect(printed).toBe('DCAP_ROOT_NOT_PINNED\n')
  })

  test('behavior: every entry point loads without any other package', () => {
    for (const entry of Object.keys(attestationEntries())) {
      const name = `@spartan/attestation${entry.slice(1)}`
      const script = `console.log(Object.keys(await import('${name}')).length > 0)`
      const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        cwd: folder,
        encoding: 'utf8',
      })
      expect(printed, name).toBe('true\n')
    }
  })

  test('behavior: its declarations stand on their own', () => {
    const source =
      "import { verifyTdxEvidence } from '@spartan/attestation/tdx'\nexport const verify: unknown = verifyTdxEvidence\n"
    writeFileSync(join(folder, 'use.ts'), source)
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2024',
      '--lib',
      'es2024,dom',
    ]
    execFileSync(join(process.cwd(), 'node_modules/.bin/tsc'), [...options, '--types', '', 'use.ts'], { cwd: folder })
  }, 60_000)
})

describe('what a page loads', () => {
  test('behavior: at most 90 kB for Intel alone, 220 kB for every TEE, and the XML part on demand', async () => {
    const intel = await bundleSize("export * from '@spartan/attestation/tdx'; export * from '@spartan/attestation/sgx'")
    const all = await bundleSize("export * from '@spartan/attestation'")
    expect(intel.initial).toBeLessThanOrEqual(90 * KILOBYTE)
    expect(all.initial).toBeLessThanOrEqual(220 * KILOBYTE)
    expect(all.onDemand).toBeGreaterThan(0)
    expect(all.initialModules.filter((path) => /nvidia\/rim\//.test(path))).toEqual([])
  }, 60_000)

  test('behavior: one imported function brings nothing of the other TEEs', async () => {
    const { initialModules } = await bundleSize("export { verifyTdxEvidence } from '@spartan/attestation'")
    expect(initialModules.filter((path) => /attestation\/src\/(snp|cca|nitro|nvidia)\//.test(path))).toEqual([])
  }, 60_000)
})
