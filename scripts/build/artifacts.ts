// Compiles the contracts where that has to be done, for the commands that deploy what was just compiled.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = resolve(import.meta.dirname, '../..')
const BUILD_INFO = `${ROOT}/artifacts/build-info`
/** What the artifacts were made of, written after each build. */
const STAMP = `${ROOT}/cache/spartan-inputs`
const HARDHAT = resolve(dirname(fileURLToPath(import.meta.resolve('hardhat'))), 'cli.js')
const PROGRESS_MS = 15_000

/**
 * Compiles the contracts unless the artifacts belong to the sources as they are. Says so on standard error and then shows
 * progress; ends the process with 1 when they do not compile.
 */
export async function ensureArtifacts(): Promise<void> {
  const kept = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : undefined
  if (!existsSync(BUILD_INFO) || kept !== stamp()) await buildArtifacts()
}

/** Runs the compiler, which leaves alone what has not changed; otherwise as {@link ensureArtifacts}. */
export async function buildArtifacts(): Promise<void> {
  say(
    existsSync(BUILD_INFO)
      ? 'Compiling what has changed in the contracts (seconds, or some minutes) …'
      : 'Compiling the contracts (once; some minutes) …',
  )
  const started = Date.now()
  const timer = setInterval(
    () => say(`compiling contracts, ${Math.round((Date.now() - started) / 1000)} s …`),
    PROGRESS_MS,
  )
  const code = await hardhatBuild().finally(() => clearInterval(timer))
  if (code !== 0) {
    say('The contracts do not compile: see above.')
    process.exit(1)
  }
  mkdirSync(dirname(STAMP), { recursive: true })
  writeFileSync(STAMP, stamp())
}

/** Standard output belongs to the command that needs the artifacts. */
function hardhatBuild(): Promise<number> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [HARDHAT, 'build', '--no-tests'], { cwd: ROOT, stdio: ['ignore', 2, 2] })
    child.on('error', reject)
    child.on('exit', (code) => done(code ?? 1))
  })
}

/** Digest of everything that the artifacts depend on, and of the names of what was compiled, which are digests themselves. */
function stamp(): string {
  const hash = createHash('sha256')
  for (const file of [
    'hardhat.config.ts',
    'package-lock.json',
    ...globSync('contracts/**/*.sol', { cwd: ROOT }).sort(),
  ])
    hash
      .update(`${file}\0`)
      .update(readFileSync(`${ROOT}/${file}`))
      .update('\0')
  if (existsSync(BUILD_INFO)) hash.update(readdirSync(BUILD_INFO).sort().join('\n'))
  return hash.digest('hex')
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
