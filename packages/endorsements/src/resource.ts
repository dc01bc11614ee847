import { DerError, type ValidityWindow } from './der.ts'
import { EndorsementsError, failure, failureOf } from './errors.ts'
import type { Fetcher, FetchOptions } from './fetcher.ts'
import type { HttpAnswer, HttpRequest } from './http/attempt.ts'
import { requestWithRetry } from './http/retry.ts'
import type { Throttle } from './http/throttle.ts'
import type { CachedAnswer } from './store/cache.ts'

/** How long an answer serves. In every case it serves at most as long as it says itself that it is valid. */
export interface CacheRule {
  /** Served without asking for this long after the source gave or confirmed it; 0: the source is asked every time. */
  readonly freshSeconds: number | 'for-ever'
  /** Served for this long when the source cannot be reached. */
  readonly graceSeconds: number | 'for-ever'
}

/** One thing that a source publishes. `T` is its shaped form, which nothing has verified yet. */
export interface Resource<T> {
  /** Short name in reports: `tcb-info`. */
  readonly name: string
  /** Key in the cache: the same thing has the same key. */
  readonly key: string
  readonly request: HttpRequest
  /** Media types in lower case; an absent one is accepted. */
  readonly mediaTypes: readonly string[]
  /** Headers that are part of the answer. */
  readonly keepHeaders: readonly string[]
  readonly maxBytes: number
  readonly rule: CacheRule
  readonly throttle?: Throttle | undefined
  /** Brings an answer into its form, or throws: ENDORSEMENTS_ANSWER_MALFORMED, ENDORSEMENTS_ANSWER_MISMATCH. */
  readonly shape: (answer: Pick<CachedAnswer, 'body' | 'headers' | 'url'>) => T | Promise<T>
  readonly window: (shaped: T) => ValidityWindow
}

/** Where one part of the endorsements came from and how old it is. */
export interface SourceReport {
  readonly name: string
  readonly url: string
  /**
   * `source`: just given; `confirmed`: the source said that the kept one is current; `cache`: kept and fresh; `grace`:
   * kept, because the source could not be used (see `problem`); `given`: the caller's own.
   */
  readonly from: 'source' | 'confirmed' | 'cache' | 'grace' | 'given'
  /** Seconds since the source last gave or confirmed it. */
  readonly ageSeconds: number
  /** Unix seconds, as the document says of itself; undefined where it says nothing. Unverified. */
  readonly issuedAt: number | undefined
  readonly validUntil: number | undefined
  readonly problem?: string
}

/** One resource, loaded. */
export interface Loaded<T> {
  readonly shaped: T
  readonly answer: CachedAnswer
  readonly report: SourceReport
}

interface Kept<T> {
  readonly answer: CachedAnswer
  readonly shaped: T
  readonly window: ValidityWindow
  readonly ageSeconds: number
}

/** Sources whose answer is unusable are treated like ones that cannot be reached; a refusal is an answer. */
const GRACE_CODES: readonly string[] = [
  'ENDORSEMENTS_UNAVAILABLE',
  'ENDORSEMENTS_ANSWER_MALFORMED',
  'ENDORSEMENTS_ANSWER_TOO_LARGE',
  'ENDORSEMENTS_ANSWER_MISMATCH',
]

/** Loads one resource: from the cache while it is fresh, else from its source, else from the cache in grace. */
export function loadResource<T>(fetcher: Fetcher, resource: Resource<T>, options: FetchOptions): Promise<Loaded<T>> {
  // A request that somebody may abort is not shared.
  if (options.signal) return load(fetcher, resource, options)
  const id = `${options.reload === true} ${resource.key} ${resource.request.url}`
  const running = fetcher.inFlight.get(id) as Promise<Loaded<T>> | undefined
  if (running) return running
  const started = load(fetcher, resource, options).finally(() => fetcher.inFlight.delete(id))
  fetcher.inFlight.set(id, started)
  return started
}

async function load<T>(fetcher: Fetcher, resource: Resource<T>, options: FetchOptions): Promise<Loaded<T>> {
  const kept = await readKept(fetcher, resource)
  if (fetcher.mode === 'offline') {
    if (kept && isUsable(fetcher, kept)) return loadedFromCache(kept, resource, 'cache')
    throw failure('ENDORSEMENTS_UNAVAILABLE', `${resource.name}: offline`, describeKept(kept))
  }
  if (kept && options.reload !== true && isFresh(fetcher, resource.rule, kept)) {
    return loadedFromCache(kept, resource, 'cache')
  }
  try {
    return await loadFromSource(fetcher, resource, kept, options)
  } catch (error) {
    if (!(error instanceof EndorsementsError) || !GRACE_CODES.includes(error.code)) throw error
    const problem = [error.code, ...error.metaMessages].join(' ')
    if (kept && isInGrace(fetcher, resource.rule, kept)) return loadedFromCache(kept, resource, 'grace', problem)
    throw failureOf(error.code as 'ENDORSEMENTS_UNAVAILABLE', {
      metaMessages: [`${resource.name}: ${error.metaMessages.join('; ')}`, describeKept(kept)],
      cause: error,
    })
  }
}

