import { constants, createHash, generateKeyPairSync, sign } from 'node:crypto'
import { p256 } from '@noble/curves/p256'
import { p256CheckAbi, p384Abi, p384PlainAbi, rsaPssAbi, sha512Abi } from '@spartan/abi'
import { type Abi, type Address, bytesToHex, encodeFunctionData, type Hex } from 'viem'
import { hintsOf, newKey, type P384Case, signedCase, startP384 } from '../../../test/support/p384World.ts'
import { type ContractCall, deployRsaPss } from '../../../test/support/vendorChain.ts'
import { type BenchRow, row } from '../row.ts'
import { compilePeer, peerGas } from './peer.ts'
import { BASE, repriced } from './prices.ts'

/** Signatures whose dearest one is stated. */
const SIGNATURES = 5
/** Published figures: base/nitro-validator 0ea0d12 measured under Osaka rules. */
const PUBLISHED = { hinted: 5_386_888, unhinted: 50_482_525, sha384Block: 231_100, vcek: 4_632_136 }
/** Bytes of the signed part of a VCEK certificate: seven blocks. */
const VCEK_TBS_BYTES = 880

type World = Awaited<ReturnType<typeof startP384>>

/** Whole transaction less the 21,000 base: execution and calldata. */
const gasOf = async ({ send }: World, call: ContractCall): Promise<number> => Number(await send(call)) - BASE

const calldataGas = (input: Hex) =>
  Buffer.from(input.slice(2), 'hex').reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0)

/** Rows of the cryptographic pieces: totals before the 21,000 base, hint calldata included. */
export async function cryptoRows(): Promise<BenchRow[]> {
  const world = await startP384()
  const key = newKey()
  const { table, gasUsed } = await world.createTable(key.publicKey)
  const cases = Array.from({ length: SIGNATURES }, (_, index) => signedCase(key, Uint8Array.of(index)))
  const [direct, cached] = [await dearest(world, cases), await dearest(world, cases, table)]
  const first = cases[0]
  if (first === undefined) throw new Error('no signature')
  const plain = await plainGas(world, first)
  const unhinted = await peerGas(first)
  const peer = `peer: @solarity/solidity-lib 3.1.0, published under Osaka rules; in this run, under the rules before, ${unhinted.toLocaleString('en')}`
  return [
    row({
      name: 'P-384 verify, arbitrary key',
      unit: 'gas',
      ours: direct,
      peer: PUBLISHED.hinted,
      goal: 850_000,
      note: `dearest of ${SIGNATURES}; peer: published, hinted (base/nitro-validator)`,
    }),
    row({
      name: 'P-384 verify, key with table',
      unit: 'gas',
      ours: cached,
      goal: 360_000,
      note: `dearest of ${SIGNATURES}; no public peer`,
    }),
    row({
      name: 'P-384 verify, no hints',
      unit: 'gas',
      ours: plain,
      peer: PUBLISHED.unhinted,
      goal: 8_000_000,
      note: peer,
    }),
    row({
      name: 'P-384 table of a key, once',
      unit: 'gas',
      ours: Number(gasUsed) - BASE,
      goal: 8_000_000,
      note: 'hints and 12,289 bytes of code included; the goal is the limit of a step',
    }),
    ...(await shaRows(world)),
    ...(await vcekRows(world)),
    ...(await p256Rows(world)),
  ]
}

async function dearest(world: World, cases: readonly P384Case[], table?: Address): Promise<number> {
  let most = 0
  for (const entry of cases) {
    const hints = hintsOf(entry)
    const [digest, key, signature] = [entry.digest, entry.publicKey, entry.signature].map((bytes) => bytesToHex(bytes))
    const valid = table
      ? await world.verifyWithTable(entry, table, hints.table)
      : await world.verify(entry, hints.direct)
    if (!valid) throw new Error('a valid signature was refused')
    const given = bytesToHex((table ? hints.table : hints.direct) ?? new Uint8Array())
    const call = table
      ? { functionName: 'verifyWithTable', args: [digest, table, signature, given] }
      : { functionName: 'verify', args: [digest, key, signature, given] }
    most = Math.max(most, await gasOf(world, { address: world.contract.address, abi: p384Abi as Abi, ...call }))
  }
  return most
}

async function plainGas(world: World, { digest, publicKey, signature }: P384Case): Promise<number> {
  const { address } = await world.viem.deployContract('P384Plain')
  const args = [digest, publicKey, signature].map((bytes) => bytesToHex(bytes))
  return gasOf(world, { address, abi: p384PlainAbi as Abi, functionName: 'verify', args })
}

