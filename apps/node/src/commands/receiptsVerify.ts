import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { attestationRegistryAbi, reasonFromBytes32 } from '@spartan/abi'
import {
  encodeReceiptHeader,
  parseReceiptHeader,
  receiptDigest,
  type SignedReceipt,
  verifyDigest,
} from '@spartan/protocol'
import { z } from 'zod'
import { connectChain } from '../adapters/chain/clients.ts'
import { guardedCall } from '../adapters/chain/contractCall.ts'
import { parseContracts } from '../config.ts'
import { AttesterError, UsageError } from '../errors.ts'
import { readDeployment } from './init.ts'
import type { Output } from './output.ts'

export interface VerifyReceiptOptions {
  readonly rpcUrl: string
  readonly chainId: string
  readonly deployment: string
}

/** Any key: nothing is sent. */
const READ_ONLY_KEY = `0x${'11'.repeat(32)}` as const

/**
 * `spartan receipts verify FILE`: FILE holds the text of a `spartan-receipt` header, or the JSON that the dApp exports.
 *
 * Proves: the receipt was signed by the receipt key of that provider and epoch, which was attested on-chain when the
 * request finished. Does not prove: that it was or will be paid, or that the answer was good.
 *
 * @throws {AttesterError} `CLI_RECEIPT_INVALID` with the reason.
 */
export async function verifyReceiptFile(path: string, options: VerifyReceiptOptions, output: Output): Promise<void> {
  let text: string
  try {
    text = readFileSync(resolve(path), 'utf8').trim()
  } catch (cause) {
    throw new UsageError('CLI_INPUT_UNREADABLE', { metaMessages: [resolve(path)], cause })
  }
  const { receipt, signature } = parseReceiptText(text)
  const contracts = parseContracts(readDeployment(options.deployment))
  const chainId = Number(options.chainId)
  const clients = await connectChain({ rpcUrl: options.rpcUrl, chainId, privateKey: READ_ONLY_KEY })
  const [signer, word] = await guardedCall('reading the receipt signer', () =>
    clients.public.readContract({
      address: contracts.attestationRegistry,
      abi: attestationRegistryAbi,
      functionName: 'receiptSignerAt',
      args: [receipt.providerId, receipt.keysetEpoch, receipt.finishedAt],
    }),
  )
  const reason = reasonFromBytes32(word)
  if (reason !== undefined) throw new AttesterError('CLI_RECEIPT_INVALID', { metaMessages: [reason] })
  const escrow = { chainId: clients.chainId, address: contracts.channelEscrow }
  try {
    await verifyDigest(signer, receiptDigest(escrow, receipt), signature)
  } catch (cause) {
    throw new AttesterError('CLI_RECEIPT_INVALID', { metaMessages: ['signature'], cause })
  }
  output.result(
    { ok: true, receipt, signer },
    [
      `Valid: signed by ${signer}, key of provider ${receipt.providerId}, epoch ${receipt.keysetEpoch}`,
      `Request ${receipt.seq} of channel ${receipt.channelId}: fee ${receipt.fee}, ${receipt.cumulativeFee} in all`,
    ].join('\n'),
  )
}

const exportedSchema = z.object({
  format: z.literal('spartan-receipt/1'),
  receipt: z.record(z.string(), z.union([z.string(), z.number()])),
  signature: z.string(),
})

/**
 * Reads a receipt in either of its written forms. Failures: `HEADER_MALFORMED`, `CLI_RECEIPT_INVALID` for JSON of another
 * form.
 */
export function parseReceiptText(text: string): SignedReceipt {
  if (!text.trimStart().startsWith('{')) return parseReceiptHeader(text.trim())
  try {
    const { receipt, signature } = exportedSchema.parse(JSON.parse(text))
    // Through the header's strict parser: one reader decides what a receipt is.
    return parseReceiptHeader(encodeReceiptHeader({ receipt, signature } as unknown as SignedReceipt))
  } catch (cause) {
    const metaMessages = [
      'the file is no receipt: expected JSON with format "spartan-receipt/1", receipt and signature',
    ]
    throw new AttesterError('CLI_RECEIPT_INVALID', { metaMessages, cause })
  }
}
