import { randomBytes } from 'node:crypto'
import { ledgerAbi } from '@spartan/abi'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { type Address, createPublicClient, http } from 'viem'
import { hardhat } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/wait.ts'
import { launchBrowser } from './support/browser.ts'
import { settlementState } from './support/metrics.ts'
import { installWallet, type WalletFixture } from './support/wallet.ts'
import { type RunningWorld, startWorld } from './support/world.ts'

const FEE = 257n * 10n + 4n * 500n
const OWNER_SHARE = (FEE * 3_000n) / 10_000n
/** For one step of a page, transactions included. */
const STEP_TIMEOUT_MS = 60_000
const SETTLE_TIMEOUT_MS = 90_000

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
  /** Every origin the page talked to. */
  readonly origins: Set<string>
  readonly problems: string[]
}

async function visit(
  options: { role?: string; chainId?: number; knowsChain?: boolean; width?: number } = {},
): Promise<Visitor> {
  const { world } = running
  const account = world.accounts.find(({ role }) => role === (options.role ?? 'trader'))
  if (!account) throw new Error('no such account')
  const context = await browser.newContext({ viewport: { width: options.width ?? 1280, height: 900 } })
  const chainId = options.chainId ?? world.chainId
  const common = { privateKey: account.privateKey, rpcUrl: world.rpcUrl, chainId }
  await installWallet(context, { ...common, name: 'Other Wallet', rdns: 'test.other' })
  const wallet = await installWallet(context, {
    ...common,
    name: 'Test Wallet',
    rdns: 'test.wallet',
    knowsChain: options.knowsChain ?? true,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(STEP_TIMEOUT_MS)
  const origins = new Set<string>()
  const problems: string[] = []
  page.on('request', (request) => {
    if (request.url().startsWith('http')) origins.add(new URL(request.url()).origin)
  })
  page.on('pageerror', (error) => problems.push(error.message))
  return { context, page, wallet, origins, problems }
}

const byId = (page: Page, id: string) => page.getByTestId(id)

async function connect({ page }: Visitor): Promise<void> {
  await byId(page, 'connect-button').first().click()
  await byId(page, 'wallet-option-test.wallet').click()
  await byId(page, 'wallet-menu').first().waitFor()
}

async function openMarket(page: Page, symbol: string): Promise<void> {
  await page.goto(`${running.world.webUrl}/markets/${symbol}`)
  await byId(page, 'trend-card').waitFor()
}

async function verifyAndOpen(page: Page): Promise<void> {
  await byId(page, 'verify-button').click()
  await page.locator('[data-testid=verify-result][data-verdict=accepted]').waitFor()
  await byId(page, 'open-channel-button').click()
  await byId(page, 'channel-open').waitFor()
}

async function buy(page: Page): Promise<void> {
  await byId(page, 'buy-trend-button').click()
  await byId(page, 'trend-result').waitFor()
}

const client = () => createPublicClient({ chain: hardhat, transport: http(running.world.rpcUrl) })

async function ledgerBalance(user: Address): Promise<bigint> {
  const { contracts, token } = running.world
  const address = contracts.ledger
  if (!address) throw new Error('world.json has no ledger')
  return client().readContract({ address, abi: ledgerAbi, functionName: 'balanceOf', args: [user, token.address] })
}

function accountOf(role: string): Address {
  const account = running.world.accounts.find((entry) => entry.role === role)
  if (!account) throw new Error(`no account ${role}`)
  return account.address
}

/** Ledger balances of everybody who earns: model owner, all providers, protocol. */
async function earnings() {
  const [owner, protocol, ...providers] = await Promise.all([
    ledgerBalance(accountOf('assetOwner')),
    ledgerBalance(accountOf('treasury')),
    ...running.world.providers.map((provider) => ledgerBalance(provider.owner)),
  ])
  return { owner, protocol, provider: providers.reduce((sum, balance) => sum + balance, 0n) }
}

type Earnings = Awaited<ReturnType<typeof earnings>>

const gain = (after: Earnings, before: Earnings): Earnings => ({
  owner: after.owner - before.owner,
  protocol: after.protocol - before.protocol,
  provider: after.provider - before.provider,
})

const settlementNow = () => settlementState(running.world.providers.map(({ url }) => url))

/**
 * Waits until the nodes have paid more than `paidBefore` vouchers and their journals owe nothing more: whatever a node
 * would ask for a second time is in its journal as unsettled.
 */
function allSettled(paidBefore: number) {
  return until(
    'settlement of everything journaled',
    async () => {
      const state = await settlementNow()
      return state.paidItems > paidBefore && state.unsettled === 0 && state
    },
    SETTLE_TIMEOUT_MS,
  )
}

function expectedShares(payments: bigint) {
  const paid = FEE * payments
  const owner = (paid * 3_000n) / 10_000n
  const protocol = ((paid - owner) * 250n) / 7_000n
  return { owner, protocol, provider: paid - owner - protocol }
}

describe('reading without a wallet', () => {
  it('default: markets, chart, providers and the banner need no wallet and no foreign host', async () => {
    const visitor = await visit({ width: 360 })
    const { page, origins, problems } = visitor
    await page.goto(`${running.world.webUrl}/markets`)
    await byId(page, 'simulation-banner').waitFor()
    await openMarket(page, 'BTC')
    expect(await byId(page, 'asset-price').textContent()).toMatch(/\d/)
    await byId(page, 'verify-button').click()
    await page.locator('[data-testid=verify-result][data-verdict=accepted]').waitFor()
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(overflow).toBeLessThanOrEqual(0)
    const { world } = running
    const allowed = new Set([world.webUrl, world.rpcUrl, ...world.providers.map(({ url }) => url)])
    expect([...origins].filter((origin) => !allowed.has(origin))).toEqual([])
    expect(problems).toEqual([])
    await visitor.context.close()
  })
})

describe('buying the trend of BTC', () => {
  it('default: connect, open channel, infer, receipt verified, provider settles, three balances move exactly', async () => {
    const before = await earnings()
    const { paidItems } = await settlementNow()
    const visitor = await visit()
    const { page, problems } = visitor
    await openMarket(page, 'BTC')
    await connect(visitor)
    await verifyAndOpen(page)
    await buy(page)
    expect(await byId(page, 'trend-fee').getAttribute('data-amount')).toBe(FEE.toString())
    await byId(page, 'receipt-link').click()
    await page.locator('[data-testid=receipt-verified][data-verified=true]').waitFor()

    const share = expectedShares(1n)
    expect(share.owner).toBe(OWNER_SHARE)
    await allSettled(paidItems)
    expect(gain(await earnings(), before)).toEqual(share)
    expect(problems).toEqual([])
    await visitor.context.close()
  })

  it('behavior: a wallet on another chain that does not know ours is asked to add it, then to switch', async () => {
    const visitor = await visit({ role: 'traderB', chainId: 1, knowsChain: false })
    const { page, wallet } = visitor
    await openMarket(page, 'ETH')
    await connect(visitor)
    await byId(page, 'wrong-chain-banner').waitFor()
    await byId(page, 'switch-chain-button').click()
    await byId(page, 'wrong-chain-banner').waitFor({ state: 'detached' })
    expect(wallet.prompts).toContain('wallet_addEthereumChain')
    await visitor.context.close()
  })

  it('behavior: a rejection in the wallet is neutral and leaves the page usable', async () => {
    const visitor = await visit({ role: 'traderB' })
    const { page, wallet } = visitor
    await openMarket(page, 'BTC')
    wallet.setMode('reject')
    await byId(page, 'connect-button').first().click()
    await byId(page, 'wallet-option-test.wallet').click()
    await byId(page, 'connect-problem').waitFor()
    wallet.setMode('approve')
    await byId(page, 'wallet-option-test.wallet').click()
    await byId(page, 'wallet-menu').first().waitFor()
    await byId(page, 'verify-button').click()
    await page.locator('[data-testid=verify-result][data-verdict=accepted]').waitFor()
    wallet.setMode('reject')
    await byId(page, 'open-channel-button').click()
    await page.locator('[data-testid=tx-status][data-stage=rejected]').waitFor()
    wallet.setMode('approve')
    await byId(page, 'open-channel-button').click()
    await byId(page, 'channel-open').waitFor()
    await visitor.context.close()
  })

  it('behavior: a slow wallet is waited for', async () => {
    const visitor = await visit({ role: 'traderB' })
    const { page, wallet } = visitor
    await openMarket(page, 'SOL')
    wallet.setMode('delay')
    await byId(page, 'connect-button').first().click()
    await byId(page, 'wallet-option-test.wallet').click()
    await until('the prompt', async () => wallet.prompts.includes('eth_requestAccounts'))
    expect(await byId(page, 'wallet-menu').count()).toBe(0)
    wallet.release()
    await byId(page, 'wallet-menu').first().waitFor()
    await visitor.context.close()
  })
})

describe('refusals', () => {
  it('error: evidence whose quote was tampered with on the way is refused in the browser, nothing is sent', async () => {
    const visitor = await visit()
    const { page } = visitor
    const posts: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().includes('/v1/ohttp')) posts.push(request.url())
    })
    await page.route('**/v1/attestation*', async (route) => {
      const response = await route.fetch()
      const body = (await response.json()) as { quote: string }
      const quote = Buffer.from(body.quote.replace(/^0x/, ''), body.quote.startsWith('0x') ? 'hex' : 'base64')
      quote[600] = (quote[600] ?? 0) ^ 1
      const encoded = body.quote.startsWith('0x') ? `0x${quote.toString('hex')}` : quote.toString('base64')
      await route.fulfill({ response, json: { ...body, quote: encoded } })
    })
    await openMarket(page, 'BTC')
    await byId(page, 'verify-button').click()
    await page.locator('[data-testid=verify-result][data-verdict=refused]').waitFor()
    expect(await page.getByTestId('verify-result').textContent()).toContain('DCAP_QUOTE_SIGNATURE_INVALID')
    expect(await byId(page, 'buy-trend-button').isDisabled()).toBe(true)
    expect(posts).toEqual([])
    await visitor.context.close()
  })

  it('error: a swapped encryption key is refused before a plaintext byte leaves', async () => {
    const visitor = await visit()
    const { page } = visitor
    const posts: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().includes('/v1/ohttp')) posts.push(request.url())
    })
    await page.route('**/v1/ohttp-keys', async (route) => {
      const response = await route.fetch()
      const body = await response.body()
      // RFC 9458 §3: length, key id, KEM id, then the public key.
      randomBytes(32).copy(body, body.length - 32 - 6)
      await route.fulfill({ response, body })
    })
    await openMarket(page, 'BTC')
    await byId(page, 'verify-button').click()
    await page.locator('[data-testid=verify-result][data-verdict=refused]').waitFor()
    expect(posts).toEqual([])
    await visitor.context.close()
  })

  it('error: evidence of another measurement is refused although its signatures are right', async () => {
    const visitor = await visit()
    const { page } = visitor
    await page.route('**/v1/attestation*', async (route) => {
      const response = await route.fetch()
      const body = (await response.json()) as { quote: `0x${string}` }
      // REPORTDATA: 48 bytes of header, 520 bytes into the TD report.
      const reportData = `0x${body.quote.slice(2 + 2 * 568, 2 + 2 * 632)}`
      const answer = await fetch(`${running.world.simulatorUrl}/quote`, {
        method: 'POST',
        body: JSON.stringify({ platform: 'machine-a', reportData, workload: 'somebody-elses-image' }),
      })
      const { quote } = (await answer.json()) as { quote: string }
      await route.fulfill({ response, json: { ...body, quote } })
    })
    await openMarket(page, 'BTC')
    expect(await refusedCode(page)).toMatch(/MEASUREMENT|WORKLOAD/)
    await visitor.context.close()
  })

  it('error: evidence whose endorsements have expired is refused', async () => {
    const visitor = await visit()
    const { page } = visitor
    await page.clock.setFixedTime(Date.now() + 40 * 86_400_000)
    await openMarket(page, 'BTC')
    expect(await refusedCode(page)).toMatch(/EXPIRED|TOO_OLD/)
    await visitor.context.close()
  })

  it('error: a provider that is not registered is named as such', async () => {
    const visitor = await visit()
    const { page } = visitor
    await page.goto(`${running.world.webUrl}/providers/0x${'ab'.repeat(32)}`)
    await page.getByText('The registry does not know this provider').waitFor()
    expect(await byId(page, 'verify-result').count()).toBe(0)
    await visitor.context.close()
  })

  it('error: a replayed ciphertext is refused, and charged once', async () => {
    const visitor = await visit()
    const { page } = visitor
    let seen: { url: string; body: Buffer } | undefined
    page.on('request', (request) => {
      const body = request.postDataBuffer()
      if (body && request.url().endsWith('/v1/ohttp')) seen = { url: request.url(), body }
    })
    await openMarket(page, 'SOL')
    await connect(visitor)
    await verifyAndOpen(page)
    const before = await earnings()
    const { paidItems } = await settlementNow()
    await buy(page)
    if (!seen) throw new Error('no encrypted request was seen')
    // The refusal itself is inside the encrypted answer (test/integration/node.test.ts reads it); here the money is watched.
    await fetch(seen.url, {
      method: 'POST',
      headers: { 'content-type': 'message/ohttp-req' },
      body: new Uint8Array(seen.body),
    })
    expect((await allSettled(paidItems)).paidItems).toBe(paidItems + 1)
    expect(gain(await earnings(), before)).toEqual(expectedShares(1n))
    await visitor.context.close()
  })

  it('error: a voucher below the price is refused, charges nothing, and the channel stays usable', async () => {
    const visitor = await visit({ role: 'traderB' })
    const { page } = visitor
    await openMarket(page, 'BTC')
    await connect(visitor)
    await verifyAndOpen(page)
    const { paidItems } = await settlementNow()
    // A client that computes with a price of its own signs less than the node asks for.
    const truePrice = await setStoredPrice(page, '0')
    await byId(page, 'buy-trend-button').click()
    await page.locator('[data-testid=trend-card] [data-error-code=NODE_VOUCHER_TOO_SMALL]').waitFor()
    expect(await byId(page, 'trend-result').count()).toBe(0)
    await setStoredPrice(page, truePrice)
    await buy(page)
    expect((await allSettled(paidItems)).paidItems).toBe(paidItems + 1)
    await visitor.context.close()
  })
})

