import { describe, expect, test } from 'vitest'
import { canonicalJson, configDigest } from './canonical.ts'

describe('configDigest', () => {
  test('golden', () => {
    expect(configDigest({ port: 1, host: '127.0.0.1', limits: { bodyBytes: 4096 } })).toMatchInlineSnapshot(
      `"0xf5e5ea883f95fefb694776c3af4f8ee1bf637193c829311bc466ebea3d6f7da3"`,
    )
  })

  test('behavior: order of keys does not matter, every value does', () => {
    expect(configDigest({ a: 1, b: { c: 2, d: 3 } })).toBe(configDigest({ b: { d: 3, c: 2 }, a: 1 }))
    expect(configDigest({ a: 1 })).not.toBe(configDigest({ a: '1' }))
    expect(configDigest({ a: null })).not.toBe(configDigest({}))
  })

  test('error: CANONICAL_JSON_UNREPRESENTABLE for what JSON would drop or change', () => {
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    for (const value of [undefined, 1n, Number.NaN, new Date(0), new Map(), () => 1, [undefined], '\ud800', cycle]) {
      expect(() => configDigest({ value })).toThrow(expect.objectContaining({ code: 'CANONICAL_JSON_UNREPRESENTABLE' }))
    }
  })

  test('RFC 8785, section 3.2.3: sorting and numbers', () => {
    expect(canonicalJson({ '\u20ac': 'Euro', '\r': 1, 1: 1e30, a: [4.5, 0.002, 1e-27] })).toBe(
      '{"\\r":1,"1":1e+30,"a":[4.5,0.002,1e-27],"€":"Euro"}',
    )
  })
})
