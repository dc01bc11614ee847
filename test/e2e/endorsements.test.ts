import { resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createIntelSite, type IntelSite, NOW } from '../../packages/endorsements/src/test/intelSite.ts'
import {
  type LocalSource,
  type Reply,
  type SeenRequest,
  startLocalSource,
} from '../../packages/endorsements/src/test/localSource.ts'
import { launchBrowser } from './support/browser.ts'
import type {} from './support/endorsementsPage.ts'
import { bundleForBrowser, type Modules } from './support/pageServer.ts'

/** No inline script, no eval, no other origin. */
const headers = { 'content-security-policy': "default-src 'none'; script-src 'self'; connect-src 'self'" }
const PAGE = '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>'

describe('endorsements in a page', () => {
  let site: IntelSite
  let modules: Modules
  let server: LocalSource
  let browser: Browser
  let page: Page
  let quoteHex: string

  beforeAll(async () => {
    site = await createIntelSite()
    const quote = await site.platform.issueQuote({ reportData: new Uint8Array(64) })
    quoteHex = Buffer.from(quote).toString('hex')
    modules = await bundleForBrowser(resolve(import.meta.dirname, 'support/endorsementsPage.ts'))
    server = await startLocalSource(serve)
    browser = await launchBrowser()
    page = await browser.newPage()
  })
  beforeEach(async () => {
    server.answer(serve)
    await page.goto(server.url)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  function serve(request: SeenRequest): Reply {
    if (request.path === '/') return { body: PAGE, headers: { ...headers, 'content-type': 'text/html' } }
    const module = modules.get(request.path.slice(1))
    if (module !== undefined) return { body: module, headers: { ...headers, 'content-type': 'text/javascript' } }
    return site.reply(request)
  }
  const instead = (path: string, reply: Reply) =>
    server.answer((request) => (request.path.includes(path) ? reply : serve(request)))
  const fetchAt = (at: number) => {
    const rootHex = Buffer.from(site.rootPublicKey).toString('hex')
    return page.evaluate(([quote, root, time]) => window.fetchEndorsements?.(quote, root, time), [
      quoteHex,
      rootHex,
      at,
    ] as const)
  }

  test('default: fetched, verified, kept by the browser, served after a reload', async () => {
    expect(await fetchAt(NOW)).toEqual({
      verdict: 'accepted',
      sources: { 'root-crl': 'source', 'pck-crl': 'source', 'tcb-info': 'source', 'qe-identity': 'source' },
    })
    await page.reload()
    expect((await fetchAt(NOW + 60))?.sources).toMatchObject({ 'tcb-info': 'cache', 'pck-crl': 'source' })
  })

  test('behavior: a conditional request, and 304 as its answer', async () => {
    await fetchAt(NOW)
    server.answer((request) => (request.headers['if-none-match'] ? { status: 304 } : serve(request)))
    expect((await fetchAt(NOW + 7200))?.sources).toMatchObject({ 'tcb-info': 'confirmed', 'qe-identity': 'confirmed' })
  })

  test('behavior: grace in an outage, until the end of validity', async () => {
    await fetchAt(NOW)
    instead('certification', { status: 503 })
    expect((await fetchAt(NOW + 86_400))?.sources).toMatchObject({ 'tcb-info': 'grace', 'root-crl': 'grace' })
    expect((await fetchAt(NOW + 31 * 86_400))?.code).toBe('ENDORSEMENTS_UNAVAILABLE')
  })

  test('error: a redirect is refused, which a page sees only as an opaque answer', async () => {
    instead('pckcrl', { status: 302, headers: { location: '/elsewhere' } })
    expect((await fetchAt(NOW))?.code).toBe('ENDORSEMENTS_SOURCE_REFUSED')
    expect(server.seen.map(({ path }) => path)).not.toContain('/elsewhere')
  })
})
