import { fromBase64, fromHex, sha256, toBase64, toHex } from '../bytes.ts'
import type { CachedAnswer } from './cache.ts'

/** JSON form of one answer, in cache files and bundles. `sha256` is over everything else. */
export interface CachedAnswerJson {
  readonly key: string
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
  readonly confirmedAt: number
  readonly sha256: string
}

/** Writes an answer as JSON with a digest that finds damage; it is no protection against whoever can write the file. */
export async function answerToJson(answer: CachedAnswer): Promise<CachedAnswerJson> {
  return { ...plain(answer), sha256: await digest(answer) }
}

/** Reads an answer; undefined when anything about it is not as it was written. */
export async function answerFromJson(json: unknown): Promise<CachedAnswer | undefined> {
  if (typeof json !== 'object' || json === null) return undefined
  const { key, url, body, headers, etag, lastModified, confirmedAt, sha256: expected } = json as Record<string, unknown>
  if (typeof key !== 'string' || typeof url !== 'string' || typeof body !== 'string') return undefined
  if (!isTexts(headers) || !isOptionalText(etag) || !isOptionalText(lastModified)) return undefined
  if (typeof confirmedAt !== 'number' || !Number.isSafeInteger(confirmedAt)) return undefined
  const bytes = fromBase64(body)
  if (!bytes) return undefined
  const answer: CachedAnswer = { key, url, body: bytes, headers, etag, lastModified, confirmedAt }
  if (typeof expected !== 'string' || !fromHex(expected) || expected !== (await digest(answer))) return undefined
  return answer
}

function plain(answer: CachedAnswer): Omit<CachedAnswerJson, 'sha256'> {
  const { key, url, headers, etag, lastModified, confirmedAt } = answer
  return {
    key,
    url,
    body: toBase64(answer.body),
    headers,
    ...(etag === undefined ? {} : { etag }),
    ...(lastModified === undefined ? {} : { lastModified }),
    confirmedAt,
  }
}

async function digest(answer: CachedAnswer): Promise<string> {
  const { key, url, body, headers, etag, lastModified, confirmedAt } = plain(answer)
  // An array has one spelling; the order of an object's keys would not survive every tool.
  const sorted = Object.entries(headers).sort(([left], [right]) => (left < right ? -1 : 1))
  const text = JSON.stringify([key, url, body, sorted, etag ?? null, lastModified ?? null, confirmedAt])
  return toHex(await sha256(new TextEncoder().encode(text)))
}

const isOptionalText = (value: unknown): value is string | undefined => value === undefined || typeof value === 'string'

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.values(value).every((text) => typeof text === 'string')
}
