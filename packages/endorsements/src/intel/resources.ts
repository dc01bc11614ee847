import type { SignedDocument } from '@spartan/attestation'
import { fromHex, fromUtf8 } from '../bytes.ts'
import { CACHE_RULES } from '../cacheRules.ts'
import { crlWindow, type ValidityWindow } from '../der.ts'
import { failure } from '../errors.ts'
import { readJsonMembers, readJsonObject, unixSecondsOf } from '../json.ts'
import { BINARY_TYPES, JSON_TYPES } from '../mediaTypes.ts'
import { fromIssuerChainHeader, fromPem } from '../pem.ts'
import type { Resource } from '../resource.ts'
import type { CachedAnswer } from '../store/cache.ts'
import type { DcapRequest, IntelSource, TcbSelection } from './intel.ts'

/** A signed JSON document of Intel with what it says about itself. Nothing is verified. */
export interface OutlinedDocument {
  readonly document: SignedDocument
  readonly window: ValidityWindow
  readonly body: Readonly<Record<string, unknown>>
}

/** A CRL with the issuer chain of its header, when there is one. */
export interface OutlinedCrl {
  readonly der: Uint8Array<ArrayBuffer>
  readonly issuerChain: readonly Uint8Array<ArrayBuffer>[]
}

const MAX_DOCUMENT_BYTES = 1024 * 1024
/** The PCK Processor CRL holds thousands of entries. */
const MAX_CRL_BYTES = 16 * 1024 * 1024

type Answer = Pick<CachedAnswer, 'body' | 'headers' | 'url'>

/** TCB info. PCS API v4, "Get TCB Info": `TCB-Info-Issuer-Chain`; PCCS v3 prefixes it with `SGX-`. */
export function tcbInfoResource(source: IntelSource, request: DcapRequest): Resource<OutlinedDocument> {
  const { tee, fmspc } = request
  const id = tee.toUpperCase()
  return {
    ...documentResource(
      'tcb-info',
      `${source.baseUrl}/${tee}/certification/v4/tcb?fmspc=${fmspc}${selection(request)}`,
    ),
    keepHeaders: ['tcb-info-issuer-chain', 'sgx-tcb-info-issuer-chain'],
    shape: (answer) => {
      const found = shapeDocument(answer, 'tcbInfo', ['tcb-info-issuer-chain', 'sgx-tcb-info-issuer-chain'])
      // TCB info of SGX had no id before version 3.
      if (found.body.id !== undefined || tee === 'tdx') expectMember(answer, found.body, 'id', id)
      expectMember(answer, found.body, 'fmspc', fmspc)
      return found
    },
  }
}

/** QE identity. PCS API v4, "Get Quoting Enclave Identity": `SGX-Enclave-Identity-Issuer-Chain`. */
export function qeIdentityResource(source: IntelSource, request: DcapRequest): Resource<OutlinedDocument> {
  const { tee } = request
  const query = selection(request).replace('&', '?')
  return {
    ...documentResource('qe-identity', `${source.baseUrl}/${tee}/certification/v4/qe/identity${query}`),
    keepHeaders: ['sgx-enclave-identity-issuer-chain'],
    shape: (answer) => {
      const found = shapeDocument(answer, 'enclaveIdentity', ['sgx-enclave-identity-issuer-chain'])
      expectMember(answer, found.body, 'id', tee === 'tdx' ? 'TD_QE' : 'QE')
      return found
    },
  }
}

/** TCB evaluation data numbers. PCS API v4, "Get TCB Evaluation Data Numbers". */
export function evaluationNumbersResource(source: IntelSource, tee: DcapRequest['tee']): Resource<OutlinedDocument> {
  return {
    ...documentResource('tcb-evaluation-numbers', `${source.baseUrl}/${tee}/certification/v4/tcbevaluationdatanumbers`),
    keepHeaders: ['tcb-evaluation-data-numbers-issuer-chain'],
    shape: (answer) => {
      const headers = ['tcb-evaluation-data-numbers-issuer-chain']
      const found = shapeDocument(answer, 'tcbEvaluationDataNumbers', headers)
      expectMember(answer, found.body, 'id', tee.toUpperCase())
      return found
    },
  }
}

/** PCK CRL. PCS API v4, "Get Revocation List": `SGX-PCK-CRL-Issuer-Chain`. */
export function pckCrlResource(source: IntelSource, ca: DcapRequest['ca']): Resource<OutlinedCrl> {
  return crlResource('pck-crl', `${source.baseUrl}/sgx/certification/v4/pckcrl?ca=${ca}&encoding=der`, [
    'sgx-pck-crl-issuer-chain',
  ])
}

