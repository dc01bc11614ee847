import type { TcbStatus } from '../result.ts'
import type { SnpSkippable } from './checks.ts'
import type { SnpFirmwareVersion } from './parse.ts'
import type { SnpProduct, SnpTcb } from './product.ts'

/** One accepted combination of values of a report: hex in full width, or the word `any`. */
export interface SnpReference {
  /** 48 bytes. */
  readonly measurement: string
  /** 32 bytes. */
  readonly hostData: string
  /** 48 bytes: the ID block was signed by this key. */
  readonly idKeyDigest: string
  readonly authorKeyDigest: string
  /** 16 bytes. */
  readonly familyId: string
  readonly imageId: string
}

/** What a quote of the vTPM has to say (Azure: the operating system is in its registers, not in the measurement). */
export interface ExpectedVtpm {
  /** Qualifying data in hex, or `any`. */
  readonly challenge: string
  /** Accepted values in hex by register number; registers that are not named may hold anything. */
  readonly pcrs: Readonly<Record<string, readonly string[]>>
}

/** A value per product line; `any` has to be written. */
export type PerProduct<T> = Readonly<Record<SnpProduct, T | 'any'>>

/** Appraisal policy of SEV-SNP evidence. Complete: every field is required, and "any" has to be written. Plain JSON. */
export interface SnpPolicy {
  readonly format: 'spartan-snp-policy/1'
  /** Checks to leave out because their endorsement is not at hand; a given endorsement is always checked. */
  readonly dangerouslySkip: readonly SnpSkippable[]
  readonly products: readonly SnpProduct[]
  /** A VLEK is shared by every machine of a cloud provider and hides the chip. */
  readonly vlek: 'refuse' | { readonly cspIds: readonly string[] | 'any' }
  /** AMD publishes no TCB status: at or above these numbers the status is UpToDate, below it is OutOfDate. */
  readonly minTcb: PerProduct<SnpTcb>
  /** Statuses accepted; `Unknown` where no minimum is given. */
  readonly acceptedTcbStatuses: readonly (Extract<TcbStatus, 'UpToDate' | 'OutOfDate'> | 'Unknown')[]
  /** Minimum of the TCB at which the guest was launched. */
  readonly minLaunchTcb: PerProduct<SnpTcb>
  /** Minimum of the firmware that the host cannot go below any more (committed). */
  readonly minFirmware: PerProduct<SnpFirmwareVersion>
  /** Provisional firmware is not committed yet: the host can go back to an older one. */
  readonly provisionalFirmware: 'refuse' | 'accept'
  /** Bits of the mitigation vector that have to be set, at launch and now; hex of up to 8 bytes, big-endian. */
  readonly mitigations: string
  /** Age of the CRL since its issue, seconds. AMD issues one about once a year. */
  readonly maxEndorsementAgeSeconds: number | 'any'
  /** 0 to 3; 0 is the most privileged. */
  readonly maxVmpl: number
  readonly debug: 'refuse' | 'accept'
  readonly migrationAgent: 'refuse' | 'accept'
  /** Whether the guest may run where two threads share a core. */
  readonly smt: 'refuse' | 'accept'
  readonly cxl: 'refuse' | 'accept'
  readonly pageSwap: 'refuse' | 'accept'
  readonly singleSocket: 'require' | 'any'
  readonly aes256Xts: 'require' | 'any'
  /** Minimum of the ABI that the guest policy demands. */
  readonly minAbi: { readonly major: number; readonly minor: number } | 'any'
  readonly ciphertextHiding: 'require' | 'require-where-available' | 'any'
  /** Running average power limit: a side channel when on. */
  readonly rapl: 'refuse' | 'accept'
  readonly aliasCheck: 'require' | 'any'
  /** CHIP_ID in hex, 64 bytes, or the 8 bytes in use of a Turin. Denied ones are refused even when allowed; a VLEK has none, so only `any` lets it through. */
  readonly allowedPlatformIds: readonly string[] | 'any'
  readonly deniedPlatformIds: readonly string[]
  readonly measurements: { readonly references: readonly SnpReference[] } | 'any'
  /** 64 bytes in hex. */
  readonly reportData: { readonly expected: string } | 'any'
  readonly vtpm: ExpectedVtpm | 'any'
}

/** The fields that no preset can know. */
export type SnpExpectedValues = Pick<SnpPolicy, 'measurements' | 'reportData' | 'minTcb' | 'vtpm'>

const ANY_PRODUCT = { Milan: 'any', Genoa: 'any', Turin: 'any' } as const

/** Accepts every value: for `minTcb`, `minLaunchTcb` and `minFirmware`. */
export const ANY_SNP_PRODUCT: PerProduct<never> = ANY_PRODUCT

/** What this package advises: nothing known to be broken, nothing undone. Milan is off: its root seed can be read out. */
export function strictSnpPolicy(expected: SnpExpectedValues): SnpPolicy {
  return {
    format: 'spartan-snp-policy/1',
    dangerouslySkip: [],
    products: ['Genoa', 'Turin'],
    vlek: 'refuse',
    acceptedTcbStatuses: ['UpToDate'],
    minLaunchTcb: expected.minTcb,
    minFirmware: ANY_PRODUCT,
    provisionalFirmware: 'refuse',
    mitigations: '00',
    maxEndorsementAgeSeconds: 'any',
    maxVmpl: 0,
    debug: 'refuse',
    migrationAgent: 'refuse',
    smt: 'accept',
    cxl: 'refuse',
    pageSwap: 'accept',
    singleSocket: 'any',
    aes256Xts: 'any',
    minAbi: 'any',
    ciphertextHiding: 'any',
    rapl: 'accept',
    aliasCheck: 'require',
    allowedPlatformIds: 'any',
    deniedPlatformIds: [],
    ...expected,
  }
}

/** What the marketplace asks of a provider: as strict, but Milan passes (with the lowest trust tier). */
export function marketplaceSnpPolicy(expected: SnpExpectedValues): SnpPolicy {
  return {
    ...strictSnpPolicy(expected),
    products: ['Milan', 'Genoa', 'Turin'],
    minLaunchTcb: ANY_PRODUCT,
    provisionalFirmware: 'accept',
  }
}

/** What the published test vectors are judged by: strict cryptography, permissive appraisal. Not for production. */
export function vectorsSnpPolicy(expected: SnpExpectedValues): SnpPolicy {
  return {
    ...marketplaceSnpPolicy(expected),
    vlek: { cspIds: 'any' },
    acceptedTcbStatuses: ['UpToDate', 'Unknown'],
    maxVmpl: 3,
    // "Migration agents … accepted"; the entries that want it refused say so.
    migrationAgent: 'accept',
    cxl: 'accept',
    aliasCheck: 'any',
  }
}
