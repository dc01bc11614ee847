import type { Metadata } from 'next'
import Link from 'next/link'
import { ReceiptPage } from '../../../features/receipts/components/ReceiptPage.tsx'
import { PageHeader } from '../../../shared/ui/Page.tsx'

export const metadata: Metadata = { title: 'Receipt' }

/** `/receipts/0x…`: one receipt. */
export default async function OneReceiptPage({ params }: { readonly params: Promise<{ id: string }> }) {
  const { id } = await params
  return (
    <>
      <PageHeader
        title="Receipt"
        actions={
          <Link href="/receipts" className="link text-sm">
            All receipts
          </Link>
        }
      />
      <ReceiptPage id={id} />
    </>
  )
}
