import {
  type CborEntries,
  type CborKey,
  cborArray,
  cborBytes,
  cborIndefiniteMap,
  cborInteger,
  cborMap,
  cborNull,
  cborText,
} from '../cbor.ts'
import { signCose } from '../cose.ts'
import { sequence, tlv } from '../der.ts'
import {
  caExtensions,
  generatePkiKey,
  issuePkiCertificate,
  issuePkiCrl,
  leafExtensions,
  type PkiAlgorithm,
  type PkiKey,
  type PkiName,
  pkiExtension,
  simulatedName,
} from '../pki.ts'
import type { Validity } from '../types.ts'
import { measure } from '../workload.ts'

/** Certificates of a chain, root first. */
export const NITRO_LEVELS = ['root', 'regional', 'zonal', 'instance', 'enclave'] as const

/** One certificate of the chain. */
export type NitroLevel = (typeof NITRO_LEVELS)[number]

/** What makes one simulated hypervisor with its chain. */
export interface NitroRootOptions {
  /** Unix seconds: the middle of every validity. */
  readonly now: number
  readonly validity?: Partial<Record<NitroLevel, Validity>>
  readonly pathLengths?: Partial<Record<NitroLevel, number>>
  /** Kind of a certificate's key; AWS's are all of P-384. */
  readonly algorithms?: Partial<Record<NitroLevel, Exclude<PkiAlgorithm, 'rsa-pss-4096'>>>
  /** Replaces the extensions of a certificate. */
  readonly extensions?: Partial<Record<NitroLevel, readonly Uint8Array[]>>
}

/** A simulated AWS root with one hypervisor below it. */
export interface SimulatedNitroRoot {
  /** DER of the root. */
  readonly certificate: Uint8Array<ArrayBuffer>
  /** DER, root first, without the enclave's own. */
  readonly cabundle: readonly Uint8Array[]
  /** DER of the certificate that signs documents. */
  readonly enclave: Uint8Array<ArrayBuffer>
  readonly trustAnchor: { readonly certificate: Uint8Array; readonly simulated: true }
  readonly issueDocument: (options?: NitroDocumentOptions) => Promise<Uint8Array<ArrayBuffer>>
  /** CRLs of the two CAs whose certificates below name a place for one. */
  readonly endorsements: (options?: NitroCrlOptions) => Promise<{ readonly crls: readonly Uint8Array[] }>
}

/** What one document says. */
export interface NitroDocumentOptions {
  /** Name of the enclave image; its PCRs are `nitroPcrs`. */
  readonly workload?: string
  /** Milliseconds since 1970. */
  readonly timestampMs?: number
  readonly userData?: Uint8Array
  readonly nonce?: Uint8Array
  readonly publicKey?: Uint8Array
  /** PCR0 to PCR2 are zero. */
  readonly debug?: boolean
  /** The payload's map has indefinite length, as newer hypervisors write it. */
  readonly indefinite?: boolean
  readonly tagged?: boolean
  /** Encoded fields by name; a test may change them before they are signed. */
  readonly change?: (fields: Map<CborKey, Uint8Array>) => void
  readonly protectedHeaders?: CborEntries
  readonly unprotectedHeaders?: CborEntries
}

/** What the CRLs say. */
export interface NitroCrlOptions {
  /** A revoked enclave stands on the CRL of the instance's CA, which is there only then. */
  readonly revoked?: readonly ('regional' | 'zonal' | 'enclave')[]
  /** Serial numbers besides, on every CRL. */
  readonly alsoRevoked?: readonly Uint8Array[]
  readonly validity?: Validity
}

interface Issued {
  readonly name: PkiName
  readonly key: PkiKey
  readonly serial: Uint8Array
  readonly certificate: Uint8Array<ArrayBuffer>
}

const HOUR = 3600
const DAY = 24 * HOUR
/** How long certificates live in AWS's chains, seconds. */
const LIFETIMES: Readonly<Record<NitroLevel, number>> = {
  root: 30 * 365 * DAY,
  regional: 20 * DAY,
  zonal: 6 * DAY,
  instance: DAY,
  enclave: 3 * HOUR,
}
const PATH_LENGTHS: Partial<Record<NitroLevel, number>> = { regional: 2, zonal: 1, instance: 0 }

/** Makes a fresh root and a chain below it: what it signs proves nothing about AWS. */
export async function createNitroRoot(options: NitroRootOptions): Promise<SimulatedNitroRoot> {
  const issued = new Map<NitroLevel, Issued>()
  let issuer: Issued | undefined
  for (const [index, level] of NITRO_LEVELS.entries()) {
    issuer = await issue(level, index, issuer, options)
    issued.set(level, issuer)
  }
  const of = (level: NitroLevel): Issued => {
    const found = issued.get(level)
    if (!found) throw new RangeError(level)
    return found
  }
  const cabundle = NITRO_LEVELS.slice(0, -1).map((level) => of(level).certificate)
  const { certificate } = of('root')
  return {
    certificate,
    cabundle,
    enclave: of('enclave').certificate,
    trustAnchor: { certificate, simulated: true },
    issueDocument: (document = {}) => issueDocument(of('enclave'), cabundle, options.now, document),
    endorsements: (crl = {}) => issueCrls(of, options.now, crl),
  }
}

