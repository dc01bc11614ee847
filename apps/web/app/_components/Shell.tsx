import Link from 'next/link'
import type { ReactNode } from 'react'
import type { PublicWorld } from '../../config/worldSchema.ts'
import { ChainBanner } from '../../features/wallet/components/ChainBanner.tsx'
import { Reconnect } from '../../features/wallet/components/Reconnect.tsx'
import { WalletButton } from '../../features/wallet/components/WalletButton.tsx'
import { ThemeToggle } from '../../shared/ui/ThemeToggle.tsx'
import type { Theme } from '../../shared/ui/themeChoice.ts'
import { Navigation } from './Navigation.tsx'

/** Header, banners, page, footer. */
export function Shell({
  world,
  theme,
  children,
}: {
  readonly world: PublicWorld
  readonly theme: Theme
  readonly children: ReactNode
}) {
  return (
    <div className="flex min-h-dvh flex-col pb-14 md:pb-0">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-surface focus:px-4 focus:py-2"
      >
        Skip to content
      </a>
      {world.simulated && <SimulationBanner />}
      <header className="sticky top-0 z-20 border-b border-line bg-canvas/95 backdrop-blur-sm">
        <div className="mx-auto flex h-13 max-w-[100rem] items-center gap-4 px-4">
          <Link href="/" className="flex min-h-8 items-center gap-2 font-semibold tracking-tight">
            <Mark />
            Spartan
          </Link>
          <Navigation place="header" />
          <div className="ml-auto flex items-center gap-2">
            <ThemeToggle initial={theme} />
            <WalletButton />
          </div>
        </div>
      </header>
      <Reconnect />
      <ChainBanner />
      <main id="content" className="mx-auto w-full max-w-[100rem] flex-1 px-4 py-5">
        {children}
      </main>
      <Footer world={world} />
      <Navigation place="bottom" />
    </div>
  )
}

/** Stands on every page of a deployment that accepts simulated evidence. */
function SimulationBanner() {
  return (
    <aside
      aria-label="About this deployment"
      data-testid="simulation-banner"
      className="border-b border-warn/30 bg-warn-soft px-4 py-1.5 text-center text-xs text-warn"
    >
      <strong className="font-semibold">Simulated attestation.</strong> No hardware stands behind the evidence of this
      world; its money is worthless.
    </aside>
  )
}

function Mark() {
  return (
    <svg aria-hidden="true" viewBox="0 0 32 32" className="size-6">
      <circle cx="16" cy="16" r="15" className="fill-accent" />
      <path d="M16 5 26 26h-4.4L16 13.6 10.4 26H6Z" className="fill-canvas" />
    </svg>
  )
}

function Footer({ world }: { readonly world: PublicWorld }) {
  return (
    <footer className="border-t border-line">
      <div className="mx-auto max-w-[100rem] px-4 py-5 text-xs text-ink-3">
        <p>
          Chain {world.chainId}. Analysis is not advice. What an enclave does not protect against is said on every
          provider&apos;s page.
        </p>
        <details className="mt-2">
          <summary className="inline-block min-h-6 py-1">Contracts of this deployment</summary>
          <dl className="mt-1 grid gap-x-4 gap-y-1 sm:grid-cols-[max-content_1fr]">
            {Object.entries(world.contracts).map(([name, address]) => (
              <div key={name} className="contents">
                <dt>{name}</dt>
                <dd className="mono">{address}</dd>
              </div>
            ))}
          </dl>
        </details>
      </div>
    </footer>
  )
}
