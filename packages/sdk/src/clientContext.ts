import type { Address, PublicClient } from 'viem'
import { SdkError } from './errors.ts'
import type { TrustAnchor, VerificationPolicy } from './evidence.ts'
import type { ChannelStorage } from './storage.ts'
import type { SpartanWallet } from './wallet.ts'

/** Addresses of one deployment, named as in `deployments/` and `.spartan/world.json`. */
export interface SpartanContracts {
  readonly attestationRegistry: Address
  readonly referenceValues: Address
  readonly assetRegistry: Address
  readonly ledger: Address
  readonly channelEscrow: Address
}

/** What every part of the client works with. */
export interface ClientContext {
  readonly chainId: number
  readonly contracts: SpartanContracts
  readonly publicClient: PublicClient
  readonly wallet: SpartanWallet | undefined
  readonly storage: ChannelStorage
  readonly trustAnchors: readonly TrustAnchor[]
  readonly policy: VerificationPolicy
  readonly allowSimulated: boolean
  /** Seconds for which a verified provider is used without asking it for new evidence. */
  readonly verificationMaxAgeSeconds: number
  readonly requestTimeoutMs: number
  readonly fetch: typeof globalThis.fetch
  /** Unix seconds. */
  readonly now: () => number
}

/** The wallet, checked to be on the client's chain. Failures: `SDK_WALLET_MISSING`, `SDK_CHAIN_WRONG`. */
export async function requireWallet(context: ClientContext): Promise<SpartanWallet> {
  const { wallet, chainId } = context
  if (wallet === undefined) throw new SdkError('SDK_WALLET_MISSING')
  const walletChainId = await wallet.getChainId()
  if (walletChainId !== chainId) {
    throw new SdkError('SDK_CHAIN_WRONG', {
      metaMessages: [`expected chain ${chainId}, wallet is on ${walletChainId}`],
    })
  }
  return wallet
}
