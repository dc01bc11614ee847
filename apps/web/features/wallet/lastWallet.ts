const KEY = 'spartan.lastWallet'

/** Id of the wallet that was connected last in this browser. */
export function lastWallet(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    // Storage can be switched off; then no wallet is put first.
    return null
  }
}

/** Remembers the wallet for the next visit. */
export function rememberWallet(id: string): void {
  try {
    localStorage.setItem(KEY, id)
  } catch {
    // Same as above: only the order of the list is lost.
  }
}
