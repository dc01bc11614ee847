import { BaseError, type ReasonCode } from '@spartan/errors'

/** One step of a verification, for showing. */
export interface Check<Id extends string = string> {
  readonly id: Id
  readonly title: string
  /** `not-requested` only for steps behind one that failed. */
  readonly status: 'done' | 'failed' | 'not-requested'
  readonly reasonCode?: ReasonCode
  readonly values: Readonly<Record<string, string>>
}

/** Runs the steps of one verification and remembers what each found. */
export interface CheckList<Id extends string> {
  /** Runs a step; what it throws is recorded and thrown on. */
  readonly run: <T>(
    id: Id,
    step: () => Promise<T> | T,
    show?: (found: T) => Readonly<Record<string, string>>,
  ) => Promise<T>
  /** Every step in order, also those not reached. */
  readonly outcomes: () => readonly Check<Id>[]
}

/** Starts a list over the given steps. */
export function createCheckList<const Id extends string>(steps: Readonly<Record<Id, string>>): CheckList<Id> {
  const found = new Map<Id, Omit<Check<Id>, 'id' | 'title'>>()
  return {
    run: async (id, step, show) => {
      try {
        const value = await step()
        found.set(id, { status: 'done', values: show?.(value) ?? {} })
        return value
      } catch (error) {
        const known = error instanceof BaseError ? error : undefined
        const problem = known ? [known.shortMessage, ...known.metaMessages].join(' ') : 'unexpected error'
        found.set(id, { status: 'failed', ...(known && { reasonCode: known.code }), values: { problem } })
        throw error
      }
    },
    outcomes: () =>
      (Object.entries(steps) as [Id, string][]).map(([id, title]) => ({
        id,
        title,
        ...(found.get(id) ?? { status: 'not-requested' as const, values: {} }),
      })),
  }
}
