import { type Address, encodeAbiParameters, type Hex, hexToBytes, keccak256 } from 'viem'
import { openAes256Gcm, sealAes256Gcm } from '#primitives'
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  type InnerRequest,
  type InnerResponse,
} from './binaryHttp.ts'
import { type Bytes, concatBytes, copyBytes, uintBytes, utf8 } from './bytes.ts'
import { ProtocolError } from './errors.ts'
import { hkdfExpand, hkdfExtract } from './hkdf.ts'
import { AEAD_ID, createRecipient, createSender, HPKE_KEY_BYTES, type HpkeKeyPair, KDF_ID, KEM_ID } from './hpke.ts'

/** Oblivious HTTP (RFC 9458), single-shot, with this network's context bound into HPKE's `info`. */

export const OHTTP_KEYS_MEDIA_TYPE = 'application/ohttp-keys'
export const OHTTP_REQUEST_MEDIA_TYPE = 'message/ohttp-req'
export const OHTTP_RESPONSE_MEDIA_TYPE = 'message/ohttp-res'

/** Largest message accepted, bytes. A request carries a tensor or a prompt, a response a tensor or a text. */
export const MAX_OHTTP_REQUEST_BYTES = 4 * 1024 * 1024
export const MAX_OHTTP_RESPONSE_BYTES = 16 * 1024 * 1024

/** key id ‖ KEM id ‖ KDF id ‖ AEAD id (RFC 9458, section 4.3). */
const HEADER_BYTES = 7
const TAG_BYTES = 16
/** The response is bound by its key, which nothing else has. */
const NO_AAD = new Uint8Array(0)
/** max(Nn, Nk) of AES-256-GCM: length of the response nonce and of the exported secret. */
const RESPONSE_NONCE_BYTES = 32

/** Whose key a request is encrypted to. All of it enters HPKE's `info`, so a request opens nowhere else. */
export interface OhttpContext {
  readonly chainId: bigint
  readonly registry: Address
  readonly providerId: Hex
  readonly epoch: bigint
}

/** One entry of `application/ohttp-keys`. */
export interface OhttpKeyConfig {
  /** 0 to 255. */
  readonly keyId: number
  readonly publicKey: Uint8Array
}

/** A request ready to send, and the only way to open its response. */
export interface EncapsulatedRequest {
  readonly message: Bytes
  /** @throws {ProtocolError} `OHTTP_MESSAGE_TOO_LARGE`, `OHTTP_RESPONSE_OPEN_FAILED`, `BHTTP_MALFORMED`. */
  open(response: Uint8Array): Promise<InnerResponse>
}

/** A request opened by the node, and the only way to seal its response. */
export interface OpenedRequest {
  readonly request: InnerRequest
  /** 32 bytes, fresh per request: what a replay window remembers. */
  readonly encapsulatedKey: Bytes
  seal(response: InnerResponse): Promise<Bytes>
}

/** Encodes key configurations as `application/ohttp-keys` (RFC 9458, section 3.2). */
export function encodeKeyConfig(...configs: readonly OhttpKeyConfig[]): Bytes {
  return concatBytes(
    ...configs.map(({ keyId, publicKey }) => {
      assertPublicKey(publicKey)
      const config = concatBytes(
        uintBytes(keyId, 1),
        uintBytes(KEM_ID, 2),
        publicKey,
        uintBytes(4, 2),
        uintBytes(KDF_ID, 2),
        uintBytes(AEAD_ID, 2),
      )
      return concatBytes(uintBytes(config.length, 2), config)
    }),
  )
}

/**
 * Reads `application/ohttp-keys` and returns every configuration whose suite is supported, in the order given.
 *
 * Does not prove that a key belongs to a provider: compare `hpkeKeyDigest` with the keyset on-chain.
 *
 * @throws {ProtocolError} `OHTTP_KEY_CONFIG_MALFORMED`, `OHTTP_KEY_CONFIG_UNSUPPORTED` when none is left.
 */
export function parseKeyConfig(bytes: Uint8Array): readonly [OhttpKeyConfig, ...OhttpKeyConfig[]] {
  const configs: OhttpKeyConfig[] = []
  if (bytes.length > 4096) throw new ProtocolError('OHTTP_KEY_CONFIG_MALFORMED')
  let offset = 0
  while (offset < bytes.length) {
    const length = readUint16(bytes, offset)
    const config = bytes.subarray(offset + 2, offset + 2 + length)
    if (config.length !== length) throw new ProtocolError('OHTTP_KEY_CONFIG_MALFORMED')
    const parsed = parseOneConfig(config)
    if (parsed !== undefined) configs.push(parsed)
    offset += 2 + length
  }
  const [first, ...rest] = configs
  if (first === undefined) throw new ProtocolError('OHTTP_KEY_CONFIG_UNSUPPORTED')
  return [first, ...rest]
}

