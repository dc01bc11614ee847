'use client'
import { useEffect, useRef } from 'react'
import { useConnectors, useReconnect } from 'wagmi'
import { useWallet } from '../../../shared/web3/useWallet.ts'
import { lastWallet } from '../lastWallet.ts'

/**
 * Reconnects the wallet that was connected here before. Others are left alone: a wallet that would answer without asking
 * has still not been chosen by the reader.
 */
export function Reconnect() {
  const connectors = useConnectors()
  const { isConnected } = useWallet()
  const { mutate } = useReconnect()
  const tried = useRef(false)
  useEffect(() => {
    // Wallets announce themselves at any time after the page has loaded.
    const last = connectors.find((connector) => connector.id === lastWallet())
    if (!last || isConnected || tried.current) return
    tried.current = true
    mutate({ connectors: [last] })
  }, [connectors, isConnected, mutate])
  return null
}
