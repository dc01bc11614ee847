// Plain JavaScript for Node 18 to 26: brings the toolchain up, then runs the TypeScript entry given as argument.
// Why not TypeScript: an older Node has to be able to read this file before Node 24 is there.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const NODE_PACKAGE = 'node@24.9.0'
const MINIMUM_MAJOR = 24
const LOCK_STAMP = join(ROOT, 'node_modules', '.spartan-lock')

function say(text) {
  process.stderr.write(`${text}\n`)
}

function stop(text) {
  say(text)
  process.exit(1)
}

/** Path of a Node that is new enough: the running one, or the one installed into .toolchain. */
function ensureNode() {
  if (Number(process.versions.node.split('.')[0]) >= MINIMUM_MAJOR) return process.execPath
  const toolchain = join(ROOT, '.toolchain')
  const binary = join(toolchain, 'node_modules', 'node', 'bin', 'node')
  if (works(binary)) return binary
  say(
    `Node ${process.versions.node} is older than ${MINIMUM_MAJOR}: installing ${NODE_PACKAGE} into .toolchain (once) …`,
  )
  mkdirSync(toolchain, { recursive: true })
  writeFileSync(join(toolchain, 'package.json'), '{"private":true}\n')
  // The package fetches its platform binary in its own install script, so scripts are on for this one install.
  const args = ['install', '--prefix', toolchain, '--no-audit', '--no-fund', '--ignore-scripts=false', NODE_PACKAGE]
  runNpm(
    args,
    process.execPath,
    'Node 24 could not be installed. Check that the npm registry is reachable, or put Node >= 24 in PATH.',
  )
  if (!works(binary))
    stop(`Node 24 was installed but does not run on this machine. Put Node >= 24 in PATH and run the command again.`)
  return binary
}

function works(binary) {
  return existsSync(binary) && spawnSync(binary, ['--version']).status === 0
}

function environmentFor(node) {
  return { ...process.env, PATH: [dirname(node), join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter) }
}

/** Runs npm under `node`; npm's own entry file is used where npm told us, so that its shebang cannot pick another Node. */
function runNpm(args, node, advice) {
  const npmEntry = process.env.npm_execpath
  const viaEntry = npmEntry && /\.[cm]?js$/.test(npmEntry)
  const result = viaEntry
    ? spawnSync(node, [npmEntry, ...args], { cwd: ROOT, stdio: ['ignore', 2, 2], env: environmentFor(node) })
    : spawnSync('npm', args, {
        cwd: ROOT,
        stdio: ['ignore', 2, 2],
        env: environmentFor(node),
        shell: process.platform === 'win32',
      })
  if (result.status !== 0) stop(advice)
}

/** Installs packages when node_modules is missing or belongs to another lockfile. */
function ensurePackages(node) {
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')
  if (existsSync(LOCK_STAMP) && readFileSync(LOCK_STAMP, 'utf8') === lock) return
  say('Installing packages (npm ci) …')
  runNpm(
    ['ci', '--no-audit', '--no-fund'],
    node,
    'npm ci failed. Check that the npm registry is reachable and run the command again.',
  )
  writeFileSync(LOCK_STAMP, lock)
}

const [entry, ...rest] = process.argv.slice(2)
if (!entry) stop('usage: node scripts/bootstrap.mjs ENTRY.ts [arguments]')
const help = join(ROOT, entry.replace(/\.ts$/, '.help.txt'))
if (rest.includes('--help') && existsSync(help)) {
  process.stdout.write(readFileSync(help, 'utf8'))
  process.exit(0)
}
const node = ensureNode()
ensurePackages(node)
const child = spawn(node, ['--disable-warning=ExperimentalWarning', entry, ...rest], {
  cwd: ROOT,
  stdio: 'inherit',
  env: environmentFor(node),
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
// npm does not pass a signal on to what it runs: when it is gone, what it started has to end too.
if (process.env.npm_lifecycle_event) {
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 1000).unref()
}
child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)))
