// npm run fuzz:crypto [-- COUNT [PROCESSES]]
// COUNT random and COUNT tampered P-384 signatures (20,000 by default) through the contracts against OpenSSL and
// @noble/curves, every hint word changed in turn; forged hints of every kind; NIST's SHA-384 Monte Carlo test by the
// contract alone; proofs of the arithmetic's bounds and every pair over words of eight bits. Exit code 1 at the first difference.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ensureArtifacts } from '../build/artifacts.ts'
import { fuzzForgeries } from './crypto/forgeries.ts'
import { monteCarlo } from './crypto/monteCarlo.ts'
import { proveAll } from './crypto/proofs.ts'
import { fuzzSignatures } from './crypto/signatures.ts'

const DEFAULT_COUNT = 20_000
/** Forged hints per hundred signatures. */
const FORGERIES_PERCENT = 10
const SHARD = 'shard'

const [count, processes] = [Number(process.argv[2] ?? DEFAULT_COUNT), Number(process.argv[3] ?? 1)]
if (![count, processes].every((number) => Number.isSafeInteger(number) && number > 0)) {
  console.error(
    'npm run fuzz:crypto [-- COUNT [PROCESSES]]   COUNT of random and of tampered signatures, 20,000 by default',
  )
  process.exit(2)
}

/** This command again with a part of the signatures. */
function shard(part: number): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), String(part), '1', SHARD], {
    stdio: 'inherit',
  })
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a process ended with ${code}`))))
  })
}

async function signatures(): Promise<void> {
  const forged = Math.max(1, Math.round((count * FORGERIES_PERCENT) / 100))
  await fuzzForgeries(forged)
  await fuzzSignatures(count)
}

if (process.argv[4] === SHARD) await signatures()
else {
  await ensureArtifacts()
  proveAll()
  await monteCarlo()
  if (processes === 1) await signatures()
  else await Promise.all(Array.from({ length: processes }, () => shard(Math.ceil(count / processes))))
  console.log(`fuzz:crypto: no difference in ${count} random and ${count} tampered signatures`)
}
