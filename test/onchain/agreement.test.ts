import { type EndorsementUpload, encodeSgxEvidence, encodeTdxEvidence, enumNumber, TCB_STATUSES } from '@spartan/abi'
import type { DcapPolicy } from '@spartan/attestation'
import { createSimulationRoot, type SimulationRoot } from '@spartan/simulator'
import { bytesToHex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sgxCases } from '../support/sgxMutations.ts'
import { EVALUATION_NUMBER, type TdxCase, tdxCases } from '../support/tdxMutations.ts'
import { codeOf } from '../support/vendorChain.ts'
import { availableUploads, type DcapChain, dcapChain } from '../vectors/support/dcapChain.ts'
import { comparedClaims, libraryVerdict, type Verdict } from '../vectors/support/dcapVerdict.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
/** What a deployment accepts; cases that name a status are judged by the verifiers alone. */
const POLICY = {
  acceptedTcbStatuses: ['UpToDate', 'SWHardeningNeeded'],
  minTcbEvaluationNumber: EVALUATION_NUMBER,
} as const satisfies Partial<DcapPolicy>
const STATUS_BITS = POLICY.acceptedTcbStatuses.reduce(
  (bits, status) => bits | (1n << BigInt(enumNumber(TCB_STATUSES, status))),
  0n,
)

async function startWorld() {
  const root = await createSimulationRoot({ now: NOW })
  const hex = bytesToHex(root.publicKey).slice(-128)
  const chain = await dcapChain({ time: NOW, simulationRoot: [`0x${hex.slice(0, 64)}`, `0x${hex.slice(64)}`] })
  const judge = await chain.policy({ ...POLICY, acceptedTcbStatuses: STATUS_BITS })
  let present: string | undefined
  /** Sends these uploads to the empty store, unless it holds exactly them. */
  const bringTo = async (uploads: readonly EndorsementUpload[]) => {
    const wanted = JSON.stringify(uploads)
    if (wanted === present) return
    present = undefined
    await chain.restart()
    for (const upload of uploads) await chain.upload(upload)
    present = wanted
  }
  return { chain, root, judge, bringTo }
}

type World = Awaited<ReturnType<typeof startWorld>>

/** Layout, uploads in the order of the checks, then the quote, then the policy: as a provider does it. */
async function judgeOnChain({ chain, judge, bringTo }: World, entry: TdxCase): Promise<Verdict> {
  const { kind = 'Tdx', quote, endorsements } = entry
  try {
    const evidence = (kind === 'Tdx' ? encodeTdxEvidence : encodeSgxEvidence)(quote, endorsements.pckChain)
    await chain.parse(evidence)
    await bringTo(availableUploads(quote, endorsements, kind))
    const claims = await chain.verify(evidence)
    if (!isUnjudged(entry)) await judge(claims)
    return { claims: comparedClaims(claims) }
  } catch (error) {
    return { code: codeOf(error) }
  }
}

const isUnjudged = ({ status, flags }: TdxCase) => status !== undefined || flags !== undefined

async function judgeInTypeScript(chain: DcapChain, root: SimulationRoot, entry: TdxCase): Promise<Verdict> {
  const { timestamp } = await chain.client.getBlock()
  const { kind = 'Tdx', quote, endorsements } = entry
  const trustAnchors = [{ publicKey: root.publicKey, simulated: true }]
  const input = { kind, quote, endorsements, trustAnchors, at: Number(timestamp) }
  return libraryVerdict(input, isUnjudged(entry) ? {} : { ...POLICY, debug: 'refuse', serviceTd: 'refuse' })
}

describe('TypeScript and Solidity verifiers', () => {
  const table: string[] = []
  let world: World
  let cases: readonly TdxCase[]

  beforeAll(async () => {
    world = await startWorld()
    cases = [...(await tdxCases(NOW, world.root)), ...(await sgxCases(NOW, world.root))]
  })

  afterAll(async () => {
    console.log([`${'mutation'.padEnd(56)} ${'TypeScript'.padEnd(40)} Solidity`, ...table].join('\n'))
    await world.chain.close()
  })

  test('give the same verdict, reason code and claims on every single mutation', async () => {
    const disagreements: unknown[] = []
    for (const entry of cases) {
      const typeScript = await judgeInTypeScript(world.chain, world.root, entry)
      const solidity = await judgeOnChain(world, entry)
      const text = (verdict: Verdict) => ('code' in verdict ? verdict.code : 'accepted')
      table.push(`${entry.name.padEnd(56)} ${text(typeScript).padEnd(40)} ${text(solidity)}`)
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
