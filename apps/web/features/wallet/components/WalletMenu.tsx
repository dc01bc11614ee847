'use client'
import Link from 'next/link'
import { DropdownMenu } from 'radix-ui'
import { toast } from 'sonner'
import { useDisconnect } from 'wagmi'
import { shortHex } from '../../../shared/format/hex.ts'
import { buttonClasses } from '../../../shared/ui/Button.tsx'
import { useWallet } from '../../../shared/web3/useWallet.ts'

const ITEM = 'flex min-h-9 items-center rounded-sm px-3 text-sm outline-none data-highlighted:bg-sunken'

async function copy(address: string): Promise<void> {
  await navigator.clipboard.writeText(address)
  toast('Address copied')
}

/** Address of the connected wallet, and what can be done with it. */
export function WalletMenu({ address }: { readonly address: string }) {
  const { connector } = useWallet()
  const disconnect = useDisconnect()
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        className={buttonClasses('secondary', 'sm')}
        data-testid="wallet-menu"
        data-address={address}
      >
        <WalletLabel address={address} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="z-50 min-w-52 rounded-md border border-line bg-surface p-1 shadow-xl"
        >
          <DropdownMenu.Label className="px-3 py-1.5 text-xs text-ink-3">{connector?.name}</DropdownMenu.Label>
          <DropdownMenu.Item className={ITEM} onSelect={() => copy(address)}>
            Copy address
          </DropdownMenu.Item>
          <DropdownMenu.Item className={ITEM} asChild>
            <Link href="/account">Account</Link>
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.Item className={ITEM} onSelect={() => disconnect.mutate()} data-testid="disconnect-button">
            Disconnect
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

function WalletLabel({ address }: { readonly address: string }) {
  return (
    <>
      <span className="mono">{shortHex(address, 6, 4)}</span>
      <span aria-hidden="true" className="text-ink-3">
        ▾
      </span>
    </>
  )
}
