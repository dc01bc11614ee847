/**
 * Writes what a deployment needs of every deployable contract to deployments/compiled: ABI and creation bytecode.
 *
 * `node scripts/codegen/compiled.ts` writes; `--check` exits 1 when a file differs from what the sources compile to.
 * Why it is committed: everybody deploys exactly the reviewed bytecode, and a local world starts without the compiler.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import hre from 'hardhat'
import { COMPILED_FOLDER, DEPLOYABLE } from '../deploy/artifacts.ts'

const check = process.argv.includes('--check')
mkdirSync(COMPILED_FOLDER, { recursive: true })
let stale = 0
for (const name of DEPLOYABLE) {
  const { abi, bytecode } = await hre.artifacts.readArtifact(name)
  const text = `${JSON.stringify({ contractName: name, abi, bytecode })}\n`
  const file = new URL(`${name}.json`, COMPILED_FOLDER)
  if (!check) writeFileSync(file, text)
  else if (read(file) !== text) {
    console.error(
      `deployments/compiled/${name}.json is stale: run npm run build:contracts and node scripts/codegen/compiled.ts`,
    )
    stale += 1
  }
}
process.exitCode = stale === 0 ? 0 : 1

function read(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
