/** Reads entries of the evidence test vectors, whatever their TEE. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** What the manifest states of an entry of any TEE. */
export interface VectorExpectation {
  readonly verdict: 'pass' | 'fail'
  readonly reason: string | null
  readonly policy?: Readonly<Record<string, unknown>>
  readonly fields?: Readonly<Record<string, unknown>>
}

/** One entry of vectors/manifest.json. */
export interface VectorEntry<Expectation = VectorExpectation> {
  readonly id: string
  readonly verify_at: string | null
  readonly files: readonly { readonly path: string; readonly role: string }[]
  readonly expected: Expectation
}

const folder = join(process.env.SPARTAN_FIXTURES ?? '', 'vectors')

/** Whether the vectors are there; tests skip themselves visibly where they are not. */
export const hasVectors = process.env.SPARTAN_FIXTURES !== undefined && existsSync(join(folder, 'manifest.json'))

/** Entries of one TEE without its shared roots; none where the vectors are not there. */
export function vectorsOf<Expectation = VectorExpectation>(tee: string): readonly VectorEntry<Expectation>[] {
  if (!hasVectors) return []
  const manifest = JSON.parse(
    readFileSync(join(folder, 'manifest.json'), 'utf8'),
  ) as readonly VectorEntry<Expectation>[]
  return manifest.filter(({ id }) => id.startsWith(`${tee}/`) && !id.endsWith('/_roots'))
}

/** A file of an entry by its name; undefined where it has none. */
export function fileOf(entry: VectorEntry<unknown>, name: string): Uint8Array | undefined {
  const found = entry.files.find(({ path }) => basename(path) === name)
  return found && new Uint8Array(readFileSync(join(folder, found.path)))
}

/** Every file of an entry whose name ends so, in the order of the manifest. */
export function filesOf(entry: VectorEntry<unknown>, suffix: string): readonly Uint8Array[] {
  const found = entry.files.filter(({ path }) => path.endsWith(suffix))
  return found.map(({ path }) => new Uint8Array(readFileSync(join(folder, path))))
}

/** DER of the first PEM block of a file. */
export function derOf(pem: Uint8Array): Uint8Array {
  const [, base64 = ''] = /-----BEGIN [A-Z ]+-----([^-]+)-----END/.exec(new TextDecoder().decode(pem)) ?? []
  return new Uint8Array(Buffer.from(base64, 'base64'))
}
