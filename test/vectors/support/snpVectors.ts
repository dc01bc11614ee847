/** Reads the SEV-SNP entries of the evidence test vectors. */
import { basename } from 'node:path'
import { AMD_ROOTS, type SnpEndorsements, type SnpTrustAnchor, type VtpmQuote } from '@spartan/attestation/snp'
import { fileOf, type VectorEntry, vectorsOf } from './manifest.ts'

/** What the manifest states of an entry. */
export interface SnpExpectation {
  readonly verdict: 'pass' | 'fail'
  readonly reason: string | null
  readonly policy?: Readonly<Record<string, unknown>>
  readonly fields?: SnpFields
}

/** Decoded fields of the report, as the manifest states them. */
export interface SnpFields {
  readonly version: number
  readonly vmpl: number
  readonly signing_key: string
  readonly report_data: string
  readonly measurement: string
  readonly host_data: string
  readonly chip_id: string
  readonly reported_tcb_decoded: Readonly<Record<string, number>>
  readonly current_version: string
  readonly committed_version: string
  readonly guest_svn: number
  readonly id_key_digest: string
  readonly report_id: string
  readonly product?: string
  readonly launch_mit_vector?: number
  readonly current_mit_vector?: number
}

/** One entry with a report. */
export interface SnpVector {
  readonly id: string
  readonly expected: SnpExpectation
  readonly report: Uint8Array
  /** Azure's wrapping, where the entry has one. */
  readonly hcl: Uint8Array | undefined
  readonly vtpmQuote: VtpmQuote | undefined
  readonly endorsements: Partial<SnpEndorsements>
  readonly trustAnchors: readonly SnpTrustAnchor[]
  /** Unix seconds. */
  readonly at: number
  readonly file: (name: string) => Uint8Array | undefined
}

type ManifestEntry = VectorEntry<SnpExpectation>

/** Every SEV-SNP entry that carries a report; none where the vectors are not there. */
export function snpVectors(): readonly SnpVector[] {
  return vectorsOf<SnpExpectation>('sev-snp').flatMap((entry) => vectorOf(entry) ?? [])
}

function vectorOf(entry: ManifestEntry): SnpVector | undefined {
  const file = (name: string) => fileOf(entry, name)
  const report = file('report.bin')
  if (report === undefined || entry.verify_at === null) return undefined
  const root = certificateOf(file('trusted_root.pem'))
  return {
    id: entry.id,
    expected: entry.expected,
    report,
    hcl: file('hcl_report.bin'),
    vtpmQuote: vtpmQuoteOf(file),
    endorsements: endorsementsOf(entry, file),
    trustAnchors: root ? [{ certificate: root, simulated: true }] : AMD_ROOTS,
    at: Date.parse(entry.verify_at) / 1000,
    file,
  }
}

function endorsementsOf({ files }: ManifestEntry, file: SnpVector['file']): Partial<SnpEndorsements> {
  const named = (pattern: RegExp) => {
    const found = files.find(({ path }) => pattern.test(basename(path)))
    return certificateOf(found && file(basename(found.path)))
  }
  const vek = named(/^v[cl]ek\./)
  const intermediate = named(/(^|_)asv?k\./)
  const root = named(/(^|_)ark\./)
  const crl = file('crl.der')
  return {
    ...(vek && { vek }),
    ...(intermediate && { intermediate }),
    ...(root && { root }),
    ...(crl && { crl }),
  }
}

function vtpmQuoteOf(file: SnpVector['file']): VtpmQuote | undefined {
  const [message, signature, pcrs] = [file('tpm_quote.msg'), file('tpm_quote.sig'), file('pcrs.json')]
  if (!message || !signature) return undefined
  if (!pcrs) return { message, signature }
  const values = JSON.parse(new TextDecoder().decode(pcrs)) as readonly string[]
  const registers = values.map((hex, register) => [register, new Uint8Array(Buffer.from(hex, 'hex'))] as const)
  return { message, signature, pcrs: Object.fromEntries(registers) }
}

/** DER of a file that is DER or PEM. */
function certificateOf(bytes: Uint8Array | undefined): Uint8Array | undefined {
  if (bytes === undefined || bytes[0] === 0x30) return bytes
  const base64 = /-----BEGIN CERTIFICATE-----([^-]+)-----END/.exec(new TextDecoder().decode(bytes))?.[1]
  return base64 === undefined ? undefined : new Uint8Array(Buffer.from(base64, 'base64'))
}
