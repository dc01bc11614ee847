import { type Hex, hexToBytes } from 'viem'
import { TEE_KINDS, type TeeKind } from './enums.ts'

const FMSPC_DIGITS = 12
/** A name of printable ASCII, and zeros to the end. */
const NAME = /^([ -~]*)\0*$/

/**
 * `Claims.product` in words: Intel's FMSPC in hexadecimal digits, the name that the vendor's certificates give (`Milan`, `GH100`), else
 * the 32 bytes themselves: Arm's implementation ID, the hash of a VLEK's line and cloud provider.
 *
 * @param product - 32 bytes, left-aligned, as in the events of the registry.
 */
export function productName(kind: TeeKind, product: Hex): string {
  if (kind === 'Tdx' || kind === 'Sgx') return product.slice(2, 2 + FMSPC_DIGITS).toUpperCase()
  const text = String.fromCharCode(...hexToBytes(product))
  return NAME.exec(text)?.[1] ?? product
}

interface ProductEvent {
  readonly args: { readonly platformId: Hex; readonly product: Hex }
}

/**
 * Products of a provider's platform and of its GPUs, by platform id.
 *
 * @param teeKind - of the provider's record.
 * @param registered - events `ProviderRegistered` of the record's epoch.
 * @param bound - events `GpuBound` of the same.
 */
export function productNames(
  teeKind: number,
  registered: readonly ProductEvent[],
  bound: readonly ProductEvent[],
): ReadonlyMap<Hex, string> {
  const named = (kind: TeeKind, events: readonly ProductEvent[]) =>
    events.map(({ args }) => [args.platformId, productName(kind, args.product)] as const)
  return new Map([...named(TEE_KINDS[teeKind] ?? 'None', registered), ...named('NvidiaGpu', bound)])
}
