'use client'
import Link from 'next/link'
import { ErrorNotice } from '../../../shared/errors/ErrorNotice.tsx'
import { shortHex } from '../../../shared/format/hex.ts'
import { formatAmountExact } from '../../../shared/format/number.ts'
import { formatDistance, formatInstant } from '../../../shared/format/time.ts'
import { useNow } from '../../../shared/format/useNow.ts'
import { Card } from '../../../shared/ui/Card.tsx'
import { EmptyState } from '../../../shared/ui/EmptyState.tsx'
import { SkeletonRows } from '../../../shared/ui/Skeleton.tsx'
import { ProviderStatusBadge } from '../../../shared/web3/ProviderStatusBadge.tsx'
import { type ModelOffer, type Provider, useModelOffer, useProviders } from '../../../shared/web3/registry.ts'
import { useWorld } from '../../../shared/web3/WorldContext.tsx'

/** Every provider of the registry. */
export function ProviderTable() {
  const providers = useProviders()
  const offer = useModelOffer('trend')
  if (providers.isError) return <ErrorNotice error={providers.error} />
  if (!providers.data) {
    return (
      <Card>
        <SkeletonRows rows={3} />
      </Card>
    )
  }
  if (providers.data.length === 0) {
    return (
      <Card>
        <EmptyState title="No provider has registered yet">
          A node registers itself once the contract has verified its evidence:{' '}
          <code className="mono">spartan node register</code>. This page reads the registry again every few seconds.
        </EmptyState>
      </Card>
    )
  }
  return (
    <Card className="overflow-x-auto">
      <table className="w-full text-left">
        <caption className="sr-only">Providers in the registry</caption>
        <thead className="border-b border-line text-xs text-ink-3">
          <tr>
            <Head>Provider</Head>
            <Head>Status</Head>
            <Head className="hidden md:table-cell">TEE</Head>
            <Head className="hidden md:table-cell">TCB status</Head>
            <Head className="hidden lg:table-cell">Workload</Head>
            <Head className="hidden sm:table-cell">Valid until</Head>
            <Head className="hidden text-right lg:table-cell">Price per unit</Head>
          </tr>
        </thead>
        <tbody>
          {providers.data.map((provider) => (
            <ProviderLine key={provider.providerId} provider={provider} offer={offer.data ?? null} />
          ))}
        </tbody>
      </table>
    </Card>
  )
}

function Head({ children, className = '' }: { readonly children: string; readonly className?: string }) {
  return (
    <th scope="col" className={`px-4 py-2 font-medium whitespace-nowrap ${className}`}>
      {children}
    </th>
  )
}

function ProviderLine({ provider, offer }: { readonly provider: Provider; readonly offer: ModelOffer | null }) {
  const { token } = useWorld()
  const now = useNow()
  return (
    <tr
      className="relative border-b border-line last:border-b-0 hover:bg-sunken"
      data-testid={`provider-row-${provider.providerId}`}
    >
      <th scope="row" className="px-4 py-3 font-medium">
        <Link href={`/providers/${provider.providerId}`} className="mono after:absolute after:inset-0">
          {shortHex(provider.providerId, 8, 6)}
        </Link>
        <span className="block text-xs font-normal text-ink-3">{provider.endpoint}</span>
      </th>
      <td className="px-4 py-3">
        <ProviderStatusBadge status={provider.status} />
      </td>
      <td className="hidden px-4 py-3 whitespace-nowrap md:table-cell">
        {provider.tee}
        {provider.simulated && <span className="block text-xs text-warn">simulated</span>}
      </td>
      <td className="hidden px-4 py-3 md:table-cell">{provider.tcbStatus}</td>
      <td className="mono hidden px-4 py-3 lg:table-cell">{shortHex(provider.workloadId, 8, 4)}</td>
      <td className="num hidden px-4 py-3 text-sm sm:table-cell">
        {formatInstant(provider.validUntil)}
        <span className="block text-xs text-ink-3">{now === null ? '' : formatDistance(provider.validUntil, now)}</span>
      </td>
      <td className="num hidden px-4 py-3 text-right whitespace-nowrap lg:table-cell">
        {offer ? `${formatAmountExact(offer.pricePerUnitIn, token.decimals)} ${token.symbol}` : '–'}
      </td>
    </tr>
  )
}
