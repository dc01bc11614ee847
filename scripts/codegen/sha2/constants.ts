/** Constants of SHA-512 and SHA-384 from their definition: first 64 bits of the fractional parts of roots of primes (FIPS 180-4, 4.2.3, 5.3). */
const LOW64 = (1n << 64n) - 1n

function primes(count: number): bigint[] {
  const found: bigint[] = []
  for (let n = 2n; found.length < count; n++) if (found.every((p) => n % p !== 0n)) found.push(n)
  return found
}

/** Fractional part of the k-th root of n, first 64 bits. */
function rootFraction(n: bigint, k: bigint): bigint {
  const target = n << (64n * k)
  let [low, high] = [0n, 1n << 80n]
  while (low < high) {
    const middle = (low + high + 1n) >> 1n
    if (middle ** k <= target) low = middle
    else high = middle - 1n
  }
  return low & LOW64
}

const PRIMES = primes(80)
export const ROUND_CONSTANTS = PRIMES.map((prime) => rootFraction(prime, 3n))
/** SHA-512 starts from the first eight primes, SHA-384 from the ninth to the sixteenth. */
export const START_512 = PRIMES.slice(0, 8).map((prime) => rootFraction(prime, 2n))
export const START_384 = PRIMES.slice(8, 16).map((prime) => rootFraction(prime, 2n))
