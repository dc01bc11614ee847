import { caExtensions, generatePkiKey, issuePkiCertificate, issuePkiCrl, type PkiKey } from '../pki.ts'
import { unixSeconds } from '../platform.ts'
import type { Validity } from '../types.ts'
import { issueVek, type SnpAuthority, type SnpVekFields, snpName } from './certificates.ts'
import {
  encodeSnpReport,
  type SnpProductLine,
  type SnpReportFields,
  type SnpTcbFields,
  snpSignedBytes,
  writeSnpSignature,
} from './report.ts'

/** What a simulated vendor of one product line is made from. */
export interface SnpSimulationOptions {
  /** Time of making: Date, or Unix seconds. */
  readonly now: Date | number
  readonly product: SnpProductLine
  /** Validity by certificate; 20 years from yesterday unless given. */
  readonly validity?: Partial<Record<'ark' | 'ask' | 'asvk', Validity>>
}

/** Endorsements of one machine, DER. */
export interface SimulatedSnpEndorsements {
  readonly vek: Uint8Array<ArrayBuffer>
  readonly intermediate: Uint8Array<ArrayBuffer>
  readonly root: Uint8Array<ArrayBuffer>
  readonly crl: Uint8Array<ArrayBuffer>
}

/** Ways to issue other endorsements than good ones. */
export interface SnpEndorsementOptions {
  readonly crlValidity?: Validity
  readonly crlNumber?: number
  readonly revokedSerials?: readonly Uint8Array[]
  /** Who signs the CRL: the root unless given. */
  readonly crlSigner?: 'ark' | 'ask'
}

/** A machine with a key of its own, or of its cloud provider. */
export interface SimulatedSnpMachine {
  readonly product: SnpProductLine
  /** 64 bytes. */
  readonly chipId: Uint8Array<ArrayBuffer>
  readonly tcb: SnpTcbFields
  readonly vek: Uint8Array<ArrayBuffer>
  readonly issueReport: (fields?: SnpReportFields) => Promise<Uint8Array<ArrayBuffer>>
  readonly endorsements: (options?: SnpEndorsementOptions) => Promise<SimulatedSnpEndorsements>
}

/** What a machine is made from; what is not given is right. */
export type SnpMachineOptions = Partial<SnpVekFields> & {
  /** Issuer of the endorsement key: the one of its kind unless given. */
  readonly issuer?: 'ask' | 'asvk'
}

/** A vendor of its own: issues what AMD issues, in the same formats, under keys made for it. */
export interface SnpSimulation {
  readonly product: SnpProductLine
  readonly ark: SnpAuthority
  readonly ask: SnpAuthority
  readonly asvk: SnpAuthority
  readonly createMachine: (options?: SnpMachineOptions) => Promise<SimulatedSnpMachine>
}

const YEAR_SECONDS = 365 * 86_400
const TCB: SnpTcbFields = { bootLoader: 10, tee: 0, snp: 23, microcode: 219 }
const CHIP_ID_BYTES: Readonly<Record<SnpProductLine, number>> = { Milan: 64, Genoa: 64, Turin: 8 }

/**
 * Makes a fresh simulated vendor of one product line: ARK, ASK and ASVK (RSA-4096, about a second each).
 *
 * Proves nothing about hardware: whoever holds its keys can sign any report. Its certificates carry the organisation
 * "Spartan Simulation (not AMD)", and no production verifier trusts its root.
 */
export async function createSnpSimulation(options: SnpSimulationOptions): Promise<SnpSimulation> {
  const { product } = options
  const createdAt = unixSeconds(options.now)
  const [arkKey, askKey, asvkKey] = await Promise.all([rsaKey(), rsaKey(), rsaKey()])
  const authority = async (
    name: 'ark' | 'ask' | 'asvk',
    commonName: string,
    serial: number,
    key: PkiKey,
  ): Promise<SnpAuthority> => {
    const certificate = await issuePkiCertificate({
      serial: Uint8Array.of(1, serial),
      subject: snpName(commonName),
      subjectKey: key,
      issuer: snpName(`ARK-${product}`),
      issuerKey: arkKey,
      validity: options.validity?.[name] ?? { from: createdAt - 86_400, until: createdAt + 20 * YEAR_SECONDS },
      extensions: caExtensions(name === 'ark' ? undefined : 0),
    })
    return { name: snpName(commonName), key, certificate, serial: Uint8Array.of(1, serial) }
  }
  const ark = await authority('ark', `ARK-${product}`, 0, arkKey)
  const ask = await authority('ask', `SEV-${product}`, 1, askKey)
  const asvk = await authority('asvk', `SEV-VLEK-${product}`, 2, asvkKey)
  const authorities = { ark, ask, asvk }
  return { product, ...authorities, createMachine: (machine) => createMachine(authorities, options, machine) }
}

const rsaKey = () => generatePkiKey('rsa-pss-4096')

async function createMachine(
  authorities: Pick<SnpSimulation, 'ark' | 'ask' | 'asvk'>,
  { product, now }: SnpSimulationOptions,
  options: SnpMachineOptions = {},
): Promise<SimulatedSnpMachine> {
  const createdAt = unixSeconds(now)
  const { kind = 'vcek', issuer = kind === 'vcek' ? 'ask' : 'asvk' } = options
  const identity = crypto.getRandomValues(new Uint8Array(CHIP_ID_BYTES[product]))
  const tcb = options.tcb ?? (product === 'Turin' ? { ...TCB, fmc: 1 } : TCB)
  const { key, certificate } = await issueVek(
    {
      product,
      hardwareId: identity,
      cspId: 'CN=simulation.invalid',
      validity: { from: createdAt - 86_400, until: createdAt + 7 * YEAR_SECONDS },
      ...options,
      kind,
      tcb,
    },
    authorities[issuer],
  )
  const chipId = new Uint8Array(64)
  if (kind === 'vcek') chipId.set(options.hardwareId?.slice(0, 64) ?? identity)
  const machine = { product, tcb, chipId, signingKey: kind === 'vcek' ? 0 : 1 }
  return {
    product,
    chipId,
    tcb,
    vek: certificate,
    issueReport: async (fields = {}) => {
      const report = encodeSnpReport(fields, machine)
      writeSnpSignature(report, await key.sign(snpSignedBytes(report)))
      return report
    },
    endorsements: async (wanted = {}) => ({
      vek: certificate,
      intermediate: authorities[issuer].certificate,
      root: authorities.ark.certificate,
      crl: await issueCrlOf(authorities, createdAt, wanted),
    }),
  }
}

function issueCrlOf(
  authorities: Pick<SnpSimulation, 'ark' | 'ask'>,
  createdAt: number,
  { crlValidity, crlNumber = 1, revokedSerials = [], crlSigner = 'ark' }: SnpEndorsementOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  return issuePkiCrl({
    issuer: authorities.ark.name,
    issuerKey: authorities[crlSigner].key,
    validity: crlValidity ?? { from: createdAt - 3600, until: createdAt + YEAR_SECONDS },
    crlNumber,
    revokedSerials,
  })
}
