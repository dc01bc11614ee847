'use client'
import Link from 'next/link'
import { shortHex } from '../../../shared/format/hex.ts'
import { formatAmount } from '../../../shared/format/number.ts'
import { formatInstant } from '../../../shared/format/time.ts'
import { Badge } from '../../../shared/ui/Badge.tsx'
import { buttonClasses } from '../../../shared/ui/Button.tsx'
import { Card } from '../../../shared/ui/Card.tsx'
import { EmptyState } from '../../../shared/ui/EmptyState.tsx'
import { SkeletonRows } from '../../../shared/ui/Skeleton.tsx'
import type { ArchivedReceipt } from '../../../shared/web3/receiptArchive.ts'
import { useWorld } from '../../../shared/web3/WorldContext.tsx'
import { useArchive, useReceiptVerdict } from '../hooks.ts'

/** Receipts kept in this browser. */
export function ReceiptList() {
  const archive = useArchive()
  if (!archive) return <SkeletonRows rows={3} />
  if (archive.length === 0) {
    return (
      <EmptyState
        title="No receipts yet"
        action={
          <Link href="/markets" className={buttonClasses('secondary')}>
            Choose a market
          </Link>
        }
      >
        Each analysis that you buy leaves one here. Receipts are kept in this browser; drop an exported file above to
        check one from elsewhere.
      </EmptyState>
    )
  }
  return (
    <ul>
      {archive.map((receipt) => (
        <li key={receipt.id} className="border-b border-line last:border-b-0">
          <ReceiptLine receipt={receipt} />
        </li>
      ))}
    </ul>
  )
}

function ReceiptLine({ receipt }: { readonly receipt: ArchivedReceipt }) {
  const { token } = useWorld()
  const { fee, finishedAt, seq } = receipt.signed.receipt
  return (
    <Link
      href={`/receipts/${receipt.id}`}
      className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-sunken sm:grid-cols-[1fr_auto_auto]"
    >
      <span className="min-w-0">
        <span className="font-medium">{receipt.title}</span>
        <span className="block text-xs text-ink-3">
          <span className="mono">{shortHex(receipt.id, 10, 4)}</span> · no. {String(seq)} · {formatInstant(finishedAt)}
        </span>
      </span>
      <span className="num text-right">
        {formatAmount(fee, token.decimals)} {token.symbol}
      </span>
      <span className="col-span-2 flex gap-1.5 sm:col-span-1">
        <VerdictBadges receipt={receipt} />
      </span>
    </Link>
  )
}

/** Verified or not, settled or not. */
export function VerdictBadges({ receipt }: { readonly receipt: Pick<ArchivedReceipt, 'id' | 'signed'> }) {
  const verdict = useReceiptVerdict(receipt)
  if (verdict.isError) return <Badge tone="warn">Chain not readable</Badge>
  if (!verdict.data) return <Badge>Checking</Badge>
  return (
    <>
      <span data-testid="receipt-verified" data-verified={verdict.data.verified}>
        <Badge tone={verdict.data.verified ? 'good' : 'bad'}>{verdict.data.verified ? 'Verified' : 'Not valid'}</Badge>
      </span>
      <span data-testid="receipt-settled" data-settled={verdict.data.settled}>
        <Badge tone={verdict.data.settled === 'settled' ? 'good' : 'neutral'}>
          {
            { settled: 'Settled on-chain', pending: 'Not settled yet', unknown: 'No such channel' }[
              verdict.data.settled
            ]
          }
        </Badge>
      </span>
    </>
  )
}

/** The list in its frame. */
export function ReceiptListCard() {
  return (
    <Card>
      <ReceiptList />
    </Card>
  )
}
