'use client'
import { useState } from 'react'
import { THEME_COOKIE, type Theme } from './themeChoice.ts'

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' }
const SIGN: Record<Theme, string> = { system: '◐', light: '○', dark: '●' }
const YEAR_SECONDS = 31_536_000

/** Goes through system, light and dark. */
export function ThemeToggle({ initial }: { readonly initial: Theme }) {
  const [theme, setTheme] = useState(initial)
  const change = () => {
    const next = NEXT[theme]
    setTheme(next)
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser yet
    document.cookie = `${THEME_COOKIE}=${next}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`
    if (next === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = next
  }
  return (
    <button
      type="button"
      onClick={change}
      data-testid="theme-toggle"
      aria-label={`Theme: ${theme}. Change to ${NEXT[theme]}`}
      title={`Theme: ${theme}`}
      className="inline-flex size-8 items-center justify-center rounded-md text-ink-2 hover:bg-sunken hover:text-ink"
    >
      <span aria-hidden="true">{SIGN[theme]}</span>
    </button>
  )
}
