'use client'
import { useSwitchChain } from 'wagmi'
import { chainOf } from '../../../config/chains.ts'
import { explain } from '../../../shared/errors/explain.ts'
import { Button } from '../../../shared/ui/Button.tsx'
import { useWallet } from '../../../shared/web3/useWallet.ts'
import { useWorld } from '../../../shared/web3/WorldContext.tsx'

/** Shown while the wallet is on another chain; reading goes on, because reads never go through the wallet. */
export function ChainBanner() {
  const world = useWorld()
  const { isConnected, chainId } = useWallet()
  const switching = useSwitchChain()
  if (!isConnected || chainId === world.chainId) return null
  const chain = chainOf(world)
  // wagmi adds the chain to the wallet (EIP-3085) when it answers 4902, with these values.
  const change = () =>
    switching.mutate({
      chainId: chain.id,
      addEthereumChainParameter: {
        chainName: chain.name,
        nativeCurrency: chain.nativeCurrency,
        rpcUrls: chain.rpcUrls.default.http,
      },
    })
  return (
    <div role="status" className="border-b border-warn/40 bg-warn-soft" data-testid="wrong-chain-banner">
      <div className="mx-auto flex max-w-[100rem] flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2 text-sm">
        <p className="min-w-0 flex-1 basis-60">
          <strong className="font-semibold">Your wallet is on chain {chainId}.</strong> Reading works; paying needs{' '}
          {chain.name}.
        </p>
        {switching.error && <p className="text-ink-2">{explain(switching.error).title}</p>}
        <Button size="sm" onClick={change} disabled={switching.isPending} data-testid="switch-chain-button">
          {switching.isPending ? 'Confirm in the wallet…' : `Switch to ${chain.name}`}
        </Button>
      </div>
    </div>
  )
}
