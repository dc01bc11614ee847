'use client'
import { formatInstant } from '../format/time.ts'
import { useNow } from '../format/useNow.ts'
import { validityOf } from './validity.ts'

const COLOURS = { good: 'text-ink', warn: 'text-warn', bad: 'text-down', neutral: '', info: '' } as const

/** How long a provider's result still counts; the instant itself is what a machine reads. */
export function ValidityText({
  ends,
}: {
  readonly ends: { readonly activeUntil: number; readonly validUntil: number }
}) {
  const now = useNow()
  const end = now !== null && now > ends.activeUntil ? ends.validUntil : ends.activeUntil
  const dateTime = new Date(end * 1000).toISOString()
  if (now === null) return <time dateTime={dateTime}>{formatInstant(end)}</time>
  const { text, tone } = validityOf(ends, now)
  return (
    <time dateTime={dateTime} title={formatInstant(end)} className={COLOURS[tone]}>
      {text.charAt(0).toUpperCase() + text.slice(1)}
    </time>
  )
}
