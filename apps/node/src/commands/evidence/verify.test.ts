import { readFileSync, writeFileSync } from 'node:fs'
import { dcapEndorsementsToJson, presetPolicy } from '@spartan/attestation'
import { beforeAll, describe, expect, test } from 'vitest'
import { folder, run } from './test/run.ts'
import { NOW, REPORT_DATA, tdxCase } from './test/tdxCase.ts'

let good: Awaited<ReturnType<typeof tdxCase>>
let root: string
beforeAll(async () => {
  good = await tdxCase()
  root = folder({ 'root.hex': Buffer.from(good.rootKey).toString('hex') }).path('root.hex')
})

const pem = (label: string, der: Uint8Array) =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64')}\n-----END ${label}-----\n`
const chain = (ders: readonly Uint8Array[]) => ders.map((der) => pem('CERTIFICATE', der)).join('')
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const AT = new Date(NOW * 1000).toISOString()

/** Endorsements in the forms in which vendors hand them out. */
function files(without: readonly string[] = []) {
  const { rootCaCrl, pckCrl, pckCrlIssuerChain, tcbInfo, qeIdentity } = good.endorsements
  const all = {
    'root.crl': rootCaCrl,
    'pck.crl.pem': pem('X509 CRL', pckCrl),
    'pck-issuer.pem': chain(pckCrlIssuerChain),
    'tcb.json': `{"tcbInfo":${text(tcbInfo.body)},"signature":"${hex(tcbInfo.signature)}"}`,
    'tcb-issuer.pem': chain(tcbInfo.issuerChain),
    'qe_identity.json': qeIdentity.body,
    'qe_identity.sig.hex': hex(qeIdentity.signature),
    'README.md': '# nothing to see',
    'other.json': '{"a":1}',
  }
  return folder(Object.fromEntries(Object.entries(all).filter(([name]) => !without.includes(name))))
}

async function verify(options: readonly string[], argv: readonly string[] = ['verify', '-'], stdin = good.quote) {
  const { code, out, err } = await run(
    ['evidence', ...argv, '--trust-anchor', root, '--at', AT, '--json', ...options],
    stdin,
  )
  return {
    code,
    printed: out === '' ? undefined : JSON.parse(out),
    error: err === '' ? undefined : JSON.parse(err).error,
  }
}

