'use client'
import dynamic from 'next/dynamic'
import { Card, CardHeader } from '../../../shared/ui/Card.tsx'
import { SkeletonRows } from '../../../shared/ui/Skeleton.tsx'
import type { ModelRecord } from '../record.ts'
import { RecordNote } from './RecordNote.tsx'

/** Wallet, chain and SDK are the heaviest part of the page: prices and the model's record do not wait for them. */
const TrendPurchaseSteps = dynamic(async () => (await import('./TrendPurchaseSteps.tsx')).TrendPurchaseSteps, {
  ssr: false,
  loading: () => <SkeletonRows rows={12} />,
})

/** What is sold beside the prices, and the record of the model that is sold. */
export function TrendCard({ symbol, record }: { readonly symbol: string; readonly record: ModelRecord | undefined }) {
  return (
    <Card data-testid="trend-card">
      <CardHeader title="Attested trend" note="Where the price leans over the next five days." />
      <TrendPurchaseSteps symbol={symbol} record={record} />
      <RecordNote record={record} />
    </Card>
  )
}
