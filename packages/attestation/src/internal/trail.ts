import { BaseError } from '@spartan/errors'
import type { AttestationResult, CheckOutcome, CheckTable, CommonClaims } from '../result.ts'

type Values = Readonly<Record<string, string>>

/** Records what every check found, so that nothing is left out of the result. */
export interface Trail<Id extends string> {
  /** Runs a check; what it throws is recorded and thrown on. */
  readonly run: <T>(id: Id, check: () => Promise<T> | T, show: (found: T) => Values) => Promise<T>
  readonly skip: (id: Id, because: string) => void
  /** All checks in order; those that did not run are `not-requested`. */
  readonly outcomes: () => readonly CheckOutcome<Id>[]
}

/** What a check found. Values are made when somebody reads them: most results are only asked for their verdict. */
interface Found extends Pick<CheckOutcome, 'status' | 'reasonCode'> {
  readonly show: () => Values
}

/** Starts a trail over a table of checks, or goes on with the outcomes of another. */
export function createTrail<Id extends string>(
  table: CheckTable<Id>,
  before: readonly CheckOutcome<Id>[] = [],
): Trail<Id> {
  const found = new Map<Id, Found>(
    before
      .filter(({ status, values }) => status !== 'not-requested' || values.because !== NOT_REACHED)
      .map((outcome) => [outcome.id, { ...withoutValues(outcome), show: () => outcome.values }]),
  )
  return {
    run: async (id, check, show) => {
      try {
        const value = await check()
        found.set(id, { status: 'done', show: () => show(value) })
        return value
      } catch (error) {
        const failure = error instanceof BaseError ? error : undefined
        found.set(id, {
          status: 'failed',
          ...(failure && { reasonCode: failure.code }),
          show: () => ({
            problem: failure ? [failure.shortMessage, ...failure.metaMessages].join(' ') : String(error),
          }),
        })
        throw error
      }
    },
    skip: (id, because) => {
      found.set(id, { status: 'not-requested', show: () => ({ because }) })
    },
    outcomes: () => table.map(([id, title]) => outcomeOf(id, title, found.get(id) ?? NOT_RUN)),
  }
}

const withoutValues = ({ status, reasonCode }: CheckOutcome) => ({ status, ...(reasonCode && { reasonCode }) })

/** An outcome whose values are made once, when they are first read. */
function outcomeOf<Id extends string>(id: Id, title: string, { status, reasonCode, show }: Found): CheckOutcome<Id> {
  let made: Values | undefined
  const values = () => {
    made ??= show()
    return made
  }
  if (!reasonCode) {
    return {
      id,
      title,
      status,
      get values() {
        return values()
      },
    }
  }
  return {
    id,
    title,
    status,
    reasonCode,
    get values() {
      return values()
    },
  }
}

const NOT_REACHED = 'not reached'
const NOT_RUN: Found = { status: 'not-requested', show: () => ({ because: NOT_REACHED }) }

/** The accepting result. Its list of checks is made when somebody reads it. */
export function acceptedBy<Claims extends CommonClaims, Id extends string>(
  claims: Claims,
  trail: Trail<Id>,
): Extract<AttestationResult<Claims>, { verdict: 'accepted' }> {
  let outcomes: readonly CheckOutcome[] | undefined
  return {
    verdict: 'accepted',
    claims,
    get checks() {
      outcomes ??= trail.outcomes()
      return outcomes
    },
  }
}

/** The refusing result of an error with a reason code; any other error is a fault of ours and is thrown on. */
export function refusedBy<Id extends string>(
  error: unknown,
  trail: Trail<Id>,
): Extract<AttestationResult, { verdict: 'refused' }> {
  if (!(error instanceof BaseError)) throw error
  return { verdict: 'refused', reasonCode: error.code, error, checks: trail.outcomes() }
}
