import { derKindOf } from './der.ts'

/** One thing that a file of endorsements holds. */
export type Item =
  | { readonly is: 'certificates'; readonly chain: readonly Uint8Array[] }
  | { readonly is: 'crl' | 'ocsp' | 'rim'; readonly bytes: Uint8Array }
  /** TCB info or QE identity; the signature may lie in a file of its own. */
  | {
      readonly is: 'tcbInfo' | 'qeIdentity'
      readonly body: Uint8Array
      readonly signature: Uint8Array | undefined
      readonly stem: string
    }
  | { readonly is: 'signature'; readonly bytes: Uint8Array; readonly stem: string }
  /** JSON of this project, or of a collector, that may hold everything at once. */
  | { readonly is: 'json'; readonly value: Readonly<Record<string, unknown>> }

/** What a file holds, by its content; the name only pairs a document with its signature. Undefined: nothing known. */
export function recognise(name: string, bytes: Uint8Array): readonly Item[] | undefined {
  const kind = derKindOf(bytes)
  if (kind === 'certificate') return [{ is: 'certificates', chain: [bytes] }]
  if (kind) return [{ is: kind, bytes }]
  const text = textOf(bytes)
  if (text === undefined) return undefined
  // JSON first: collateral carries its chains as PEM in text.
  if (text.startsWith('{')) return recogniseJson(name, text)
  if (text.includes('-----BEGIN ')) return recognisePem(text)
  if (text.startsWith('<') && text.includes('SoftwareIdentity')) return [{ is: 'rim', bytes }]
  if (/^[0-9a-fA-F]{128}$/.test(text)) return [{ is: 'signature', bytes: fromHex(text), stem: stemOf(name) }]
  return recogniseEncoded(name, text)
}

function recogniseEncoded(name: string, text: string): readonly Item[] | undefined {
  if (/^(?:[0-9a-fA-F]{2})+$/.test(text)) return derItem(fromHex(text))
  if (!/^[A-Za-z0-9+/\s]+={0,2}$/.test(text)) return undefined
  const inner = new Uint8Array(Buffer.from(text, 'base64'))
  return derItem(inner) ?? (textOf(inner)?.startsWith('<') ? recognise(name, inner) : undefined)
}

/** CRLs of Intel's service come in hex. */
function derItem(der: Uint8Array): readonly Item[] | undefined {
  const kind = derKindOf(der)
  if (kind === undefined) return undefined
  return kind === 'certificate' ? [{ is: 'certificates', chain: [der] }] : [{ is: kind, bytes: der }]
}

function recognisePem(text: string): readonly Item[] | undefined {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END \1-----/g)
  const found = [...blocks].map(([, , base64 = '']) => new Uint8Array(Buffer.from(base64, 'base64')))
  const chain = found.filter((der) => derKindOf(der) === 'certificate')
  const others = found.flatMap((der): readonly Item[] => (derKindOf(der) === 'certificate' ? [] : (derItem(der) ?? [])))
  const items: readonly Item[] = [...(chain.length > 0 ? [{ is: 'certificates', chain } as const] : []), ...others]
  return items.length > 0 ? items : undefined
}

function recogniseJson(name: string, text: string): readonly Item[] | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isRecord(value)) return undefined
  for (const [member, is] of DOCUMENTS) {
    const body = memberText(text, member)
    const { signature } = value
    if (isRecord(value[member]) && body !== undefined && typeof signature === 'string') {
      return [{ is, body: encode(body), signature: fromHex(signature), stem: stemOf(name) }]
    }
  }
  if (typeof value.tcb_info === 'string' || typeof value.qe_identity === 'string') return itemsOfCollateral(value)
  // The inner document alone: its exact bytes are what was signed.
  const is = 'tcbLevels' in value && 'version' in value ? ('fmspc' in value ? 'tcbInfo' : 'qeIdentity') : undefined
  if (is) return [{ is, body: encode(text), signature: undefined, stem: stemOf(name) }]
  // NVIDIA's service: the manifest in base64.
  if (typeof value.rim === 'string') return recognise(name, new Uint8Array(Buffer.from(value.rim, 'base64')))
  return [{ is: 'json', value }]
}

/** The collateral of Intel's QVL as `dcap-qvl` and dstack write it: documents as text, CRLs and signatures in hex. */
function itemsOfCollateral(value: Readonly<Record<string, unknown>>): readonly Item[] {
  const textAt = (name: string) => {
    const member = value[name]
    return typeof member === 'string' ? member : ''
  }
  const documents = (['tcb_info', 'qe_identity'] as const).flatMap((name): readonly Item[] => {
    const [body, signature] = [textAt(name), textAt(`${name}_signature`)]
    const is = name === 'tcb_info' ? 'tcbInfo' : 'qeIdentity'
    return body && signature ? [{ is, body: encode(body), signature: fromHex(signature), stem: name }] : []
  })
  const chains = COLLATERAL_CHAINS.flatMap((name) => recognisePem(textAt(name)) ?? [])
  const crls = ['root_ca_crl', 'pck_crl'].flatMap((name) => derItem(fromHex(textAt(name))) ?? [])
  return [...documents, ...chains, ...crls]
}

const COLLATERAL_CHAINS = [
  'tcb_info_issuer_chain',
  'qe_identity_issuer_chain',
  'pck_crl_issuer_chain',
  'pck_certificate_chain',
]

const DOCUMENTS = [
  ['tcbInfo', 'tcbInfo'],
  ['enclaveIdentity', 'qeIdentity'],
] as const

/** The exact text of an object member at the top: signatures cover it as transmitted. */
export function memberText(text: string, member: string): string | undefined {
  const at = text.search(new RegExp(`"${member}"\\s*:\\s*\\{`))
  if (at < 0) return undefined
  const start = text.indexOf('{', at)
  let depth = 0
  const tokens = /"(?:[^"\\]|\\.)*"|[{}]/g
  tokens.lastIndex = start
  for (let token = tokens.exec(text); token; token = tokens.exec(text)) {
    if (token[0] === '{') depth++
    if (token[0] === '}' && --depth === 0) return text.slice(start, token.index + 1)
  }
  return undefined
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const fromHex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
const encode = (text: string) => new TextEncoder().encode(text)
/** `tcb_info.sig.hex` and `tcb_info.json` are one. */
const stemOf = (name: string) => name.replace(/(\.sig)?\.[a-z0-9]+$/i, '')

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim()
  } catch {
    return undefined
  }
}
