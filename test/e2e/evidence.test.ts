import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createSimulationRoot, endorsementsToJson, workload } from '@spartan/simulator'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readManifest } from '../../apps/node/src/commands/evidence/vectors/folder.ts'
import { judgeEntry, type VectorReport } from '../../apps/node/src/commands/evidence/vectors/judge.ts'
import { buildAttestationPackage } from '../../scripts/build/attestationPackage.ts'
import { launchBrowser } from './support/browser.ts'
import type {} from './support/evidencePage.ts'
import { bundleForBrowser, servePage } from './support/pageServer.ts'

const FOLDER = resolve(process.env.SPARTAN_FIXTURES ?? '../shared', 'vectors')

describe.skipIf(!existsSync(`${FOLDER}/manifest.json`))('published vectors in a page', () => {
  let browser: Browser
  let page: Page
  let server: Awaited<ReturnType<typeof servePage>>
  const violations: string[] = []

  beforeAll(async () => {
    const entry = resolve(import.meta.dirname, 'support/evidencePage.ts')
    server = await servePage(await bundleForBrowser(entry), FOLDER)
    browser = await launchBrowser()
    page = await browser.newPage()
    page.on('pageerror', (error) => violations.push(error.message))
    page.on('console', (message) => message.type() === 'error' && violations.push(message.text()))
    await page.goto(server.url)
    // The module has run when the page is loaded; a fault in it is among the violations.
    expect([await page.evaluate(() => typeof window.judgePublished), violations]).toEqual(['function', []])
  })

  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  test('behavior: every verdict, reason code and list of skipped checks is the one of Node', async () => {
    const entries = readManifest(FOLDER)
    expect(await page.evaluate(() => window.loadPublished?.())).toBe(entries.length)
    for (const [index, entry] of entries.entries()) {
      const inNode = await judgeEntry(entry)
      const inPage = await page.evaluate((at) => window.judgePublished?.(at), index)
      expect(essence(inPage), inNode.id).toEqual(essence(inNode))
      expect(inNode.ok, `${inNode.id}: ${inNode.problem}`).toBe(true)
    }
    // The strict content security policy of the page was never in the way.
    expect(violations).toEqual([])
  })
})

function essence(report: VectorReport | undefined) {
  if (!report) return undefined
  const { id, verdict, reasonCode, ok, skipped, reason, refusedBefore, judgedWithout, differences } = report
  return { id, verdict, reasonCode, ok, skipped, reason, refusedBefore, judgedWithout, differences }
}

describe('the package in a page', () => {
  test('default: the lines of its README run as they stand, without a bundler', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'attestation-page-'))
    await buildAttestationPackage(join(folder, 'attestation'))
    const root = await createSimulationRoot({ now: Math.floor(Date.now() / 1000) })
    const platform = await root.createPlatform({ name: 'page' })
    const quote = await platform.issueQuote({ ...(await workload('page')), reportData: new Uint8Array(64) })
    writeFileSync(join(folder, 'quote.bin'), quote)
    writeFileSync(join(folder, 'endorsements.json'), JSON.stringify(endorsementsToJson(await platform.endorsements())))
    const readme = readFileSync('packages/attestation/README.md', 'utf8')
    const snippet = /A page, [^\n]*\n[^\n]*\n?\n```js\n([\s\S]+?)```/.exec(readme)?.[1] ?? ''
    const server = await servePage(new Map([['page.js', snippet]]), folder, '/')
    const browser = await launchBrowser()
    try {
      const page = await browser.newPage()
      await page.goto(server.url)
      // The evidence is simulated, and Intel's root is the only one that the lines trust.
      await page.getByText('DCAP_ROOT_NOT_PINNED').waitFor()
    } finally {
      await browser.close()
      server.close()
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
