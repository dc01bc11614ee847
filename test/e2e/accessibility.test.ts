import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/wait.ts'
import { launchBrowser } from './support/browser.ts'
import { installWallet, type WalletFixture } from './support/wallet.ts'
import { type RunningWorld, startWorld } from './support/world.ts'

const WIDTHS = [360, 1280] as const
const THEMES = ['light', 'dark'] as const
/** For one step of a page, transactions included. */
const STEP_TIMEOUT_MS = 60_000

let running: RunningWorld
let browser: Browser

beforeAll(async () => {
  running = await startWorld()
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  await running?.stop()
})

interface Visitor {
  readonly context: BrowserContext
  readonly page: Page
  readonly wallet: WalletFixture
}

async function visit(options: { role?: string; width?: number; chainId?: number } = {}): Promise<Visitor> {
  const { world } = running
  const account = world.accounts.find(({ role }) => role === (options.role ?? 'trader'))
  if (!account) throw new Error('no such account')
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: 'light',
    // The page's own policy forbids the script that axe brings along.
    bypassCSP: true,
  })
  const wallet = await installWallet(context, {
    name: 'Test Wallet',
    rdns: 'test.wallet',
    privateKey: account.privateKey,
    rpcUrl: world.rpcUrl,
    chainId: options.chainId ?? world.chainId,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(STEP_TIMEOUT_MS)
  return { context, wallet, page }
}

const byId = (page: Page, id: string) => page.getByTestId(id)

async function open(page: Page, path: string): Promise<void> {
  await page.goto(running.world.webUrl + path)
  await page.locator('main').waitFor()
}

async function connect(page: Page): Promise<void> {
  await byId(page, 'connect-button').first().click()
  await byId(page, 'wallet-option-test.wallet').click()
  await byId(page, 'wallet-menu').first().waitFor()
}

async function buyTrend(page: Page, symbol: string): Promise<void> {
  await open(page, `/markets/${symbol}`)
  await byId(page, 'verify-button').click()
  await page.locator('[data-testid=verify-result][data-verdict=accepted]').waitFor()
  if ((await byId(page, 'channel-open').count()) === 0) await byId(page, 'open-channel-button').click()
  await byId(page, 'channel-open').waitFor()
  await byId(page, 'buy-trend-button').click()
  await byId(page, 'trend-result').waitFor()
}

/** What axe calls serious or critical, and whether the page can be scrolled sideways. */
async function problemsOf(page: Page, name: string): Promise<string[]> {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))),
  )
  const { violations } = await new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).analyze()
  const grave = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${name}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  return overflow > 0 ? [...grave, `${name}: ${overflow} px wider than the window`] : grave
}

const balance = async (page: Page, id: string) => BigInt((await byId(page, id).getAttribute('data-amount')) || '0')

describe('every page', () => {
  for (const width of WIDTHS) {
    it(`default: has no serious violation and no sideways scroll at ${width} px, light and dark`, async () => {
      const { context, page } = await visit({ width })
      const problems: string[] = []
      const look = async (name: string) => {
        for (const colorScheme of THEMES) {
          await page.emulateMedia({ colorScheme })
          problems.push(...(await problemsOf(page, `${name}, ${colorScheme}`)))
        }
      }
      const [provider] = running.world.providers
      const paths = [
        '/',
        '/markets',
        '/providers',
        '/receipts',
        '/account',
        '/nowhere',
        `/receipts/0x${'11'.repeat(32)}`,
      ]
      for (const path of paths) {
        await open(page, path)
        if (path === '/providers') await byId(page, 'provider-tier').first().waitFor({ state: 'attached' })
        await look(path)
      }
      await open(page, `/providers/${provider?.providerId}`)
      await byId(page, 'verify-result').waitFor()
      for (const group of await byId(page, 'check-group').locator('> summary').all()) await group.click()
      await look('provider')
      await open(page, '/markets/BTC')
      await byId(page, 'verify-button').waitFor()
      await look('market without wallet')
      await byId(page, 'connect-button').first().click()
      await byId(page, 'wallet-option-test.wallet').waitFor()
      await look('connect dialog')
      await byId(page, 'wallet-option-test.wallet').click()
      await byId(page, 'wallet-menu').first().waitFor()
      await buyTrend(page, 'BTC')
      await look('market after a purchase')
      await byId(page, 'view-as-table').click()
      await look('market as table')
      await byId(page, 'receipt-link').click()
      await byId(page, 'receipt-verified').first().waitFor()
      await look('receipt')
      await open(page, '/receipts')
      await byId(page, 'receipt-verified').first().waitFor()
      await look('receipts')
      await open(page, '/account')
      await byId(page, 'channel-action').first().waitFor()
      await look('account')
      await byId(page, 'wallet-menu').first().click()
      await byId(page, 'disconnect-button').waitFor()
      await look('wallet menu')
      expect(problems).toEqual([])
      await context.close()
    })
  }
})

