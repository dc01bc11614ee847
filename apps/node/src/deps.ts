import type { OhttpContext } from '@spartan/protocol'
import type { Hex } from 'viem'
import type { Admission } from './services/admission.ts'
import type { AgreeClose } from './services/cooperativeClose.ts'
import type { Infer, ServingState } from './services/inference.ts'
import type { ActiveKeyset } from './services/keysets.ts'
import type { Attester, Clock, Journal, ReplayRow } from './services/ports.ts'
import type { Readiness } from './services/readiness.ts'
import type { Log } from './telemetry/log.ts'
import type { Metrics } from './telemetry/metrics.ts'

/** Everything the routes need. `createParts` of `startNode.ts` makes it from the configuration; each route takes the part it uses. */
export interface NodeDeps {
  readonly providerId: Hex
  /** Keys that are registered now; undefined before the first registration. */
  active(): ActiveKeyset | undefined
  /** Undefined until the model is loaded. */
  serving(): ServingState | undefined
  /** What HPKE's `info` binds for a keyset. */
  ohttpContext(active: ActiveKeyset): OhttpContext
  readonly attester: Attester
  readonly readiness: Readiness
  readonly infer: Infer
  readonly agreeClose: AgreeClose
  readonly admissionOf: (row: ReplayRow) => Admission
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly limits: {
    /** Of an encrypted request, with its padding. */
    readonly requestBytes: number
    readonly requestSeconds: number
    readonly concurrency: number
  }
}
