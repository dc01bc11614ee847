/** Answers of Intel's service as they were recorded, served again: shaped, they verify the quotes they belong to. */
import { INTEL_SGX_ROOT } from '@spartan/attestation'
import {
  createFetcher,
  dcapRequestOfQuote,
  fetchDcapEndorsements,
  fetchTcbEvaluations,
  fetchVerified,
} from '@spartan/endorsements'
import { afterEach, describe, expect, test } from 'vitest'
import { judgeDcap } from '../../apps/node/src/services/endorsementJudge.ts'
import {
  createTestRuntime,
  type LocalSource,
  type Reply,
  startLocalSource,
} from '../../packages/endorsements/src/test/localSource.ts'
import { type DcapVector, dcapVectors, isReal } from './support/dcapVectors.ts'
import { hasVectors } from './support/manifest.ts'

/** Everything that the service answers with, for a quote of real hardware that carries its chain. */
const ANSWERS = ['tcb_info_response.json', 'qe_identity_response.json', 'pck_crl.der', 'root_ca_crl.der']
const recorded = [...dcapVectors('tdx'), ...dcapVectors('sgx')].filter(
  (vector) =>
    vector.expected.verdict === 'pass' && isReal(vector) && ANSWERS.every((name) => vector.file(name) !== undefined),
)

let server: LocalSource | undefined
afterEach(() => server?.close())

function siteOf({ file }: DcapVector) {
  const chain = (name: string) => encodeURIComponent(new TextDecoder().decode(file(name)))
  const reply = (name: string, headers: Reply['headers'] = {}): Reply => {
    const body = file(name)
    return body ? { body, headers } : { status: 404 }
  }
  return (path: string): Reply => {
    if (path.includes('/tcbevaluationdatanumbers')) {
      // The recorder kept no header there; the signer is the one of the TCB info.
      const header = chain('tcb_info_issuer_chain.pem')
      return reply('tcb_eval_numbers.json', { 'TCB-Evaluation-Data-Numbers-Issuer-Chain': header })
    }
    if (path.includes('/tcb?'))
      return reply('tcb_info_response.json', { 'TCB-Info-Issuer-Chain': chain('tcb_info_issuer_chain.pem') })
    if (path.includes('/qe/identity')) {
      const header = chain('qe_identity_issuer_chain.pem')
      return reply('qe_identity_response.json', { 'SGX-Enclave-Identity-Issuer-Chain': header })
    }
    if (path.includes('/pckcrl'))
      return reply('pck_crl.der', { 'SGX-PCK-CRL-Issuer-Chain': chain('pck_crl_issuer_chain.pem') })
    return reply('root_ca_crl.der')
  }
}

async function connect(vector: DcapVector) {
  const site = siteOf(vector)
  server = await startLocalSource(({ path }) => site(path))
  const source = { baseUrl: server.url, rootCrlUrl: `${server.url}/IntelSGXRootCA.der` }
  return { source, fetcher: createFetcher({ runtime: createTestRuntime(vector.at * 1000) }) }
}

describe.skipIf(!hasVectors)('recorded answers of Intel’s service', () => {
  test('there are some', () => {
    expect(recorded.length).toBeGreaterThanOrEqual(3)
  })

  test.each(recorded.map((vector) => [vector.id, vector] as const))('%s verifies and is kept', async (_, vector) => {
    const { source, fetcher } = await connect(vector)
    const request = dcapRequestOfQuote(vector.quote)
    const { fetched, value } = await fetchVerified(
      (options) => fetchDcapEndorsements(fetcher, source, request, options),
      (endorsements) =>
        judgeDcap(request.tee, { evidence: vector.quote, endorsements, at: vector.at, trustAnchors: [INTEL_SGX_ROOT] }),
    )
    expect(value.verdict).toBe('accepted')
    expect(fetched.endorsements.tcbInfo.body).toEqual(vector.file('tcb_info.json'))
    expect(fetched.endorsements.qeIdentity.body).toEqual(vector.file('qe_identity.json'))
  })

  const numbered = recorded.filter(({ file }) => file('tcb_eval_numbers.json') !== undefined)
  test.each(numbered.map((vector) => [vector.id, vector] as const))('%s: evaluation numbers', async (_, vector) => {
    const { source, fetcher } = await connect(vector)
    const { endorsements } = await fetchTcbEvaluations(fetcher, source, dcapRequestOfQuote(vector.quote).tee)
    const numbers = endorsements.evaluations.map(({ number }) => number)
    expect(numbers.length).toBeGreaterThan(1)
    expect(numbers).toEqual([...numbers].sort((left, right) => right - left))
  })
})
