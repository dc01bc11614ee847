/** Reads the SGX and TDX entries of the evidence test vectors; the only reader of them. */
import { type DcapEndorsements, INTEL_SGX_ROOT, type TrustAnchor } from '@spartan/attestation'
import { bytesToHex, type Hex, hexToBytes } from 'viem'
import type { VectorPolicy } from './dcapPolicy.ts'
import type { DcapRepair } from './dcapReasons.ts'
import { fileOf, type VectorEntry, vectorsOf } from './manifest.ts'

/** What the manifest states of an entry, as far as DCAP needs it. */
export interface DcapExpectation {
  readonly verdict: 'pass' | 'fail'
  readonly reason: string | null
  readonly tcb_status: string | null
  readonly policy?: VectorPolicy
  readonly fields?: { readonly pck?: { readonly ppid?: string } }
}

/** Evidence with what it has to be judged by. */
export interface DcapEvidence {
  readonly quote: Uint8Array
  /** What is at hand; an entry may lack some. */
  readonly endorsements: Partial<DcapEndorsements>
  readonly trustAnchors: readonly TrustAnchor[]
  /** Unix seconds. */
  readonly at: number
}

/** One entry of vectors/manifest.json that carries a quote. */
export interface DcapVector extends DcapEvidence {
  readonly id: string
  readonly expected: DcapExpectation
  /** A file of the entry by its name; undefined where it has none. */
  readonly file: (name: string) => Uint8Array | undefined
}

type ManifestEntry = VectorEntry<DcapExpectation>

/** Every entry of a TEE that carries a quote; none where the vectors are not there. */
export function dcapVectors(tee: 'sgx' | 'tdx'): readonly DcapVector[] {
  return vectorsOf<DcapExpectation>(tee).flatMap((entry) => vectorOf(entry) ?? [])
}

/** Whether the evidence hangs on Intel's own root: made by hardware, if not changed since. */
export function isReal({ trustAnchors }: DcapEvidence): boolean {
  return trustAnchors.includes(INTEL_SGX_ROOT)
}

/** x and y of the entry's own root, where it has one. */
export function simulationRootOf(evidence: DcapEvidence): readonly [Hex, Hex] | undefined {
  const [anchor] = evidence.trustAnchors
  if (anchor === undefined || isReal(evidence)) return undefined
  return [bytesToHex(anchor.publicKey.subarray(1, 33)), bytesToHex(anchor.publicKey.subarray(33))]
}

function vectorOf(entry: ManifestEntry): DcapVector | undefined {
  const file = (name: string) => fileOf(entry, name)
  const quote = file('quote.bin')
  if (quote === undefined || entry.verify_at === null) return undefined
  return {
    id: entry.id,
    expected: entry.expected,
    quote,
    endorsements: endorsementsOf(file),
    trustAnchors: [anchorOf(file('trusted_root.pem'))],
    at: Date.parse(entry.verify_at) / 1000,
    file,
  }
}

function endorsementsOf(file: DcapVector['file']): Partial<DcapEndorsements> {
  const signed = (name: string): DcapEndorsements['tcbInfo'] | undefined => {
    const body = file(`${name}.json`)
    const signature = file(`${name}.sig.hex`)
    if (body === undefined || signature === undefined) return undefined
    const hex = new TextDecoder().decode(signature).trim()
    return { body, signature: hexToBytes(`0x${hex}`), issuerChain: certificatesOf(file(`${name}_issuer_chain.pem`)) }
  }
  const [rootCaCrl, pckCrl] = [file('root_ca_crl.der'), file('pck_crl.der')]
  const [tcbInfo, qeIdentity] = [signed('tcb_info'), signed('qe_identity')]
  const pckChain = certificatesOf(file('pck_chain.pem'))
  return {
    ...(pckChain.length > 0 && { pckChain }),
    ...(rootCaCrl && { rootCaCrl }),
    ...(pckCrl && { pckCrl, pckCrlIssuerChain: certificatesOf(file('pck_crl_issuer_chain.pem')) }),
    ...(tcbInfo && { tcbInfo }),
    ...(qeIdentity && { qeIdentity }),
  }
}

/** DER certificates of a PEM file. */
function certificatesOf(pem: Uint8Array | undefined): readonly Uint8Array[] {
  const text = new TextDecoder().decode(pem ?? new Uint8Array())
  const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)
  return [...blocks].map(([, base64 = '']) => new Uint8Array(Buffer.from(base64, 'base64')))
}

/** SubjectPublicKeyInfo of a P-256 key up to its point. */
const KEY_HEAD = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex')

function anchorOf(pem: Uint8Array | undefined): TrustAnchor {
  const [der] = certificatesOf(pem)
  if (der === undefined) return INTEL_SGX_ROOT
  const at = Buffer.from(der).indexOf(KEY_HEAD) + KEY_HEAD.length
  return { publicKey: der.slice(at, at + 65), simulated: true }
}

/** The quote without what follows its declared end. */
export function withoutTrailing(quote: Uint8Array): Uint8Array {
  const size = quote[0] === 3 ? 384 : quote[0] === 5 && quote[48] === 3 ? 648 : 584
  const signedEnd = tdReportOf(quote) + size
  return quote.subarray(0, signedEnd + 4 + new DataView(quote.buffer, quote.byteOffset).getUint32(signedEnd, true))
}

/** Offset of the TD report: version 5 puts its type and size in front. */
export const tdReportOf = (quote: Uint8Array): number => (quote[0] === 5 ? 54 : 48)

/** The same evidence without some of its endorsements. */
export function withoutEndorsements<E extends DcapEvidence>(evidence: E, ...names: (keyof DcapEndorsements)[]): E {
  const kept = Object.entries(evidence.endorsements).filter(([name]) => !(names as readonly string[]).includes(name))
  return { ...evidence, endorsements: Object.fromEntries(kept) as Partial<DcapEndorsements> }
}

/** Takes a fault away that the verifier would meet before the one a vector is about. */
export function repairVector(vector: DcapVector, repair: DcapRepair): DcapVector {
  switch (repair) {
    case 'without-pck-crl':
      return withoutEndorsements(vector, 'pckCrl')
    case 'without-tcb-info':
      return withoutEndorsements(vector, 'tcbInfo')
    case 'chain-from-file':
      return { ...vector, quote: replaceChain(vector.quote, vector.file('pck_chain.pem') ?? new Uint8Array()) }
  }
}

/** Puts a PEM chain into a quote; the certification data is outside of what is signed. */
function replaceChain(quote: Uint8Array, chain: Uint8Array): Uint8Array {
  const bytes = Buffer.from(quote)
  const authenticationAt = 48 + 584 + 4 + 134 + 384 + 64
  const chainAt = authenticationAt + 2 + bytes.readUInt16LE(authenticationAt) + 6
  const grown = Buffer.concat([bytes.subarray(0, chainAt), chain])
  grown.writeUInt32LE(chain.length, chainAt - 4)
  grown.writeUInt32LE(grown.length - (48 + 584 + 4 + 134), 48 + 584 + 4 + 130)
  grown.writeUInt32LE(grown.length - (48 + 584 + 4), 48 + 584)
  return Uint8Array.from(grown)
}
