import {
  dcapVerifierAbi,
  decodeContractError,
  encodeTdxEvidence,
  endorsementUploads,
  enumNumber,
  TCB_STATUSES,
} from '@spartan/abi'
import { type DcapEndorsements, marketplaceTdxPolicy, type TdxPolicy, verifyTdxEvidence } from '@spartan/attestation'
import { BaseError } from '@spartan/errors'
import { createSimulationRoot } from '@spartan/simulator'
import { network } from 'hardhat'
import { type Abi, bytesToHex, getContract, keccak256 } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EVALUATION_NUMBER, type TdxCase, tdxCases } from '../support/tdxMutations.ts'

/** What one verifier says: the code of a refusal, or the claims that both have to agree on. */
type Verdict = { readonly code: string } | { readonly claims: Readonly<Record<string, unknown>> }

/** Bit i set: TcbStatus i accepted. As `marketplaceTdxPolicy`. */
const ACCEPTED_STATUSES =
  (1n << BigInt(enumNumber(TCB_STATUSES, 'UpToDate'))) | (1n << BigInt(enumNumber(TCB_STATUSES, 'SWHardeningNeeded')))

/** Every status but Unknown and Revoked. */
const ANY_STATUS = TCB_STATUSES.filter((status) => status !== 'Unknown' && status !== 'Revoked')

/** The cap of a transaction (EIP-7825). */
const UPLOAD_GAS = 16_777_216n

/** Exactly what `DcapVerifier` asks for; measurement, REPORTDATA and platform are the registry's to judge. */
const POLICY: TdxPolicy = {
  ...marketplaceTdxPolicy({ measurements: 'any', reportData: 'any' }),
  acceptedAdvisoryIds: 'any',
  minTcbEvaluationNumber: EVALUATION_NUMBER,
  maxEndorsementAgeSeconds: 'any',
  septVeDisable: 'any',
}

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
  return { connection, publicClient, root, store, verifier, anyStatus }
}

type World = Awaited<ReturnType<typeof startChain>>

/** The uploads that can be made of what is there: nothing is sent for an endorsement that is missing. */
function uploadsOf({ quote, endorsements }: TdxCase) {
  const nothing = { body: new Uint8Array(), signature: new Uint8Array(), issuerChain: [] }
  const complete: DcapEndorsements = {
    rootCaCrl: new Uint8Array(),
    pckCrl: new Uint8Array(),
    pckCrlIssuerChain: [],
    tcbInfo: nothing,
    qeIdentity: nothing,
    ...endorsements,
  }
  const absent = new Set<string>([
    ...(endorsements.rootCaCrl ? [] : ['uploadRootCrl']),
    ...(endorsements.pckCrl ? [] : ['uploadPckCrl']),
    ...(endorsements.tcbInfo ? [] : ['uploadTcbInfo']),
    ...(endorsements.qeIdentity ? [] : ['uploadQeIdentity']),
  ])
  return endorsementUploads(quote, complete).filter(
    ({ functionName, args }) =>
      !absent.has(functionName) && !(functionName === 'uploadTcbSigner' && (args[1] ?? '0x') === '0x'),
  )
}

/** Layout, uploads in the order of the checks, then the quote: as a provider does it. */
async function judgeOnChain({ connection, store, ...world }: World, entry: TdxCase): Promise<Verdict> {
  const verifier = entry.status === undefined ? world.verifier : world.anyStatus
  try {
    const { evidence } = encodeTdxEvidence(entry.quote)
    await verifier.read.parse([evidence])
    const [wallet] = await connection.viem.getWalletClients()
    if (!wallet) throw new Error('no account')
    for (const { functionName, args } of uploadsOf(entry)) {
      // A fixed gas limit saves the estimate; the node answers a reverting transaction with its reason.
      const call = { address: store.address, abi: store.abi as Abi, functionName, args, gas: UPLOAD_GAS }
      await wallet.writeContract(call)
    }
    const claims = await verifier.read.verify([evidence])
    return {
      claims: {
        simulated: claims.simulated,
        tcbStatus: TCB_STATUSES[claims.tcbStatus],
        tcbEvaluationNumber: claims.tcbEvaluationNumber,
        platformId: claims.platformId,
        measurement: claims.measurement,
        reportData: `${claims.reportDataHigh}${claims.reportDataLow.slice(2)}`,
        earliestExpiry: Number(claims.earliestExpiry),
      },
    }
  } catch (error) {
    const code = error instanceof BaseError ? error.code : decodeContractError(error)?.code
    if (code === undefined) throw error
    return { code }
  }
}

async function judgeInTypeScript({ root, publicClient }: World, entry: TdxCase): Promise<Verdict> {
  const { timestamp } = await publicClient.getBlock()
  const result = await verifyTdxEvidence({
    evidence: entry.quote,
    endorsements: entry.endorsements,
    at: Number(timestamp),
    trustAnchors: [{ publicKey: root.publicKey, simulated: true }],
    policy: entry.status === undefined ? POLICY : { ...POLICY, acceptedTcbStatuses: ANY_STATUS },
  })
  if (result.verdict === 'refused') return { code: result.reasonCode }
  const { claims } = result
  return {
    claims: {
      simulated: claims.simulated,
      tcbStatus: claims.tcbStatus,
      tcbEvaluationNumber: claims.tcbEvaluationNumber,
      platformId: keccak256(claims.platformId),
      measurement: keccak256(claims.measurementPreimage),
      reportData: bytesToHex(claims.reportData),
      earliestExpiry: claims.earliestExpiry,
    },
  }
}

describe('TypeScript and Solidity verifiers', () => {
  const table: string[] = []
  let world: World
  let cases: readonly TdxCase[]

  beforeAll(async () => {
    world = await startChain()
    cases = await tdxCases(world.root.createdAt, world.root)
  })

  afterAll(async () => {
    console.log([`${'mutation'.padEnd(46)} ${'TypeScript'.padEnd(40)} Solidity`, ...table].join('\n'))
    await world.connection.close()
  })

  test('give the same verdict, reason code and claims on every single mutation', async () => {
    const disagreements: unknown[] = []
    for (const entry of cases) {
      const snapshot = await world.connection.provider.request({ method: 'evm_snapshot' })
      const typeScript = await judgeInTypeScript(world, entry)
      const solidity = await judgeOnChain(world, entry)
      await world.connection.provider.request({ method: 'evm_revert', params: [snapshot] })
      const text = (verdict: Verdict) => ('code' in verdict ? verdict.code : 'accepted')
      table.push(`${entry.name.padEnd(46)} ${text(typeScript).padEnd(40)} ${text(solidity)}`)
      const status = 'claims' in solidity ? solidity.claims.tcbStatus : undefined
      const same =
        JSON.stringify(typeScript) === JSON.stringify(solidity) &&
        text(typeScript) === entry.expected &&
        (entry.status === undefined || status === entry.status)
      if (!same) disagreements.push({ case: entry.name, expected: entry.expected, typeScript, solidity })
    }
    expect(cases.length).toBeGreaterThanOrEqual(100)
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
    expect(disagreements).toEqual([])
  })
})
