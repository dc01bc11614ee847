/** Reads the TDX entries of the evidence test vectors. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { DcapEndorsements } from '@spartan/abi'
import { hexToBytes } from 'viem'

/** One TDX entry of vectors/manifest.json with its files. */
export interface DcapVector {
  readonly id: string
  /** Unix seconds. */
  readonly verifyAt: number
  readonly verdict: 'pass' | 'fail'
  readonly tcbStatus: string | null
  /** Hex, where the manifest gives it. */
  readonly ppid: string | undefined
  readonly quote: Uint8Array
  readonly file: (name: string) => Uint8Array | undefined
}

interface ManifestEntry {
  readonly id: string
  readonly verify_at: string | null
  readonly files: readonly { readonly path: string }[]
  readonly expected: {
    readonly verdict: 'pass' | 'fail'
    readonly tcb_status: string | null
    readonly fields?: { readonly pck?: { readonly ppid?: string } }
  }
}

const folder = join(process.env.SPARTAN_FIXTURES ?? '', 'vectors')

/** Whether the vectors are there; tests skip themselves visibly where they are not. */
export const hasVectors = process.env.SPARTAN_FIXTURES !== undefined && existsSync(join(folder, 'manifest.json'))

/** Every TDX entry that carries a quote. */
export function tdxVectors(): readonly DcapVector[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as readonly ManifestEntry[]
  return manifest.filter((entry) => entry.id.startsWith('tdx/')).flatMap((entry) => vectorOf(entry) ?? [])
}

function vectorOf(entry: ManifestEntry): DcapVector | undefined {
  const file = (name: string): Uint8Array | undefined => {
    const found = entry.files.find(({ path }) => basename(path) === name)
    return found === undefined ? undefined : new Uint8Array(readFileSync(join(folder, found.path)))
  }
  const quote = file('quote.bin')
  if (quote === undefined || entry.verify_at === null) return undefined
  return {
    id: entry.id,
    verifyAt: Date.parse(entry.verify_at) / 1000,
    verdict: entry.expected.verdict,
    tcbStatus: entry.expected.tcb_status,
    ppid: entry.expected.fields?.pck?.ppid,
    quote,
    file,
  }
}

/** What the entry carries of the endorsements; undefined where files are missing. */
export function partialEndorsements({ file }: DcapVector): {
  [K in keyof DcapEndorsements]: DcapEndorsements[K] | undefined
} {
  const signed = (name: string): DcapEndorsements['tcbInfo'] | undefined => {
    const body = file(`${name}.json`)
    const signature = file(`${name}.sig.hex`)
    if (body === undefined || signature === undefined) return undefined
    const hex = new TextDecoder().decode(signature).trim()
    return { body, signature: hexToBytes(`0x${hex}`), issuerChain: certificatesOf(file(`${name}_issuer_chain.pem`)) }
  }
  return {
    rootCaCrl: file('root_ca_crl.der'),
    pckCrl: file('pck_crl.der'),
    pckCrlIssuerChain: certificatesOf(file('pck_crl_issuer_chain.pem')),
    tcbInfo: signed('tcb_info'),
    qeIdentity: signed('qe_identity'),
  }
}

/** DER certificates of a PEM file. */
export function certificatesOf(pem: Uint8Array | undefined): readonly Uint8Array[] {
  const text = new TextDecoder().decode(pem ?? new Uint8Array())
  const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)
  return [...blocks].map(([, base64 = '']) => new Uint8Array(Buffer.from(base64, 'base64')))
}
