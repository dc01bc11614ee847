import type { Metadata, Viewport } from 'next'
import { cookies } from 'next/headers'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import { Toaster } from 'sonner'
import { ConfigurationError, readWorld } from '../config/env.ts'
import { type PublicWorld, publicWorldOf } from '../config/worldSchema.ts'
import { THEME_COOKIE, themeOf } from '../shared/ui/themeChoice.ts'
import { Web3Provider } from '../shared/web3/Web3Provider.tsx'
import { Shell } from './_components/Shell.tsx'
import './globals.css'

export const metadata: Metadata = {
  title: { default: 'Spartan', template: '%s · Spartan' },
  description: 'Confidential AI that proves itself on-chain: attested crypto trend analysis, paid per answer.',
}

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f6f5f1' },
    { media: '(prefers-color-scheme: dark)', color: '#0d0e10' },
  ],
}

/** Composition root: reads the deployment once per request and hands its public part to the client. */
export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  // The policy's nonce and the world belong to one request: no page is built ahead of time.
  await connection()
  const theme = themeOf((await cookies()).get(THEME_COOKIE)?.value)
  const world = loadWorld()
  return (
    <html lang="en" data-theme={theme === 'system' ? undefined : theme}>
      <body>
        {typeof world === 'string' ? (
          <NotConfigured reason={world} />
        ) : (
          <Web3Provider world={world}>
            <Shell world={world} theme={theme}>
              {children}
            </Shell>
            <Toaster position="bottom-right" closeButton />
          </Web3Provider>
        )}
      </body>
    </html>
  )
}

function loadWorld(): PublicWorld | string {
  try {
    return publicWorldOf(readWorld())
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
}

/** Without a deployment there is nothing to show but the way to one. */
function NotConfigured({ reason }: { readonly reason: string }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-xl flex-col justify-center gap-3 px-6">
      <h1 className="text-2xl font-semibold">No deployment to show</h1>
      <p className="text-ink-2">{reason}</p>
      <p className="text-ink-2">
        <code className="mono">npm start</code> in the repository starts the local world and this dApp with it.
      </p>
    </main>
  )
}
