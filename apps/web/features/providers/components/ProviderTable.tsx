'use client'
import Link from 'next/link'
import { Fragment } from 'react'
import { ErrorNotice } from '../../../shared/errors/ErrorNotice.tsx'
import { shortHex } from '../../../shared/format/hex.ts'
import { formatAmountExact } from '../../../shared/format/number.ts'
import { Card } from '../../../shared/ui/Card.tsx'
import { EmptyState } from '../../../shared/ui/EmptyState.tsx'
import { SkeletonRows } from '../../../shared/ui/Skeleton.tsx'
import { HardwareChips } from '../../../shared/web3/HardwareChips.tsx'
import { ProviderStatusBadge } from '../../../shared/web3/ProviderStatusBadge.tsx'
import { type ModelOffer, type Provider, useModelOffer, useProviders } from '../../../shared/web3/registry.ts'
import { TIERS, TierBadge } from '../../../shared/web3/TierBadge.tsx'
import { ValidityText } from '../../../shared/web3/ValidityText.tsx'
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
    <>
      <Card className="overflow-x-auto">
        <table className="w-full text-left">
          <caption className="sr-only">Providers in the registry</caption>
          <thead className="border-b border-line text-xs text-ink-3">
            <tr>
              <Head>Provider</Head>
              <Head>Status</Head>
              <Head className="hidden sm:table-cell">Trust tier</Head>
              <Head className="hidden md:table-cell">Hardware</Head>
              <Head className="hidden lg:table-cell">TCB status</Head>
              <Head className="hidden sm:table-cell">Attestation</Head>
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
      <TierLegend />
    </>
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
        <div className="mt-1.5 md:hidden">
          <HardwareChips provider={provider} />
        </div>
      </th>
      <td className="px-4 py-3 align-top sm:align-middle">
        <ProviderStatusBadge status={provider.status} />
        <div className="mt-1.5 flex flex-col gap-1.5 text-xs sm:hidden">
          <span>
            <TierBadge tier={provider.tier} />
          </span>
          <ValidityText ends={provider} />
        </div>
      </td>
      <td className="hidden px-4 py-3 sm:table-cell" data-testid="provider-tier">
        <TierBadge tier={provider.tier} />
      </td>
      <td className="hidden px-4 py-3 md:table-cell">
        <HardwareChips provider={provider} />
      </td>
      <td className="hidden px-4 py-3 text-sm lg:table-cell">{provider.tcbStatus}</td>
      <td className="num hidden px-4 py-3 text-sm sm:table-cell">
        <ValidityText ends={provider} />
      </td>
      <td className="num hidden px-4 py-3 text-right text-sm whitespace-nowrap lg:table-cell">
        {offer ? `${formatAmountExact(offer.pricePerUnitIn, token.decimals)} ${token.symbol}` : '–'}
      </td>
    </tr>
  )
}

function TierLegend() {
  return (
    <section className="mt-5" aria-labelledby="tiers">
      <h2 id="tiers" className="text-sm font-medium text-ink-2">
        What a trust tier says
      </h2>
      <dl className="mt-2 grid max-w-[90ch] gap-x-4 gap-y-2 text-sm sm:grid-cols-[6.5rem_1fr]">
        {TIERS.map(({ tier, meaning }) => (
          <Fragment key={tier}>
            <dt>
              <TierBadge tier={tier} />
            </dt>
            <dd className="mb-1 text-ink-2 sm:mb-0">{meaning}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  )
}