describe('spartan evidence verify', () => {
  test.each<[string, () => readonly string[]]>([
    ['a folder', () => [files().dir]],
    [
      'single files',
      () => {
        const { path } = files()
        const names = ['root.crl', 'pck.crl.pem', 'pck-issuer.pem', 'tcb.json', 'tcb-issuer.pem', 'qe_identity.json']
        return [...names, 'qe_identity.sig.hex'].map(path)
      },
    ],
    [
      'JSON of a node',
      () => [folder({ 'e.json': JSON.stringify(dcapEndorsementsToJson(good.endorsements)) }).path('e.json')],
    ],
    [
      'the collateral of dcap-qvl',
      () => {
        const { rootCaCrl, pckCrl, pckCrlIssuerChain, tcbInfo, qeIdentity } = good.endorsements
        const collateral = {
          root_ca_crl: hex(rootCaCrl),
          pck_crl: hex(pckCrl),
          pck_crl_issuer_chain: chain(pckCrlIssuerChain),
          tcb_info: text(tcbInfo.body),
          tcb_info_signature: hex(tcbInfo.signature),
          tcb_info_issuer_chain: chain(tcbInfo.issuerChain),
          qe_identity: text(qeIdentity.body),
          qe_identity_signature: hex(qeIdentity.signature),
          qe_identity_issuer_chain: chain(qeIdentity.issuerChain),
        }
        return [folder({ 'collateral.json': JSON.stringify(collateral) }).path('collateral.json')]
      },
    ],
    [
      'CRLs in hex',
      () => {
        const { dir, path } = files(['root.crl'])
        writeFileSync(path('root.txt'), hex(good.endorsements.rootCaCrl))
        return [dir]
      },
    ],
  ])('default: endorsements from %s', async (_, paths) => {
    const { code, printed } = await verify(['--endorsements', ...paths(), '--report-data', hex(REPORT_DATA)])
    expect(printed).toMatchObject({
      verdict: 'accepted',
      claims: { tee: 'tdx', simulated: true, tcbStatus: 'UpToDate' },
    })
    expect(code).toBe(0)
    const skipped = printed.checks.filter(({ status }: { status: string }) => status === 'not-requested')
    expect(skipped.map(({ id }: { id: string }) => id)).toEqual(['tee-tcb-svn', 'measurement'])
  })

  test.each<[string, readonly string[], number, string]>([
    ['another report data', ['--report-data', '00'.repeat(64)], 3, 'DCAP_REPORT_DATA_MISMATCH'],
    ['another measurement', ['--measurement', `mrTd=${'00'.repeat(48)}`], 3, 'DCAP_MEASUREMENT_NOT_ACCEPTED'],
    ['another platform', ['--platform-id', '00'.repeat(16)], 3, 'DCAP_PLATFORM_NOT_ACCEPTED'],
    ['another time', ['--at', '2040-01-01'], 3, 'DCAP_ROOT_CRL_EXPIRED'],
  ])('behavior: refuses %s, exit 3', async (_, options, code, reasonCode) => {
    const result = await verify(['--endorsements', files().dir, ...options])
    expect(result).toMatchObject({ code, printed: { verdict: 'refused', reasonCode } })
  })

  test.each([
    ['root.crl', 'DCAP_ROOT_CRL_MISSING'],
    ['pck.crl.pem', 'DCAP_PCK_CRL_MISSING'],
    ['tcb.json', 'DCAP_TCB_INFO_MISSING'],
    ['qe_identity.sig.hex', 'DCAP_QE_IDENTITY_MISSING'],
  ])('behavior: without %s it could not check, exit 4', async (name, reasonCode) => {
    const result = await verify(['--endorsements', files([name]).dir])
    expect(result).toMatchObject({ code: 4, printed: { verdict: 'refused', reasonCode } })
  })

  test('behavior: the vendor’s roots are the default', async () => {
    const argv = ['evidence', 'verify', '-', '--endorsements', files().dir, '--at', AT, '--json']
    const { code, out } = await run(argv, good.quote)
    expect({ code, reason: JSON.parse(out).reasonCode }).toEqual({ code: 3, reason: 'DCAP_ROOT_NOT_PINNED' })
  })

  test('behavior: a policy document, for one kind or for all; a refused kind is refused', async () => {
    const policy = presetPolicy('strict')
    const documents = folder({
      'all.json': JSON.stringify(policy),
      'tdx.json': JSON.stringify(policy.tdx),
      'no.json': JSON.stringify({ ...policy, tdx: 'refuse' }),
    })
    const endorsements = files().dir
    for (const name of ['all.json', 'tdx.json']) {
      const found = await verify(['--endorsements', endorsements, '--policy', documents.path(name)])
      expect(found).toMatchObject({ code: 0, printed: { verdict: 'accepted' } })
    }
    const refused = await verify(['--endorsements', endorsements, '--policy', documents.path('no.json')])
    expect(refused).toMatchObject({ code: 3, printed: { reasonCode: 'EVIDENCE_KIND_REFUSED' } })
  })

  test.each<[string, () => readonly string[], number, string]>([
    [
      'half a policy',
      () => ['--policy', folder({ 'p.json': '{"format":"spartan-tdx-policy/1"}' }).path('p.json')],
      2,
      'EVIDENCE_POLICY_MALFORMED',
    ],
    ['an unknown preset', () => ['--policy', 'stricter'], 2, 'CLI_USAGE_INVALID'],
    ['a policy file that is not there', () => ['--policy', './policy.json'], 4, 'CLI_INPUT_UNREADABLE'],
    ['a time that is none', () => ['--at', 'yesterday'], 2, 'CLI_USAGE_INVALID'],
    ['a day that does not exist', () => ['--at', '2026-02-31'], 2, 'CLI_USAGE_INVALID'],
    ['report data that is no hex', () => ['--report-data', 'xyz'], 2, 'CLI_USAGE_INVALID'],
    ['a measurement without a value', () => ['--measurement', 'mrTd'], 2, 'CLI_USAGE_INVALID'],
    ['a measurement that TDX has not', () => ['--measurement', 'pcr0=00'], 2, 'EVIDENCE_EXPECTATION_UNKNOWN'],
    ['a nonce for TDX', () => ['--nonce', '00'], 2, 'EVIDENCE_EXPECTATION_UNKNOWN'],
    [
      'a file that is no endorsement',
      () => ['--endorsements', files().path('README.md')],
      4,
      'CLI_ENDORSEMENT_UNKNOWN',
    ],
    ['a path that is not there', () => ['--endorsements', '/nonexistent'], 4, 'CLI_INPUT_UNREADABLE'],
    ['an anchor that is none', () => ['--trust-anchor', files().path('README.md')], 4, 'CLI_ANCHOR_UNKNOWN'],
  ])('error: %s', async (_, options, code, reason) => {
    const found = await verify(options())
    expect({ code: found.code, reason: found.error?.code }).toEqual({ code, reason })
  })

  test('behavior: an event log has to lead to the registers', async () => {
    const log = folder({ 'log.json': '[]' }).path('log.json')
    const found = await verify(['--endorsements', files().dir, '--event-log', log])
    expect(found).toMatchObject({ code: 3, printed: { reasonCode: 'EVENT_LOG_RTMR_MISMATCH' } })
    expect(found.printed.checks.at(-1)).toMatchObject({ id: 'event-log', status: 'failed' })
  })

  test('behavior: NVIDIA evidence without its chain could not be checked', async () => {
    const report = new Uint8Array(100)
    report.set([0x11, 0xe0], 0)
    report.set([0x11, 0x60], 37)
    const found = await run(['evidence', 'verify', '-', '--json'], report)
    expect({ code: found.code, reason: JSON.parse(found.err).error.code }).toEqual({
      code: 4,
      reason: 'CLI_CERTIFICATES_MISSING',
    })
  })

  test('behavior: text names the command that brings what was missing, and not for what is complete', async () => {
    const quote = folder({ 'q.bin': good.quote }).path('q.bin')
    const argv = ['evidence', 'verify', quote, '--trust-anchor', root, '--at', AT]
    const missing = await run(argv)
    expect(missing.out).toContain(`Next: spartan evidence fetch ${JSON.stringify(quote)} --out endorsements.json`)
    expect(missing.out).toMatch(/^· pck-ca .* {2}\(not reached\)$/m)
    const refused = await run([...argv, '--endorsements', files().dir, '--report-data', '00'.repeat(64)])
    expect(refused.out).toContain('REFUSED')
    expect(refused.out).not.toContain('Next:')
  })

  test('error: a bundle as evidence without --endorsements is for `bundle verify`', async () => {
    const out = folder().path('b.json')
    await verify(['--endorsements', files().dir, '--out', out], ['bundle', 'export', '-'])
    const { code, error } = await verify([], ['verify', out])
    expect(code).toBe(2)
    expect(error.metaMessages.join()).toContain('spartan evidence bundle verify')
    expect((await verify(['--endorsements', out], ['verify', out])).code).toBe(0)
  })

  test('behavior: text shows every check and the verdict', async () => {
    const argv = ['evidence', 'verify', '-', '--endorsements', files().dir, '--trust-anchor', root, '--at', `${NOW}`]
    const { code, out } = await run(argv, good.quote)
    expect(code).toBe(0)
    expect(out).toMatch(/^✓ quote-signature {2}The attestation key signed the quote$/m)
    expect(out).toMatch(/^· measurement /m)
    expect(out).toMatch(/^ACCEPTED .*SIMULATED: proves nothing about hardware$/m)
  })
})

