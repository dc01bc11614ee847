'use client'
import { useState } from 'react'
import { type Connector, useConnect, useConnectors } from 'wagmi'
import { explain, isRejection } from '../../../shared/errors/explain.ts'
import { Dialog } from '../../../shared/ui/Dialog.tsx'
import { Notice } from '../../../shared/ui/Notice.tsx'
import { lastWallet, rememberWallet } from '../lastWallet.ts'

/** Wallets to offer: announced ones, the last used first; the bare `window.ethereum` only when nobody announced. */
export function offeredWallets(connectors: readonly Connector[], last: string | null): Connector[] {
  const announced = connectors.filter((connector) => connector.id !== 'injected')
  const offered = announced.length > 0 ? announced : connectors.filter(() => hasBareProvider())
  return [...offered].sort((a, b) => Number(b.id === last) - Number(a.id === last))
}

function hasBareProvider(): boolean {
  return typeof window !== 'undefined' && 'ethereum' in window
}

/** Lets the reader choose among all wallets that announced themselves (EIP-6963). */
export function ConnectDialog({
  open,
  onOpenChange,
}: {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
}) {
  const connectors = useConnectors()
  // On the hook, not on the call: the dialog is gone before the call's own callbacks would run.
  const connect = useConnect({
    mutation: {
      onSuccess: (_, { connector }) => {
        if ('id' in connector) rememberWallet(connector.id)
        onOpenChange(false)
      },
    },
  })
  const [asked, setAsked] = useState<string | null>(null)
  const wallets = open ? offeredWallets(connectors, lastWallet()) : []

  const choose = (connector: Connector) => {
    setAsked(connector.id)
    connect.mutate({ connector }, { onSettled: () => setAsked(null) })
  }
  const close = (next: boolean) => {
    if (!next) connect.reset()
    onOpenChange(next)
  }
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title="Connect a wallet"
      description="Reading needs none. A wallet pays, and holds what you deposit."
    >
      {wallets.length === 0 ? (
        <Notice tone="info" title="No wallet announced itself in this browser.">
          Install a browser wallet that supports EIP-6963 and reload. Markets, providers and receipts can be read
          without one.
        </Notice>
      ) : (
        <ul className="flex flex-col gap-2">
          {wallets.map((wallet) => (
            <li key={wallet.uid}>
              <button
                type="button"
                disabled={asked !== null}
                onClick={() => choose(wallet)}
                data-testid={`wallet-option-${wallet.id}`}
                className="flex min-h-12 w-full items-center gap-3 rounded-md border border-line px-3 text-left hover:border-line-strong hover:bg-sunken disabled:opacity-60"
              >
                <WalletIcon wallet={wallet} />
                <span className="flex-1 font-medium">{wallet.name}</span>
                <span className="text-xs text-ink-3">
                  {asked === wallet.id ? 'Confirm in the wallet…' : wallet.id === lastWallet() ? 'Last used' : ''}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div aria-live="polite" className="mt-3 empty:hidden">
        {connect.error && <ConnectProblem error={connect.error} />}
      </div>
    </Dialog>
  )
}

function ConnectProblem({ error }: { readonly error: unknown }) {
  const { title, action } = explain(error)
  return (
    <Notice tone={isRejection(error) ? 'neutral' : 'warn'} title={title} data-testid="connect-problem">
      {action}
    </Notice>
  )
}

function WalletIcon({ wallet }: { readonly wallet: Connector }) {
  if (!wallet.icon?.trim().startsWith('data:')) {
    return (
      <span aria-hidden="true" className="flex size-7 items-center justify-center rounded-md bg-sunken font-semibold">
        {wallet.name.slice(0, 1)}
      </span>
    )
  }
  // biome-ignore lint/performance/noImgElement: a data URI that the wallet announced; nothing to optimise
  return <img src={wallet.icon.trim()} alt="" width={28} height={28} className="rounded-md" />
}
