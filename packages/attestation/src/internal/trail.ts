import { BaseError } from '@spartan/errors'
import { CHECKS, type CheckId, type CheckOutcome } from '../result.ts'

type Values = Readonly<Record<string, string>>

/** Records what every check found, so that nothing is left out of the result. */
export interface Trail {
  /** Runs a check; what it throws is recorded and thrown on. */
  readonly run: <T>(id: CheckId, check: () => Promise<T> | T, show: (found: T) => Values) => Promise<T>
  readonly skip: (id: CheckId, because: string) => void
  /** All checks in order; those that did not run are `not-requested`. */
  readonly outcomes: () => readonly CheckOutcome[]
}

/** Starts a trail, or goes on with the outcomes of another. */
export function createTrail(before: readonly CheckOutcome[] = []): Trail {
  const found = new Map<CheckId, Omit<CheckOutcome, 'id' | 'title'>>(
    before.filter(({ values }) => values.because !== NOT_REACHED).map((outcome) => [outcome.id, outcome]),
  )
  return {
    run: async (id, check, show) => {
      try {
        const value = await check()
        found.set(id, { status: 'done', values: show(value) })
        return value
      } catch (error) {
        const failure = error instanceof BaseError ? error : undefined
        found.set(id, {
          status: 'failed',
          ...(failure && { reasonCode: failure.code }),
          values: { problem: failure ? [failure.shortMessage, ...failure.metaMessages].join(' ') : String(error) },
        })
        throw error
      }
    },
    skip: (id, because) => {
      found.set(id, { status: 'not-requested', values: { because } })
    },
    outcomes: () =>
      CHECKS.map(([id, title]) => {
        const { status, reasonCode, values } = found.get(id) ?? NOT_RUN
        return { id, title, status, ...(reasonCode && { reasonCode }), values }
      }),
  }
}

const NOT_REACHED = 'not reached'
const NOT_RUN: Omit<CheckOutcome, 'id' | 'title'> = { status: 'not-requested', values: { because: NOT_REACHED } }
