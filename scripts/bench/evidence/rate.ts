/** Runs per second of `work`, with `inFlight` of them at a time, over at least `spanMs` after a warm-up of a tenth. */
export async function ratePerSecond(work: () => unknown, spanMs: number, inFlight: number): Promise<number> {
  await runFor(work, spanMs / 10, inFlight)
  const { runs, ms } = await runFor(work, spanMs, inFlight)
  return (1_000 * runs) / ms
}

async function runFor(work: () => unknown, spanMs: number, inFlight: number) {
  const startedAt = performance.now()
  let runs = 0
  const loop = async () => {
    while (performance.now() - startedAt < spanMs) {
      await work()
      runs++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, loop))
  return { runs, ms: performance.now() - startedAt }
}
