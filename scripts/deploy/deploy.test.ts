import { allErrorsAbi, appraisalErrorsAbi } from '@spartan/abi'
import { codeOfSolidityError, REASONS, type Reason, reasonOf, solidityErrorOf } from '@spartan/errors'
import { type Hex, toFunctionSelector } from 'viem'
import { describe, expect, test } from 'vitest'
import { errorsWeighed, kindRules, moduleSetting, productRules } from './policy.ts'

/** What the verifiers that can be deployed and their stores throw; the policy weighs its own objections. */
const OF_POLICY = new Set<string>(appraisalErrorsAbi.map(({ name }) => name))
const VERIFIERS = allErrorsAbi.filter(
  ({ name }) => /^(Dcap|Snp|Cca|Nitro|Nvidia|Crypto)[A-Z]/.test(name) && !OF_POLICY.has(name),
)

/** Names behind selectors, sorted. */
function namesOf(selectors: readonly Hex[]): readonly string[] {
  const names = new Map(
    VERIFIERS.map((error) => [
      toFunctionSelector(`${error.name}(${error.inputs.map(({ type }) => type)})`),
      error.name,
    ]),
  )
  return selectors.map((selector) => names.get(selector) ?? `unknown ${selector}`).sort()
}

describe('what invalidate makes of the errors of the verifiers', () => {
  test('every custom error says it in its row, and no other row does', () => {
    const rows = Object.entries<Reason>(REASONS).filter(([, row]) => row.invalidation !== undefined)
    expect(rows.map(([code]) => solidityErrorOf(code)).sort()).toEqual(VERIFIERS.map(({ name }) => name).sort())
  })

  test('could not check: nothing happens to the provider', () => {
    expect(namesOf(errorsWeighed('DCAP_', 'inconclusive'))).toEqual([
      'DcapModuleIdentityMissing',
      'DcapPckCaExpired',
      'DcapPckCaMissing',
      'DcapPckCrlExpired',
      'DcapPckCrlMissing',
      'DcapPckExpired',
      'DcapPckMissing',
      'DcapQeIdentityExpired',
      'DcapQeIdentityMissing',
      'DcapQeIdentityNotYetValid',
      'DcapRootCrlExpired',
      'DcapRootCrlMissing',
      'DcapRootExpired',
      'DcapRootMissing',
      'DcapTcbEvaluationNumberTooLow',
      'DcapTcbInfoExpired',
      'DcapTcbInfoMissing',
      'DcapTcbInfoNotYetValid',
      'DcapTcbSignerExpired',
      'DcapTcbSignerMissing',
      'DcapTcbSignerRevoked',
    ])
  })

  test('outdated: the provider goes into grace', () => {
    // A level that is not found: only newer TCB info can say so of evidence that was accepted before.
    expect(namesOf(errorsWeighed('DCAP_', 'outdated'))).toEqual([
      'DcapModuleLevelNotFound',
      'DcapQeLevelNotFound',
      'DcapTcbLevelNotFound',
      'DcapTcbStatusNotAccepted',
    ])
  })

  test('security: what is missing or lapsed never ends a provider, whatever a new row says', () => {
    const ofTheEvidenceItself = /(Field|Claim|Extension|Hwid|Fwid|Leaf)Missing$/
    const lapsed = VERIFIERS.filter(
      ({ name }) => /(Missing|Expired|NotYetValid)$/.test(name) && !ofTheEvidenceItself.test(name),
    )
    expect(lapsed.length).toBeGreaterThan(15)
    for (const { name } of lapsed) {
      expect(reasonOf(codeOfSolidityError(name) as keyof typeof REASONS).invalidation, name).toBe('inconclusive')
    }
  })

  test('the deployment gives the module of a kind the lists of its own area', () => {
    expect(moduleSetting('Tdx', `0x${'11'.repeat(20)}`)).toMatchObject({
      kind: 1,
      inconclusiveErrors: [
        ...errorsWeighed('DCAP_', 'inconclusive'),
        ...errorsWeighed('CRYPTO_', 'inconclusive'),
        // Panic and Error are faults of the verifier.
        '0x4e487b71',
        '0x08c379a0',
      ],
      outdatedErrors: errorsWeighed('DCAP_', 'outdated'),
    })
    expect(moduleSetting('Nitro', `0x${'11'.repeat(20)}`).outdatedErrors).toEqual(errorsWeighed('NITRO_', 'outdated'))
  })

  test.each(['Tdx', 'Sgx', 'SevSnp', 'Cca', 'Nitro', 'NvidiaGpu'] as const)(
    '%s: every error of its own has a weight',
    (kind) => {
      const { inconclusiveErrors } = moduleSetting(kind, `0x${'11'.repeat(20)}`)
      expect(inconclusiveErrors.length).toBeGreaterThan(errorsWeighed('CRYPTO_', 'inconclusive').length)
    },
  )
})

describe('the appraisal policy of a deployment', () => {
  test('denies debugging for every kind, accepts no AMD line without a minimum, no old driver, and no switch as a GPU', () => {
    for (const { policy } of kindRules({})) expect(policy.deniedFlags & 1).toBe(1)
    expect(kindRules({})[2]).toMatchObject({ kind: 3, policy: { defaultTier: 0, deniedFlags: 0b10000010010111 } })
    const gpu = { kind: 6, policy: { tier: 3, refused: false, minTcb: '0x3200000000000000' } }
    expect(productRules({})).toMatchObject([gpu, gpu, gpu, { kind: 6, policy: { tier: 0, refused: true } }])
    expect(productRules({ snpMinTcb: { Milan: '0x0a0000000000180c' } }).slice(0, 1)).toMatchObject([
      { product: `0x4d696c616e${'00'.repeat(27)}`, policy: { tier: 2, minTcb: '0x0a0000000000180c' } },
    ])
  })
})
