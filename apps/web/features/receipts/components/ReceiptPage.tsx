'use client'
import Link from 'next/link'
import { buttonClasses } from '../../../shared/ui/Button.tsx'
import { Card } from '../../../shared/ui/Card.tsx'
import { EmptyState } from '../../../shared/ui/EmptyState.tsx'
import { SkeletonRows } from '../../../shared/ui/Skeleton.tsx'
import { useArchive } from '../hooks.ts'
import { ReceiptView } from './ReceiptView.tsx'

/** A receipt of this browser by its struct hash. */
export function ReceiptPage({ id }: { readonly id: string }) {
  const archive = useArchive()
  if (!archive) {
    return (
      <Card>
        <SkeletonRows rows={8} />
      </Card>
    )
  }
  const receipt = archive.find((candidate) => candidate.id === id)
  if (!receipt) {
    return (
      <EmptyState
        title="This receipt is not in this browser"
        action={
          <Link href="/receipts" className={buttonClasses('secondary')}>
            All receipts
          </Link>
        }
      >
        Receipts are kept by whoever paid. Ask for the exported file and drop it on the receipts page to check it.
      </EmptyState>
    )
  }
  return <ReceiptView receipt={receipt} />
}
