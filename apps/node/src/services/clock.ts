import type { Clock } from './ports.ts'

/** Wall clock of the machine, Unix seconds. */
export function wallClockSeconds(): number {
  return Math.floor(Date.now() / 1000)
}

/**
 * Clock for receipts: the wall clock, but never behind the newest block seen.
 *
 * A receipt has to lie between blocks: after the one that opened the channel, before the one that settles. A chain
 * whose blocks run a little ahead of the wall clock would otherwise refuse it. How far ahead is bounded by
 * `chain.maxClockSkewSeconds`.
 */
export function createChainClock(wall: () => number = wallClockSeconds): Clock & { observe(blockTime: number): void } {
  let newest = 0
  return {
    nowSeconds: () => Math.max(wall(), newest),
    observe: (blockTime) => {
      newest = Math.max(newest, blockTime)
    },
  }
}
