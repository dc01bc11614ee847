import { describe, expect, test } from 'vitest'
import { contentSecurityPolicy } from './csp.ts'

const INPUT = { nonce: 'bm9uY2U=', connectOrigins: ['http://127.0.0.1:8545'], development: false }

function directive(policy: string, name: string): string | undefined {
  return policy.split('; ').find((part) => part.startsWith(`${name} `))
}

describe('contentSecurityPolicy', () => {
  test('connect-src lists exactly self and the given origins', () => {
    expect(directive(contentSecurityPolicy(INPUT), 'connect-src')).toBe("connect-src 'self' http://127.0.0.1:8545")
  })

  test('scripts run by nonce only: neither inline nor eval in production', () => {
    const scripts = directive(contentSecurityPolicy(INPUT), 'script-src') ?? ''
    expect(scripts).toContain("'nonce-bm9uY2U='")
    expect(scripts).not.toMatch(/unsafe-(inline|eval)/)
  })

  test('behavior: no directive allows a scheme wildcard for requests', () => {
    expect(contentSecurityPolicy(INPUT)).not.toMatch(/\b(https?|wss?):(\s|;|$)/)
  })

  test('behavior: development tooling gets eval and its websocket', () => {
    const policy = contentSecurityPolicy({ ...INPUT, development: true })
    expect(directive(policy, 'script-src')).toContain("'unsafe-eval'")
    expect(directive(policy, 'connect-src')).toContain('ws:')
  })
})
