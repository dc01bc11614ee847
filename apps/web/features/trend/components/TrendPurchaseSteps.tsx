'use client'
import { type ReasonCode, reasonOf } from '@spartan/sdk'
import Link from 'next/link'
import { useId, useState } from 'react'
import type { Hex } from 'viem'
import { ErrorNotice } from '../../../shared/errors/ErrorNotice.tsx'
import { shortHex } from '../../../shared/format/hex.ts'
import { EmptyState } from '../../../shared/ui/EmptyState.tsx'
import { Notice } from '../../../shared/ui/Notice.tsx'
import { SkeletonRows } from '../../../shared/ui/Skeleton.tsx'
import { HardwareChips } from '../../../shared/web3/HardwareChips.tsx'
import { ProviderStatusBadge } from '../../../shared/web3/ProviderStatusBadge.tsx'
import {
  type ModelOffer,
  type Provider,
  useCanServe,
  useModelOffer,
  useProviders,
} from '../../../shared/web3/registry.ts'
import { useProviderVerification } from '../../../shared/web3/spartanClient.ts'
import { meaningOf, TierBadge } from '../../../shared/web3/TierBadge.tsx'
import { useWallet } from '../../../shared/web3/useWallet.ts'
import { ValidityText } from '../../../shared/web3/ValidityText.tsx'
import { useBuyTrend, useUsableChannel } from '../hooks.ts'
import type { ModelRecord } from '../record.ts'
import { TREND_MODEL, trendFee } from '../trend.ts'
import { useOpenChannel } from '../useOpenChannel.ts'
import { BuyStep } from './BuyStep.tsx'
import { OpenChannelStep } from './OpenChannelStep.tsx'
import { Step } from './Step.tsx'
import { TrendResult } from './TrendResult.tsx'
import { UnfinishedList } from './UnfinishedList.tsx'
import { VerifyStep } from './VerifyStep.tsx'

/** Sells one analysis of an asset: provider, evidence, channel, answer; each step shows its state and why it waits. */
export function TrendPurchaseSteps({
  symbol,
  record,
}: {
  readonly symbol: string
  readonly record: ModelRecord | undefined
}) {
  const offer = useModelOffer(TREND_MODEL)
  const providers = useProviders()
  const serving = providers.data?.filter((provider) => provider.status === 'Active' || provider.status === 'Grace')
  if (offer.isError || providers.isError) {
    return (
      <div className="p-4">
        <ErrorNotice error={offer.error ?? providers.error} />
      </div>
    )
  }
  if (offer.data === null) return <EmptyState title="This deployment sells no trend model" />
  if (!offer.data || !serving) return <SkeletonRows rows={8} />
  if (serving.length === 0) {
    return (
      <EmptyState title="No attested provider right now">
        Nobody may serve whose evidence the registry does not hold as valid. The list is read again every few seconds.
      </EmptyState>
    )
  }
  return <Purchase symbol={symbol} offer={offer.data} providers={serving} record={record} />
}

function Purchase({
  symbol,
  offer,
  providers,
  record,
}: {
  readonly symbol: string
  readonly offer: ModelOffer
  readonly providers: readonly Provider[]
  readonly record: ModelRecord | undefined
}) {
  const { isConnected } = useWallet()
  const fee = trendFee(offer)
  const [chosen, setChosen] = useState<Hex | undefined>(undefined)
  const [verifying, setVerifying] = useState<Hex | undefined>(undefined)
  const provider = providers.find(({ providerId }) => providerId === chosen) ?? providers[0]
  const providerId = provider?.providerId
  const verification = useProviderVerification(providerId, verifying !== undefined && verifying === providerId)
  const serves = useCanServe(providerId, offer.assetId)
  const channel = useUsableChannel(providerId, offer.assetId, fee)
  const purchase = useBuyTrend(symbol)
  const opening = useOpenChannel()
  const accepted = verification.data?.verdict === 'accepted'
  return (
    <>
      {!purchase.isPending && !opening.running && <UnfinishedList record={record} />}
      <ol>
        <Step number={1} title="Provider" state="done">
          <ProviderSelect providers={providers} value={providerId} onChange={setChosen} />
          {serves.data?.ok === false && <CannotServe reasonCode={serves.data.reasonCode} />}
        </Step>
        <Step number={2} title="Verify its evidence" state={accepted ? 'done' : 'current'}>
          <VerifyStep verification={verification} onVerify={() => setVerifying(providerId)} />
        </Step>
        <Step number={3} title="Open a channel" state={channel.data ? 'done' : accepted ? 'current' : 'waiting'}>
          <OpenChannelStep
            opening={opening}
            channel={channel.data ?? null}
            providerId={providerId}
            offer={offer}
            fee={fee}
            blocked={
              serves.data?.ok === false
                ? 'This provider cannot serve it'
                : accepted
                  ? undefined
                  : 'Verify the evidence first'
            }
          />
        </Step>
        <Step
          number={4}
          title="Buy the analysis"
          state={isConnected && channel.data && accepted ? 'current' : 'waiting'}
        >
          <BuyStep
            fee={fee}
            purchase={purchase}
            blocked={!accepted ? 'Verify the evidence first' : !channel.data ? 'Open a channel first' : undefined}
            onBuy={() => channel.data && purchase.mutate({ channelId: channel.data.channelId, maxFee: fee })}
          />
          <div aria-live="polite">
            {purchase.data && <TrendResult symbol={symbol} purchase={purchase.data} record={record} />}
          </div>
        </Step>
      </ol>
    </>
  )
}

function CannotServe({ reasonCode }: { readonly reasonCode: ReasonCode | undefined }) {
  const reason = reasonCode && reasonOf(reasonCode)
  return (
    <div className="mt-2">
      <Notice tone="warn" title={reason?.what ?? 'The registry says that this provider cannot serve the model.'}>
        {reason?.action ?? 'Choose another provider.'}
      </Notice>
    </div>
  )
}

function ProviderSelect({
  providers,
  value,
  onChange,
}: {
  readonly providers: readonly Provider[]
  readonly value: Hex | undefined
  readonly onChange: (providerId: Hex) => void
}) {
  const field = useId()
  const provider = providers.find(({ providerId }) => providerId === value)
  return (
    <div>
      <label htmlFor={field} className="sr-only">
        Provider
      </label>
      <select
        id={field}
        value={value}
        onChange={(event) => onChange(event.target.value as Hex)}
        data-testid="provider-select"
        className="min-h-10 w-full rounded-md border border-line-strong bg-surface px-2 text-base"
      >
        {providers.map(({ providerId, teeName, tier }) => (
          <option key={providerId} value={providerId}>
            {shortHex(providerId, 8, 4)} · {teeName} · {tier}
          </option>
        ))}
      </select>
      {provider && (
        <div className="mt-2 flex flex-col gap-1.5" data-testid="provider-standing">
          <div className="flex flex-wrap items-center gap-1.5">
            <ProviderStatusBadge status={provider.status} />
            <TierBadge tier={provider.tier} />
            <HardwareChips provider={provider} />
          </div>
          <p className="flex flex-wrap justify-between gap-x-3 text-xs text-ink-2">
            <span>
              <ValidityText ends={provider} />. {meaningOf(provider.tier)}
            </span>
            <Link href={`/providers/${provider.providerId}`} className="link">
              Its evidence
            </Link>
          </p>
        </div>
      )}
    </div>
  )
}
