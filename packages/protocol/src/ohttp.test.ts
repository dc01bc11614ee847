import { BHttpDecoder, BHttpEncoder } from 'bhttp-js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeRequest, encodeRequest, encodeResponse, sizeClass } from './binaryHttp.ts'
import { ProtocolError } from './errors.ts'
import { createHpkeKeyPair } from './hpke.ts'
import {
  encapsulateRequest,
  encodeKeyConfig,
  MAX_OHTTP_REQUEST_BYTES,
  type OhttpContext,
  openRequest,
  parseKeyConfig,
} from './ohttp.ts'

const context: OhttpContext = {
  chainId: 31337n,
  registry: '0x00000000000000000000000000000000000000aa',
  providerId: `0x${'11'.repeat(32)}`,
  epoch: 3n,
}
const request = {
  method: 'POST',
  path: '/v2/models/trend/infer?x=1',
  headers: { 'content-type': 'application/json', 'spartan-channel': '0x00' },
  body: new TextEncoder().encode('{"prompt":"secret"}'),
}
const response = { status: 200, headers: { 'spartan-receipt': 'abc' }, body: new TextEncoder().encode('{"ok":true}') }
const keyPair = await createHpkeKeyPair()

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const out = new Uint8Array(bytes)
  out[at] = (out[at] ?? 0) ^ 1
  return out
}

function encapsulate() {
  return encapsulateRequest({ publicKey: keyPair.publicKey, keyId: 1, context, request })
}

function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'RESOLVED',
    (error) => (error instanceof ProtocolError ? error.code : `not typed: ${error}`),
  )
}

