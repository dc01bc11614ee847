import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readManifest } from '../../apps/node/src/commands/evidence/vectors/folder.ts'
import { judgeEntry, type VectorReport } from '../../apps/node/src/commands/evidence/vectors/judge.ts'
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
  const { id, verdict, reasonCode, ok, skipped, reason, refusedBefore, differences } = report
  return { id, verdict, reasonCode, ok, skipped, reason, refusedBefore, differences }
}
