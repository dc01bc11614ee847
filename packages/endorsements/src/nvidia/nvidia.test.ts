import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sha256, toBase64, toHex } from '../bytes.ts'
import { createFetcher, type Fetcher } from '../fetcher.ts'
import { NOW } from '../test/intelSite.ts'
import {
  createTestRuntime,
  type LocalSource,
  type Reply,
  type SeenRequest,
  startLocalSource,
  type TestRuntime,
} from '../test/localSource.ts'
import { certIdOf, createVendorChain, ocspResponse, serialOf, type VendorChain } from '../test/vendorChains.ts'
import { fetchNvidiaEndorsements } from './nvidia.ts'
import { encodeOcspRequest } from './ocspRequest.ts'

const RIM_ID = 'NV_GPU_DRIVER_GH100_550.90.07'

let device: VendorChain
let signer: VendorChain
let rim: Uint8Array<ArrayBuffer>
let server: LocalSource
let runtime: TestRuntime
let fetcher: Fetcher
/** Made beforehand: replies are synchronous. */
let responses: ReadonlyMap<string, Uint8Array>

beforeAll(async () => {
  device = await createVendorChain('NVIDIA')
  signer = await createVendorChain('NVIDIA RIM')
  const certificates = signer.certificates.map((der) => `<ds:X509Certificate>${toBase64(der)}\n</ds:X509Certificate>`)
  rim = new TextEncoder().encode(
    `<SoftwareIdentity><ds:X509Data>${certificates.join('')}</ds:X509Data></SoftwareIdentity>`,
  )
  const made = new Map<string, Uint8Array>()
  for (const { certificates: chain, intermediateKey } of [device, signer]) {
    for (const [index, certificate] of chain.slice(0, 2).entries()) {
      const request = await encodeOcspRequest(certificate, chain[index + 1] ?? chain[2], 'SHA-384')
      const span = { from: NOW - 60, until: NOW + 3600 }
      made.set(toHex(request), await ocspResponse(certIdOf(request), intermediateKey, span))
    }
  }
  responses = made
})
beforeEach(async () => {
  server = await startLocalSource(site)
  runtime = createTestRuntime(NOW * 1000)
  fetcher = createFetcher({ runtime })
})
afterEach(() => server.close())

let rimSha256: string
beforeAll(async () => {
  rimSha256 = toHex(await sha256(rim))
})
const rimAnswer = (extra: object = {}): Reply => ({
  body: JSON.stringify({ id: RIM_ID, rim: toBase64(rim), sha256: rimSha256, rim_format: 'TCG', ...extra }),
  headers: { 'content-type': 'application/json' },
})
function site({ path, body }: SeenRequest): Reply {
  if (path.startsWith('/v1/rim/')) return path === `/v1/rim/${RIM_ID}` ? rimAnswer() : { status: 404 }
  const found = responses.get(toHex(body))
  return found ? { body: found, headers: { 'content-type': 'application/ocsp-response' } } : { status: 400 }
}
const code = (value: string) => expect.objectContaining({ code: value })
const source = () => ({ rimBaseUrl: server.url, ocspUrl: `${server.url}/`, ocspHash: 'SHA-384' }) as const
const ask = (extra: { readonly rimIds?: readonly string[]; readonly includeLeaf?: boolean } = {}) =>
  fetchNvidiaEndorsements(fetcher, source(), { certificateChain: device.certificates, rimIds: [RIM_ID], ...extra })