describe('keyboard', () => {
  it('default: the connect dialog opens with Enter, keeps the focus, closes with Escape, and gives the focus back', async () => {
    const { context, page } = await visit({ role: 'traderB' })
    await open(page, '/markets')
    const button = byId(page, 'connect-button').first()
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? '')
    await button.focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    for (let press = 0; press < 6; press++) {
      await page.keyboard.press('Tab')
      expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true)
    }
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await until('the focus to return', async () => (await focused()) === 'connect-button')

    await page.keyboard.press('Enter')
    await dialog.waitFor()
    while ((await focused()) !== 'wallet-option-test.wallet') await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await byId(page, 'wallet-menu').first().waitFor()
    await context.close()
  })

  it('default: the skip link is the first stop and leads to the content', async () => {
    const { context, page } = await visit()
    await open(page, '/markets')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content')
    await page.keyboard.press('Enter')
    expect(new URL(page.url()).hash).toBe('#content')
    await context.close()
  })
})

describe('a wallet on another chain', () => {
  it('behavior: the banner says so, reading goes on, and one click switches', async () => {
    const { context, page } = await visit({ role: 'traderB', chainId: 1 })
    await open(page, '/account')
    await connect(page)
    await byId(page, 'wrong-chain-banner').waitFor()
    expect(await problemsOf(page, 'wrong chain')).toEqual([])
    expect(await byId(page, 'move-submit').innerText()).toBe('Switch the chain first')
    await byId(page, 'switch-chain-button').click()
    await byId(page, 'wrong-chain-banner').waitFor({ state: 'detached' })
    await context.close()
  })
})

