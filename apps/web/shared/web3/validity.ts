import { formatSpan } from '../format/time.ts'
import type { Tone } from '../ui/Badge.tsx'

/** How long a provider's result still counts, in words. */
export interface Validity {
  readonly text: string
  readonly tone: Tone
}

const DAY_SECONDS = 86_400

/**
 * Words for the ends of a result.
 *
 * @param ends - Unix seconds: new channels until `activeUntil`, open ones until `validUntil`.
 * @param now - Unix seconds.
 */
export function validityOf(
  { activeUntil, validUntil }: { readonly activeUntil: number; readonly validUntil: number },
  now: number,
): Validity {
  if (now <= activeUntil) {
    const left = activeUntil - now
    return { text: `valid for ${formatSpan(left)}`, tone: left < DAY_SECONDS ? 'warn' : 'good' }
  }
  if (now <= validUntil) return { text: `in grace, ${formatSpan(validUntil - now)} left`, tone: 'warn' }
  return { text: `ended ${formatSpan(now - validUntil)} ago`, tone: 'bad' }
}
