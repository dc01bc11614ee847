import { nvidiaRimIds, parseNvidiaEvidence, type SnpTrustAnchor } from '@spartan/attestation'
import {
  certificatesOfPem,
  createFetcher,
  fetchNvidiaEndorsements,
  fetchSnpEndorsements,
  fetchVerified,
} from '@spartan/endorsements'
import { createNvidiaSimulation, createSnpSimulation, type SimulatedSnpMachine } from '@spartan/simulator'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { toBase64, toHex } from '../../../../packages/endorsements/src/bytes.ts'
import {
  createTestRuntime,
  type LocalSource,
  type Reply,
  type SeenRequest,
  startLocalSource,
} from '../../../../packages/endorsements/src/test/localSource.ts'
import { pemOf } from '../../../../packages/endorsements/src/test/vendorChains.ts'
import { judgeNvidia, judgeSnp } from './endorsementJudge.ts'

const AT = 1_780_000_000
const notVerified = expect.objectContaining({ code: 'ENDORSEMENTS_NOT_VERIFIED' })

let server: LocalSource | undefined
afterEach(() => server?.close())
const start = async (reply: (request: SeenRequest) => Reply) => {
  server = await startLocalSource(reply)
  return { url: server.url, fetcher: createFetcher({ runtime: createTestRuntime(AT * 1000) }) }
}

describe('SEV-SNP', () => {
  let machine: SimulatedSnpMachine
  let other: SimulatedSnpMachine
  let evidence: Uint8Array
  let anchor: SnpTrustAnchor

  beforeAll(async () => {
    const simulation = await createSnpSimulation({ now: AT, product: 'Turin' })
    machine = await simulation.createMachine()
    other = await simulation.createMachine()
    evidence = await machine.issueReport()
    anchor = { certificate: simulation.ark.certificate, simulated: true }
  })

  async function fetchWith(vek: Uint8Array) {
    const { intermediate, root, crl } = await machine.endorsements()
    const { url, fetcher } = await start(({ path }) => {
      if (path.endsWith('cert_chain')) return { body: pemOf(intermediate, root) }
      return { body: path.endsWith('/crl') ? crl : vek }
    })
    const reportedTcb = evidence.subarray(0x180, 0x188)
    const request = { kind: 'vcek', product: 'Turin', chipId: machine.chipId, reportedTcb } as const
    return fetchVerified(
      (options) => fetchSnpEndorsements(fetcher, { baseUrl: url }, request, options),
      (endorsements) => judgeSnp({ evidence, endorsements, at: AT, trustAnchors: [anchor] }),
    )
  }

  test('default: endorsements of the machine are genuine, and asked for by 8 bytes of its id', async () => {
    const { value } = await fetchWith(machine.vek)
    expect(value.verdict).toBe('accepted')
    const asked = server?.seen.map(({ path }) => path).join(' ')
    expect(asked).toContain(`/vcek/v1/Turin/${toHex(machine.chipId.subarray(0, 8))}?fmcSPL=01&blSPL=10`)
  })

  test('error: the VCEK of another chip is not genuine, so nothing is kept', async () => {
    await expect(fetchWith(other.vek)).rejects.toEqual(notVerified)
  })
})

describe('NVIDIA', () => {
  async function fetchWith(status: 'good' | 'revoked') {
    const simulation = await createNvidiaSimulation({ now: AT })
    const device = await simulation.createDevice({
      chip: 'GH100',
      driverVersion: '580.95.05',
      vbiosVersion: '96.00.9F.00.01',
    })
    const evidence = await device.issueEvidence({ nonce: new Uint8Array(32).fill(1) })
    const values = (first: number, last: number) =>
      device.measurements.map((value, index) => ({ index, active: index >= first && index <= last, values: [value] }))
    const { driver = '', vbios = '' } = nvidiaRimIds(parseNvidiaEvidence(evidence))
    const rims = new Map([
      [
        driver,
        await simulation.issueRim({
          edition: 'GPU',
          product: 'GH100',
          version: '580.95.05',
          measurements: values(20, 30),
        }),
      ],
      [
        vbios,
        await simulation.issueRim({
          edition: 'GPU',
          product: 'GH100',
          version: '96.00.9F.00.01',
          measurements: values(0, 12),
        }),
      ],
    ])
    const window = { from: AT - 60, until: AT + 86_400 }
    const chains = [device.chain.slice(1), simulation.rimChain]
    const answers = (await Promise.all(chains.map((chain) => simulation.issueOcsp(chain, window, { status })))).flat()
    const serials = chains.flatMap((chain) => chain.slice(0, -1).map(({ serial }) => toHex(serial)))
    const { url, fetcher } = await start(({ path, body }) => {
      const rim = rims.get(path.split('/').at(-1) ?? '')
      if (rim) return { body: JSON.stringify({ id: path.split('/').at(-1), rim: toBase64(rim) }) }
      const answer = answers[serials.findIndex((serial) => toHex(body).endsWith(serial))]
      return answer ? { body: answer } : { status: 404 }
    })
    const source = { rimBaseUrl: url, ocspUrl: `${url}/`, ocspHash: 'SHA-384' } as const
    const request = { certificateChain: certificatesOfPem(evidence.certificateChain), rimIds: [driver, vbios] }
    const { deviceRoot, rimRoot } = simulation
    return fetchVerified(
      (options) => fetchNvidiaEndorsements(fetcher, source, request, options),
      (endorsements) =>
        judgeNvidia({
          evidence,
          endorsements,
          at: AT,
          trustAnchors: [
            { role: 'device', certificate: deviceRoot.certificate, simulated: true },
            { role: 'rim', certificate: rimRoot.certificate, simulated: true },
          ],
        }),
    )
  }

  test('default: manifests and OCSP of the device are genuine', async () => {
    const { fetched, value } = await fetchWith('good')
    expect(value.verdict, value.verdict === 'refused' ? value.error.message : '').toBe('accepted')
    expect(fetched.endorsements.rims).toHaveLength(2)
  })

  test('error: a revoked certificate refuses', async () => {
    await expect(fetchWith('revoked')).rejects.toEqual(notVerified)
  })
})