/**
 * Encrypts a request to a provider's key.
 *
 * Proves to the sender: only the holder of the private key, in exactly this context, can read it.
 * Does not prove: that the holder runs inside a TEE; verify its evidence and the on-chain keyset first.
 *
 * @throws {ProtocolError} `BHTTP_MALFORMED`, `OHTTP_MESSAGE_TOO_LARGE`, `OHTTP_PUBLIC_KEY_INVALID`.
 */
export async function encapsulateRequest(options: {
  readonly publicKey: Uint8Array
  readonly keyId: number
  readonly context: OhttpContext
  readonly request: InnerRequest
}): Promise<EncapsulatedRequest> {
  const header = messageHeader(options.keyId)
  const plaintext = encodeRequest(options.request)
  assertPublicKey(options.publicKey)
  const sender = await createSender(options.publicKey, requestInfo(header, options.context))
  const encapsulatedKey = new Uint8Array(sender.enc)
  const message = concatBytes(header, encapsulatedKey, new Uint8Array(await sender.seal(plaintext)))
  if (message.length > MAX_OHTTP_REQUEST_BYTES) throw tooLarge(message.length, MAX_OHTTP_REQUEST_BYTES)
  const secret = await exportResponseSecret(sender)
  return { message, open: (response) => openResponse(secret, encapsulatedKey, response) }
}

/**
 * Opens an encapsulated request with the node's key.
 *
 * Does not prove: freshness. Refuse an `encapsulatedKey` that was seen before.
 *
 * @throws {ProtocolError} `OHTTP_MESSAGE_TOO_LARGE`, `OHTTP_MESSAGE_MALFORMED`, `OHTTP_KEY_UNKNOWN`,
 *   `OHTTP_OPEN_FAILED`, `BHTTP_MALFORMED`.
 */
export async function openRequest(options: {
  readonly keyPair: HpkeKeyPair
  readonly keyId: number
  readonly context: OhttpContext
  readonly message: Uint8Array
}): Promise<OpenedRequest> {
  const { message } = options
  if (message.length > MAX_OHTTP_REQUEST_BYTES) throw tooLarge(message.length, MAX_OHTTP_REQUEST_BYTES)
  if (message.length < HEADER_BYTES + HPKE_KEY_BYTES + TAG_BYTES) throw new ProtocolError('OHTTP_MESSAGE_MALFORMED')
  const header = messageHeader(options.keyId)
  if (header.some((byte, index) => byte !== message[index])) throw new ProtocolError('OHTTP_KEY_UNKNOWN')
  const encapsulatedKey = copyBytes(message.subarray(HEADER_BYTES, HEADER_BYTES + HPKE_KEY_BYTES))
  const ciphertext = copyBytes(message.subarray(HEADER_BYTES + HPKE_KEY_BYTES))
  const { plaintext, secret } = await decryptRequest(options, header, encapsulatedKey, ciphertext)
  return {
    request: decodeRequest(plaintext),
    encapsulatedKey,
    seal: (response) => sealResponse(secret, encapsulatedKey, response),
  }
}

async function decryptRequest(
  options: { readonly keyPair: HpkeKeyPair; readonly context: OhttpContext },
  header: Bytes,
  encapsulatedKey: Bytes,
  ciphertext: Bytes,
) {
  try {
    const recipient = await createRecipient(options.keyPair, encapsulatedKey, requestInfo(header, options.context))
    const plaintext = new Uint8Array(await recipient.open(ciphertext))
    return { plaintext, secret: await exportResponseSecret(recipient) }
  } catch (cause) {
    throw new ProtocolError('OHTTP_OPEN_FAILED', { cause })
  }
}

/** "message/bhttp request" ‖ 0x00 ‖ header ‖ keccak256(abi.encode(chainId, registry, providerId, epoch)). */
function requestInfo(header: Bytes, context: OhttpContext): Bytes {
  const words = [{ type: 'uint256' }, { type: 'address' }, { type: 'bytes32' }, { type: 'uint64' }] as const
  const { chainId, registry, providerId, epoch } = context
  const digest = keccak256(encodeAbiParameters(words, [chainId, registry, providerId, epoch]))
  return concatBytes(utf8('message/bhttp request'), Uint8Array.of(0), header, hexToBytes(digest))
}

