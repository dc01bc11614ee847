import { createSnpSimulation, createVtpm, type SimulatedSnpMachine, type SimulatedVtpm } from '@spartan/simulator'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseSnp, prepareSnpChain, type SnpPolicy, verifySnpEvidence } from './index.ts'
import { anchorsOf, flipped, NOW, strict } from './test/snpCase.ts'
import type { VtpmQuote } from './vtpmQuote.ts'

type Chain = Awaited<ReturnType<typeof prepareSnpChain>>

const CHALLENGE = Uint8Array.of(1, 2, 3, 4)
const PCRS = { 0: new Uint8Array(32).fill(1), 7: new Uint8Array(32).fill(2), 23: new Uint8Array(32) }
/** Where the runtime data starts in an HCL report. */
const RUNTIME_DATA_AT = 1236

let machine: SimulatedSnpMachine
let vtpm: SimulatedVtpm
let chain: Chain
let hcl: Uint8Array
let quote: VtpmQuote
beforeAll(async () => {
  const genoa = await createSnpSimulation({ now: NOW, product: 'Genoa' })
  machine = await genoa.createMachine()
  vtpm = await createVtpm()
  hcl = await vtpm.issueHclReport(machine)
  quote = { ...(await vtpm.quote(CHALLENGE, PCRS)), pcrs: PCRS }
  chain = await prepareSnpChain({
    endorsements: await machine.endorsements(),
    at: NOW,
    trustAnchors: anchorsOf(genoa),
    dangerouslySkip: [],
  })
}, 120_000)

const judge = (evidence: Uint8Array, vtpmQuote?: VtpmQuote, policy: Partial<SnpPolicy> = {}) =>
  verifySnpEvidence({ evidence, vtpmQuote, chain, at: NOW, policy: { ...strict, ...policy } })
const codeOf = async (...given: Parameters<typeof judge>) => {
  const result = await judge(...given)
  return result.verdict === 'refused' ? result.reasonCode : result.verdict
}
const resigned = async (change: (message: Uint8Array) => Uint8Array): Promise<VtpmQuote> => {
  const { message } = quote
  return { ...quote, ...(await vtpm.signQuote(change(message))) }
}

describe('HCL report', () => {
  it('default: an accepted report vouches for the runtime data', async () => {
    const result = await judge(hcl)
    expect(result.verdict).toBe('accepted')
    expect(result.checks.find(({ id }) => id === 'runtime-data')).toMatchObject({ status: 'done' })
    expect(result.checks.find(({ id }) => id === 'vtpm-quote')).toMatchObject({ status: 'not-requested' })
  })

  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['SNP_HCL_MALFORMED', (bytes) => bytes.slice(0, RUNTIME_DATA_AT - 1)],
    ['SNP_HCL_MALFORMED', (bytes) => bytes.slice(0, RUNTIME_DATA_AT + 40)],
    ['SNP_HCL_MALFORMED', (bytes) => Uint8Array.of(...bytes, 1)],
    ['SNP_HCL_MALFORMED', (bytes) => flipped(bytes, 4)],
    ['SNP_HCL_MALFORMED', (bytes) => flipped(bytes, 8)],
    ['SNP_HCL_MALFORMED', (bytes) => flipped(bytes, 1216)],
    ['SNP_HCL_MALFORMED', (bytes) => flipped(bytes, 1228)],
    ['SNP_HCL_MALFORMED', (bytes) => flipped(bytes, 1232)],
    ['SNP_HCL_MALFORMED', (bytes) => flipped(bytes, RUNTIME_DATA_AT)],
    ['SNP_HCL_REPORT_TYPE_UNSUPPORTED', (bytes) => flipped(bytes, 1224)],
    ['SNP_HCL_KEY_MISSING', (bytes) => replace(bytes, 'HCLAkPub', 'HCLXkPub')],
    ['SNP_HCL_KEY_MISSING', (bytes) => replace(bytes, 'AQAB', 'AQAC')],
    ['SNP_HCL_MALFORMED', (bytes) => replace(bytes, '"key_ops"', '"kty":7,')],
    ['SNP_HCL_RUNTIME_DATA_NOT_BOUND', (bytes) => replace(bytes, '"secure-boot":true', '"secure-boat":true')],
    ['SNP_REPORT_RESERVED_NONZERO', (bytes) => flipped(bytes, 32 + 0x4c)],
  ])('error: %s', async (code, change) => {
    expect(await codeOf(change(hcl))).toBe(code)
  })

  it('error: a report that binds something more in its second half', async () => {
    const reportData = parseSnp(hcl).report.reportData.slice()
    reportData[63] = 1
    expect(await codeOf(await vtpm.issueHclReport(machine, { reportData }))).toBe('SNP_HCL_RUNTIME_DATA_NOT_BOUND')
  })
})

