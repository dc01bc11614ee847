import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  createTestRuntime,
  type LocalSource,
  type Reply,
  startLocalSource,
  type TestRuntime,
} from '../test/localSource.ts'
import { DEFAULT_RETRY_BUDGET, type RetryBudget, requestWithRetry } from './retry.ts'
import { createThrottle } from './throttle.ts'

const START_MS = Date.UTC(2026, 5, 1)
const OK: Reply = { body: 'good', headers: { 'content-type': 'text/plain' } }

let server: LocalSource
let runtime: TestRuntime
beforeEach(async () => {
  server = await startLocalSource(() => OK)
  runtime = createTestRuntime(START_MS)
})
afterEach(() => server.close())

const code = (value: string) => expect.objectContaining({ code: value })
const request = (
  extra: { readonly budget?: Partial<RetryBudget>; readonly bodyBytes?: number; readonly signal?: AbortSignal } = {},
) =>
  requestWithRetry({
    runtime,
    request: { method: 'GET', url: `${server.url}/x` },
    bodyBytes: extra.bodyBytes ?? 1000,
    budget: { ...DEFAULT_RETRY_BUDGET, ...extra.budget },
    signal: extra.signal,
  })
/** Answers each reply once, then the last one. */
const inTurn = (...replies: readonly Reply[]) => {
  let at = 0
  server.answer(() => replies[Math.min(at++, replies.length - 1)] ?? OK)
}

describe('what is tried again', () => {
  test.each([429, 408, 500, 502, 503, 504])('HTTP %i passes', async (status) => {
    inTurn({ status }, OK)
    expect(new TextDecoder().decode((await request()).body)).toBe('good')
    expect(server.seen).toHaveLength(2)
  })

  test('a connection that is reset passes', async () => {
    inTurn({ raw: (response) => response.destroy() }, OK)
    expect((await request()).status).toBe(200)
  })

  test('a body that ends before its length passes', async () => {
    const cut: Reply = {
      raw: (response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('part')
        response.destroy()
      },
    }
    inTurn(cut, OK)
    expect(new TextDecoder().decode((await request()).body)).toBe('good')
  })

  test('a body that trickles is cut at the time limit', async () => {
    const slow: Reply = {
      raw: (response) => {
        response.writeHead(200, { 'content-type': 'text/plain' })
        const timer = setInterval(() => response.write('.'), 20)
        response.on('close', () => clearInterval(timer))
      },
    }
    inTurn(slow, OK)
    expect((await request({ budget: { attemptMs: 150 } })).status).toBe(200)
  })

  test.each([400, 401, 403, 405, 418])('HTTP %i is final', async (status) => {
    inTurn({ status }, OK)
    await expect(request()).rejects.toEqual(code('ENDORSEMENTS_SOURCE_REFUSED'))
    expect(server.seen).toHaveLength(1)
  })

  test.each([404, 410])('HTTP %i is final and says that there is none', async (status) => {
    inTurn({ status }, OK)
    await expect(request()).rejects.toEqual(code('ENDORSEMENTS_NOT_FOUND'))
    expect(server.seen).toHaveLength(1)
  })

  test.each([301, 302, 307, 308])('a redirect (%i) is refused and not followed', async (status) => {
    inTurn({ status, headers: { location: `${server.url}/elsewhere` } }, OK)
    await expect(request()).rejects.toEqual(code('ENDORSEMENTS_SOURCE_REFUSED'))
    expect(server.seen.map(({ path }) => path)).toEqual(['/x'])
  })

  test('a redirect that a browser hides is refused too', async () => {
    const opaque = Object.defineProperties(new Response(null), {
      type: { value: 'opaqueredirect' },
      status: { value: 0 },
    })
    runtime = { ...runtime, fetch: async () => opaque }
    await expect(request()).rejects.toThrow(/redirects elsewhere/)
  })
})

describe('size', () => {
  test('a body of exactly the bound is read', async () => {
    inTurn({ body: 'x'.repeat(1000) })
    expect((await request()).body).toHaveLength(1000)
  })

  test('one byte more is refused, whatever length is declared', async () => {
    const endless: Reply = {
      raw: (response) => {
        response.writeHead(200, {})
        const timer = setInterval(() => response.write('x'.repeat(400)), 1)
        response.on('close', () => clearInterval(timer))
      },
    }
    inTurn({ body: 'x'.repeat(1001) })
    await expect(request()).rejects.toEqual(code('ENDORSEMENTS_ANSWER_TOO_LARGE'))
    inTurn(endless)
    await expect(request()).rejects.toEqual(code('ENDORSEMENTS_ANSWER_TOO_LARGE'))
  })
})

