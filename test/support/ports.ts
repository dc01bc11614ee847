import { isFree } from '../../scripts/demo/ports.ts'

/** Below the ports that systems give to outgoing connections, which could otherwise take one between look and use. */
const FIRST = 20_000
const LAST = 31_900
const TRIES = 200

/**
 * The first of `count` consecutive ports on 127.0.0.1 that nothing listens on now. Chosen at random, so that two runs of
 * the tests on one machine do not meet, and a port that still closes is not used again.
 */
export async function freePorts(count: number): Promise<number> {
  for (let look = 0; look < TRIES; look += 1) {
    const base = FIRST + Math.floor(Math.random() * (LAST - FIRST - count))
    const ports = Array.from({ length: count }, (_, index) => base + index)
    const free = await Promise.all(ports.map(isFree))
    if (free.every(Boolean)) return base
  }
  throw new Error(`no ${count} free ports in a row between ${FIRST} and ${LAST}`)
}