describe('key configuration', () => {
  test('round trip, several keys', async () => {
    const other = await createHpkeKeyPair()
    const encoded = encodeKeyConfig(
      { keyId: 7, publicKey: keyPair.publicKey },
      { keyId: 8, publicKey: other.publicKey },
    )
    expect(parseKeyConfig(encoded)).toEqual([
      { keyId: 7, publicKey: keyPair.publicKey },
      { keyId: 8, publicKey: other.publicKey },
    ])
  })

  test('behavior: a configuration of another KEM or suite is skipped', () => {
    const ours = encodeKeyConfig({ keyId: 7, publicKey: keyPair.publicKey })
    const otherKem = flip(ours, 4)
    const otherAead = flip(ours, ours.length - 1)
    expect(parseKeyConfig(new Uint8Array([...otherKem, ...ours]))).toHaveLength(1)
    expect(() => parseKeyConfig(otherKem)).toThrow(expect.objectContaining({ code: 'OHTTP_KEY_CONFIG_UNSUPPORTED' }))
    expect(() => parseKeyConfig(otherAead)).toThrow(expect.objectContaining({ code: 'OHTTP_KEY_CONFIG_UNSUPPORTED' }))
  })

  test('error: every truncation and any bytes are a typed error', () => {
    const encoded = encodeKeyConfig({ keyId: 7, publicKey: keyPair.publicKey })
    for (let length = 0; length < encoded.length; length++) {
      expect(() => parseKeyConfig(encoded.subarray(0, length))).toThrow(ProtocolError)
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        try {
          parseKeyConfig(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
    )
  })
})

describe('OHTTP', () => {
  test('round trip of request and response', async () => {
    const sent = await encapsulate()
    const opened = await openRequest({ keyPair, keyId: 1, context, message: sent.message })
    expect(opened.request).toEqual(request)
    expect(opened.encapsulatedKey).toEqual(sent.message.slice(7, 39))
    expect(await sent.open(await opened.seal(response))).toEqual(response)
  })

  test('behavior: encapsulated keys differ from request to request', async () => {
    const [a, b] = await Promise.all([encapsulate(), encapsulate()])
    expect(a?.message.slice(7, 39)).not.toEqual(b?.message.slice(7, 39))
  })

  test('error: any changed byte of the request is refused', async () => {
    const { message } = await encapsulate()
    for (let at = 0; at < message.length; at += at < 48 ? 1 : 97) {
      const code = await codeOf(openRequest({ keyPair, keyId: 1, context, message: flip(message, at) }))
      expect(code).toBe(at < 7 ? 'OHTTP_KEY_UNKNOWN' : 'OHTTP_OPEN_FAILED')
    }
  })

  test('error: any changed byte of the response is refused', async () => {
    const sent = await encapsulate()
    const opened = await openRequest({ keyPair, keyId: 1, context, message: sent.message })
    const sealed = await opened.seal(response)
    for (let at = 0; at < sealed.length; at += at < 48 ? 1 : 97) {
      expect(await codeOf(sent.open(flip(sealed, at)))).toBe('OHTTP_RESPONSE_OPEN_FAILED')
    }
    const other = await encapsulate()
    expect(await codeOf(other.open(sealed))).toBe('OHTTP_RESPONSE_OPEN_FAILED')
  })

  test('error: each part of the context separates', async () => {
    const { message } = await encapsulate()
    const changed: OhttpContext[] = [
      { ...context, chainId: 1n },
      { ...context, registry: '0x00000000000000000000000000000000000000ab' },
      { ...context, providerId: `0x${'12'.repeat(32)}` },
      { ...context, epoch: 4n },
    ]
    for (const wrong of changed) {
      expect(await codeOf(openRequest({ keyPair, keyId: 1, context: wrong, message }))).toBe('OHTTP_OPEN_FAILED')
    }
    expect(await codeOf(openRequest({ keyPair, keyId: 2, context, message }))).toBe('OHTTP_KEY_UNKNOWN')
  })

  test('error: truncations, sizes and unusable keys', async () => {
    const { message } = await encapsulate()
    for (const length of [0, 6, 7, 38, 39, 54]) {
      const code = await codeOf(openRequest({ keyPair, keyId: 1, context, message: message.subarray(0, length) }))
      expect(code).toBe('OHTTP_MESSAGE_MALFORMED')
    }
    const huge = new Uint8Array(MAX_OHTTP_REQUEST_BYTES + 1)
    expect(await codeOf(openRequest({ keyPair, keyId: 1, context, message: huge }))).toBe('OHTTP_MESSAGE_TOO_LARGE')
    const big = { ...request, body: new Uint8Array(MAX_OHTTP_REQUEST_BYTES) }
    const tooBig = encapsulateRequest({ publicKey: keyPair.publicKey, keyId: 1, context, request: big })
    expect(await codeOf(tooBig)).toBe('OHTTP_MESSAGE_TOO_LARGE')
    for (const publicKey of [new Uint8Array(32), new Uint8Array(31)]) {
      const refused = encapsulateRequest({ publicKey, keyId: 1, context, request })
      expect(await codeOf(refused)).toBe('OHTTP_PUBLIC_KEY_INVALID')
    }
  })

  test('behavior: the private key cannot be exported', async () => {
    expect(keyPair.keys.privateKey.extractable).toBe(false)
  })
})

describe('Binary HTTP', () => {
  test('an independent implementation reads ours and writes what we read', async () => {
    const theirs = new BHttpDecoder().decodeRequest(encodeRequest(request))
    expect(theirs.method).toBe('POST')
    expect(new URL(theirs.url).pathname).toBe('/v2/models/trend/infer')
    expect(await theirs.text()).toBe('{"prompt":"secret"}')
    const back = new BHttpDecoder().decodeResponse(encodeResponse(response))
    expect([back.status, back.headers.get('spartan-receipt'), await back.text()]).toEqual([200, 'abc', '{"ok":true}'])
    const made = new Request('https://node.spartan.internal/v1/x', { method: 'POST', headers: { a: 'b' }, body: 'hi' })
    const ours = decodeRequest(await new BHttpEncoder().encodeRequest(made))
    expect(ours).toMatchObject({ method: 'POST', path: '/v1/x', headers: { a: 'b' } })
  })

  test('property: round trip, padded to a size class', () => {
    const header = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), fc.stringMatching(/^[!-~]{0,40}$/), {
      maxKeys: 8,
    })
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 5000 }), (headers, body) => {
        const encoded = encodeRequest({ ...request, headers, body })
        expect(encoded.length).toBe(sizeClass(encoded.length))
        const { method, path, headers: read, body: readBody } = decodeRequest(encoded)
        expect({ method, path, headers: { ...read }, body: readBody }).toEqual({
          ...request,
          headers: { ...headers },
          body,
        })
      }),
    )
  })

  test('error: any bytes are a message or BHTTP_MALFORMED, never another exception', () => {
    const encoded = encodeRequest(request)
    const cut = encoded.length - encoded.toReversed().findIndex((byte) => byte !== 0)
    for (let length = 0; length < cut; length++) {
      expect(() => decodeRequest(encoded.subarray(0, length))).toThrow(ProtocolError)
    }
    fc.assert(
      fc.property(fc.nat(cut - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const changed = new Uint8Array(encoded)
        changed[at] = byte
        try {
          decodeRequest(changed)
        } catch (error) {
          expect(error).toMatchObject({ code: 'BHTTP_MALFORMED' })
        }
      }),
      { numRuns: 2000 },
    )
    expect(() => decodeRequest(flip(encoded, encoded.length - 1))).toThrow(/padding/)
  })

  test('error: a header that comes twice, upper case names and line breaks', () => {
    expect(() => encodeRequest({ ...request, headers: { 'A-B': 'x' } })).toThrow(/header name/)
    expect(() => encodeRequest({ ...request, headers: { a: 'x\r\ny: z' } })).toThrow(/header value/)
    expect(() => encodeRequest({ ...request, path: 'no-slash' })).toThrow(/path/)
    const twice = encodeRequest({ ...request, headers: { aa: '1', ab: '2' } })
    const at = twice.findIndex((byte, i) => byte === 0x61 && twice[i + 1] === 0x62)
    expect(() => decodeRequest(new Uint8Array(twice).fill(0x61, at + 1, at + 2))).toThrow(/repeated header/)
  })

  test('size classes', () => {
    expect([1, 1024, 1025, 65536, 65537, 131073].map(sizeClass)).toEqual([1024, 1024, 2048, 65536, 131072, 196608])
  })
})
