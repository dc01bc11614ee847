import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { network } from 'hardhat'
import { type Abi, bytesToHex, decodeFunctionResult, encodeFunctionData, type Hex } from 'viem'
import type { P384Case } from '../../../test/support/p384World.ts'

const GAS_LIMIT = 30_000_000n

interface Compiler {
  compile(input: string, callbacks: { import: (path: string) => { contents: string } }): string
}

interface Output {
  readonly contracts?: Readonly<
    Record<string, Readonly<Record<string, { abi: Abi; evm?: { bytecode: { object: string } } }>>>
  >
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[]
}

/** Compiled here and not by the build: nothing but this benchmark needs peers, and one does not compile by way of the IR. */
export function compilePeer(name: 'SolarityPeer' | 'OpenZeppelinPeer'): { abi: Abi; bytecode: Hex } {
  const file = `bench/contracts/${name}.sol`
  const require = createRequire(import.meta.url)
  const solc = require('solc') as Compiler
  const input = {
    language: 'Solidity',
    sources: { [file]: { content: readFileSync(file, 'utf8') } },
    settings: {
      evmVersion: 'osaka',
      optimizer: { enabled: true, runs: 1_000_000 },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
    },
  }
  const read = (path: string) => ({ contents: readFileSync(require.resolve(path), 'utf8') })
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read })) as Output
  const compiled = output.contracts?.[file]?.[name]
  if (compiled?.evm === undefined) throw new Error(output.errors?.map((error) => error.formattedMessage).join('\n'))
  return { abi: compiled.abi, bytecode: `0x${compiled.evm.bytecode.object}` }
}

/**
 * Gas of @solarity/solidity-lib's ECDSA384 on one signature, without calldata, under the rules before Osaka: since then it
 * needs more than a transaction or a call may have (EIP-7825).
 */
export async function peerGas({ signature, publicKey, digest }: P384Case): Promise<number> {
  const { viem } = await network.create('prague')
  const client = await viem.getPublicClient()
  const [wallet] = await viem.getWalletClients()
  if (wallet === undefined) throw new Error('no account')
  const { abi, bytecode } = compilePeer('SolarityPeer')
  const hash = await wallet.deployContract({ abi, bytecode })
  const { contractAddress: address } = await client.getTransactionReceipt({ hash })
  if (!address) throw new Error('the peer was not deployed')
  // It takes only s in the lower half; n - s is valid as well.
  const args = [lowered(signature), publicKey, digest].map((bytes) => bytesToHex(bytes))
  const data = encodeFunctionData({ abi, functionName: 'measure', args })
  const { data: answer = '0x' } = await client.call({ to: address, data, gas: GAS_LIMIT })
  const [gasUsed, valid] = decodeFunctionResult({ abi, functionName: 'measure', data: answer }) as [bigint, boolean]
  if (!valid) throw new Error('the peer refuses a valid signature')
  return Number(gasUsed)
}

const ORDER = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n

function lowered(signature: Uint8Array): Uint8Array {
  const s = BigInt(bytesToHex(signature.subarray(48)))
  const low = s > ORDER / 2n ? ORDER - s : s
  return Buffer.concat([signature.subarray(0, 48), Buffer.from(low.toString(16).padStart(96, '0'), 'hex')])
}
