import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { DcapEndorsements, TrustAnchor } from '@spartan/attestation'
import { INTEL_SGX_ROOT } from '@spartan/attestation'
import type { DcapRepair } from './dcapReasons.ts'

/** One entry of the manifest, as far as DCAP needs it. */
export interface DcapVector {
  readonly id: string
  readonly tee: string
  readonly files: readonly { readonly path: string; readonly role: string }[]
  readonly verify_at: string
  readonly expected: {
    readonly verdict: 'pass' | 'fail'
    readonly reason: string | null
    readonly tcb_status: string | null
    readonly policy?: Readonly<Record<string, unknown>>
    readonly fields?: Readonly<Record<string, unknown>>
  }
}

const FOLDER = process.env.SPARTAN_FIXTURES ? path.join(process.env.SPARTAN_FIXTURES, 'vectors') : undefined
const MANIFEST = FOLDER && path.join(FOLDER, 'manifest.json')

/** Whether the vectors are on this machine. */
export const haveVectors = MANIFEST !== undefined && existsSync(MANIFEST)

/** Every TDX vector whose quote says version 4, or was made from one. */
export function tdxV4Vectors(): readonly DcapVector[] {
  if (MANIFEST === undefined) return []
  const all = JSON.parse(readFileSync(MANIFEST, 'utf8')) as readonly DcapVector[]
  return all.filter(({ id, tee }) => tee === 'tdx' && id !== 'tdx/_roots' && !isVersion5(id))
}

const isVersion5 = (id: string) => /\/(v5|neg-v5|synth-v5|synth-neg-v5)/.test(id)

/** Evidence of one vector with the endorsements it carries and the anchor it has to be judged by. */
export interface DcapVectorFiles {
  readonly quote: Uint8Array
  readonly endorsements: Partial<DcapEndorsements>
  readonly trustAnchors: readonly TrustAnchor[]
  /** Unix seconds. */
  readonly at: number
}

/** Reads the files of a vector. */
export function readVector(vector: DcapVector): DcapVectorFiles {
  const read = (name: string): Buffer | undefined => {
    const file = path.join(FOLDER ?? '', vector.id, name)
    return existsSync(file) ? readFileSync(file) : undefined
  }
  const chain = (name: string) => pemCertificates(read(name)?.toString('utf8') ?? '')
  const document = (name: 'tcb_info' | 'qe_identity') => {
    const body = read(`${name}.json`)
    const signature = Buffer.from(read(`${name}.sig.hex`)?.toString('utf8').trim() ?? '', 'hex')
    return (
      body && {
        body: Uint8Array.from(body),
        signature: Uint8Array.from(signature),
        issuerChain: chain(`${name}_issuer_chain.pem`),
      }
    )
  }
  const [rootCaCrl, pckCrl] = [read('root_ca_crl.der'), read('pck_crl.der')]
  const [tcbInfo, qeIdentity] = [document('tcb_info'), document('qe_identity')]
  return {
    quote: Uint8Array.from(read('quote.bin') ?? Buffer.alloc(0)),
    endorsements: {
      ...(rootCaCrl && { rootCaCrl: Uint8Array.from(rootCaCrl) }),
      ...(pckCrl && { pckCrl: Uint8Array.from(pckCrl), pckCrlIssuerChain: chain('pck_crl_issuer_chain.pem') }),
      ...(tcbInfo && { tcbInfo }),
      ...(qeIdentity && { qeIdentity }),
    },
    trustAnchors: [anchorOf(read('trusted_root.pem')?.toString('utf8'))],
    at: Date.parse(vector.verify_at) / 1000,
  }
}

/** Takes a fault away that the verifier would meet before the one a vector is about. */
export function repairVector(vector: DcapVector, files: DcapVectorFiles, repair: DcapRepair): DcapVectorFiles {
  const { pckCrl: _crl, ...withoutPckCrl } = files.endorsements
  const { tcbInfo: _info, ...withoutTcbInfo } = files.endorsements
  switch (repair) {
    case 'without-pck-crl':
      return { ...files, endorsements: withoutPckCrl }
    case 'without-tcb-info':
      return { ...files, endorsements: withoutTcbInfo }
    case 'chain-from-file':
      return { ...files, quote: replaceChain(files.quote, path.join(FOLDER ?? '', vector.id, 'pck_chain.pem')) }
  }
}

/** Puts a PEM chain into a quote; the certification data is outside of what is signed. */
function replaceChain(quote: Uint8Array, file: string): Uint8Array {
  const bytes = Buffer.from(quote)
  const chain = readFileSync(file)
  const authenticationAt = 48 + 584 + 4 + 134 + 384 + 64
  const chainAt = authenticationAt + 2 + bytes.readUInt16LE(authenticationAt) + 6
  const grown = Buffer.concat([bytes.subarray(0, chainAt), chain])
  grown.writeUInt32LE(chain.length, chainAt - 4)
  grown.writeUInt32LE(grown.length - (48 + 584 + 4 + 134), 48 + 584 + 4 + 130)
  grown.writeUInt32LE(grown.length - (48 + 584 + 4), 48 + 584)
  return Uint8Array.from(grown)
}

/** DER of the certificates of a PEM text. */
function pemCertificates(text: string): readonly Uint8Array[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.map((block) => Uint8Array.from(Buffer.from(block.replace(/-----[^-]+-----|\s/g, ''), 'base64')))
}

/** SubjectPublicKeyInfo of a P-256 key up to its point. */
const KEY_HEAD = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex')

function anchorOf(pem: string | undefined): TrustAnchor {
  const der = Buffer.from(pemCertificates(pem ?? '')[0] ?? [])
  if (der.length === 0) return INTEL_SGX_ROOT
  const at = der.indexOf(KEY_HEAD) + KEY_HEAD.length
  return { publicKey: Uint8Array.from(der.subarray(at, at + 65)), simulated: false }
}