describe('NVIDIA endorsements', () => {
  test('RIM by its id, OCSP for the device but its leaf, OCSP for the signers of the RIM', async () => {
    const { endorsements } = await ask()
    expect(endorsements.rims).toEqual([rim])
    expect(endorsements.ocsp).toHaveLength(1)
    expect(endorsements.rimOcsp).toHaveLength(2)
    expect(server.seen.filter(({ method }) => method === 'POST').map(({ headers }) => headers['content-type'])).toEqual(
      Array(3).fill('application/ocsp-request'),
    )
    expect((await ask({ includeLeaf: true })).endorsements.ocsp).toHaveLength(2)
  })

  test('OCSP is asked every time; in an outage a kept answer serves until its nextUpdate', async () => {
    await (await ask()).keep()
    const asked = server.seen.length
    await ask()
    expect(server.seen.length).toBe(asked + 3)
    server.answer(() => ({ status: 503 }))
    runtime.advance(3_000_000)
    const report = (await ask()).sources.find(({ name }) => name.startsWith('ocsp'))
    expect(report).toMatchObject({ from: 'grace', validUntil: NOW + 3600 })
    runtime.advance(1_000_000)
    await expect(ask()).rejects.toEqual(code('ENDORSEMENTS_UNAVAILABLE'))
  })

  test('a RIM that is not published yet has its own code', async () => {
    await expect(ask({ rimIds: ['NV_GPU_DRIVER_GH100_999.0'] })).rejects.toEqual(code('ENDORSEMENTS_NOT_FOUND'))
  })

  test.each(['../ids', 'a/b', '', 'a?b', `a${'b'.repeat(200)}`])(
    'a RIM id %j is refused before anything is asked',
    async (id) => {
      await expect(ask({ rimIds: [id] })).rejects.toEqual(code('ENDORSEMENTS_REQUEST_INVALID'))
      expect(server.seen.filter(({ path }) => path.includes('rim'))).toHaveLength(0)
    },
  )

  test.each<[string, string, object]>([
    ['another id', 'ENDORSEMENTS_ANSWER_MISMATCH', { id: 'NV_GPU_DRIVER_GH100_1' }],
    ['another sha256', 'ENDORSEMENTS_ANSWER_MALFORMED', { sha256: '00'.repeat(32) }],
    ['no RIM', 'ENDORSEMENTS_ANSWER_MALFORMED', { rim: undefined }],
    ['a RIM that is not base64', 'ENDORSEMENTS_ANSWER_MALFORMED', { rim: '<xml/>' }],
  ])('%s is refused: %s', async (_, expected, extra) => {
    server.answer((request) => (request.path.startsWith('/v1/rim') ? rimAnswer(extra) : site(request)))
    await expect(ask()).rejects.toEqual(code(expected))
  })

  test('OCSP: try-later, an error status and an answer about another certificate are refused', async () => {
    const answer = (body: Uint8Array) =>
      server.answer((request) => (request.method === 'POST' ? { body } : site(request)))
    answer(Uint8Array.of(0x30, 0x03, 0x0a, 0x01, 0x03))
    await expect(ask()).rejects.toEqual(code('ENDORSEMENTS_UNAVAILABLE'))
    answer(Uint8Array.of(0x30, 0x03, 0x0a, 0x01, 0x06))
    await expect(ask()).rejects.toEqual(code('ENDORSEMENTS_SOURCE_REFUSED'))
    answer(Uint8Array.of(0x30, 0x03, 0x0a, 0x01))
    await expect(ask()).rejects.toEqual(code('ENDORSEMENTS_ANSWER_MALFORMED'))
    const [leaf, intermediate] = signer.certificates
    const other = responses.get(toHex(await encodeOcspRequest(leaf, intermediate, 'SHA-384')))
    answer(other ?? new Uint8Array(0))
    await expect(ask()).rejects.toEqual(code('ENDORSEMENTS_ANSWER_MISMATCH'))
  })

  test('a chain with something else than certificates is refused', async () => {
    const certificateChain = [device.certificates[0], Uint8Array.of(1, 2), device.certificates[2]]
    await expect(fetchNvidiaEndorsements(fetcher, source(), { certificateChain, rimIds: [] })).rejects.toEqual(
      code('ENDORSEMENTS_REQUEST_INVALID'),
    )
  })
})

describe('OCSP request', () => {
  test('is RFC 6960 DER, byte for byte', async () => {
    const [leaf, intermediate] = device.certificates
    const request = await encodeOcspRequest(leaf, intermediate, 'SHA-1')
    // SEQ { SEQ { SEQ { SEQ { CertID } } } } with SHA-1: 9+2 algorithm, 22 + 22 hashes, serial.
    const serial = serialOf(leaf)
    const idBytes = 11 + 22 + 22 + serial.length
    expect([...request.subarray(0, 10)]).toEqual([
      0x30,
      idBytes + 8,
      0x30,
      idBytes + 6,
      0x30,
      idBytes + 4,
      0x30,
      idBytes + 2,
      0x30,
      idBytes,
    ])
    expect(toHex(request.subarray(10, 21))).toBe('300906052b0e03021a0500')
    expect(toHex(request.subarray(-serial.length))).toBe(toHex(serial))
  })

  test('a nonce stands in an extension of the request', async () => {
    const [leaf, intermediate] = device.certificates
    const request = toHex(await encodeOcspRequest(leaf, intermediate, 'SHA-256', new Uint8Array(32).fill(7)))
    expect(request).toContain(`06092b0601050507300102042204${'20'}${'07'.repeat(32)}`)
  })
})
