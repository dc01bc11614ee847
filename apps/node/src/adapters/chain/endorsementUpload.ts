import {
  type EndorsementUpload,
  encodeTdxEvidence,
  endorsementStoreAbi,
  endorsementUploads,
  enumNumber,
  TEE_KINDS,
} from '@spartan/abi'
import { BaseError } from '@spartan/errors'
import { type Hex, keccak256, toHex } from 'viem'
import { type EndorsementsJson, endorsementBytes } from '../../services/endorsements.ts'
import type { Chain } from '../../services/ports.ts'
import type { ChainClients } from './clients.ts'

/** What expires within weeks; certificates last for years. */
const DATED: ReadonlySet<string> = new Set<EndorsementUpload['functionName']>([
  'uploadRootCrl',
  'recordRevocations',
  'uploadPckCrl',
  'uploadTcbInfo',
  'uploadQeIdentity',
])

/** Uploads to the EndorsementStore. Anyone may send them; the store verifies each one. */
export function createEndorsementUploads(
  clients: ChainClients,
  store: Hex,
): Pick<Chain, 'uploadEndorsements' | 'refreshEndorsements'> {
  /** Sent by this process: the same again would change nothing and cost its gas again. */
  const sent = new Set<Hex>()
  const sendAll = async (uploads: readonly EndorsementUpload[], isEnough: () => Promise<boolean>) => {
    const transactions: Hex[] = []
    for (const upload of uploads) {
      if (await isEnough()) break
      const transaction = await sendUpload(clients, store, upload)
      if (transaction !== undefined) transactions.push(transaction)
      sent.add(idOf(upload))
    }
    return transactions
  }
  return {
    // What the store refuses because it holds something newer is left out. No transactions when the store was complete.
    uploadEndorsements: async (quote, endorsements) => {
      const { pckId } = encodeTdxEvidence(quote)
      const isComplete = async () => (await expiryOf(clients, store, pckId)) !== undefined
      return sendAll(uploadsOf(quote, endorsements), isComplete)
    },
    refreshEndorsements: async (quote, endorsements, until) => {
      const { pckId } = encodeTdxEvidence(quote)
      const isEnough = async () => ((await expiryOf(clients, store, pckId)) ?? 0) >= until
      const uploads = uploadsOf(quote, endorsements).filter((upload) => !sent.has(idOf(upload)))
      const dated = uploads.filter(({ functionName }) => DATED.has(functionName))
      try {
        return await sendAll(dated, isEnough)
      } catch (error) {
        // A document may be signed by a certificate that the store does not have yet.
        if (!(error instanceof BaseError && /^DCAP_/.test(error.code))) throw error
        return await sendAll(uploads, isEnough)
      }
    },
  }
}

function uploadsOf(quote: Uint8Array, endorsements: EndorsementsJson): readonly EndorsementUpload[] {
  return endorsementUploads(quote, endorsementBytes(endorsements))
}

/** Steps of one long CRL are the same call several times, so only whole documents are told apart. */
function idOf({ functionName, args }: EndorsementUpload): Hex {
  return keccak256(toHex(JSON.stringify([functionName, args])))
}

/** The transaction; undefined when the store holds something newer. */
async function sendUpload(
  clients: ChainClients,
  store: Hex,
  { functionName, args }: EndorsementUpload,
): Promise<Hex | undefined> {
  try {
    const write = { address: store, abi: endorsementStoreAbi, functionName, args }
    return await clients.send(`uploading endorsements (${functionName})`, write)
  } catch (error) {
    if (!(error instanceof BaseError && error.code.endsWith('_ROLLBACK'))) throw error
    return undefined
  }
}

/** Unix seconds of the earliest end among the endorsements of a PCK certificate; undefined when the store lacks any. */
async function expiryOf(clients: ChainClients, address: Hex, pckId: Hex): Promise<number | undefined> {
  try {
    const { earliestExpiry } = await clients.public.readContract({
      address,
      abi: endorsementStoreAbi,
      functionName: 'endorsementsOf',
      args: [enumNumber(TEE_KINDS, 'Tdx'), pckId],
    })
    return Number(earliestExpiry)
  } catch {
    // Missing, expired or revoked: the upload that follows, or the registry itself, names the reason.
    return undefined
  }
}
