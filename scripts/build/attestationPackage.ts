// npm run build:attestation
// Writes packages/attestation/dist: the package as others install it (bundled ES modules, declarations, README, licence).
import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { rolldown } from 'rolldown'

const ROOT = resolve(import.meta.dirname, '../..')
const SOURCE = `${ROOT}/packages/attestation`

interface Manifest {
  readonly version: string
  readonly description: string
  readonly license: string
  readonly exports: Readonly<Record<string, string>>
}

/** Entry points of the package: `.` → `src/index.ts`. */
export function attestationEntries(): Readonly<Record<string, string>> {
  return (JSON.parse(readFileSync(`${SOURCE}/package.json`, 'utf8')) as Manifest).exports
}

/** `./snp` → `snp`, `.` → `index`. */
const nameOf = (entry: string) => (entry === '.' ? 'index' : entry.slice(2))

/** Builds the package into `target`, which is emptied first. */
export async function buildAttestationPackage(target: string): Promise<void> {
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  await bundle(target)
  emitDeclarations(`${target}/types`)
  writeManifest(target)
  copyFileSync(`${SOURCE}/README.md`, `${target}/README.md`)
  copyFileSync(`${ROOT}/LICENSE`, `${target}/LICENSE`)
}

/** One module an entry, what they share in chunks; dynamic imports stay dynamic. Nothing outside the package is needed. */
async function bundle(target: string): Promise<void> {
  const entries = Object.entries(attestationEntries())
  const input = Object.fromEntries(entries.map(([entry, path]) => [nameOf(entry), resolve(SOURCE, path)]))
  const build = await rolldown({ input, platform: 'browser', logLevel: 'warn' })
  await build.write({ dir: target, format: 'esm', minify: false, chunkFileNames: 'chunks/[name]-[hash].js' })
  await build.close()
}

function emitDeclarations(target: string): void {
  // Named one by one: a file that the compiler meets through node_modules first would be taken for another package's, and left out.
  const errors = globSync(`${ROOT}/packages/errors/src/**/*.ts`).filter((path) => !path.endsWith('.test.ts'))
  const sources = [...Object.values(attestationEntries()).map((path) => resolve(SOURCE, path)), ...errors]
  const options = [
    ['--ignoreConfig', '--declaration', '--emitDeclarationOnly', '--skipLibCheck', '--strict', '--types', 'node'],
    ['--target', 'es2024', '--module', 'nodenext', '--allowImportingTsExtensions', '--erasableSyntaxOnly'],
    ['--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes'],
    ['--rootDir', `${ROOT}/packages`, '--outDir', target],
  ].flat()
  execFileSync(`${ROOT}/node_modules/.bin/tsc`, [...options, ...sources], {
    stdio: 'inherit',
  })
  for (const file of globSync(`${target}/**/*.d.ts`)) {
    const depth = file.slice(target.length + 1).split('/').length - 1
    const errors = `'${'../'.repeat(depth)}errors/src/index.js'`
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replaceAll("'@spartan/errors'", errors).replace(/(from '\.[^']*)\.ts'/g, "$1.js'"))
  }
}

function writeManifest(target: string): void {
  const { version, description, license } = JSON.parse(readFileSync(`${SOURCE}/package.json`, 'utf8')) as Manifest
  const exports = Object.fromEntries(
    Object.entries(attestationEntries()).map(([entry, path]) => [
      entry,
      {
        types: path.replace('./src/', './types/attestation/src/').replace(/\.ts$/, '.d.ts'),
        default: `./${nameOf(entry)}.js`,
      },
    ]),
  )
  const manifest = { name: '@spartan/attestation', version, description, license, type: 'module', sideEffects: false }
  writeFileSync(`${target}/package.json`, `${JSON.stringify({ ...manifest, exports }, null, 2)}\n`)
}

if (import.meta.main) {
  await buildAttestationPackage(`${SOURCE}/dist`)
  console.log('packages/attestation/dist')
}