describe('quote of the vTPM', () => {
  it('default: registers and challenge become claims', async () => {
    const result = await judge(hcl, quote)
    if (result.verdict === 'refused') throw result.error
    expect(result.claims.vtpm).toMatchObject({ challenge: CHALLENGE, selection: [0, 7, 23], resetCount: 2 })
    expect(result.claims.measurements).toMatchObject({ pcr0: PCRS[0], pcr7: PCRS[7] })
  })

  it('behavior: without values there are no registers among the claims', async () => {
    const result = await judge(hcl, { ...quote, pcrs: undefined })
    if (result.verdict === 'refused') throw result.error
    expect(result.claims.vtpm?.pcrs.size).toBe(0)
    expect(result.claims.measurements.pcr0).toBeUndefined()
  })

  it('behavior: the policy names registers and challenge', async () => {
    const hex = (byte: string) => byte.repeat(32)
    const wanted = (challenge: string, pcrs: Readonly<Record<string, readonly string[]>>) =>
      codeOf(hcl, quote, { vtpm: { challenge, pcrs } })
    expect(await wanted('01020304', { 0: [hex('00'), hex('01')], 7: [hex('02')] })).toBe('accepted')
    expect(await wanted('any', {})).toBe('accepted')
    expect(await wanted('01020305', {})).toBe('SNP_VTPM_CHALLENGE_MISMATCH')
    expect(await wanted('any', { 7: [hex('03')] })).toBe('SNP_VTPM_PCR_MISMATCH')
    expect(await wanted('any', { 4: [hex('00')] })).toBe('SNP_VTPM_PCR_MISSING')
    expect(await codeOf(hcl, undefined, { vtpm: { challenge: 'any', pcrs: {} } })).toBe('SNP_VTPM_QUOTE_MISSING')
  })

  it('error: without a report that vouches for the key', async () => {
    expect(await codeOf(await machine.issueReport(), quote)).toBe('SNP_VTPM_KEY_MISSING')
  })

  it('error: another vTPM, or another message', async () => {
    const other = await createVtpm()
    expect(await codeOf(hcl, { ...(await other.quote(CHALLENGE, PCRS)), pcrs: PCRS })).toBe(
      'SNP_VTPM_SIGNATURE_INVALID',
    )
    expect(await codeOf(hcl, { ...quote, message: flipped(quote.message, 50) })).toBe('SNP_VTPM_SIGNATURE_INVALID')
    expect(await codeOf(hcl, { ...quote, signature: quote.signature.slice(1) })).toBe('SNP_VTPM_SIGNATURE_INVALID')
  })

  it('error: other register values than the signed ones', async () => {
    expect(await codeOf(hcl, { ...quote, pcrs: { ...PCRS, 7: new Uint8Array(32) } })).toBe(
      'SNP_VTPM_PCR_DIGEST_MISMATCH',
    )
    expect(await codeOf(hcl, { ...quote, pcrs: { 0: PCRS[0], 7: PCRS[7] } })).toBe('SNP_VTPM_PCR_MISSING')
    expect(await codeOf(hcl, { ...quote, pcrs: { ...PCRS, 0: new Uint8Array(20) } })).toBe('SNP_VTPM_PCR_MISSING')
  })

  it.each<[string, (message: Uint8Array) => Uint8Array]>([
    ['no quote at all', () => new Uint8Array()],
    ['not made by a TPM', (message) => flipped(message, 0)],
    ['another structure', (message) => flipped(message, 5)],
    ['cut', (message) => message.slice(0, -1)],
    ['longer', (message) => Uint8Array.of(...message, 0)],
    ['a name that is too long', (message) => flipped(message, 6)],
    ['two selections', (message) => replaceAt(message, 75, 2)],
    ['another bank', (message) => replaceAt(message, 77, 0x0c)],
    ['a selection that is too wide', (message) => replaceAt(message, 78, 4)],
  ])('error: %s', async (_, change) => {
    expect(await codeOf(hcl, await resigned(change))).toBe('SNP_VTPM_QUOTE_MALFORMED')
  })
})

/** Puts text in the place of other text, of the same length where it is shorter. */
function replace(bytes: Uint8Array, text: string, by: string): Uint8Array {
  const at = Buffer.from(bytes).indexOf(text)
  const changed = bytes.slice()
  changed.set(new TextEncoder().encode(by.padEnd(text.length)), at)
  return changed
}

function replaceAt(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const changed = bytes.slice()
  changed[at] = value
  return changed
}
