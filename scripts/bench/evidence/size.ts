import { bundleSize } from '../../build/bundleSize.ts'
import { type BenchRow, row } from '../row.ts'

/** What a page loads at once, minified, gzip. */
export async function sizeRows(): Promise<readonly BenchRow[]> {
  const intel = await bundleSize("export * from '@spartan/attestation/tdx'; export * from '@spartan/attestation/sgx'")
  const all = await bundleSize("export * from '@spartan/attestation'")
  const kilobytes = (bytes: number) => Math.round(bytes / 102.4) / 10
  return [
    row({
      name: 'bundle of Intel alone',
      unit: 'kB',
      ours: kilobytes(intel.initial),
      goal: 90,
      note: 'minified, gzip',
    }),
    row({
      name: 'bundle of every TEE',
      unit: 'kB',
      ours: kilobytes(all.initial),
      goal: 220,
      note: `minified, gzip; ${kilobytes(all.onDemand)} kB for NVIDIA's manifests on demand`,
    }),
  ]
}
