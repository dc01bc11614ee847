import { encodeTdxEvidence, endorsementStoreAbi, endorsementUploads, enumNumber, TEE_KINDS } from '@spartan/abi'
import { BaseError } from '@spartan/errors'
import type { Hex } from 'viem'
import { type EndorsementsJson, endorsementBytes } from '../../services/endorsements.ts'
import type { ChainClients } from './clients.ts'

/**
 * Brings the EndorsementStore what it lacks to verify this quote, and stops as soon as it has everything.
 *
 * Anyone may send these; the store verifies each one. An upload that the store refuses because it holds something newer
 * is left out. Returns the transactions, none when the store was complete.
 */
export async function uploadEndorsements(
  clients: ChainClients,
  store: Hex,
  quote: Uint8Array,
  endorsements: EndorsementsJson,
): Promise<readonly Hex[]> {
  const { pckId } = encodeTdxEvidence(quote)
  const transactions: Hex[] = []
  for (const { functionName, args } of endorsementUploads(quote, endorsementBytes(endorsements))) {
    if (await isComplete(clients, store, pckId)) break
    const write = { address: store, abi: endorsementStoreAbi, functionName, args }
    try {
      transactions.push(await clients.send(`uploading endorsements (${functionName})`, write))
    } catch (error) {
      if (!(error instanceof BaseError && error.code.endsWith('_ROLLBACK'))) throw error
    }
  }
  return transactions
}

async function isComplete(clients: ChainClients, address: Hex, pckId: Hex): Promise<boolean> {
  try {
    await clients.public.readContract({
      address,
      abi: endorsementStoreAbi,
      functionName: 'endorsementsOf',
      args: [enumNumber(TEE_KINDS, 'Tdx'), pckId],
    })
    return true
  } catch {
    // Missing, expired or revoked: the upload that follows, or register itself, names the reason.
    return false
  }
}
