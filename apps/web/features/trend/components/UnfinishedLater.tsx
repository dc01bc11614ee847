'use client'
import { lazy, Suspense } from 'react'
import { useWallet } from '../../../shared/web3/useWallet.ts'
import type { ModelRecord } from '../record.ts'

const UnfinishedList = lazy(async () => ({ default: (await import('./UnfinishedList.tsx')).UnfinishedList }))

/** The same list for pages that are about something else: its code is fetched once a wallet is connected, of which it tells. */
export function UnfinishedLater({ record }: { readonly record: ModelRecord | undefined }) {
  const { address } = useWallet()
  if (address === undefined) return null
  return (
    <Suspense fallback={null}>
      <UnfinishedList record={record} />
    </Suspense>
  )
}
