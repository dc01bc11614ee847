'use client'
import { type ReasonCode, reasonOf } from '@spartan/sdk'
import Link from 'next/link'
import type { Hex } from 'viem'
import { ErrorNotice } from '../../../shared/errors/ErrorNotice.tsx'
import { formatInstant } from '../../../shared/format/time.ts'
import { buttonClasses } from '../../../shared/ui/Button.tsx'
import { Card, CardHeader } from '../../../shared/ui/Card.tsx'
import { Copyable } from '../../../shared/ui/Copyable.tsx'
import { EmptyState } from '../../../shared/ui/EmptyState.tsx'
import { Notice } from '../../../shared/ui/Notice.tsx'
import { FactRow, PageHeader } from '../../../shared/ui/Page.tsx'
import { SkeletonRows } from '../../../shared/ui/Skeleton.tsx'
import { HardwareChips } from '../../../shared/web3/HardwareChips.tsx'
import { ProviderStatusBadge } from '../../../shared/web3/ProviderStatusBadge.tsx'
import { type Provider, useProducts, useProviders } from '../../../shared/web3/registry.ts'
import { meaningOf, TierBadge } from '../../../shared/web3/TierBadge.tsx'
import { ValidityText } from '../../../shared/web3/ValidityText.tsx'
import { EvidenceCard } from './EvidenceCard.tsx'
import { ProofCard } from './ProofCard.tsx'

/** One provider: the registry's record, the evidence verified here and now, and what that is worth. */
export function ProviderPage({ providerId }: { readonly providerId: Hex }) {
  const providers = useProviders()
  const provider = providers.data?.find((candidate) => candidate.providerId === providerId)
  if (providers.isError) return <ErrorNotice error={providers.error} />
  if (!providers.data) {
    return (
      <Card>
        <SkeletonRows rows={8} />
      </Card>
    )
  }
  if (!provider) {
    return (
      <EmptyState
        page
        title="The registry does not know this provider"
        action={
          <Link href="/providers" className={buttonClasses('secondary')}>
            All providers
          </Link>
        }
      >
        It may belong to another deployment.
      </EmptyState>
    )
  }
  return (
    <>
      <PageHeader
        title="Provider"
        lead={<Copyable text={providerId} full label="provider id" />}
        actions={
          <span className="flex flex-wrap items-center gap-2">
            <ProviderStatusBadge status={provider.status} />
            <TierBadge tier={provider.tier} />
            <HardwareChips provider={provider} />
          </span>
        }
      />
      {provider.reasonCode && <NotServing reasonCode={provider.reasonCode} />}
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <EvidenceCard providerId={providerId} />
        <div className="flex flex-col gap-4">
          <ProofCard simulated={provider.simulated} />
          <RecordCard provider={provider} />
        </div>
      </div>
    </>
  )
}

function NotServing({ reasonCode }: { readonly reasonCode: ReasonCode }) {
  const { what, action } = reasonOf(reasonCode)
  return (
    <div className="mb-4">
      <Notice tone="warn" title={what} data-testid="provider-reason">
        {action}
      </Notice>
    </div>
  )
}

function RecordCard({ provider }: { readonly provider: Provider }) {
  const products = useProducts(provider)
  const product = products.get(provider.platformId)
  const hex = (text: string, label: string) => <Copyable text={text} full label={label} />
  return (
    <Card>
      <CardHeader title="In the registry" note="The passport: what the contract verified and keeps." level={3} />
      <dl>
        <FactRow label="Trust tier">
          <TierBadge tier={provider.tier} />
          <span className="mt-1 block text-sm text-ink-2">{meaningOf(provider.tier)}</span>
        </FactRow>
        <FactRow label="TEE, TCB status">
          {[provider.teeName, product, provider.tcbStatus].filter(Boolean).join(', ')}
        </FactRow>
        {provider.gpus.map((gpu) => (
          <FactRow key={gpu.platformId} label={`GPU ${products.get(gpu.platformId) ?? ''}`.trim()}>
            <span className="flex flex-wrap items-center gap-2">
              <TierBadge tier={gpu.tier} />
              <ValidityText ends={{ activeUntil: gpu.validUntil, validUntil: gpu.validUntil }} />
            </span>
            {hex(gpu.platformId, 'platform id of the GPU')}
          </FactRow>
        ))}
        <FactRow label="Endpoint">
          <span className="mono">{provider.endpoint}</span>
        </FactRow>
        <FactRow label="Registered">{formatInstant(provider.registeredAt)}</FactRow>
        <FactRow label="Attestation">
          <ValidityText ends={provider} />
          <span className="mt-1 block text-sm text-ink-2">
            New channels until {formatInstant(provider.activeUntil)}.{' '}
            {provider.graceSeconds > 0
              ? `Then grace: open channels finish until ${formatInstant(provider.validUntil)}.`
              : 'No grace after that, unless the node has renewed.'}
          </span>
        </FactRow>
        <FactRow label="Keyset epoch">{String(provider.epoch)}</FactRow>
        <FactRow label="Keyset digest">{hex(provider.keysetDigest, 'keyset digest')}</FactRow>
        <FactRow label="Receipt signer">{hex(provider.receiptSigner, 'receipt signer')}</FactRow>
        <FactRow label="Workload">{hex(provider.workloadId, 'workload id')}</FactRow>
        <FactRow label="Measurement">{hex(provider.measurement, 'measurement')}</FactRow>
        <FactRow label="Platform">{hex(provider.platformId, 'platform id')}</FactRow>
        <FactRow label="Owner, operator">
          {hex(provider.owner, 'owner')}
          <br />
          {hex(provider.operator, 'operator')}
        </FactRow>
      </dl>
    </Card>
  )
}
