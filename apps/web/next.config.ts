import { fileURLToPath } from 'node:url'
import type { NextConfig } from 'next'

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url))

/** Headers that do not depend on the world; the content security policy is set per request in proxy.ts. */
const SECURITY_HEADERS = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'Referrer-Policy', value: 'no-referrer' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Permissions-Policy', value: 'camera=(), microphone=(), geolocation=(), payment=()' },
]

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  // Next's own type step needs the JavaScript API of TypeScript 6; `tsc -p apps/web` (script `types`) checks instead.
  typescript: { ignoreBuildErrors: true },
  // Reads its WebAssembly from beside its own file.
  serverExternalPackages: ['tiny-secp256k1'],
  turbopack: { root: REPOSITORY },
  outputFileTracingRoot: REPOSITORY,
  transpilePackages: [
    '@spartan/abi',
    '@spartan/analytics',
    '@spartan/attestation',
    '@spartan/errors',
    '@spartan/protocol',
    '@spartan/sdk',
  ],
  headers: async () => [{ source: '/:path*', headers: SECURITY_HEADERS }],
}

export default config
