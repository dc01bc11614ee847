'use client'
import { useQuery } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import { usePublicClient } from 'wagmi'
import { type ArchivedReceipt, archivedReceipts } from '../../shared/web3/receiptArchive.ts'
import { checkReceipt, readReceiptContext } from '../../shared/web3/receiptChecks.ts'
import { useWorld } from '../../shared/web3/WorldContext.tsx'

const REFRESH_MS = 4_000
const never = () => () => undefined

/** Receipts of this browser; undefined until the browser's storage can be read. */
export function useArchive(): readonly ArchivedReceipt[] | undefined {
  const world = useWorld()
  const inBrowser = useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
  const query = useQuery({
    queryKey: ['receipts', world.chainId, world.contracts.channelEscrow],
    queryFn: () => archivedReceipts(world),
    enabled: inBrowser,
  })
  return query.data
}

/** Checks one receipt against the chain; again every few seconds, because it may be settled meanwhile. */
export function useReceiptVerdict(receipt: Pick<ArchivedReceipt, 'id' | 'signed'>) {
  const world = useWorld()
  const client = usePublicClient()
  const archive = useArchive()
  return useQuery({
    queryKey: ['receipt', receipt.id, receipt.signed.signature, archive?.length],
    queryFn: async () => {
      const { receipt: fields } = receipt.signed
      const previous = archive?.find(
        ({ signed }) => signed.receipt.channelId === fields.channelId && signed.receipt.seq === fields.seq - 1n,
      )
      if (!client) return undefined
      const context = await readReceiptContext(client, world, receipt.signed, previous?.signed)
      return checkReceipt(receipt.signed, context)
    },
    enabled: archive !== undefined && client !== undefined,
    refetchInterval: REFRESH_MS,
  })
}
