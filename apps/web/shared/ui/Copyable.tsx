'use client'
import { useState } from 'react'
import { shortHex } from '../format/hex.ts'

const SHOWN_MS = 1_600

/** Value that can be copied; shortened unless `full`. */
export function Copyable({
  text,
  full = false,
  label,
}: {
  readonly text: string
  readonly full?: boolean
  readonly label?: string
}) {
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), SHOWN_MS)
  }
  return (
    <span className="inline-flex min-w-0 items-center gap-1">
      <span className="mono min-w-0 break-all" title={full ? undefined : text}>
        {full ? text : shortHex(text)}
      </span>
      <button
        type="button"
        onClick={copy}
        aria-label={`Copy ${label ?? 'value'}`}
        className="inline-flex size-6 shrink-0 items-center justify-center rounded-sm text-ink-3 hover:bg-sunken hover:text-ink"
      >
        {copied ? <span aria-hidden="true">✓</span> : <CopyIcon />}
      </button>
      <span className="sr-only" aria-live="polite">
        {copied ? 'Copied' : ''}
      </span>
    </span>
  )
}

function CopyIcon() {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 16 16"
      className="size-3.5"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
    >
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2" />
    </svg>
  )
}
