import { BaseError } from '@spartan/errors'
import { createSimulationRoot } from '@spartan/simulator'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseQeIdentity } from './qeIdentity.ts'
import { parseTcbInfo } from './tcbInfo.ts'

const CASES = Number(process.env.FUZZ_CASES ?? 300)
/** Processor time that reading one document may take, milliseconds. */
const LIMIT_MS = 50

const KINDS = [
  ['TCB info of TDX', 'DCAP_TCB_INFO_MALFORMED', (body: Uint8Array) => parseTcbInfo(body, 'tdx')],
  ['TCB info of SGX, version 3', 'DCAP_TCB_INFO_MALFORMED', (body: Uint8Array) => parseTcbInfo(body, 'sgx')],
  ['TCB info of SGX, version 2', 'DCAP_TCB_INFO_MALFORMED', (body: Uint8Array) => parseTcbInfo(body, 'sgx')],
  ['QE identity', 'DCAP_QE_IDENTITY_MALFORMED', (body: Uint8Array) => parseQeIdentity(body, 'tdx')],
] as const

let bodies: readonly Uint8Array[] = []
beforeAll(async () => {
  const platform = await (await createSimulationRoot({ now: 1_780_000_000 })).createPlatform({ name: 'documents' })
  const tdx = await platform.endorsements()
  const sgx = async (tcbInfoVersion: 2 | 3) => (await platform.endorsements({ sgx: { tcbInfoVersion } })).tcbInfo.body
  bodies = [tdx.tcbInfo.body, await sgx(3), await sgx(2), tdx.qeIdentity.body]
})

/** Code of the refusal; any other error is thrown on, and fails. */
function refusalOf(read: () => unknown): string | undefined {
  const before = process.cpuUsage()
  try {
    read()
    return undefined
  } catch (error) {
    if (error instanceof BaseError) return error.code
    throw error
  } finally {
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1_000).toBeLessThan(LIMIT_MS)
  }
}

describe.each(KINDS.map((kind, index) => [...kind, index] as const))('%s', (_, malformed, parse, index) => {
  const textOf = () => new TextDecoder().decode(bodies[index])
  const read = (text: string) => refusalOf(() => parse(new TextEncoder().encode(text)))

  test('default: reads', () => {
    expect(read(textOf())).toBeUndefined()
  })

  test('property: a key that stands twice, anywhere, is refused', () => {
    const members = [...textOf().matchAll(/"[A-Za-z0-9]+":("[^"]*"|\d+)/g)]
    fc.assert(
      fc.property(fc.constantFrom(...members), ({ 0: member, index: at }) => {
        const end = at + member.length
        expect(read(`${textOf().slice(0, end)},${member}${textOf().slice(end)}`)).toBe(malformed)
      }),
      { numRuns: CASES },
    )
  })

  test('property: white space, anywhere outside of texts, is refused', () => {
    const places = [...textOf().matchAll(/[{}[\],:]/g)].filter(({ index: at }) => {
      return (textOf().slice(0, at).match(/"/g)?.length ?? 0) % 2 === 0
    })
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.constantFrom(' ', '\n', '\t', '\r'), ({ index: at }, space) => {
        expect(read(`${textOf().slice(0, at)}${space}${textOf().slice(at)}`)).toBe(malformed)
      }),
      { numRuns: CASES },
    )
  })

  test('property: no truncation and no extension is read', () => {
    fc.assert(
      fc.property(fc.nat({ max: textOf().length - 1 }), fc.string({ minLength: 1 }), (length, tail) => {
        expect(read(textOf().slice(0, length))).toBe(malformed)
        expect(read(`${textOf()}${tail}`)).toBe(malformed)
      }),
      { numRuns: CASES },
    )
  })

  test('property: any change of bytes is read or refused with a code', () => {
    const change = fc.tuple(fc.nat({ max: (bodies[index]?.length ?? 1) - 1 }), fc.nat({ max: 255 }))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const changed = Uint8Array.from(bodies[index] ?? [])
        for (const [at, byte] of changes) changed[at] = byte
        expect(refusalOf(() => parse(changed)) ?? 'read').toMatch(/^(read|DCAP_(TCB_INFO|QE_IDENTITY)_[A-Z_]+)$/)
      }),
      { numRuns: CASES },
    )
  })
})
