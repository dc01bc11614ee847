#!/usr/bin/env node
import { runProgram } from './program.ts'

const args = process.argv.slice(2)
// Set by the launcher bin/spartan.mjs: paths on the command line are relative to where it was called.
const [flag, cwd] = args
if (flag === '--cwd' && cwd !== undefined) {
  process.chdir(cwd)
  args.splice(0, 2)
}
process.exitCode = await runProgram(args, {
  env: process.env,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  stdin: process.stdin,
})
// Keep-alive sockets of the RPC client would hold the process for a while after the work is done.
process.exit()
