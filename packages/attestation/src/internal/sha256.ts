/** First 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4 §4.2.2). */
const K = Uint32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)))
/** The same of the square roots of the first 8 primes (FIPS 180-4 §5.3.3). */
const INITIAL = Uint32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)))

function primes(count: number): number[] {
  const found: number[] = []
  for (let candidate = 2; found.length < count; candidate++) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate)
  }
  return found
}

/** Exact: a double has 53 bits, and these roots are below 2^9. */
function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32)
}

/**
 * SHA-256 (FIPS 180-4) on the spot, for the few hundred bytes of a report: WebCrypto's answer comes from another thread,
 * and the way there and back costs more than the hash. For nothing secret; long messages belong to `hashes.ts`.
 */
export function sha256Short(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const blocks = new Uint8Array(64 * Math.ceil((message.length + 9) / 64))
  blocks.set(message)
  blocks[message.length] = 0x80
  const words = new DataView(blocks.buffer)
  words.setBigUint64(blocks.length - 8, BigInt(message.length) * 8n)
  const state = INITIAL.slice()
  const schedule = new Uint32Array(64)
  for (let start = 0; start < blocks.length; start += 64) compress(state, schedule, words, start)
  const digest = new Uint8Array(32)
  const output = new DataView(digest.buffer)
  for (let index = 0; index < 8; index++) output.setUint32(4 * index, state[index] ?? 0)
  return digest
}

/** FIPS 180-4 §6.2.2. */
function compress(state: Uint32Array, w: Uint32Array, words: DataView, start: number): void {
  for (let t = 0; t < 16; t++) w[t] = words.getUint32(start + 4 * t)
  for (let t = 16; t < 64; t++) {
    const x = w[t - 15] ?? 0
    const y = w[t - 2] ?? 0
    const sigma0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const sigma1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    w[t] = ((w[t - 16] ?? 0) + sigma0 + (w[t - 7] ?? 0) + sigma1) | 0
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let t = 0; t < 64; t++) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const temporary1 = (h + sum1 + ((e & f) ^ (~e & g)) + (K[t] ?? 0) + (w[t] ?? 0)) | 0
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const temporary2 = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + temporary1) | 0
    d = c
    c = b
    b = a
    a = (temporary1 + temporary2) | 0
  }
  const working = [a, b, c, d, e, f, g, h]
  for (let index = 0; index < 8; index++) state[index] = ((state[index] ?? 0) + (working[index] ?? 0)) | 0
}