/** PCRs that one image has on every simulated hypervisor: 0 to 15, of which 0 to 2, 4 and 8 are not zero. */
export async function nitroPcrs(workload: string, debug = false): Promise<ReadonlyMap<number, Uint8Array>> {
  const measured = [...(debug ? [] : [0, 1, 2]), 4, 8]
  const values = Array.from({ length: 16 }, async (_, index) => {
    const value = measured.includes(index) ? await measure(workload, `pcr${index}`) : new Uint8Array(48)
    return [index, value] as const
  })
  return new Map(await Promise.all(values))
}

async function issue(
  level: NitroLevel,
  index: number,
  issuer: Issued | undefined,
  options: NitroRootOptions,
): Promise<Issued> {
  const key = await generatePkiKey(options.algorithms?.[level] ?? 'ecdsa-p384')
  const name = simulatedName(`${level}.nitro-enclaves`, 'AWS')
  const serial = Uint8Array.of(0x10 + index, ...crypto.getRandomValues(new Uint8Array(15)))
  const { now } = options
  const half = LIFETIMES[level] / 2
  const certificate = await issuePkiCertificate({
    serial,
    subject: name,
    subjectKey: key,
    issuer: issuer?.name ?? name,
    issuerKey: issuer?.key ?? key,
    validity: options.validity?.[level] ?? { from: Math.max(0, now - half), until: now + half },
    extensions: options.extensions?.[level] ?? extensionsOf(level, options),
  })
  return { name, key, serial, certificate }
}

function extensionsOf(level: NitroLevel, { pathLengths }: NitroRootOptions): readonly Uint8Array[] {
  if (level === 'enclave') return leafExtensions()
  const ca = caExtensions(pathLengths?.[level] ?? PATH_LENGTHS[level])
  const revocable = level === 'regional' || level === 'zonal'
  return revocable ? [...ca, distributionPoint(`http://simulation.invalid/${level}.crl`)] : ca
}

/** CRLDistributionPoints with one URI (RFC 5280 §4.2.1.13). */
function distributionPoint(url: string): Uint8Array {
  const uri = tlv(0x86, new TextEncoder().encode(url))
  return pkiExtension('2.5.29.31', sequence(sequence(tlv(0xa0, tlv(0xa0, uri)))))
}

async function issueCrls(of: (level: NitroLevel) => Issued, now: number, options: NitroCrlOptions) {
  const { revoked = [], alsoRevoked = [], validity } = options
  const crl = (issuer: NitroLevel, below: 'regional' | 'zonal' | 'enclave') =>
    issuePkiCrl({
      issuer: of(issuer).name,
      issuerKey: of(issuer).key,
      validity: validity ?? { from: now - HOUR, until: now + DAY },
      crlNumber: 1,
      revokedSerials: revoked.includes(below) ? [of(below).serial, ...alsoRevoked] : alsoRevoked,
    })
  const enclave = revoked.includes('enclave') ? [crl('instance', 'enclave')] : []
  return { crls: await Promise.all([crl('root', 'regional'), crl('regional', 'zonal'), ...enclave]) }
}

async function issueDocument(
  enclave: Issued,
  cabundle: readonly Uint8Array[],
  now: number,
  options: NitroDocumentOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const pcrs = await nitroPcrs(options.workload ?? 'workload', options.debug)
  const optional = (value: Uint8Array | undefined) => (value ? cborBytes(value) : cborNull())
  const fields = new Map<CborKey, Uint8Array>([
    ['module_id', cborText('i-00000000000000000-enc0000000000000000')],
    ['digest', cborText('SHA384')],
    ['timestamp', cborInteger(options.timestampMs ?? now * 1000)],
    ['pcrs', cborMap(new Map([...pcrs].map(([index, value]) => [index, cborBytes(value)])))],
    ['certificate', cborBytes(enclave.certificate)],
    ['cabundle', cborArray(...cabundle.map(cborBytes))],
    ['public_key', optional(options.publicKey)],
    ['user_data', optional(options.userData)],
    ['nonce', optional(options.nonce)],
  ])
  options.change?.(fields)
  const payload = options.indefinite ? cborIndefiniteMap(fields) : cborMap(fields)
  const { protectedHeaders, unprotectedHeaders, tagged = false } = options
  return signCose(payload, enclave.key, {
    tagged,
    ...(protectedHeaders && { protectedHeaders }),
    ...(unprotectedHeaders && { unprotectedHeaders }),
  })
}
