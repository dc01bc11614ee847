import type { CacheRule } from './resource.ts'

const HOUR = 3600
const DAY = 86_400

/** How long what is served (README, "Cache"). Nothing is ever served beyond its own validity. */
export const CACHE_RULES = {
  /** A VCEK certificate is a function of product, chip and TCB: the source would give the same bytes for ever. */
  immutable: { freshSeconds: 'for-ever', graceSeconds: 'for-ever' },
  /** Certificates of authorities change once in years. */
  certificates: { freshSeconds: DAY, graceSeconds: 90 * DAY },
  /** TCB info, QE identity, evaluation numbers, RIMs: an hour old at most while the source can be reached. */
  documents: { freshSeconds: HOUR, graceSeconds: 30 * DAY },
  /** Revocation is asked for every time: a kept list is served only when the source says it is current, or is away. */
  revocation: { freshSeconds: 0, graceSeconds: 30 * DAY },
  /** What a cloud says about the machine it runs on, now. */
  machine: { freshSeconds: 0, graceSeconds: DAY },
} as const satisfies Record<string, CacheRule>
