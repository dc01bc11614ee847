import type { SpartanWallet } from '@spartan/sdk'
import type { Hex, PublicClient, WalletClient } from 'viem'
import { WebError } from '../errors/WebError.ts'
import type { TxStage } from './transaction.ts'

/**
 * Wraps the connected wallet so that the SDK's transactions show the same stages as every other one of the dApp.
 *
 * Simulation and the wait for the result stay with the SDK; this only reports.
 */
export function observedWallet(
  wallet: WalletClient,
  client: PublicClient,
  onStage: (stage: TxStage) => void,
): SpartanWallet {
  const account = wallet.account
  if (!account) throw new WebError('WEB_WALLET_MISSING')
  return {
    getAddress: async () => account.address,
    getChainId: () => wallet.getChainId(),
    signTypedData: async (typedData) => {
      onStage({ name: 'awaiting-signature' })
      return wallet.signTypedData({ account, ...typedData })
    },
    sendTransaction: async ({ to, data }) => {
      onStage({ name: 'awaiting-signature' })
      const hash = await wallet.sendTransaction({ account, chain: wallet.chain ?? null, to, data })
      onStage({ name: 'submitted', hash })
      void reportSeen(client, hash, onStage)
      return hash
    },
  }
}

async function reportSeen(client: PublicClient, hash: Hex, onStage: (stage: TxStage) => void): Promise<void> {
  try {
    await client.getTransaction({ hash })
    onStage({ name: 'confirming', hash })
  } catch {
    // Not in this node's pool yet: the stage stays "submitted" until the SDK sees it mined.
  }
}
