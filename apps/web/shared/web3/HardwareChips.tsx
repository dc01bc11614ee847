'use client'
import type { ProviderGpu } from '@spartan/sdk'
import { useNow } from '../format/useNow.ts'
import { type Provider, useProducts } from './registry.ts'

/** TEE and GPUs of a provider, one chip each; GPUs of one product that count alike share a chip. */
export function HardwareChips({ provider }: { readonly provider: Provider }) {
  const now = useNow()
  const products = useProducts(provider)
  const product = products.get(provider.platformId)
  return (
    <ul className="flex flex-wrap gap-1.5" aria-label="Hardware">
      <Chip name={provider.teeName} detail={product && !provider.simulated ? product : undefined} />
      {groupsOf(provider.gpus, products, now).map(({ name, count, ended }) => (
        <Chip
          key={`${name} ${ended}`}
          name={count > 1 ? `${count} × ${name}` : name}
          detail={ended ? 'ended' : undefined}
        />
      ))}
    </ul>
  )
}

function Chip({ name, detail }: { readonly name: string; readonly detail: string | undefined }) {
  return (
    <li className="inline-flex items-baseline gap-1.5 rounded-sm border border-line-strong px-1.5 py-0.5 text-xs whitespace-nowrap">
      {name}
      {detail && <span className="mono text-ink-3">{detail}</span>}
    </li>
  )
}

function groupsOf(gpus: readonly ProviderGpu[], products: ReadonlyMap<string, string>, now: number | null) {
  const groups = new Map<string, { name: string; count: number; ended: boolean }>()
  for (const gpu of gpus) {
    const ended = now !== null && gpu.validUntil < now
    const product = products.get(gpu.platformId)
    const name = product === undefined ? 'NVIDIA GPU' : `NVIDIA ${product}`
    const key = `${name} ${ended}`
    groups.set(key, { name, ended, count: (groups.get(key)?.count ?? 0) + 1 })
  }
  return [...groups.values()]
}
