import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from '../../../program.ts'

/** Runs a command line through the real program, with the given bytes on standard input. */
export async function run(argv: readonly string[], stdin: Uint8Array = new Uint8Array()) {
  let out = ''
  let err = ''
  const code = await runProgram(argv, {
    env: {},
    stdout: (text) => {
      out += text
    },
    stderr: (text) => {
      err += text
    },
    stdin: (async function* () {
      yield stdin
    })(),
  })
  return { code, out, err }
}

/** A fresh folder with files in it. */
export function folder(files: Readonly<Record<string, Uint8Array | string>> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'spartan-evidence-'))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(dir, name), content)
  return { dir, path: (name: string) => join(dir, name) }
}
