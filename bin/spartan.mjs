#!/usr/bin/env node
// The `spartan` command from a clone: brings the toolchain up, then runs the command line of the node.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const main = join(root, 'apps', 'node', 'src', 'main.ts')
// Relative paths on the command line mean the caller's folder, but the launcher below runs in the root.
const args = [join(root, 'scripts', 'bootstrap.mjs'), main, '--cwd', process.cwd(), ...process.argv.slice(2)]
const child = spawn(process.execPath, args, { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code) => process.exit(code ?? 1))
