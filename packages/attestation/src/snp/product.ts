import type { ReasonCode } from '@spartan/errors'
import { EvidenceRejectedError } from '../errors.ts'
import { toHex } from '../internal/bytes.ts'

/** Product lines with a root of their own. Bergamo and Siena are of the Genoa line. */
export const SNP_PRODUCTS = ['Milan', 'Genoa', 'Turin'] as const
/** A product line. */
export type SnpProduct = (typeof SNP_PRODUCTS)[number]

/** Security version numbers of the firmware components, each 0 to 255. */
export interface SnpTcb {
  readonly bootLoader: number
  readonly tee: number
  readonly snp: number
  readonly microcode: number
  /** Firmware of the FMC; 0 on products that have none (Milan, Genoa). */
  readonly fmc: number
}

/** Component of each byte of TCB_VERSION; `undefined` bytes must be zero. */
type TcbLayout = readonly (keyof SnpTcb | undefined)[]

const TCB_MILAN: TcbLayout = ['bootLoader', 'tee', undefined, undefined, undefined, undefined, 'snp', 'microcode']
const TCB_TURIN: TcbLayout = ['fmc', 'bootLoader', 'tee', 'snp', undefined, undefined, undefined, 'microcode']

/** What differs between product lines. Source: AMD 56860 (TCB_VERSION, CHIP_ID), AMD 57230 (VCEK extensions). */
export interface SnpProductTraits {
  readonly tcbLayout: TcbLayout
  /** Bytes of CHIP_ID in use, and of hwID; the rest of CHIP_ID is zero. */
  readonly chipIdSize: number
  /** structVersion of VCEK and VLEK. */
  readonly structVersion: number
  /** Whether the product can hide ciphertext from the host. */
  readonly ciphertextHiding: boolean
}

/** The traits of every product line. */
export const PRODUCT_TRAITS: Readonly<Record<SnpProduct, SnpProductTraits>> = {
  Milan: { tcbLayout: TCB_MILAN, chipIdSize: 64, structVersion: 0, ciphertextHiding: false },
  Genoa: { tcbLayout: TCB_MILAN, chipIdSize: 64, structVersion: 0, ciphertextHiding: false },
  Turin: { tcbLayout: TCB_TURIN, chipIdSize: 8, structVersion: 1, ciphertextHiding: true },
}

/** CPUID of a report, version 3 and later. */
export interface SnpCpuid {
  readonly family: number
  readonly model: number
  readonly stepping: number
}

/** Product line by CPUID: family, first and last model. Source: AMD 57230; 0xA0 to 0xAF are Bergamo and Siena. */
const CPUID_RANGES: readonly (readonly [family: number, first: number, last: number, product: SnpProduct])[] = [
  [0x19, 0x00, 0x0f, 'Milan'],
  [0x19, 0x10, 0x1f, 'Genoa'],
  [0x19, 0xa0, 0xaf, 'Genoa'],
  [0x1a, 0x00, 0x11, 'Turin'],
]

/** Product line of a CPUID, undefined for a processor not known here. The stepping says nothing about the line. */
export function productOfCpuid({ family, model }: SnpCpuid): SnpProduct | undefined {
  return CPUID_RANGES.find(([of, first, last]) => family === of && model >= first && model <= last)?.[3]
}

/** Product line in the text of a certificate, up to the stepping: `Milan-B0` is Milan. */
export function productOfName(name: string): SnpProduct | undefined {
  const [line] = name.split('-')
  return SNP_PRODUCTS.find((product) => product === line)
}

/** Reads TCB_VERSION (8 bytes) by the layout of a product; reserved bytes must be zero. */
export function decodeTcb(bytes: Uint8Array, product: SnpProduct, field: string): SnpTcb {
  const tcb = { bootLoader: 0, tee: 0, snp: 0, microcode: 0, fmc: 0 }
  PRODUCT_TRAITS[product].tcbLayout.forEach((component, index) => {
    const value = bytes[index] ?? 0
    if (component !== undefined) tcb[component] = value
    else if (value !== 0) throw reject('SNP_TCB_RESERVED_NONZERO', `${field} ${toHex(bytes)}`)
  })
  return tcb
}

/** The component of `tcb` that is below `minimum`, undefined when none is. */
export function componentBelow(tcb: SnpTcb, minimum: SnpTcb): keyof SnpTcb | undefined {
  return TCB_COMPONENTS.find((component) => !(tcb[component] >= minimum[component]))
}

/** Components in the order of Turin's layout. */
export const TCB_COMPONENTS = ['fmc', 'bootLoader', 'tee', 'snp', 'microcode'] as const

/** Text of a TCB for people. */
export function showTcb(tcb: SnpTcb): string {
  return TCB_COMPONENTS.map((component) => `${component} ${tcb[component]}`).join(', ')
}

/** A refusal with the values that led to it. */
export const reject = (code: ReasonCode, ...metaMessages: string[]) => new EvidenceRejectedError(code, { metaMessages })
