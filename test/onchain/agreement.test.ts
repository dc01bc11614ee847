import {
  dcapVerifierAbi,
  type EndorsementUpload,
  encodeSgxEvidence,
  encodeTdxEvidence,
  enumNumber,
  TCB_STATUSES,
} from '@spartan/abi'
import type { TdxPolicy } from '@spartan/attestation'
import { createSimulationRoot } from '@spartan/simulator'
import { network } from 'hardhat'
import { type Abi, bytesToHex, getContract } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sgxCases } from '../support/sgxMutations.ts'
import { EVALUATION_NUMBER, type TdxCase, tdxCases } from '../support/tdxMutations.ts'
import { availableUploads, codeOf } from '../vectors/support/dcapChain.ts'
import { comparedClaims, libraryVerdict, type Verdict } from '../vectors/support/dcapVerdict.ts'

/** Bit i set: TcbStatus i accepted. As `marketplaceTdxPolicy`. */
const ACCEPTED_STATUSES =
  (1n << BigInt(enumNumber(TCB_STATUSES, 'UpToDate'))) | (1n << BigInt(enumNumber(TCB_STATUSES, 'SWHardeningNeeded')))

/** Every status but Unknown and Revoked. */
const ANY_STATUS = TCB_STATUSES.filter((status) => status !== 'Unknown' && status !== 'Revoked')

/** The cap of a transaction (EIP-7825). */
const UPLOAD_GAS = 16_777_216n

/** Exactly what `DcapVerifier` asks for; measurement, REPORTDATA and platform are the registry's to judge. */
const ANY_STATUS_POLICY: Partial<TdxPolicy> = {
  debug: 'refuse',
  serviceTd: 'refuse',
  minTcbEvaluationNumber: EVALUATION_NUMBER,
}
const POLICY: Partial<TdxPolicy> = { ...ANY_STATUS_POLICY, acceptedTcbStatuses: ['UpToDate', 'SWHardeningNeeded'] }

async function startChain() {
  const connection = await network.create('local')
  const publicClient = await connection.viem.getPublicClient()
  const { timestamp } = await publicClient.getBlock()
  // The chain's clock and the simulation's agree; every validity is wider than the test takes.
  const root = await createSimulationRoot({ now: Number(timestamp) })
  const x = bytesToHex(root.publicKey.subarray(1, 33))
  const y = bytesToHex(root.publicKey.subarray(33))
  const store = await connection.viem.deployContract('EndorsementStore', [true, x, y])
  const deploy = async (accepted: bigint) => {
    const { address } = await connection.viem.deployContract('DcapVerifier', [
      store.address,
      accepted,
      EVALUATION_NUMBER,
    ])
    return getContract({ address, abi: dcapVerifierAbi, client: publicClient })
  }
  const verifier = await deploy(ACCEPTED_STATUSES)
  const anyStatus = await deploy(
    ANY_STATUS.reduce((bits, status) => bits | (1n << BigInt(enumNumber(TCB_STATUSES, status))), 0n),
  )
  const { address } = await connection.viem.deployContract('SgxVerifier', [store.address])
  const sgx = getContract({ address, abi: dcapVerifierAbi, client: publicClient })
  const request = (method: string, params: unknown[] = []) => connection.provider.request({ method, params })
  let snapshot = await request('evm_snapshot')
  let present: string | undefined
  /** Sends these uploads to the empty store, unless it holds exactly them. */
  const bringTo = async (
    uploads: readonly EndorsementUpload[],
    send: (upload: EndorsementUpload) => Promise<unknown>,
  ) => {
    const wanted = JSON.stringify(uploads)
    if (wanted === present) return
    present = undefined
    await request('evm_revert', [snapshot])
    snapshot = await request('evm_snapshot')
    for (const upload of uploads) await send(upload)
    present = wanted
  }
  return { connection, publicClient, root, store, verifier, anyStatus, sgx, bringTo }
}

type World = Awaited<ReturnType<typeof startChain>>

/** Layout, uploads in the order of the checks, then the quote: as a provider does it. */
async function judgeOnChain({ connection, store, ...world }: World, entry: TdxCase): Promise<Verdict> {
  const { kind = 'Tdx', quote, endorsements } = entry
  const tdx = entry.status === undefined ? world.verifier : world.anyStatus
  const verifier = kind === 'Tdx' ? tdx : world.sgx
  try {
    const encode = kind === 'Tdx' ? encodeTdxEvidence : encodeSgxEvidence
    const { evidence } = encode(quote, endorsements.pckChain)
    await verifier.read.parse([evidence])
    const [wallet] = await connection.viem.getWalletClients()
    if (!wallet) throw new Error('no account')
    await world.bringTo(availableUploads(quote, endorsements, kind), ({ functionName, args }) =>
      // A fixed gas limit saves the estimate; the node answers a reverting transaction with its reason.
      wallet.writeContract({ address: store.address, abi: store.abi as Abi, functionName, args, gas: UPLOAD_GAS }),
    )
    return { claims: comparedClaims(await verifier.read.verify([evidence])) }
  } catch (error) {
    return { code: codeOf(error) }
  }
}

async function judgeInTypeScript({ root, publicClient }: World, entry: TdxCase): Promise<Verdict> {
  const { timestamp } = await publicClient.getBlock()
  const { kind = 'Tdx', quote, endorsements, status } = entry
  const trustAnchors = [{ publicKey: root.publicKey, simulated: true }]
  const policy = kind === 'Sgx' ? {} : status === undefined ? POLICY : ANY_STATUS_POLICY
  return libraryVerdict({ kind, quote, endorsements, trustAnchors, at: Number(timestamp) }, policy)
}

describe('TypeScript and Solidity verifiers', () => {
  const table: string[] = []
  let world: World
  let cases: readonly TdxCase[]

  beforeAll(async () => {
    world = await startChain()
    const { root } = world
    cases = [...(await tdxCases(root.createdAt, root)), ...(await sgxCases(root.createdAt, root))]
  })

  afterAll(async () => {
    console.log([`${'mutation'.padEnd(46)} ${'TypeScript'.padEnd(40)} Solidity`, ...table].join('\n'))
    await world.connection.close()
  })

  test('give the same verdict, reason code and claims on every single mutation', async () => {
    const disagreements: unknown[] = []
    for (const entry of cases) {
      const typeScript = await judgeInTypeScript(world, entry)
      const solidity = await judgeOnChain(world, entry)
      const text = (verdict: Verdict) => ('code' in verdict ? verdict.code : 'accepted')
      table.push(`${entry.name.padEnd(46)} ${text(typeScript).padEnd(40)} ${text(solidity)}`)
      const { tcbStatus, flags } = 'claims' in solidity ? solidity.claims : {}
      const same =
        JSON.stringify(typeScript) === JSON.stringify(solidity) &&
        text(typeScript) === entry.expected &&
        (entry.status === undefined || tcbStatus === entry.status) &&
        (flags ?? []).join() === (entry.flags ?? []).join()
      if (!same) disagreements.push({ case: entry.name, expected: entry.expected, typeScript, solidity })
    }
    expect(cases.length).toBeGreaterThanOrEqual(250)
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
    expect(disagreements).toEqual([])
  })
})
