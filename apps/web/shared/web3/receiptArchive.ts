'use client'
import { encodeReceiptHeader, parseReceiptHeader, receiptHash, type SignedReceipt } from '@spartan/sdk'
import type { Hex } from 'viem'
import { z } from 'zod'
import type { PublicWorld } from '../../config/worldSchema.ts'

/** A receipt with what the reader bought. */
export interface ArchivedReceipt {
  /** EIP-712 struct hash: the receipt's name everywhere in the dApp. */
  readonly id: Hex
  readonly signed: SignedReceipt
  /** What was bought: `Trend of BTC`. */
  readonly title: string
  /** Unix seconds. */
  readonly savedAt: number
}

const storedSchema = z.array(z.object({ header: z.string(), title: z.string(), savedAt: z.number() }))

type Deployment = Pick<PublicWorld, 'chainId' | 'contracts'>

const storageKey = ({ chainId, contracts }: Deployment) => `spartan.receipts:${chainId}:${contracts.channelEscrow}`

/** Receipts of this deployment in this browser, newest first. Unreadable storage counts as empty. */
export function archivedReceipts(world: Deployment): ArchivedReceipt[] {
  try {
    const stored = storedSchema.parse(JSON.parse(localStorage.getItem(storageKey(world)) ?? '[]'))
    return stored.map(({ header, title, savedAt }) => {
      const signed = parseReceiptHeader(header)
      return { id: receiptHash(signed.receipt), signed, title, savedAt }
    })
  } catch {
    return []
  }
}

/** Keeps a receipt; the same receipt is kept once. */
export function archiveReceipt(world: Deployment, signed: SignedReceipt, title: string, nowSeconds: number): Hex {
  const id = receiptHash(signed.receipt)
  const others = archivedReceipts(world).filter((receipt) => receipt.id !== id)
  const all = [{ id, signed, title, savedAt: nowSeconds }, ...others]
  const stored = all.map((receipt) => ({
    header: encodeReceiptHeader(receipt.signed),
    title: receipt.title,
    savedAt: receipt.savedAt,
  }))
  localStorage.setItem(storageKey(world), JSON.stringify(stored))
  return id
}

/** Text of an exported receipt. */
export function exportReceipt({ signed, title }: Pick<ArchivedReceipt, 'signed' | 'title'>): string {
  return JSON.stringify(
    { format: 'spartan-receipt/1', title, receipt: signed.receipt, signature: signed.signature },
    (_, value) => (typeof value === 'bigint' ? value.toString() : value),
    2,
  )
}

const exportedSchema = z.object({
  title: z.string().max(200).default('Imported receipt'),
  receipt: z.record(z.string(), z.union([z.string(), z.number()])),
  signature: z.string(),
})

/** Reads an exported receipt, or the bare header value. Returns undefined for anything else. */
export function importReceipt(text: string): Pick<ArchivedReceipt, 'signed' | 'title'> | undefined {
  try {
    if (!text.trimStart().startsWith('{')) return { signed: parseReceiptHeader(text.trim()), title: 'Imported receipt' }
    const { title, receipt, signature } = exportedSchema.parse(JSON.parse(text))
    // Through the header's strict parser: one reader decides what a receipt is.
    const header = encodeReceiptHeader({ receipt, signature } as unknown as SignedReceipt)
    return { signed: parseReceiptHeader(header), title }
  } catch {
    return undefined
  }
}
