import { failure } from './errors.ts'
import type { Fetched } from './fetched.ts'
import { createMemoryCache, type EndorsementCache } from './store/cache.ts'
import { answerFromJson, answerToJson, type CachedAnswerJson } from './store/codec.ts'

/** Raw answers of sources in one portable file, for machines that cannot reach them. */
export interface EndorsementBundle {
  readonly format: 'spartan-endorsement-bundle/1'
  /** Unix seconds. */
  readonly exportedAt: number
  readonly answers: readonly CachedAnswerJson[]
}

/** More than any set of endorsements needs. */
const MAX_ANSWERS = 1024

/**
 * Puts the answers of fetches into a bundle, each once. Export after a verifier has accepted them.
 *
 * @param exportedAt - Unix seconds.
 */
export async function exportBundle(
  fetched: readonly Pick<Fetched<unknown>, 'answers'>[],
  exportedAt: number,
): Promise<EndorsementBundle> {
  const answers = new Map(fetched.flatMap((entry) => entry.answers).map((answer) => [answer.key, answer]))
  return {
    format: 'spartan-endorsement-bundle/1',
    exportedAt,
    answers: await Promise.all([...answers.values()].map(answerToJson)),
  }
}

/**
 * Opens a bundle as a cache of its own, for a fetcher in mode `offline`: answers are served within their own validity and
 * with their true age. Nothing of it gets into another cache, as whoever made the bundle is not trusted; the verifier
 * judges at every use.
 *
 * @throws {EndorsementsError} ENDORSEMENTS_BUNDLE_MALFORMED.
 */
export async function importBundle(json: unknown): Promise<EndorsementCache> {
  const { format, answers } = (typeof json === 'object' && json !== null ? json : {}) as Readonly<
    Record<string, unknown>
  >
  if (format !== 'spartan-endorsement-bundle/1' || !Array.isArray(answers)) {
    throw failure('ENDORSEMENTS_BUNDLE_MALFORMED', 'expected { format: "spartan-endorsement-bundle/1", answers }')
  }
  if (answers.length > MAX_ANSWERS) {
    throw failure('ENDORSEMENTS_BUNDLE_MALFORMED', `${answers.length} answers, at most ${MAX_ANSWERS}`)
  }
  const read = await Promise.all(answers.map((entry: unknown) => answerFromJson(entry)))
  const whole = read.flatMap((answer, index) => {
    if (answer) return [answer]
    throw failure('ENDORSEMENTS_BUNDLE_MALFORMED', `answer ${index} is damaged`)
  })
  if (new Set(whole.map(({ key }) => key)).size !== whole.length) {
    throw failure('ENDORSEMENTS_BUNDLE_MALFORMED', 'one answer stands there twice')
  }
  const cache = createMemoryCache({ maxEntries: MAX_ANSWERS, maxBytes: Number.POSITIVE_INFINITY })
  for (const answer of whole) await cache.write(answer)
  return cache
}
