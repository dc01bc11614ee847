import { beforeAll, describe, expect, it } from 'vitest'
import { marketplaceSnpPolicy, type SnpPolicy } from './index.ts'
import { createSnpWorld, MIN_TCB, type SnpCase, type SnpWorld, strict } from './test/snpCase.ts'

let world: SnpWorld
let machine: SnpWorld['machine']
const judge = (given?: SnpCase) => world.judge(given)
const outcome = (given?: SnpCase) => world.outcome(given)
beforeAll(async () => {
  world = await createSnpWorld()
  ;({ machine } = world)
}, 120_000)

describe('error: the policy', () => {
  const tcb = { bootLoader: 10, tee: 0, snp: 23, microcode: 219 }
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  const reference = {
    measurement: '11'.repeat(48),
    hostData: 'any',
    idKeyDigest: 'any',
    authorKeyDigest: 'any',
    familyId: 'any',
    imageId: 'any',
  }
  const all = <T>(value: T) => ({ Milan: value, Genoa: value, Turin: value })
  it.each<[string, () => SnpCase]>([
    ['SNP_VMPL_TOO_HIGH', () => ({ fields: { vmpl: 1 } })],
    ['SNP_DEBUG_ALLOWED', () => ({ fields: { policy: 0xb_0000n } })],
    ['SNP_MIGRATION_AGENT_ALLOWED', () => ({ fields: { policy: 0x7_0000n } })],
    ['SNP_SMT_ALLOWED', () => ({ policy: { smt: 'refuse' } })],
    ['SNP_CXL_ALLOWED', () => ({ fields: { policy: 0x23_0000n } })],
    ['SNP_PAGE_SWAP_ALLOWED', () => ({ policy: { pageSwap: 'refuse' } })],
    ['SNP_SINGLE_SOCKET_NOT_REQUIRED', () => ({ policy: { singleSocket: 'require' } })],
    ['SNP_AES256_XTS_NOT_REQUIRED', () => ({ policy: { aes256Xts: 'require' } })],
    ['SNP_ABI_TOO_LOW', () => ({ fields: { policy: 0x3_011fn }, policy: { minAbi: { major: 1, minor: 0x20 } } })],
    ['SNP_ABI_TOO_LOW', () => ({ fields: { policy: 0x3_00ffn }, policy: { minAbi: { major: 1, minor: 0 } } })],
    ['SNP_CIPHERTEXT_HIDING_OFF', () => ({ policy: { ciphertextHiding: 'require' } })],
    ['SNP_RAPL_ON', () => ({ policy: { rapl: 'refuse' } })],
    ['SNP_ALIAS_CHECK_INCOMPLETE', () => ({ fields: { platformInfo: 0x05n } })],
    ['SNP_FIRMWARE_PROVISIONAL', () => ({ fields: { currentVersion: [41, 55, 1] } })],
    ['SNP_FIRMWARE_PROVISIONAL', () => ({ fields: { committedTcb: { ...tcb, snp: 22 } } })],
    ['SNP_FIRMWARE_PROVISIONAL', () => ({ fields: { launchTcb: { ...tcb, snp: 24 } } })],
    ['SNP_FIRMWARE_TOO_OLD', () => ({ policy: { minFirmware: all({ major: 1, minor: 55, build: 41 }) } })],
    ['SNP_LAUNCH_TCB_BELOW_MINIMUM', () => ({ fields: { launchTcb: { ...tcb, microcode: 218 } } })],
    ['SNP_TCB_BELOW_MINIMUM', () => ({ policy: { minTcb: all({ ...MIN_TCB, microcode: 220 }) } })],
    ['SNP_TCB_BELOW_MINIMUM', () => ({ policy: { minTcb: all('any' as const) } })],
    ['SNP_MITIGATIONS_MISSING', () => ({ policy: { mitigations: '0f' } })],
    ['SNP_MITIGATIONS_MISSING', () => ({ fields: { launchMitigationVector: 1n }, policy: { mitigations: '03' } })],
    ['SNP_MITIGATIONS_MISSING', () => ({ fields: { version: 3 }, policy: { mitigations: '01' } })],
    ['SNP_CRL_TOO_OLD', () => ({ policy: { maxEndorsementAgeSeconds: 3599 } })],
    ['SNP_PRODUCT_NOT_ALLOWED', () => ({ policy: { products: ['Turin'] } })],
    ['SNP_VLEK_NOT_ALLOWED', () => ({ machine: { kind: 'vlek' } })],
    ['SNP_CSP_NOT_ALLOWED', () => ({ machine: { kind: 'vlek' }, policy: { vlek: { cspIds: ['CN=another'] } } })],
    ['SNP_PLATFORM_DENIED', () => ({ policy: { deniedPlatformIds: [hex(machine.chipId)] } })],
    ['SNP_PLATFORM_NOT_ALLOWED', () => ({ policy: { allowedPlatformIds: [] } })],
    [
      'SNP_PLATFORM_NOT_ALLOWED',
      () => ({ machine: { kind: 'vlek' }, policy: { vlek: { cspIds: 'any' }, allowedPlatformIds: ['00'.repeat(64)] } }),
    ],
    ['SNP_MEASUREMENT_MISMATCH', () => ({ policy: { measurements: { references: [reference] } } })],
    ['SNP_MEASUREMENT_MISMATCH', () => ({ policy: { measurements: { references: [] } } })],
    ['SNP_REPORT_DATA_MISMATCH', () => ({ policy: { reportData: { expected: '01'.repeat(64) } } })],
    ['SNP_VTPM_QUOTE_MISSING', () => ({ policy: { vtpm: { challenge: 'any', pcrs: {} } } })],
  ])('%s', async (code, given) => {
    expect(await outcome(given())).toBe(code)
  })

  it('behavior: what is at the bound passes', async () => {
    const measurement = new Uint8Array(48).fill(0x11)
    expect(
      await outcome({
        fields: { measurement, policy: 0x112_0120n, platformInfo: 0x38n, reportData: new Uint8Array(64).fill(1) },
        policy: {
          smt: 'refuse',
          singleSocket: 'require',
          minAbi: { major: 1, minor: 0x20 },
          ciphertextHiding: 'require',
          rapl: 'refuse',
          minFirmware: all({ major: 1, minor: 55, build: 40 }),
          mitigations: '0b',
          maxEndorsementAgeSeconds: 3600,
          allowedPlatformIds: [hex(machine.chipId).toUpperCase()],
          measurements: { references: [{ ...reference, measurement: '00'.repeat(48) }, reference] },
          reportData: { expected: `0x${'01'.repeat(64)}` },
        },
      }),
    ).toBe('accepted')
  })

  it('error: a field that a policy lacks where nobody checks types asks for the stricter', async () => {
    const lacking = (name: keyof SnpPolicy) => ({ [name]: undefined }) as Partial<SnpPolicy>
    expect(await outcome({ policy: lacking('maxVmpl') })).toBe('SNP_VMPL_TOO_HIGH')
    expect(await outcome({ policy: lacking('debug'), fields: { policy: 0xb_0000n } })).toBe('SNP_DEBUG_ALLOWED')
    expect(await outcome({ policy: lacking('singleSocket') })).toBe('SNP_SINGLE_SOCKET_NOT_REQUIRED')
    const { microcode: _microcode, ...rest } = MIN_TCB
    expect(await outcome({ policy: { minTcb: all(rest as typeof MIN_TCB) } })).toBe('SNP_TCB_BELOW_MINIMUM')
  })

  it('behavior: an outdated TCB is a status where the policy accepts it', async () => {
    const policy: SnpPolicy = {
      ...marketplaceSnpPolicy(strict),
      minTcb: all({ ...MIN_TCB, microcode: 220 }),
      acceptedTcbStatuses: ['UpToDate', 'OutOfDate'],
    }
    expect(await judge({ policy })).toMatchObject({ verdict: 'accepted', claims: { tcbStatus: 'OutOfDate' } })
  })
})
