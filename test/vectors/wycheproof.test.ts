import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { judgeWycheproof } from '../../scripts/wycheproof/judge.ts'
import { verifyOffchain } from '../../scripts/wycheproof/offchain.ts'

const folder = join(process.env.SPARTAN_FIXTURES ?? '', 'wycheproof')

describe.skipIf(process.env.SPARTAN_FIXTURES === undefined || !existsSync(folder))('Wycheproof', () => {
  test.each([
    ['ecdsa_secp256r1_sha256_p1363_test.json', 262],
    ['ecdsa_secp384r1_sha384_p1363_test.json', 280],
    ['rsa_pss_4096_sha384_mgf1_48_test.json', 141],
  ])('%s: every case is right', async (name, count) => {
    const outcome = await judgeWycheproof(join(folder, name), verifyOffchain)
    expect(outcome).toMatchObject({ passed: count, failed: 0, ids: [], unsupported: 0 })
  })

  test.each([
    // AES-128, AES-192 and other nonces than 96 bits are in use nowhere.
    ['aes_gcm_test.json', 66, 250],
    ['x25519_test.json', 518, 0],
  ])('%s: every case of our parameters is right', async (name, count, unsupported) => {
    const outcome = await judgeWycheproof(join(folder, name), verifyOffchain)
    expect(outcome).toMatchObject({ passed: count, failed: 0, ids: [], unsupported })
  })
})