describe('budget', () => {
  test('attempts: the error names every problem', async () => {
    inTurn({ status: 500 }, { status: 503 }, { status: 429 }, { status: 502 }, OK)
    const failed = await request().catch((error: unknown) => error)
    expect(failed).toEqual(code('ENDORSEMENTS_UNAVAILABLE'))
    expect(failed).toMatchObject({ metaMessages: [`${server.url}/x`, 'HTTP 500', 'HTTP 503', 'HTTP 429', 'HTTP 502'] })
    expect(server.seen).toHaveLength(4)
  })

  test('pauses are drawn below a bound that doubles', async () => {
    inTurn({ status: 500 })
    await request({ budget: { firstPauseMs: 1000, longestPauseMs: 3000 } }).catch(() => undefined)
    expect(runtime.pauses).toEqual([500, 1000, 1500])
    runtime = createTestRuntime(START_MS, 0)
    await request().catch(() => undefined)
    expect(runtime.pauses).toEqual([0, 0, 0])
  })

  test('Retry-After is the least pause, in seconds or as a date', async () => {
    inTurn({ status: 429, headers: { 'retry-after': '7' } }, OK)
    await request()
    inTurn({ status: 503, headers: { 'retry-after': new Date(START_MS + 7000 + 9000).toUTCString() } }, OK)
    await request()
    inTurn({ status: 503, headers: { 'retry-after': 'soon' } }, OK)
    await request()
    expect(runtime.pauses).toEqual([7000, 9000, 250])
  })

  test('a Retry-After beyond the budget ends it at once', async () => {
    inTurn({ status: 429, headers: { 'retry-after': '3600' } }, OK)
    await expect(request()).rejects.toThrow(/exceed the budget of 60000 ms/)
    expect(runtime.pauses).toEqual([])
  })

  test('total time: no attempt begins after it', async () => {
    runtime = createTestRuntime(START_MS, 0.999)
    inTurn({ status: 500 })
    const budget = { attempts: 100, totalMs: 5000, firstPauseMs: 2000, longestPauseMs: 2000 }
    await expect(request({ budget })).rejects.toEqual(code('ENDORSEMENTS_UNAVAILABLE'))
    expect(server.seen).toHaveLength(3)
  })

  test('the caller’s signal ends it with its own reason', async () => {
    const reason = new Error('enough')
    await expect(request({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(server.seen).toHaveLength(0)
    const controller = new AbortController()
    server.answer(() => ({ raw: () => controller.abort(reason) }))
    await expect(request({ signal: controller.signal })).rejects.toBe(reason)
  })
})

describe('throttle', () => {
  test('spaces requests out, in order', async () => {
    const throttle = createThrottle(10_000, runtime)
    const deadline = START_MS + 60_000
    expect(await throttle.acquire(deadline)).toBe(true)
    expect(await throttle.acquire(deadline)).toBe(true)
    expect(await throttle.acquire(deadline)).toBe(true)
    expect(runtime.pauses).toEqual([10_000, 10_000])
  })

  test('says at once that there is no turn before the deadline', async () => {
    const throttle = createThrottle(10_000, runtime)
    await throttle.acquire(START_MS)
    expect(await throttle.acquire(START_MS + 9999)).toBe(false)
    expect(runtime.pauses).toEqual([])
    runtime.advance(10_000)
    expect(await throttle.acquire(START_MS + 10_000)).toBe(true)
  })

  test('holds everybody back for as long as the source asked', async () => {
    const throttle = createThrottle(10_000, runtime)
    throttle.backOff(30_000)
    expect(await throttle.acquire(START_MS + 29_999)).toBe(false)
    expect(await throttle.acquire(START_MS + 30_000)).toBe(true)
  })

  test('holds nobody back for longer than an hour, whatever the source asked', async () => {
    const throttle = createThrottle(10_000, runtime)
    throttle.backOff(999_999_999_000)
    expect(await throttle.acquire(START_MS + 3_599_999)).toBe(false)
    expect(await throttle.acquire(START_MS + 3_600_000)).toBe(true)
  })

  test('a clock that was set back does not hold anybody longer', async () => {
    const throttle = createThrottle(10_000, runtime)
    await throttle.acquire(START_MS)
    runtime.advance(-86_400_000)
    expect(await throttle.acquire(START_MS)).toBe(true)
    expect(runtime.pauses).toEqual([10_000])
  })
})
