const LOOK_EVERY_MS = 200

/**
 * Looks again and again until there is something, and returns it. A look that throws counts as "not yet": what is waited
 * for often starts by refusing connections. The last failure is the cause of the error at the end.
 *
 * @param timeoutMs - Default one minute.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | false | undefined>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  let last: unknown
  for (;;) {
    try {
      const found = await look()
      if (found !== undefined && found !== false) return found
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) throw new Error(`waited too long: ${what}`, { cause: last })
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}