/** Root CA CRL: a file beside the root certificate, or `rootcacrl` of a PCCS. */
export function rootCrlResource(source: IntelSource): Resource<OutlinedCrl> {
  return crlResource('root-crl', source.rootCrlUrl, [])
}

function documentResource(name: string, url: string) {
  return {
    name,
    key: `intel/${name} ${url}`,
    request: { method: 'GET', url },
    mediaTypes: JSON_TYPES,
    maxBytes: MAX_DOCUMENT_BYTES,
    rule: CACHE_RULES.documents,
    window: ({ window }: OutlinedDocument) => window,
  } as const
}

function crlResource(name: string, url: string, chainHeaders: readonly string[]): Resource<OutlinedCrl> {
  return {
    name,
    key: `intel/${name} ${url}`,
    request: { method: 'GET', url },
    mediaTypes: BINARY_TYPES,
    keepHeaders: chainHeaders,
    maxBytes: MAX_CRL_BYTES,
    rule: CACHE_RULES.revocation,
    shape: (answer) => ({
      der: derOf(answer, 'X509 CRL'),
      issuerChain: chainHeaders.length === 0 ? [] : issuerChain(answer, chainHeaders),
    }),
    window: ({ der }) => crlWindow(der),
  }
}

/** DER from DER, PEM or, as PCCS gives it, hex of DER. */
export function derOf({ body, url }: Answer, label: string): Uint8Array<ArrayBuffer> {
  // A document of more than 127 bytes: SEQUENCE with a long length. No text begins so.
  if (body[0] === 0x30 && (body[1] ?? 0) >= 0x80) return body
  const text = fromUtf8(body)?.trim() ?? ''
  const hex = text === '' ? undefined : fromHex(text)
  if (hex) return hex
  const [pem, second] = fromPem(text, label) ?? []
  if (pem && !second) return pem
  throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${url}: expected one ${label} in DER, hex or PEM`)
}

/** `&update=early` or `&tcbEvaluationDataNumber=17`; nothing for the standard set: one URL, so one place in the cache. */
function selection({ update, tcbEvaluationDataNumber }: TcbSelection): string {
  if (tcbEvaluationDataNumber !== undefined) return `&tcbEvaluationDataNumber=${tcbEvaluationDataNumber}`
  return update === 'early' ? '&update=early' : ''
}

/** `{ "<member>": { … }, "signature": "<hex>" }` with the issuer chain in a header. */
function shapeDocument(answer: Answer, member: string, chainHeaders: readonly string[]): OutlinedDocument {
  const outer = readJsonMembers(answer.body, answer.url)
  const { signature } = outer.value
  const raw = typeof signature === 'string' && signature.length === 128 ? fromHex(signature) : undefined
  if (!raw) throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${answer.url}: expected a signature of 64 bytes in hex`)
  const bytes = outer.bytesOf(member)
  const body = readJsonObject(bytes, `${answer.url} ${member}`)
  const [issuedAt, validUntil] = [unixSecondsOf(body.issueDate), unixSecondsOf(body.nextUpdate)]
  if (issuedAt === undefined || validUntil === undefined) {
    throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${answer.url}: expected issueDate and nextUpdate`)
  }
  const document = { body: bytes, signature: raw, issuerChain: issuerChain(answer, chainHeaders) }
  return { document, window: { issuedAt, validUntil }, body }
}

function issuerChain({ headers, url }: Answer, names: readonly string[]): readonly Uint8Array<ArrayBuffer>[] {
  const header = names.map((name) => headers[name]).find((value) => value !== undefined)
  const chain = header === undefined ? undefined : fromIssuerChainHeader(header)
  if (chain && chain.length >= 2 && chain.length <= 4) return chain
  throw failure('ENDORSEMENTS_ANSWER_MALFORMED', `${url}: expected an issuer chain in the header ${names[0]}`)
}

function expectMember(answer: Answer, body: Readonly<Record<string, unknown>>, key: string, expected: string): void {
  const got = body[key]
  if (typeof got === 'string' && got.toLowerCase() === expected.toLowerCase()) return
  throw failure(
    'ENDORSEMENTS_ANSWER_MISMATCH',
    `${answer.url}: ${key} ${JSON.stringify(got)?.slice(0, 64)}, asked ${expected}`,
  )
}
