'use client'
import { lazy, Suspense, useEffect, useState } from 'react'
import { shortHex } from '../../../shared/format/hex.ts'
import { Button, buttonClasses } from '../../../shared/ui/Button.tsx'
import { useConnectRequest } from '../../../shared/web3/ConnectRequest.tsx'
import { useWallet } from '../../../shared/web3/useWallet.ts'

/** Fetched when they are wanted: most of what a page would load at first is for wallets, and most readers have none. */
const loadDialog = () => import('./ConnectDialog.tsx')
const ConnectDialog = lazy(async () => ({ default: (await loadDialog()).ConnectDialog }))
const WalletMenu = lazy(async () => ({ default: (await import('./WalletMenu.tsx')).WalletMenu }))

/** Connect button; with a wallet, its address and what can be done with it. */
export function WalletButton() {
  const { address, isConnected } = useWallet()
  const { open, setOpen } = useConnectRequest()
  const [wanted, setWanted] = useState(false)
  useEffect(() => {
    if (open) setWanted(true)
  }, [open])

  if (isConnected && address) {
    return (
      <Suspense
        fallback={<span className={`${buttonClasses('secondary', 'sm')} mono`}>{shortHex(address, 6, 4)}</span>}
      >
        <WalletMenu address={address} />
      </Suspense>
    )
  }
  return (
    <>
      <Button
        variant="primary"
        size="sm"
        onClick={() => setOpen(true)}
        onPointerEnter={loadDialog}
        onFocus={loadDialog}
        data-testid="connect-button"
      >
        Connect
      </Button>
      {wanted && (
        <Suspense fallback={null}>
          <ConnectDialog open={open} onOpenChange={setOpen} />
        </Suspense>
      )}
    </>
  )
}
