import { allErrorsAbi } from '@spartan/abi'
import { codeOfSolidityError, REASONS, type Reason, reasonOf, solidityErrorOf } from '@spartan/errors'
import { type Hex, toFunctionSelector } from 'viem'
import { describe, expect, test } from 'vitest'
import { errorsWeighed, verifierSettings } from './deploy.ts'

const DCAP = allErrorsAbi.filter(({ name }) => name.startsWith('Dcap'))

/** Names behind selectors, sorted. */
function namesOf(selectors: readonly Hex[]): readonly string[] {
  const names = new Map(
    DCAP.map((error) => [toFunctionSelector(`${error.name}(${error.inputs.map(({ type }) => type)})`), error.name]),
  )
  return selectors.map((selector) => names.get(selector) ?? `unknown ${selector}`).sort()
}

describe('what invalidate makes of the errors of the DCAP verifier', () => {
  test('every custom error says it in its row, and no other row does', () => {
    const rows = Object.entries<Reason>(REASONS).filter(([, row]) => row.invalidation !== undefined)
    const dcap = rows.map(([code]) => solidityErrorOf(code)).filter((name) => name.startsWith('Dcap'))
    expect(dcap.sort()).toEqual(DCAP.map(({ name }) => name).sort())
  })

  test('could not check: nothing happens to the provider', () => {
    expect(namesOf(errorsWeighed('inconclusive'))).toEqual([
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
    expect(namesOf(errorsWeighed('outdated'))).toEqual(['DcapTcbStatusNotAccepted'])
  })

  test('security: what is missing or lapsed never ends a provider, whatever a new row says', () => {
    const lapsed = DCAP.filter(({ name }) => /(Missing|Expired|NotYetValid)$/.test(name))
    expect(lapsed.length).toBeGreaterThan(15)
    for (const { name } of lapsed) {
      expect(reasonOf(codeOfSolidityError(name) as keyof typeof REASONS).invalidation, name).toBe('inconclusive')
    }
  })

  test('the deployment gives the registry exactly these lists', () => {
    const [setting] = verifierSettings(`0x${'11'.repeat(20)}`)
    expect(setting).toMatchObject({
      kind: 1,
      inconclusiveErrors: errorsWeighed('inconclusive'),
      outdatedErrors: errorsWeighed('outdated'),
    })
  })
})