/** Changes the price that the page's stored channel computes with, and returns what it was. */
function setStoredPrice(page: Page, price: string): Promise<string> {
  return page.evaluate((next) => {
    let before = ''
    for (const [key, value] of Object.entries({ ...localStorage })) {
      if (!value.includes('sessionPrivateKey')) continue
      const channel = JSON.parse(value)
      before = channel.pricePerUnitIn
      localStorage.setItem(key, JSON.stringify({ ...channel, pricePerUnitIn: next }))
    }
    return before
  }, price)
}

async function refusedCode(page: Page): Promise<string> {
  const posts: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().includes('/v1/ohttp')) posts.push(request.url())
  })
  await byId(page, 'verify-button').click()
  const result = page.locator('[data-testid=verify-result][data-verdict=refused]')
  await result.waitFor()
  expect(await byId(page, 'buy-trend-button').isDisabled()).toBe(true)
  expect(posts, 'nothing was sent').toEqual([])
  return (await result.textContent()) ?? ''
}

describe('a node killed with kill -9 between inference and settlement', () => {
  it('behavior: loses nothing and is not paid twice', async () => {
    const visitor = await visit()
    const { page } = visitor
    await openMarket(page, 'ETH')
    await connect(visitor)
    await verifyAndOpen(page)
    const before = await earnings()
    await buy(page)
    const killed = running.current().providers.map(({ pid }) => pid)
    for (const pid of killed) process.kill(pid, 'SIGKILL')
    await until('new processes in world.json', async () =>
      running.current().providers.every(({ pid }) => pid > 0 && !killed.includes(pid)),
    )
    // The new processes count from zero: one voucher paid, nothing left in their journals.
    expect((await allSettled(0)).paidItems).toBe(1)
    expect(gain(await earnings(), before)).toEqual(expectedShares(1n))
    await visitor.context.close()
  })
})
