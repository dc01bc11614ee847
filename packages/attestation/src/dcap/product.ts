import { toHex } from '../internal/bytes.ts'

/** A processor generation by its model number in family 6. */
interface Generation {
  readonly name: string
  readonly memory: 'DDR4' | 'DDR5'
}

/**
 * Processors with DCAP by display model (Intel SDM volume 4, table 2-1). Those of DDR4 give their attestation keys to an
 * interposer that costs little and can be carried from machine to machine (WireTap, Battering RAM).
 */
const GENERATIONS: Readonly<Record<string, Generation>> = {
  '9e': { name: 'Coffee Lake', memory: 'DDR4' },
  a5: { name: 'Comet Lake', memory: 'DDR4' },
  a7: { name: 'Rocket Lake', memory: 'DDR4' },
  '7e': { name: 'Ice Lake', memory: 'DDR4' },
  '7a': { name: 'Gemini Lake', memory: 'DDR4' },
  '6a': { name: 'Ice Lake Xeon', memory: 'DDR4' },
  '6c': { name: 'Ice Lake Xeon D', memory: 'DDR4' },
  '8f': { name: 'Sapphire Rapids', memory: 'DDR5' },
  cf: { name: 'Emerald Rapids', memory: 'DDR5' },
  ad: { name: 'Granite Rapids', memory: 'DDR5' },
  ae: { name: 'Granite Rapids D', memory: 'DDR5' },
  af: { name: 'Sierra Forest', memory: 'DDR5' },
}

/**
 * What an FMSPC says of the processor. Its second to fifth hex digit are the CPUID signature without stepping: extended
 * family, extended model, type with family, model. An unknown processor counts as one of DDR4: the lower trust.
 */
export function processorOf(fmspc: Uint8Array): {
  readonly name: string
  readonly memory: 'DDR4' | 'DDR5' | 'unknown'
} {
  const [, extendedFamily, extendedModel, type, family, model] = toHex(fmspc)
  const found = `${extendedFamily}${type}${family}` === '006' ? GENERATIONS[`${extendedModel}${model}`] : undefined
  return found ?? { name: `FMSPC ${toHex(fmspc)}`, memory: 'unknown' }
}
