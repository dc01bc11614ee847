/** What the reader chose; `system` follows the device. */
export type Theme = 'system' | 'light' | 'dark'

/** Cookie that the server reads, so that the first paint already has the right colours. */
export const THEME_COOKIE = 'spartan-theme'

/** Reads a cookie value as a theme. */
export function themeOf(value: string | undefined): Theme {
  return value === 'light' || value === 'dark' ? value : 'system'
}