describe('money', () => {
  it('default: test tokens arrive, a deposit and a withdrawal move exactly what was typed', async () => {
    const { context, page } = await visit({ role: 'traderB' })
    await open(page, '/account')
    await connect(page)
    const unit = 10n ** BigInt(running.world.token.decimals)
    const wallet = () => balance(page, 'wallet-balance')
    const ledger = () => balance(page, 'ledger-balance')
    await until('the balances', async () => (await byId(page, 'wallet-balance').getAttribute('data-amount')) !== '')
    const before = { wallet: await wallet(), ledger: await ledger() }

    await byId(page, 'faucet-button').click()
    await until('the test tokens', async () => (await wallet()) === before.wallet + 1_000n * unit)

    await byId(page, 'amount-input').fill('12,5')
    await byId(page, 'move-submit').click()
    const deposited = (125n * unit) / 10n
    await until('the deposit', async () => (await ledger()) === before.ledger + deposited)
    const left = before.wallet + 1_000n * unit - deposited
    await until('the wallet to show it', async () => (await wallet()) === left)

    await byId(page, 'move-withdraw').click()
    await byId(page, 'amount-input').fill('99999999')
    expect(await byId(page, 'move-submit').isDisabled()).toBe(true)
    await byId(page, 'amount-input').fill('2.5')
    await byId(page, 'move-submit').click()
    await until('the withdrawal', async () => (await ledger()) === before.ledger + 10n * unit)
    await context.close()
  })

  it('default: closing a channel gives back at once what was not spent', async () => {
    const { context, page } = await visit({ role: 'traderB' })
    await open(page, '/account')
    await connect(page)
    await buyTrend(page, 'ETH')
    const fee = await balance(page, 'trend-fee')
    await open(page, '/account')
    await byId(page, 'channel-action').first().waitFor()
    const before = await balance(page, 'ledger-balance')
    const refund = await balance(page, 'refundable-total')
    await byId(page, 'channel-action').first().click()
    await until('nothing left to take back', async () => (await balance(page, 'refundable-total')) === 0n)
    // The provider may have settled the fee before, between, or with the close: what comes back is the deposit less it.
    await until('the refund', async () =>
      [refund, refund - fee].includes((await balance(page, 'ledger-balance')) - before),
    )
    expect(await page.locator('[data-testid^=channel-0x]').first().innerText()).toContain('Closed')
    await context.close()
  })

  it('behavior: when the provider does not answer, the close is requested and the date of the refund is shown', async () => {
    const { context, page } = await visit({ role: 'traderB' })
    await open(page, '/account')
    await connect(page)
    await buyTrend(page, 'SOL')
    await page.route('**/v1/ohttp', (route) => route.abort())
    await open(page, '/account')
    await byId(page, 'channel-action').first().waitFor()
    await byId(page, 'channel-action').first().click()
    await byId(page, 'close-requested').waitFor()
    const action = byId(page, 'channel-action').first()
    await until('the date of the refund', async () => /^Refund in/.test(await action.innerText()))
    expect(await action.isDisabled()).toBe(true)
    await context.close()
  })
})

describe('after a reload', () => {
  it('behavior: a half-opened channel is offered and opened to its end', async () => {
    const { context, page, wallet } = await visit({ role: 'traderB' })
    await open(page, '/markets/XRP')
    await connect(page)
    await byId(page, 'verify-button').click()
    await page.locator('[data-testid=verify-result][data-verdict=accepted]').waitFor()
    wallet.setMode('delay')
    await byId(page, 'open-channel-button').click()
    await page.locator('[data-testid=tx-status][data-stage=awaiting-signature]').waitFor()
    wallet.setMode('reject')
    await open(page, '/account')
    wallet.setMode('approve')
    await byId(page, 'continue-opening').first().waitFor()
    expect(await problemsOf(page, 'half-opened')).toEqual([])
    await byId(page, 'continue-opening').first().click()
    await byId(page, 'unfinished-opening').waitFor({ state: 'detached' })
    await byId(page, 'channel-action').first().waitFor()
    await context.close()
  })

  it('behavior: an answer that was paid for and lost on the way is fetched again and shown', async () => {
    const { context, page } = await visit({ role: 'traderB' })
    await open(page, '/markets/ADA')
    await connect(page)
    await buyTrend(page, 'ADA')
    // The provider answers and charges; the answer never reaches the page.
    let dropped = 0
    await page.route('**/v1/ohttp', async (route) => {
      await route.fetch()
      dropped += 1
      await route.abort()
    })
    await byId(page, 'buy-trend-button').click()
    await until('the request', async () => dropped > 0)
    await page.unroute('**/v1/ohttp')
    await open(page, '/markets/BTC')
    await byId(page, 'unfinished-answer').waitFor()
    expect(await byId(page, 'unfinished-answer').innerText()).toContain('ADA')
    expect(await problemsOf(page, 'unfinished answer')).toEqual([])
    await byId(page, 'fetch-answer').click()
    await byId(page, 'recovered-answer').waitFor()
    expect(await byId(page, 'recovered-answer').innerText()).toContain('ADA')
    await byId(page, 'unfinished-answer').waitFor({ state: 'detached' })
    await context.close()
  })
})