async function loadFromSource<T>(
  fetcher: Fetcher,
  resource: Resource<T>,
  kept: Kept<T> | undefined,
  options: FetchOptions,
): Promise<Loaded<T>> {
  const { runtime, budget } = fetcher
  const request = { ...resource.request, headers: { ...resource.request.headers, ...conditions(kept?.answer) } }
  const { throttle, maxBytes: bodyBytes } = resource
  const http = await requestWithRetry({ runtime, request, bodyBytes, budget, throttle, signal: options.signal })
  const confirmedAt = nowSeconds(fetcher)
  if (http.status === 304) {
    if (!kept || !hasValidator(kept.answer)) {
      throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${request.url}: HTTP 304 to an unconditional request`)
    }
    const answer = { ...kept.answer, ...validators(http.headers, kept.answer), confirmedAt }
    return { ...loadedFromCache({ ...kept, answer, ageSeconds: 0 }, resource, 'confirmed') }
  }
  expectMediaType(http, resource)
  const answer: CachedAnswer = {
    key: resource.key,
    url: request.url,
    body: http.body,
    headers: pick(http.headers, resource.keepHeaders),
    ...validators(http.headers),
    confirmedAt,
  }
  const shaped = await shape(resource, answer)
  const window = windowOf(resource, shaped, answer)
  if (kept && isUsable(fetcher, kept) && (window.issuedAt ?? 0) < (kept.window.issuedAt ?? 0)) {
    return loadedFromCache(kept, resource, 'grace', 'the source went back to an older one')
  }
  return { shaped, answer, report: reportOf(resource, answer, window, 0, 'source') }
}

async function shape<T>(resource: Resource<T>, answer: CachedAnswer): Promise<T> {
  try {
    return await resource.shape(answer)
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${answer.url}: expected ${error.message}`)
  }
}

function windowOf<T>(resource: Resource<T>, shaped: T, answer: CachedAnswer): ValidityWindow {
  try {
    return resource.window(shaped)
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${answer.url}: expected ${error.message}`)
  }
}

/** What the cache has, shaped. Whatever cannot be shaped is damaged or of an older form: it is dropped. */
async function readKept<T>(fetcher: Fetcher, resource: Resource<T>): Promise<Kept<T> | undefined> {
  const answer = await fetcher.cache.read(resource.key).catch(() => undefined)
  if (!answer) return undefined
  try {
    const shaped = await shape(resource, answer)
    const window = windowOf(resource, shaped, answer)
    return { answer, shaped, window, ageSeconds: nowSeconds(fetcher) - answer.confirmedAt }
  } catch (error) {
    if (!(error instanceof EndorsementsError)) throw error
    await fetcher.cache.remove(resource.key).catch(() => undefined)
    return undefined
  }
}

const nowSeconds = ({ runtime }: Fetcher) => Math.floor(runtime.nowMs() / 1000)

const within = (ageSeconds: number, bound: number | 'for-ever') => bound === 'for-ever' || ageSeconds < bound

/** Within its own validity, and not from the future: a clock that was set back says nothing about ages. */
function isUsable(fetcher: Fetcher, { window, ageSeconds }: Kept<unknown>): boolean {
  return ageSeconds >= 0 && (window.validUntil === undefined || nowSeconds(fetcher) <= window.validUntil)
}

const isFresh = (fetcher: Fetcher, rule: CacheRule, kept: Kept<unknown>) =>
  isUsable(fetcher, kept) && within(kept.ageSeconds, rule.freshSeconds)

const isInGrace = (fetcher: Fetcher, rule: CacheRule, kept: Kept<unknown>) =>
  isUsable(fetcher, kept) && within(kept.ageSeconds, rule.graceSeconds)

function describeKept(kept: Kept<unknown> | undefined): string {
  if (!kept) return 'none is kept'
  const { validUntil } = kept.window
  const until = validUntil === undefined ? '' : `, valid until ${new Date(validUntil * 1000).toISOString()}`
  return `the kept one is ${kept.ageSeconds} seconds old${until}`
}

function loadedFromCache<T>(
  { answer, shaped, window, ageSeconds }: Kept<T>,
  resource: Resource<T>,
  from: SourceReport['from'],
  problem?: string,
): Loaded<T> {
  return { shaped, answer, report: reportOf(resource, answer, window, ageSeconds, from, problem) }
}

function reportOf(
  resource: Pick<Resource<unknown>, 'name'>,
  answer: CachedAnswer,
  window: ValidityWindow,
  ageSeconds: number,
  from: SourceReport['from'],
  problem?: string,
): SourceReport {
  return { name: resource.name, url: answer.url, from, ageSeconds, ...window, ...(problem && { problem }) }
}

const hasValidator = ({ etag, lastModified }: CachedAnswer) => etag !== undefined || lastModified !== undefined

function conditions(answer: CachedAnswer | undefined): Readonly<Record<string, string>> {
  if (answer?.etag !== undefined) return { 'if-none-match': answer.etag }
  return answer?.lastModified === undefined ? {} : { 'if-modified-since': answer.lastModified }
}

function validators(headers: Headers, before?: CachedAnswer): Pick<CachedAnswer, 'etag' | 'lastModified'> {
  return {
    etag: headers.get('etag') || before?.etag,
    lastModified: headers.get('last-modified') || before?.lastModified,
  }
}

function pick(headers: Headers, names: readonly string[]): Readonly<Record<string, string>> {
  const found = names.flatMap((name) => {
    const value = headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  return Object.fromEntries(found)
}

function expectMediaType(
  { headers }: HttpAnswer,
  { mediaTypes, request }: Pick<Resource<unknown>, 'mediaTypes' | 'request'>,
): void {
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type === undefined || type === '' || mediaTypes.includes(type)) return
  throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${request.url}: media type ${type.slice(0, 64)}`)
}
