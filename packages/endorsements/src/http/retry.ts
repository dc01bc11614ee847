import { failure } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { attempt, type HttpAnswer, type HttpRequest } from './attempt.ts'
import type { Throttle } from './throttle.ts'

/** How much may be spent on one resource. */
export interface RetryBudget {
  readonly attempts: number
  /** All attempts and the pauses between them. */
  readonly totalMs: number
  /** One attempt: headers and body. */
  readonly attemptMs: number
  /** Upper bound of the first pause; it doubles with every attempt. */
  readonly firstPauseMs: number
  readonly longestPauseMs: number
}

/** Four attempts within a minute. */
export const DEFAULT_RETRY_BUDGET: RetryBudget = {
  attempts: 4,
  totalMs: 60_000,
  attemptMs: 15_000,
  firstPauseMs: 500,
  longestPauseMs: 10_000,
}

/** Input of {@link requestWithRetry}. */
export interface RetryInput {
  readonly runtime: Runtime
  readonly request: HttpRequest
  readonly bodyBytes: number
  readonly budget: RetryBudget
  readonly throttle?: Throttle | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Requests until an answer comes or the budget is spent. Pauses are drawn from [0, bound) so that clients which failed
 * together do not come back together; Retry-After is the least pause, and one that exceeds the budget ends it at once.
 *
 * @throws {EndorsementsError} ENDORSEMENTS_UNAVAILABLE with the problem of every attempt; what {@link attempt} throws.
 */
export async function requestWithRetry(input: RetryInput): Promise<HttpAnswer> {
  const { runtime, request, budget, throttle, signal } = input
  const deadlineMs = runtime.nowMs() + budget.totalMs
  const problems: string[] = []
  for (let done = 0; done < budget.attempts; done++) {
    if (throttle && !(await throttle.acquire(deadlineMs, signal))) {
      problems.push('the pace that this source allows leaves no turn within the budget')
      break
    }
    const timeoutMs = Math.min(budget.attemptMs, deadlineMs - runtime.nowMs())
    if (timeoutMs <= 0) break
    const outcome = await attempt(runtime, request, { bodyBytes: input.bodyBytes, timeoutMs }, signal)
    if (outcome.kind === 'answer') return outcome.answer
    problems.push(outcome.problem)
    if (outcome.retryAfterMs !== undefined) throttle?.backOff(outcome.retryAfterMs)
    if (done + 1 === budget.attempts) break
    const bound = Math.min(budget.longestPauseMs, budget.firstPauseMs * 2 ** done)
    const pauseMs = Math.max(Math.floor(runtime.random() * bound), outcome.retryAfterMs ?? 0)
    if (runtime.nowMs() + pauseMs >= deadlineMs) {
      problems.push(`the next attempt, ${pauseMs} ms later, would exceed the budget of ${budget.totalMs} ms`)
      break
    }
    await runtime.sleep(pauseMs, signal)
  }
  throw failure('ENDORSEMENTS_UNAVAILABLE', request.url, ...counted(problems))
}

/** Each problem once, with how often it came. */
function counted(problems: readonly string[]): readonly string[] {
  const times = new Map<string, number>()
  for (const problem of problems) times.set(problem, (times.get(problem) ?? 0) + 1)
  return [...times].map(([problem, count]) => (count === 1 ? problem : `${problem} (${count} times)`))
}
