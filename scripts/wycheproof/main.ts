// npm run wycheproof -- FILE… [--json] [--onchain]: runs Wycheproof files through the entry points that evidence and
// encryption use, or through the contracts.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureArtifacts } from '../build/artifacts.ts'
import { judgeFiles, type WycheproofOutcome } from './judge.ts'
import { verifyOffchain } from './offchain.ts'

const USAGE = `Usage: npm run wycheproof -- FILE… [--json] [--onchain]

Takes any Wycheproof file of ECDSA on P-256 or P-384 (DER or p1363; SHA-256, SHA-384, SHA-512) or of RSASSA-PSS, and, for what
encrypts requests and assets, of AES-GCM or X25519. Cases with parameters that nothing here uses are counted apart.
--onchain: signatures by the contracts, on a chain in this process; AES-GCM and X25519 by the library, as no contract does them.
Exit codes: 0 every judged case is right, 1 at least one is not, 2 usage, 4 a file of which nothing could be judged.
`

/** npm runs scripts in the root; paths on the command line are relative to where it was called. */
const from = process.env.INIT_CWD ?? process.cwd()

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' }, onchain: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  if (positionals.length === 0 || values.help) {
    process.stderr.write(USAGE)
    return values.help ? 0 : 2
  }
  const files = positionals.map((file) => resolve(from, file))
  const missing = positionals.filter((_, index) => !existsSync(files[index] ?? ''))
  for (const file of missing) process.stderr.write(`${file}: no such file\n`)
  if (missing.length === files.length && !values.json) return 4
  const onchain = values.onchain === true && missing.length < files.length
  if (onchain) await ensureArtifacts()
  // The chain is loaded only when it is asked for.
  const verify = onchain ? await (await import('./onchain.ts')).startOnchain() : verifyOffchain
  const outcomes = await judgeFiles(files, verify)
  const shown = outcomes.map(({ libraryOnly, ...outcome }, index) => ({
    ...outcome,
    file: positionals[index] ?? outcome.file,
    judgedBy: judgeOf(values.onchain === true, libraryOnly),
  }))
  if (values.json) console.log(JSON.stringify(shown))
  else for (const outcome of shown) console.log(line(outcome))
  if (shown.some(({ failed }) => failed > 0)) return 1
  return shown.some(({ passed }) => passed === 0) ? 4 : 0
}

type Shown = Omit<WycheproofOutcome, 'libraryOnly'> & { readonly judgedBy: string }

function judgeOf(onchain: boolean, libraryOnly: boolean): string {
  if (!onchain) return 'library'
  return libraryOnly ? 'library only: no contract does this' : 'contracts'
}

function line({ file, passed, failed, ids, unsupported, problem, judgedBy }: Shown): string {
  if (problem !== undefined) return `${file}: not judged: ${problem}`
  const notes = [
    ...(failed > 0 ? [`failed: ${ids.join(' ')}`] : []),
    ...(unsupported > 0 ? [`${unsupported} with parameters that nothing here uses`] : []),
  ]
  return [`${file}: ${passed} passed, ${failed} failed (${judgedBy})`, ...notes].join('; ')
}

try {
  process.exitCode = await main()
} catch (error) {
  // parseArgs names what is wrong with the command line.
  if (!(error instanceof TypeError) || !('code' in error)) throw error
  process.stderr.write(`${error.message}\n${USAGE}`)
  process.exitCode = 2
}
