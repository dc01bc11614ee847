'use client'
import Link from 'next/link'
import type { Hex } from 'viem'
import { ErrorNotice } from '../../../shared/errors/ErrorNotice.tsx'
import { formatDistance, formatInstant } from '../../../shared/format/time.ts'
import { useNow } from '../../../shared/format/useNow.ts'
import { Badge } from '../../../shared/ui/Badge.tsx'
import { buttonClasses } from '../../../shared/ui/Button.tsx'
import { Card, CardHeader } from '../../../shared/ui/Card.tsx'
import { Copyable } from '../../../shared/ui/Copyable.tsx'
import { EmptyState } from '../../../shared/ui/EmptyState.tsx'
import { FactRow, PageHeader } from '../../../shared/ui/Page.tsx'
import { SkeletonRows } from '../../../shared/ui/Skeleton.tsx'
import { ProviderStatusBadge } from '../../../shared/web3/ProviderStatusBadge.tsx'
import { type Provider, useProviders } from '../../../shared/web3/registry.ts'
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
          <span className="flex gap-2">
            <ProviderStatusBadge status={provider.status} />
            {provider.simulated && <Badge tone="warn">Simulated</Badge>}
          </span>
        }
      />
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

function RecordCard({ provider }: { readonly provider: Provider }) {
  const now = useNow()
  const hex = (text: string, label: string) => <Copyable text={text} full label={label} />
  return (
    <Card>
      <CardHeader title="In the registry" note="The passport: what the contract verified and keeps." level={3} />
      <dl>
        <FactRow label="TEE, TCB status">
          {provider.tee}, {provider.tcbStatus}
        </FactRow>
        <FactRow label="Endpoint">
          <span className="mono">{provider.endpoint}</span>
        </FactRow>
        <FactRow label="Registered">{formatInstant(provider.registeredAt)}</FactRow>
        <FactRow label="Active until, valid until">
          {formatInstant(provider.activeUntil)}, {formatInstant(provider.validUntil)}
          {now !== null && <span className="text-ink-3"> ({formatDistance(provider.validUntil, now)})</span>}
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
