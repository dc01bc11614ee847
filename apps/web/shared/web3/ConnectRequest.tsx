'use client'
import { createContext, type ReactNode, useContext, useState } from 'react'
import { useSwitchChain } from 'wagmi'
import { Button, type ButtonProps } from '../ui/Button.tsx'
import { useWallet } from './useWallet.ts'
import { useWorld } from './WorldContext.tsx'

interface ConnectRequest {
  readonly open: boolean
  readonly setOpen: (open: boolean) => void
}

const ConnectRequestContext = createContext<ConnectRequest>({ open: false, setOpen: () => undefined })

/** Lets any part of a page open the one connect dialog of the header. */
export function ConnectRequestProvider({ children }: { readonly children: ReactNode }) {
  const [open, setOpen] = useState(false)
  return <ConnectRequestContext value={{ open, setOpen }}>{children}</ConnectRequestContext>
}

/** State of the connect dialog. */
export function useConnectRequest(): ConnectRequest {
  return useContext(ConnectRequestContext)
}

/**
 * Button of something that needs the wallet: without one it connects, on the wrong chain it switches, else it does its own
 * work. When it cannot, `blocked` says why in the button's place of action.
 */
export function WalletActionButton({
  blocked,
  children,
  onClick,
  ...rest
}: ButtonProps & { readonly blocked?: string | undefined }) {
  const world = useWorld()
  const { isConnected, chainId } = useWallet()
  const switching = useSwitchChain()
  const { setOpen } = useConnectRequest()
  if (!isConnected) {
    return (
      <Button {...rest} disabled={false} data-needs="wallet" onClick={() => setOpen(true)}>
        Connect a wallet first
      </Button>
    )
  }
  if (chainId !== world.chainId) {
    return (
      <Button
        {...rest}
        data-needs="chain"
        disabled={switching.isPending}
        onClick={() => switching.mutate({ chainId: world.chainId })}
      >
        Switch the chain first
      </Button>
    )
  }
  return (
    <Button {...rest} disabled={rest.disabled === true || blocked !== undefined} onClick={onClick}>
      {blocked ?? children}
    </Button>
  )
}