describe('spartan evidence bundle', () => {
  const exported = async (options: readonly string[] = []) => {
    const out = folder().path('bundle.json')
    const argv = ['evidence', 'bundle', 'export', '-', '--endorsements', files().dir, '--out', out, '--json']
    const found = await run([...argv, '--trust-anchor', root, ...options], good.quote)
    expect(found).toMatchObject({ code: 0, err: '' })
    return out
  }

  test('default: what was exported verifies offline, when its anchors are said to be trusted', async () => {
    const bundle = await exported(['--at', AT, '--policy', 'strict', '--report-data', hex(REPORT_DATA)])
    const argv = ['evidence', 'bundle', 'verify', bundle, '--json']
    const untrusted = await run(argv)
    expect({ code: untrusted.code, reason: JSON.parse(untrusted.err).error.code }).toEqual({
      code: 4,
      reason: 'CLI_ANCHORS_NOT_TRUSTED',
    })
    const trusted = await run([...argv, '--trust-bundle-anchors'])
    expect(trusted.code).toBe(0)
    expect(JSON.parse(trusted.out)).toMatchObject({ verdict: 'accepted', at: NOW, trust: 'anchors of the bundle' })
    const other = await run([...argv, '--trust-anchor', root, '--report-data', '00'.repeat(64)])
    expect({ code: other.code, reason: JSON.parse(other.out).reasonCode }).toEqual({
      code: 3,
      reason: 'DCAP_REPORT_DATA_MISMATCH',
    })
    const later = await run([...argv, '--trust-anchor', root, '--at', '2040-01-01'])
    expect(later.code).toBe(3)
  })

  test('behavior: anchors of a bundle count as simulated, whatever it says of them', async () => {
    const path = await exported(['--at', AT])
    const bundle = JSON.parse(readFileSync(path, 'utf8'))
    const trustAnchors = bundle.trustAnchors.map((anchor: object) => ({ ...anchor, simulated: false }))
    const changed = JSON.stringify({ ...bundle, trustAnchors })
    const argv = ['evidence', 'bundle', 'verify', '-', '--trust-bundle-anchors', '--json']
    const { code, out } = await run(argv, new TextEncoder().encode(changed))
    expect(code).toBe(0)
    expect(JSON.parse(out).claims).toMatchObject({ simulated: true, trustTier: 'simulated' })
  })

  test('behavior: a bundle serves as endorsements', async () => {
    const bundle = await exported(['--at', AT])
    expect(await verify(['--endorsements', bundle])).toMatchObject({ code: 0 })
  })

  test('error: CLI_OUTPUT_EXISTS exits 2, and a damaged bundle 4', async () => {
    const bundle = await exported()
    const again = ['evidence', 'bundle', 'export', '-', '--out', bundle, '--trust-anchor', root, '--json']
    const found = await run(again, good.quote)
    expect({ code: found.code, reason: JSON.parse(found.err).error.code }).toEqual({
      code: 2,
      reason: 'CLI_OUTPUT_EXISTS',
    })
    const damaged = await run(['evidence', 'bundle', 'verify', '-', '--json'], Buffer.from('{}'))
    expect({ code: damaged.code, reason: JSON.parse(damaged.err).error.code }).toEqual({
      code: 4,
      reason: 'EVIDENCE_BUNDLE_MALFORMED',
    })
  })
})
