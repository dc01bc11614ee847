import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { run } from '../test/run.ts'
import { NOW, tdxCase } from '../test/tdxCase.ts'

let good: Awaited<ReturnType<typeof tdxCase>>
beforeAll(async () => {
  good = await tdxCase()
})

const pem = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`

type Files = Readonly<Record<string, Uint8Array | string>>

/** Files of a TDX entry in the manifest's names. */
function tdxFiles(change: Files = {}, without: readonly string[] = []): Files {
  const { rootCaCrl, pckCrl, pckCrlIssuerChain, tcbInfo, qeIdentity } = good.endorsements
  const files: Files = {
    'quote.bin': good.quote,
    'root_ca_crl.der': rootCaCrl,
    'pck_crl.der': pckCrl,
    'pck_crl_issuer_chain.pem': pckCrlIssuerChain.map(pem).join(''),
    'tcb_info.json': tcbInfo.body,
    'tcb_info.sig.hex': Buffer.from(tcbInfo.signature).toString('hex'),
    'tcb_info_issuer_chain.pem': tcbInfo.issuerChain.map(pem).join(''),
    'qe_identity.json': qeIdentity.body,
    'qe_identity.sig.hex': Buffer.from(qeIdentity.signature).toString('hex'),
    'qe_identity_issuer_chain.pem': qeIdentity.issuerChain.map(pem).join(''),
    'trusted_root.pem': pem(tcbInfo.issuerChain.at(-1) ?? new Uint8Array()),
    ...change,
  }
  return Object.fromEntries(Object.entries(files).filter(([name]) => !without.includes(name)))
}

interface Wanted {
  readonly files: Files
  readonly expected: Record<string, unknown>
  /** Changes of the manifest's row. */
  readonly row?: Record<string, unknown>
}

/** Writes a folder of vectors. */
function vectors(entries: Readonly<Record<string, Wanted>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'spartan-vectors-'))
  const manifest = Object.entries(entries).map(([id, { files, expected, row }]) => ({
    id,
    files: Object.entries(files).map(([name, content]) => {
      const path = join(id, name)
      mkdirSync(dirname(join(dir, path)), { recursive: true })
      writeFileSync(join(dir, path), content)
      const bytes = Buffer.from(content)
      return { path, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length, role: 'file' }
    }),
    verify_at: new Date(NOW * 1000).toISOString(),
    expected,
    ...row,
  }))
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest))
  return dir
}

async function judge(entries: Readonly<Record<string, Wanted>>) {
  const { code, out } = await run(['evidence', 'vectors', vectors(entries), '--json'])
  return { code, ...JSON.parse(out) }
}

const flipped = (bytes: Uint8Array, at: number) => {
  const changed = Uint8Array.from(bytes)
  changed[at] = (changed[at] ?? 0) ^ 1
  return changed
}

const pass = { verdict: 'pass', reason: null, tcb_status: 'UpToDate' }
const fail = (reason: string, more: Record<string, unknown> = {}) => ({ verdict: 'fail', reason, ...more })

describe('spartan evidence vectors', () => {
  test('default: good and bad entries are right, exit 0', async () => {
    const mrTd = flipped(good.quote, 48 + 140)
    const result = await judge({
      'tdx/good': { files: tdxFiles(), expected: pass },
      'tdx/no-crl': { files: tdxFiles({}, ['pck_crl.der', 'pck_crl_issuer_chain.pem']), expected: pass },
      'tdx/neg': { files: tdxFiles({ 'quote.bin': mrTd }), expected: fail('quote signature invalid') },
    })
    expect(result).toMatchObject({ code: 0, ok: true })
    expect(result.entries).toMatchObject([
      { id: 'tdx/good', verdict: 'pass', reasonCode: null, expected: 'pass', ok: true, skipped: [] },
      { id: 'tdx/no-crl', verdict: 'pass', ok: true, skipped: ['pck-crl'] },
      { id: 'tdx/neg', verdict: 'fail', reasonCode: 'DCAP_QUOTE_SIGNATURE_INVALID', ok: true, reason: 'stated' },
    ])
    expect(result.summary).toMatchObject([{ family: 'tdx', entries: 3, ok: 3, accepted: 0, rejected: 0 }])
  })

  test('behavior: a negative that is accepted, a good one that is refused and another reason are wrong, exit 3', async () => {
    const bad = tdxFiles({ 'quote.bin': flipped(good.quote, 48 + 140) })
    const result = await judge({
      'tdx/accepted': { files: tdxFiles(), expected: fail('quote signature invalid') },
      'tdx/refused': { files: bad, expected: pass },
      'tdx/other': { files: bad, expected: fail('TD debug') },
    })
    expect(result).toMatchObject({ code: 3, ok: false })
    expect(result.entries.map(({ ok, reason }: { ok: boolean; reason: unknown }) => [ok, reason])).toEqual([
      [false, null],
      [false, null],
      [false, 'other'],
    ])
    expect(result.summary).toMatchObject([{ accepted: 1, rejected: 1, otherReason: 1, ok: 0 }])
  })

  test('behavior: a reason that nobody has reviewed could not be checked: not right, whatever the verdict', async () => {
    const bad = tdxFiles({ 'quote.bin': flipped(good.quote, 48 + 140) })
    const result = await judge({
      'tdx/refused': { files: bad, expected: fail('a reason that nobody has read') },
      'tdx/accepted': { files: tdxFiles(), expected: fail('a reason that nobody has read') },
    })
    expect(result.entries).toMatchObject([
      { ok: false, reason: 'unreviewed', verdict: 'fail' },
      { ok: false, verdict: 'pass' },
    ])
  })

  test('behavior: the stated fault is found behind one in an endorsement, which is named', async () => {
    const pckCrl = flipped(good.endorsements.pckCrl, good.endorsements.pckCrl.length - 1)
    const quote = flipped(good.quote, 48 + 140)
    const result = await judge({
      'tdx/two': {
        files: tdxFiles({ 'pck_crl.der': pckCrl, 'quote.bin': quote }),
        expected: fail('quote signature invalid'),
      },
      'tdx/one': { files: tdxFiles({ 'pck_crl.der': pckCrl }), expected: fail('quote signature invalid') },
    })
    expect(result.entries).toMatchObject([
      {
        ok: true,
        reasonCode: 'DCAP_QUOTE_SIGNATURE_INVALID',
        refusedBefore: ['DCAP_PCK_CRL_SIGNATURE_INVALID'],
        judgedWithout: ['pck-crl'],
        skipped: [],
      },
      { ok: false, reasonCode: 'DCAP_PCK_CRL_SIGNATURE_INVALID', reason: 'other' },
    ])
  })

  test('behavior: the policy of an entry changes the verdict; a key without a meaning is an error', async () => {
    const policy = { min_tcb_evaluation_data_number: 1000 }
    const result = await judge({
      'tdx/floor': { files: tdxFiles(), expected: fail('tcbEvaluationDataNumber below floor', { policy }) },
      'tdx/unknown': { files: tdxFiles(), expected: { ...pass, policy: { allow_everything: true } } },
    })
    expect(result.entries).toMatchObject([
      { ok: true, reasonCode: 'DCAP_TCB_EVALUATION_NUMBER_TOO_LOW' },
      { ok: false, verdict: 'error', reasonCode: 'CLI_VECTOR_POLICY_UNKNOWN' },
    ])
  })

  test('behavior: a signature or chain that is no text of its kind is refused, not an error; without one nothing is skipped', async () => {
    const signature = 'DCAP_TCB_INFO_SIGNATURE_INVALID'
    const broken = pem(good.endorsements.tcbInfo.issuerChain[0] ?? new Uint8Array()).replace('MII', 'M!I')
    const cases: readonly (readonly [Files, readonly string[], string])[] = [
      [{ 'tcb_info.sig.hex': 'no hex' }, [], signature],
      [{ 'tcb_info.sig.hex': 'abc' }, [], signature],
      [{}, ['tcb_info.sig.hex'], signature],
      [{}, ['qe_identity.sig.hex'], 'DCAP_QE_IDENTITY_SIGNATURE_INVALID'],
      [{ 'tcb_info_issuer_chain.pem': broken }, [], 'DCAP_TCB_SIGNER_MALFORMED'],
    ]
    const { entries } = await judge(
      Object.fromEntries(
        cases.map(([change, without], index) => {
          return [`tdx/${index}`, { files: tdxFiles(change, without), expected: fail('nobody has read this') }]
        }),
      ),
    )
    const codes = entries.map(({ verdict, reasonCode }: { verdict: string; reasonCode: string }) => [
      verdict,
      reasonCode,
    ])
    expect(codes).toEqual(cases.map(([, , code]) => ['fail', code]))
  })

  test('behavior: claims that differ from the manifest are wrong', async () => {
    const { entries } = await judge({
      'tdx/good': { files: tdxFiles(), expected: { ...pass, tcb_status: 'OutOfDate' } },
    })
    expect(entries).toMatchObject([
      { ok: false, verdict: 'pass', differences: [{ name: 'tcbStatus', expected: 'OutOfDate', got: 'UpToDate' }] },
    ])
  })

  test('behavior: an entry that cannot be judged is an error of its own, and the rest go on, exit 4', async () => {
    const file = { path: 'tdx/a/quote.bin', sha256: '0'.repeat(64), bytes: 1, role: 'quote' }
    const files = tdxFiles()
    const result = await judge({
      'tdx/corrupt': { files, expected: pass, row: { files: [{ ...file, path: 'tdx/corrupt/quote.bin' }] } },
      'tdx/missing': { files, expected: pass, row: { files: [{ ...file, path: 'tdx/missing/other/quote.bin' }] } },
      'tdx/outside': {
        files,
        expected: pass,
        row: { files: [{ ...file, path: '../../../../etc/hostname/quote.bin' }] },
      },
      'tdx/inside-out': { files, expected: pass, row: { files: [{ ...file, path: 'tdx/../../x/quote.bin' }] } },
      'tdx/no-quote': { files: tdxFiles({}, ['quote.bin']), expected: pass },
      'tdx/no-time': { files, expected: pass, row: { verify_at: null } },
      'tdx/bad-time': { files, expected: pass, row: { verify_at: 'soon' } },
      'abacus/good': { files, expected: pass },
      'tdx/bad-row': { files, expected: { verdict: 'maybe' } },
      'tdx/good': { files, expected: pass },
    })
    expect(result).toMatchObject({ code: 4, ok: false })
    const found = result.entries.map((entry: { verdict: string; reasonCode: string }) => [
      entry.verdict,
      entry.reasonCode,
    ])
    expect(found).toEqual([
      ['error', 'CLI_VECTOR_FILE_CORRUPT'],
      ['error', 'CLI_INPUT_UNREADABLE'],
      ['error', 'CLI_VECTOR_FILE_OUTSIDE'],
      ['error', 'CLI_VECTOR_FILE_OUTSIDE'],
      ['error', 'CLI_VECTOR_ENTRY_MALFORMED'],
      ['error', 'CLI_VECTOR_ENTRY_MALFORMED'],
      ['error', 'CLI_VECTOR_ENTRY_MALFORMED'],
      ['error', 'EVIDENCE_KIND_UNSUPPORTED'],
      ['error', 'CLI_VECTOR_ENTRY_MALFORMED'],
      ['pass', null],
    ])
  })

  test('behavior: a link out of the folder is not followed', async () => {
    const dir = vectors({ 'tdx/good': { files: tdxFiles({}, ['quote.bin']), expected: pass } })
    const outside = join(mkdtempSync(join(tmpdir(), 'spartan-outside-')), 'quote.bin')
    writeFileSync(outside, good.quote)
    symlinkSync(outside, join(dir, 'tdx', 'good', 'quote.bin'))
    const sha256 = createHash('sha256').update(good.quote).digest('hex')
    const files = [{ path: 'tdx/good/quote.bin', sha256, bytes: good.quote.length, role: 'quote' }]
    const row = { id: 'tdx/good', files, verify_at: '2026-06-01T00:00:00Z', expected: pass }
    writeFileSync(join(dir, 'manifest.json'), JSON.stringify([row]))
    const { code, out } = await run(['evidence', 'vectors', dir, '--json'])
    expect(code).toBe(4)
    expect(JSON.parse(out).entries).toMatchObject([{ verdict: 'error', reasonCode: 'CLI_VECTOR_FILE_OUTSIDE' }])
  })

  test('behavior: text has a line per entry and a table per family', async () => {
    const dir = vectors({
      'tdx/good': { files: tdxFiles(), expected: pass },
      'tdx/neg': { files: tdxFiles(), expected: fail('TD debug') },
    })
    const { code, out } = await run(['evidence', 'vectors', dir])
    expect(code).toBe(3)
    expect(out).toMatch(/^ok {4}tdx\/good {2}pass$/m)
    expect(out).toMatch(/^WRONG tdx\/neg {2}pass$/m)
    expect(out).toMatch(/^tdx {2}2 {8}1 /m)
    const only = await run(['evidence', 'vectors', dir, '--only', 'tdx/good'])
    expect(only.code).toBe(0)
  })

  test('error: CLI_MANIFEST_MALFORMED exits 2', async () => {
    const { code, err } = await run(['evidence', 'vectors', tmpdir(), '--json'])
    expect({ code, reason: JSON.parse(err).error.code }).toEqual({ code: 2, reason: 'CLI_MANIFEST_MALFORMED' })
  })
})
