import { type NextRequest, NextResponse } from 'next/server'
import { contentSecurityPolicy } from './config/csp.ts'
import { isDevelopment, readWorld } from './config/env.ts'
import { connectOrigins } from './config/worldSchema.ts'

/** Gives every page its content security policy with a fresh nonce. Without a readable world, requests stay at home. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = btoa(crypto.randomUUID())
  const policy = contentSecurityPolicy({ nonce, connectOrigins: originsOrNone(), development: isDevelopment })
  const headers = new Headers(request.headers)
  headers.set('x-nonce', nonce)
  headers.set('Content-Security-Policy', policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set('Content-Security-Policy', policy)
  return response
}

function originsOrNone(): string[] {
  try {
    return connectOrigins(readWorld())
  } catch {
    // The page itself reports the configuration error; the policy of the error page needs no foreign origin.
    return []
  }
}

export const config = {
  matcher: ['/((?!_next/static|_next/image|icon.svg).*)'],
}
