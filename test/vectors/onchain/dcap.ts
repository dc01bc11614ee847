import { type DcapKind, enumNumber, TCB_STATUSES } from '@spartan/abi'
import type { TcbStatus } from '@spartan/attestation'
import type { Hex } from 'viem'
import { codeOf } from '../../support/vendorChain.ts'
import { type DcapChain, dcapChain, verifyOnchain } from '../support/dcapChain.ts'
import { type DcapVector, dcapVectors, simulationRootOf, withoutTrailing } from '../support/dcapVectors.ts'
import { comparedClaims, type Verdict as DcapVerdict, libraryVerdict } from '../support/dcapVerdict.ts'
import type { VectorEntry } from '../support/manifest.ts'
import { isSame } from './agreement.ts'
import type { Judged, OnchainAdapter, Outcome, Verdict } from './types.ts'

/** What the published entries are judged by: the `vectors` preset of the library, as far as a policy on-chain can say it. */
const STATUSES = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
] as const satisfies readonly TcbStatus[]

/** Mutations of one quote that carry no endorsements, and the entry whose endorsements are of the same platform and time. */
const BORROWED: Readonly<Record<string, string>> = Object.fromEntries(
  ['cert-chain-byte', 'header-byte', 'pck-cert-byte', 'root-cert-byte', 'version-byte'].map((name) => [
    `tdx/neg-v4-gotdxguest-${name}`,
    'tdx/neg-v4-gotdxguest-tcb-not-found',
  ]),
)

/** Entries that are wrong for a reason that is not judged by verifier and policy on-chain. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'tdx/synth-neg-sept-ve-disable-clear': 'SEPT_VE_DISABLE is part of the measurement, which ReferenceValues judges',
}

/** Before every published time. */
const START = Date.UTC(2015, 0, 1) / 1000

/** Quotes of TDs, as published and without what follows them: library and contracts with the same endorsements, at the entry's time, under the same policy. */
export const tdxAdapter: OnchainAdapter = { family: 'tdx', run: (entry) => run('Tdx', entry) }
/** Quotes of enclaves. */
export const sgxAdapter: OnchainAdapter = { family: 'sgx', run: (entry) => run('Sgx', entry) }

async function run(kind: DcapKind, entry: VectorEntry): Promise<Outcome> {
  const vector = vectorOf(kind, entry.id)
  if (vector === undefined) return { notApplicable: 'no quote' }
  const elsewhere = ELSEWHERE[vector.id]
  if (elsewhere !== undefined) return { notApplicable: elsewhere }
  const endorsements = endorsementsFor(vector)
  const published = await judge(kind, { ...vector, endorsements })
  const quote = withoutTrailing(vector.quote)
  // Bytes after the quote's end may refuse it before anything else is looked at: it is judged without them too.
  if (quote.length === vector.quote.length || !isSame(published)) return published
  return judge(kind, { ...vector, quote, endorsements })
}

async function judge(kind: DcapKind, vector: DcapVector): Promise<Judged> {
  return { library: inText(await askLibrary(kind, vector)), contract: inText(await askContracts(kind, vector)) }
}

const published = new Map<DcapKind, readonly DcapVector[]>()

function vectorOf(kind: DcapKind, id: string): DcapVector | undefined {
  const vectors = published.get(kind) ?? dcapVectors(kind === 'Tdx' ? 'tdx' : 'sgx')
  published.set(kind, vectors)
  return vectors.find((vector) => vector.id === id)
}

function endorsementsFor({ id, endorsements }: DcapVector): DcapVector['endorsements'] {
  const owner = BORROWED[id]
  if (owner === undefined) return endorsements
  const found = vectorOf('Tdx', owner)
  if (found === undefined) throw new Error(`no vector ${owner}`)
  return found.endorsements
}

/** What the entry's own policy says beside the preset. */
const rulesOf = ({ expected: { policy = {} } }: DcapVector) => ({
  minTcbEvaluationNumber: policy.min_tcb_evaluation_data_number ?? 0,
  acceptedTcbStatuses: policy.accepted_tcb_statuses ?? STATUSES,
})

function askLibrary(kind: DcapKind, vector: DcapVector): Promise<DcapVerdict> {
  const { quote, endorsements, trustAnchors, at } = vector
  const policy = { ...rulesOf(vector), debug: 'refuse', serviceTd: 'refuse' } as const
  return libraryVerdict({ kind, quote, endorsements, trustAnchors, at }, policy)
}

async function askContracts(kind: DcapKind, vector: DcapVector): Promise<DcapVerdict> {
  const { chain, policyOf } = await chainFor(vector)
  await chain.restart()
  await chain.travelTo(vector.at)
  try {
    const { claims } = await verifyOnchain(chain, kind, vector.quote, vector.endorsements)
    const { acceptedTcbStatuses, minTcbEvaluationNumber } = rulesOf(vector)
    const judge = await policyOf(acceptedTcbStatuses, minTcbEvaluationNumber)
    await judge(claims)
    return { claims: comparedClaims(claims) }
  } catch (error) {
    return { code: codeOf(error) }
  }
}

interface World {
  readonly chain: DcapChain
  readonly policyOf: (statuses: readonly TcbStatus[], floor: number) => ReturnType<DcapChain['policy']>
}

/** One chain for each root, which every entry below it starts again. They end with the process. */
const worlds = new Map<string, Promise<World>>()

function chainFor(vector: DcapVector): Promise<World> {
  const simulationRoot = simulationRootOf(vector)
  const key = simulationRoot?.join() ?? 'Intel'
  const world = worlds.get(key) ?? startWorld(simulationRoot)
  worlds.set(key, world)
  return world
}

async function startWorld(simulationRoot: readonly [Hex, Hex] | undefined): Promise<World> {
  const chain = await dcapChain({ time: START, simulationRoot })
  const policyOf: World['policyOf'] = (statuses, minTcbEvaluationNumber) => {
    const bits = statuses.reduce((sum, status) => sum | (1n << BigInt(enumNumber(TCB_STATUSES, status))), 0n)
    return chain.policy({ acceptedTcbStatuses: bits, minTcbEvaluationNumber })
  }
  return { chain, policyOf }
}

/** Every claim as text. */
function inText(verdict: DcapVerdict): Verdict {
  if ('code' in verdict) return { code: verdict.code }
  return { claims: Object.fromEntries(Object.entries(verdict.claims).map(([name, value]) => [name, `${value}`])) }
}
