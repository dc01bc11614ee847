import { globSync, readFileSync } from 'node:fs'
import { codeOfSolidityError, isReasonCode, REASONS, solidityErrorOf } from '@spartan/errors'
import { describe, expect, test } from 'vitest'
import { allErrorsAbi, reasonToBytes32 } from './index.ts'

/** Areas whose rows belong to contracts of this repository. */
const CONTRACT_AREAS = /^(REGISTRY|CHANNEL|LEDGER|ASSET|REPLAY|TOKEN)_/
/** Errors of OpenZeppelin's contracts, which ours inherit. They have no row; wallets show their name. */
const FOREIGN =
  /^(ERC\d|AccessManage|SafeERC20|SafeCast|ReentrancyGuard|Ownable|ECDSA|Address(Empty|Insuff)|FailedCall|InsufficientBalance|InvalidShortString|StringTooLong|InvalidAccountNonce|Strings)/
/** Codes without a custom error: returned as bytes32 by canServe, receiptSignerAt and settleBatch, or made by this package. */
const NOT_REVERTED = new Set([
  'REGISTRY_PROVIDER_IN_GRACE',
  'REGISTRY_PROVIDER_DRAINING',
  'REGISTRY_EPOCH_UNKNOWN',
  'REGISTRY_NOT_YET_ATTESTED',
  'REGISTRY_REASON_UNKNOWN',
  'ASSET_VERSION_RETIRED',
  'ASSET_WORKLOAD_NOT_ACCEPTED',
  'ASSET_TIER_TOO_LOW',
  'REGISTRY_GPU_MISSING',
  'CHANNEL_CLOSED',
  'CHANNEL_RECEIPT_MISMATCH',
  'CHANNEL_RECEIPT_OUT_OF_TIME',
  'CHANNEL_VOUCHER_SEQ_TOO_LOW',
  'CHANNEL_VOUCHER_EXPIRED',
  'CHANNEL_NOTHING_TO_PAY',
])

const ROOT = new URL('../../../', import.meta.url)

const declared: ReadonlySet<string> = new Set(allErrorsAbi.map((error) => error.name))

describe('reason table', () => {
  test('every custom error of our contracts has a row', () => {
    const ours = [...declared].filter((name) => !FOREIGN.test(name))
    expect(ours.length).toBeGreaterThan(40)
    expect(ours.filter((name) => !isReasonCode(codeOfSolidityError(name)))).toEqual([])
  })

  test('every row of a contract area is a custom error or a returned code', () => {
    const rows = Object.keys(REASONS).filter((code) => CONTRACT_AREAS.test(code) && !NOT_REVERTED.has(code))
    expect(rows.filter((code) => !declared.has(solidityErrorOf(code)))).toEqual([])
  })

  test('every DCAP row is a custom error of the verifier and its store, or a code that TypeScript names', () => {
    const sources = globSync(['packages/{attestation,abi}/src/**/*.ts'], { cwd: ROOT })
      .filter((path) => !path.endsWith('.test.ts') && !path.includes('/generated/'))
      .map((path) => readFileSync(new URL(path, ROOT), 'utf8'))
      .join('\n')
    const rows = Object.keys(REASONS).filter((code) => code.startsWith('DCAP_') && !declared.has(solidityErrorOf(code)))
    expect(rows.length).toBeGreaterThan(3)
    expect(rows.filter((code) => !sources.includes(`'${code}'`))).toEqual([])
  })

  test('every constant of ReasonCodes.sol is the code of its name', () => {
    const source = readFileSync(new URL('../../../contracts/libraries/ReasonCodes.sol', import.meta.url), 'utf8')
    const constants = [...source.matchAll(/constant (\w+) =\s+"(\w+)"/g)]
    expect(constants.length).toBeGreaterThan(15)
    for (const [, name = '', text = ''] of constants) {
      if (!isReasonCode(name)) throw new Error(`${name} is not in the table`)
      expect(text).toBe(name.slice(0, 32))
      expect(reasonToBytes32(name)).toMatch(/^0x[0-9a-f]{64}$/)
    }
    const listed = new Set(constants.map(([, name]) => name))
    expect([...NOT_REVERTED].filter((code) => code !== 'REGISTRY_REASON_UNKNOWN' && !listed.has(code))).toEqual([])
  })
})