async function shaRows(world: World): Promise<BenchRow[]> {
  const { address } = await world.viem.deployContract('Sha512')
  const cost = async (length: number) => {
    const args = [bytesToHex(new Uint8Array(length).fill(0xff))] as const
    const call = { address, abi: sha512Abi, functionName: 'sha384', args } as const
    return (await gasOf(world, call)) - calldataGas(encodeFunctionData(call))
  }
  const perBlock = ((await cost(100 + 64 * 128)) - (await cost(100))) / 64
  const published = 'peer: published (Sha2Ext)'
  return [
    row({
      name: 'SHA-384 per 128-byte block',
      unit: 'gas',
      ours: perBlock,
      peer: PUBLISHED.sha384Block,
      goal: 23_000,
      note: `mean of 64 blocks; ${published}`,
    }),
  ]
}

async function vcekRows(world: World): Promise<BenchRow[]> {
  const { rsaPss: address } = await deployRsaPss(world)
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 4_096 })
  const message = new Uint8Array(VCEK_TBS_BYTES).fill(0x5a)
  const modulus = Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url')
  const padding = constants.RSA_PKCS1_PSS_PADDING
  const signature = sign('sha384', message, { key: privateKey, padding, saltLength: 48 })
  const args = [message, modulus, signature].map((bytes) => bytesToHex(bytes))
  const call = { address, abi: rsaPssAbi as Abi, functionName: 'verify', args }
  if (!(await world.client.readContract(call))) throw new Error('a valid signature was refused')
  const name = 'RSA-4096-PSS signature of a VCEK certificate'
  const gas = await gasOf(world, call)
  const calldataBytes = encodeFunctionData(call).length / 2 - 1
  return [
    row({
      name,
      unit: 'gas',
      ours: gas,
      peer: PUBLISHED.vcek,
      limit: 131_072,
      goal: 650_000,
      note: `signed part of ${VCEK_TBS_BYTES} bytes, calldata included; limit: MODEXP alone (EIP-7883); peer: published, without calldata`,
    }),
    row({
      name: `${name}, repriced`,
      unit: 'gas',
      ours: repriced({ gasUsed: gas + BASE, calldataBytes }),
      goal: 650_000,
      note: `EIP-7976: ${calldataBytes.toLocaleString('en')} bytes of calldata stay below the execution`,
    }),
  ]
}

/** P-256 as Intel's verifiers use it, beside @openzeppelin/contracts in the same run: whole calls, calldata included. */
async function p256Rows(world: World): Promise<BenchRow[]> {
  const { abi, bytecode } = compilePeer('OpenZeppelinPeer')
  const hash = await world.wallet.deployContract({ abi, bytecode })
  const { contractAddress } = await world.client.getTransactionReceipt({ hash })
  if (!contractAddress) throw new Error('the peer was not deployed')
  const { address } = await world.viem.deployContract('P256Check')
  const key = p256.utils.randomPrivateKey()
  const digest = new Uint8Array(createHash('sha256').update('message').digest())
  const signature = p256.sign(digest, key, { lowS: true }).toCompactRawBytes()
  const point = p256.getPublicKey(key, false).subarray(1)
  const words = [digest, signature.subarray(0, 32), signature.subarray(32), point.subarray(0, 32), point.subarray(32)]
  const rows: BenchRow[] = []
  for (const [usePrecompile, where, goal] of [
    [true, 'with 0x100', 12_000],
    [false, 'without 0x100', 300_000],
  ] as const) {
    const args = [usePrecompile, ...words.map((word) => bytesToHex(word))]
    const ours: ContractCall = { address, abi: p256CheckAbi as Abi, functionName: 'verify', args }
    const peer: ContractCall = { address: contractAddress, abi, functionName: 'verify', args }
    for (const call of [ours, peer]) {
      if (!(await world.client.readContract(call))) throw new Error('a valid signature was refused')
    }
    const theirs = await gasOf(world, peer)
    rows.push(
      row({
        name: `P-256 verify, ${where}`,
        unit: 'gas',
        ours: await gasOf(world, ours),
        peer: theirs,
        goal,
        note: "peer: @openzeppelin/contracts 5.7.0 in this run; without 0x100 it is the peer's own code, compiled as this project is",
      }),
    )
  }
  return rows
}