function messageHeader(keyId: number): Bytes {
  return concatBytes(uintBytes(keyId, 1), uintBytes(KEM_ID, 2), uintBytes(KDF_ID, 2), uintBytes(AEAD_ID, 2))
}

async function exportResponseSecret(context: { export(label: Bytes, length: number): Promise<ArrayBuffer> }) {
  return new Uint8Array(await context.export(utf8('message/bhttp response'), RESPONSE_NONCE_BYTES))
}

async function sealResponse(secret: Bytes, encapsulatedKey: Bytes, response: InnerResponse): Promise<Bytes> {
  const plaintext = encodeResponse(response)
  const nonce = crypto.getRandomValues(new Uint8Array(RESPONSE_NONCE_BYTES))
  const { key, iv } = responseKey(secret, encapsulatedKey, nonce)
  const message = concatBytes(nonce, await sealAes256Gcm(key, iv, plaintext, NO_AAD))
  if (message.length > MAX_OHTTP_RESPONSE_BYTES) throw tooLarge(message.length, MAX_OHTTP_RESPONSE_BYTES)
  return message
}

async function openResponse(secret: Bytes, encapsulatedKey: Bytes, response: Uint8Array): Promise<InnerResponse> {
  if (response.length > MAX_OHTTP_RESPONSE_BYTES) throw tooLarge(response.length, MAX_OHTTP_RESPONSE_BYTES)
  if (response.length < RESPONSE_NONCE_BYTES + TAG_BYTES) throw new ProtocolError('OHTTP_RESPONSE_OPEN_FAILED')
  const nonce = copyBytes(response.subarray(0, RESPONSE_NONCE_BYTES))
  const { key, iv } = responseKey(secret, encapsulatedKey, nonce)
  const ciphertext = response.subarray(RESPONSE_NONCE_BYTES)
  const plaintext = await openAes256Gcm(key, iv, ciphertext, NO_AAD).catch((cause) => {
    throw new ProtocolError('OHTTP_RESPONSE_OPEN_FAILED', { cause })
  })
  return decodeResponse(plaintext)
}

/** RFC 9458, section 4.4: HKDF over the exported secret, salted with encapsulated key ‖ response nonce. */
function responseKey(secret: Bytes, encapsulatedKey: Bytes, nonce: Bytes) {
  const prk = hkdfExtract(concatBytes(encapsulatedKey, nonce), secret)
  return { key: hkdfExpand(prk, utf8('key'), 32), iv: hkdfExpand(prk, utf8('nonce'), 12) }
}

function parseOneConfig(config: Uint8Array): OhttpKeyConfig | undefined {
  if (config.length < 3) throw new ProtocolError('OHTTP_KEY_CONFIG_MALFORMED')
  // The key length follows from the KEM, so a configuration of another KEM can only be skipped.
  if (readUint16(config, 1) !== KEM_ID) return undefined
  const suitesAt = 3 + HPKE_KEY_BYTES
  const suitesLength = readUint16(config, suitesAt)
  const suites = config.subarray(suitesAt + 2)
  if (suites.length !== suitesLength || suitesLength === 0 || suitesLength % 4 !== 0) {
    throw new ProtocolError('OHTTP_KEY_CONFIG_MALFORMED')
  }
  for (let at = 0; at < suitesLength; at += 4) {
    if (readUint16(suites, at) === KDF_ID && readUint16(suites, at + 2) === AEAD_ID) {
      return { keyId: config[0] ?? 0, publicKey: copyBytes(config.subarray(3, suitesAt)) }
    }
  }
  return undefined
}

function readUint16(bytes: Uint8Array, offset: number): number {
  const high = bytes[offset]
  const low = bytes[offset + 1]
  if (high === undefined || low === undefined) throw new ProtocolError('OHTTP_KEY_CONFIG_MALFORMED')
  return high * 256 + low
}

function assertPublicKey(publicKey: Uint8Array): void {
  if (publicKey.length !== HPKE_KEY_BYTES) {
    throw new ProtocolError('OHTTP_PUBLIC_KEY_INVALID', {
      metaMessages: [`expected ${HPKE_KEY_BYTES} bytes, got ${publicKey.length}`],
    })
  }
}

function tooLarge(got: number, limit: number): ProtocolError {
  return new ProtocolError('OHTTP_MESSAGE_TOO_LARGE', { metaMessages: [`limit ${limit} bytes, got ${got}`] })
}
