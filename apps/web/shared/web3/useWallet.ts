'use client'
import { useSyncExternalStore } from 'react'
import type { Address } from 'viem'
import { type Connector, useConnection } from 'wagmi'

/** The connected wallet; everything undefined without one. */
export interface ConnectedWallet {
  readonly isConnected: boolean
  readonly address: Address | undefined
  readonly chainId: number | undefined
  readonly connector: Connector | undefined
}

const NONE: ConnectedWallet = { isConnected: false, address: undefined, chainId: undefined, connector: undefined }
const never = () => () => undefined

/**
 * Connection of the wallet, for painting. A part of the page that React makes live late is first painted as the server
 * painted it, without a wallet, even when the wallet has reconnected meanwhile.
 */
export function useWallet(): ConnectedWallet {
  const { isConnected, address, chainId, connector } = useConnection()
  const live = useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
  return live ? { isConnected, address, chainId, connector } : NONE
}
