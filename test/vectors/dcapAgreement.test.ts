import { TCB_STATUSES } from '@spartan/abi'
import { type TdxPolicy, vectorsTdxPolicy, verifyTdxEvidence } from '@spartan/attestation'
import { type Hex, keccak256 } from 'viem'
import { describe, expect, test } from 'vitest'
import { dcapChain, verifyOnchain } from './support/dcapChain.ts'
import {
  type DcapVector,
  dcapVectors,
  isReal,
  simulationRootOf,
  withoutEndorsements,
  withoutTrailing,
} from './support/dcapVectors.ts'
import { hasVectors } from './support/manifest.ts'

/** What one verifier says: the code of a refusal, or the claims on which both have to agree. */
type Verdict =
  | { readonly code: string }
  | { readonly tcbStatus: string; readonly measurement: Hex; readonly platformId: Hex; readonly earliestExpiry: bigint }

/** What `DcapVerifier` asks for; measurement, REPORTDATA and platform are the registry's to judge. */
function policyOf(vector: DcapVector): TdxPolicy {
  const floor = vector.expected.policy?.min_tcb_evaluation_data_number
  return {
    ...vectorsTdxPolicy({ measurements: 'any', reportData: 'any' }),
    trailingBytes: 'zero-only',
    serviceTd: 'refuse',
    minTcbEvaluationNumber: typeof floor === 'number' ? floor : 0,
  }
}

/** The client's verifier by its normal entry: nothing is skipped, what is missing is missing. */
async function offchain(vector: DcapVector): Promise<Verdict> {
  const { quote, endorsements, trustAnchors, at } = vector
  const result = await verifyTdxEvidence({ evidence: quote, endorsements, trustAnchors, at, policy: policyOf(vector) })
  if (result.verdict === 'refused') return { code: result.reasonCode }
  const { claims } = result
  return {
    tcbStatus: claims.tcbStatus,
    measurement: keccak256(claims.measurementPreimage),
    platformId: keccak256(claims.platformId),
    earliestExpiry: BigInt(claims.earliestExpiry),
  }
}

/** The contracts on a chain that stands at the same time, with what is at hand uploaded. */
async function onchain(vector: DcapVector): Promise<Verdict> {
  const chain = await dcapChain({
    time: vector.at,
    simulationRoot: simulationRootOf(vector),
    minTcbEvaluationNumber: policyOf(vector).minTcbEvaluationNumber,
  })
  try {
    const { code, claims } = await verifyOnchain(chain, vector.quote, vector.endorsements)
    if (claims === undefined) return { code: code ?? 'none' }
    const { measurement, platformId, earliestExpiry } = claims
    return { tcbStatus: TCB_STATUSES[claims.tcbStatus] ?? 'none', measurement, platformId, earliestExpiry }
  } finally {
    await chain.close()
  }
}

/** The published input, and where bytes follow the quote's end, which alone would refuse it, the input without them. */
function inputsOf(vector: DcapVector): readonly DcapVector[] {
  const quote = withoutTrailing(vector.quote)
  return quote.length === vector.quote.length ? [vector] : [vector, { ...vector, quote }]
}

async function agreedVerdict(vector: DcapVector): Promise<Verdict> {
  const [client, contract] = await Promise.all([offchain(vector), onchain(vector)])
  expect(contract).toEqual(client)
  return client
}

describe.skipIf(!hasVectors)('TypeScript and Solidity say the same of a published quote', () => {
  const vectors = dcapVectors('tdx')
  const real = vectors.filter(isReal)
  const GOOD = 'tdx/v4-phala-uptodate'

  test('there are quotes of hardware, good ones and some without endorsements', () => {
    expect(real.length).toBeGreaterThan(20)
    expect(real.filter(({ endorsements }) => endorsements.rootCaCrl === undefined).length).toBeGreaterThan(5)
  })

  test.each(real.map((vector) => [vector.id, vector] as const))('Intel root: %s', async (_, vector) => {
    const verdicts: Verdict[] = []
    for (const input of inputsOf(vector)) verdicts.push(await agreedVerdict(input))
    // As hardware made it, and no CRL: both stop there, and neither goes on without.
    if (/^tdx\/v[45]-/.test(vector.id) && vector.endorsements.rootCaCrl === undefined) {
      expect(verdicts.at(-1)).toEqual({ code: 'DCAP_ROOT_CRL_MISSING' })
    }
  })

  test.each([
    ['DCAP_ROOT_CRL_MISSING', ['rootCaCrl']],
    ['DCAP_PCK_CRL_MISSING', ['pckCrl']],
    ['DCAP_TCB_INFO_MISSING', ['tcbInfo']],
    ['DCAP_TCB_INFO_MISSING', ['tcbInfo', 'qeIdentity']],
    ['DCAP_QE_IDENTITY_MISSING', ['qeIdentity']],
  ] as const)('a good quote of hardware: %s without %j', async (code, names) => {
    const good = real.find(({ id }) => id === GOOD)
    if (good === undefined) throw new Error(`no vector ${GOOD}`)
    expect(await agreedVerdict(good)).toMatchObject({ tcbStatus: 'UpToDate' })
    expect(await agreedVerdict(withoutEndorsements(good, ...names))).toEqual({ code })
  })

  const synthetic = vectors.filter((vector) => !isReal(vector))
  test.each(synthetic.map((vector) => [vector.id, vector] as const))('own root: %s', async (_, vector) => {
    for (const input of inputsOf(vector)) await agreedVerdict(input)
  })
})
