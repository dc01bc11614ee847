import { ccaEndorsementsAbi, ccaTrustAnchorId, ccaVerifierAbi } from '@spartan/abi'
import { type CcaTrustAnchor, parseCca } from '@spartan/attestation'
import {
  type CborKey,
  cborArray,
  cborBytes,
  cborInteger,
  cborNull,
  cborText,
  createCcaPlatform,
  generatePkiKey,
} from '@spartan/simulator'
import fc from 'fast-check'
import { bytesToHex, concatHex, encodeFunctionData, type Hex, keccak256, numberToHex, size, slice } from 'viem'
import { beforeAll, describe, expect, test } from 'vitest'
import { mutate, mutations } from '../fuzz/mutations.ts'
import {
  bytes,
  CCA_CASES,
  components,
  header,
  issue,
  type Options,
  P256_PLATFORM,
  P384_PLATFORM,
  platformClaims,
  realmClaims,
  replaced,
} from '../support/ccaCases.ts'
import {
  type CcaVerdict,
  type CcaWorld,
  evidenceOf,
  GOVERNOR,
  GUARDIAN,
  judgeInTypeScript,
  startCca,
  startCcaStore,
} from '../support/ccaWorld.ts'
import { outcome } from '../support/vendorChain.ts'

/** Longer runs: CCA_FUZZ=5000. */
const TOKENS = Number(process.env.CCA_FUZZ ?? 60)

describe('CcaVerifier', () => {
  let world: CcaWorld

  beforeAll(async () => {
    world = await startCca()
    for (const { trustAnchor } of [P256_PLATFORM, P384_PLATFORM]) await world.propose(trustAnchor)
  })

  /** Both verdicts, which must be one. */
  async function agreed(token: Uint8Array, anchor: CcaTrustAnchor): Promise<CcaVerdict> {
    const library = await judgeInTypeScript(token, [anchor])
    expect(await world.judgeEvidence(await evidenceOf(token, anchor))).toEqual(library)
    return library
  }
  const codeIn = (verdict: CcaVerdict) => ('code' in verdict ? verdict.code : 'accepted')

  test('library and contract give each case its verdict, code and claims', async () => {
    const wrong: unknown[] = []
    for (const [name, expected, make] of CCA_CASES) {
      const token = await make()
      const library = await judgeInTypeScript(token, [P256_PLATFORM.trustAnchor])
      const contract = await world.judgeEvidence(await evidenceOf(token, P256_PLATFORM.trustAnchor))
      const same = JSON.stringify(library, text) === JSON.stringify(contract, text)
      if (!same || codeIn(contract) !== expected) wrong.push({ name, expected, library, contract })
    }
    expect(wrong).toEqual([])
    expect(new Set(CCA_CASES.map(([name]) => name)).size).toBe(CCA_CASES.length)
  })

  test.each([
    ['ES384 and ES384', P384_PLATFORM, 'ecdsa-p384', '2023'],
    ['ES384 and ES384, legacy profile', P384_PLATFORM, 'ecdsa-p384', 'legacy'],
    ['ES384 and ES256', P384_PLATFORM, 'ecdsa-p256', '2023'],
    ['ES256 and ES384', P256_PLATFORM, 'ecdsa-p384', '2024'],
    ['ES256 and ES256', P256_PLATFORM, 'ecdsa-p256', '2023'],
  ] as const)('%s', async (_, platform, realmAlgorithm, profile) => {
    const token = await issue({ realmAlgorithm, profile }, platform)
    expect(codeIn(await agreed(token, platform.trustAnchor))).toBe('accepted')
    // A bit of either signature, on either curve.
    const { platform: one, realm: two } = parseCca(token)
    for (const [signature, code] of [
      [one.message.signature, 'CCA_PLATFORM_SIGNATURE_INVALID'],
      [two.message.signature, 'CCA_REALM_SIGNATURE_INVALID'],
    ] as const) {
      const found = bytesToHex(signature)
      const other = `${found.slice(0, -1)}${(Number.parseInt(found.slice(-1), 16) ^ 1).toString(16)}` as Hex
      expect(codeIn(await agreed(replaced(token, found, other), platform.trustAnchor))).toBe(code)
    }
  })

  test('every signed claim that changes is another claim', async () => {
    const base = await agreed(await issue(), P256_PLATFORM.trustAnchor)
    if ('code' in base) throw new Error(base.code)
    const changes: readonly (readonly [Options, readonly string[]])[] = [
      [{ lifecycle: 0x4000 }, ['debug']],
      [platformClaims({ 2401: bytes(4) }), ['measurement']],
      [platformClaims(components()), ['measurement']],
      [platformClaims(components([1, cborText('')])), ['measurement']],
      [platformClaims(components([4, cborText('')])), ['measurement']],
      [realmClaims({ 44238: bytes(32) }), ['measurement']],
      ...[0, 1, 2, 3].map(
        (rem) =>
          [
            realmClaims({ 44239: cborArray(...[0, 1, 2, 3].map((i) => bytes(32, i === rem ? 1 : 2))) }),
            ['measurement'],
          ] as const,
      ),
      [realmClaims({ 44235: bytes(64) }), ['measurement']],
      [realmClaims({ 44236: cborText('sha-512') }), ['measurement']],
      [realmClaims({ 10: bytes(64) }), ['reportData']],
    ]
    const measurements = new Set([base.measurement])
    for (const [options, changed] of changes) {
      const found = await agreed(await issue(options), P256_PLATFORM.trustAnchor)
      if ('code' in found) throw new Error(found.code)
      const differing = Object.entries(found).filter(([name, value]) => value !== base[name as keyof typeof base])
      expect(differing.map(([name]) => name)).toEqual(changed)
      measurements.add(found.measurement)
    }
    expect(measurements.size).toBe(1 + changes.filter(([, [name]]) => name === 'measurement').length)
  })

  test('error: CCA_ALGORITHM_UNSUPPORTED for P-521, which the library verifies', async () => {
    const { trustAnchor } = P256_PLATFORM
    for (const options of [
      { realmAlgorithm: 'ecdsa-p521' },
      { protectedHeaders: header([1, cborInteger(-36)]) },
    ] as const) {
      const token = await issue(options)
      expect(await world.judgeEvidence(await evidenceOf(token, trustAnchor))).toEqual({
        code: 'CCA_ALGORITHM_UNSUPPORTED',
      })
    }
  })

  test('mutated tokens get one verdict', async () => {
    const token = await issue({ profile: '2024' })
    for (const steps of fc.sample(mutations(token.length), TOKENS)) {
      await agreed(mutate(token, steps), P256_PLATFORM.trustAnchor)
    }
  })

  test('every claim with every kind of value gets one verdict', async () => {
    const values = [cborInteger(0), bytes(33, 4), bytes(64, 4), cborText('sha-256'), cborNull()]
    const codes = new Set<string>()
    const labels = new Map<string, readonly CborKey[]>()
    await issue({
      profile: '2024',
      changePlatform: (claims) => labels.set('platform', [...claims.keys()]),
      changeRealm: (claims) => labels.set('realm', [...claims.keys()]),
    })
    for (const [side, keys] of labels) {
      const replace = side === 'platform' ? platformClaims : realmClaims
      for (const [key, value] of keys.flatMap((label) => values.map((one) => [Number(label), one] as const))) {
        const token = await issue(replace({ [key]: value }, { profile: '2024' }))
        codes.add(codeIn(await agreed(token, P256_PLATFORM.trustAnchor)))
      }
    }
    expect(codes.size).toBeGreaterThan(5)
  })

  test('on a chain without P-256 precompile', async () => {
    const other = await startCca(0, 'prague')
    const { trustAnchor } = P256_PLATFORM
    await other.propose(trustAnchor)
    const token = await issue()
    expect(await other.judgeEvidence(await evidenceOf(token, trustAnchor))).toMatchObject({ simulated: true })
    const changed = replaced(token, '0xcfcfcfcf', '0xcfcfcfce')
    expect(await other.judgeEvidence(await evidenceOf(changed, trustAnchor))).toEqual({
      code: 'CCA_PLATFORM_SIGNATURE_INVALID',
    })
  })

  test('a table of the platform key makes the same verdict cheaper', async () => {
    const { trustAnchor, key } = P384_PLATFORM
    await world.createTable(key.point)
    const token = await issue({ realmAlgorithm: 'ecdsa-p384' }, P384_PLATFORM)
    const [direct, table] = [
      await evidenceOf(token, trustAnchor),
      await evidenceOf(token, trustAnchor, { path: 'table' }),
    ]
    expect(await world.judgeEvidence(table)).toEqual(await judgeInTypeScript(token, [trustAnchor]))
    expect(await world.gasOf(direct)).toBeLessThan(2_200_000n)
    expect(await world.gasOf(table)).toBeLessThan(1_750_000n)
  })

  test('a deployment for dear calldata: fewer slopes for both signatures, by key and by table', async () => {
    const { trustAnchor } = P384_PLATFORM
    const [store, sha512, , tables] = world.parts
    const { address } = await world.viem.deployContract('CcaVerifier', [store, sha512, world.sparse.address, tables])
    const judge = (evidence: Hex) =>
      outcome(world.client.readContract({ address, abi: ccaVerifierAbi, functionName: 'verify', args: [evidence] }))
    await world.createTable(P384_PLATFORM.key.point)
    const token = await issue({ realmAlgorithm: 'ecdsa-p384' }, P384_PLATFORM)
    const dense = await evidenceOf(token, trustAnchor)
    for (const options of [{ unhinted: 95 }, { unhinted: 40, path: 'table' }] as const) {
      const evidence = await evidenceOf(token, trustAnchor, options)
      expect(evidence.length, JSON.stringify(options)).toBeLessThan(dense.length / 2)
      expect(await judge(evidence)).toBe('accepted')
      expect(await judge(concatHex([slice(evidence, 0, size(evidence) - 1), '0xff']))).toBe(
        'CCA_REALM_SIGNATURE_INVALID',
      )
      expect(await world.judgeEvidence(evidence)).toEqual({ code: 'CCA_PLATFORM_SIGNATURE_INVALID' })
    }
  })

  test('a table that nobody has made proves nothing', async () => {
    const platform = await createCcaPlatform()
    await world.propose(platform.trustAnchor)
    const evidence = await evidenceOf(await issue({}, platform), platform.trustAnchor, { path: 'table' })
    expect(await world.judgeEvidence(evidence)).toEqual({ code: 'CRYPTO_TABLE_MISSING' })
  })

  describe('evidence around the token', () => {
    const { trustAnchor } = P256_PLATFORM

    test('cut anywhere in its framing, or longer', async () => {
      const token = await issue()
      const evidence = await evidenceOf(token, trustAnchor)
      const stops = [0, 31, 32, 33, 34, 34 + token.length - 1, 34 + token.length, 34 + token.length + 1]
      for (const stop of stops) {
        expect(await world.judgeEvidence(stop === 0 ? '0x' : slice(evidence, 0, stop))).toEqual({
          code: 'CCA_TOKEN_MALFORMED',
        })
      }
      // The platform's proof is cut, then one byte shorter than the key, then followed by a byte; the last is the realm's.
      expect(await world.judgeEvidence(slice(evidence, 0, size(evidence) - 1))).toEqual({ code: 'CCA_TOKEN_MALFORMED' })
      const head = slice(evidence, 0, 34 + token.length)
      const key = slice(evidence, 36 + token.length)
      const proofs = (content: Hex, behind: Hex = '0x') =>
        concatHex([head, numberToHex(size(content), { size: 2 }), content, behind])
      expect(await world.judgeEvidence(proofs(slice(key, 0, 63)))).toEqual({ code: 'CCA_PLATFORM_SIGNATURE_INVALID' })
      expect(await world.judgeEvidence(proofs('0x'))).toEqual({ code: 'CCA_PLATFORM_SIGNATURE_INVALID' })
      expect(await world.judgeEvidence(proofs(concatHex([key, '0x00'])))).toEqual({
        code: 'CCA_PLATFORM_SIGNATURE_INVALID',
      })
      expect(await world.judgeEvidence(proofs(key, '0x00'))).toEqual({ code: 'CCA_REALM_SIGNATURE_INVALID' })
    })

    test('the key of another platform, by id or by proof', async () => {
      const token = await issue()
      const evidence = await evidenceOf(token, trustAnchor)
      const stranger = await createCcaPlatform({ algorithm: 'ecdsa-p256' })
      const strange = await evidenceOf(await issue({}, stranger), stranger.trustAnchor)
      expect(await world.judgeEvidence(concatHex([slice(strange, 0, 32), slice(evidence, 32)]))).toEqual({
        code: 'CCA_TRUST_ANCHOR_MISSING',
      })
      await world.propose(stranger.trustAnchor)
      // Known, but for another machine.
      expect(await world.judgeEvidence(concatHex([slice(strange, 0, 32), slice(evidence, 32)]))).toEqual({
        code: 'CCA_TRUST_ANCHOR_MISSING',
      })
      // The right id with the stranger's key, and a token that the stranger signed in the platform's name.
      const { instanceId, implementationId } = P256_PLATFORM
      const forged = await issue(
        platformClaims({ 256: cborBytes(instanceId), 2396: cborBytes(implementationId) }),
        stranger,
      )
      expect(await world.judgeEvidence(await evidenceOf(forged, trustAnchor))).toEqual({
        code: 'CCA_PLATFORM_SIGNATURE_INVALID',
      })
      const withHisKey = await evidenceOf(forged, stranger.trustAnchor)
      expect(await world.judgeEvidence(concatHex([slice(evidence, 0, 32), slice(withHisKey, 32)]))).toEqual({
        code: 'CCA_PLATFORM_SIGNATURE_INVALID',
      })
    })

    test('no hint of a P-384 proof may change', async () => {
      const token = await issue({ realmAlgorithm: 'ecdsa-p384' }, P384_PLATFORM)
      const evidence = await evidenceOf(token, P384_PLATFORM.trustAnchor)
      const platformStart = 36 + token.length + 96
      const platformStop =
        36 + token.length + Number.parseInt(slice(evidence, 34 + token.length, 36 + token.length), 16)
      const verdicts = async (from: number, to: number, code: string) => {
        for (const place of [from, Math.floor((from + to) / 2)]) {
          const changed = Buffer.from(evidence.slice(2), 'hex')
          changed[place] = (changed[place] ?? 0) ^ 0x02
          expect(await world.judgeEvidence(bytesToHex(changed)), `byte ${place}`).toEqual({ code })
        }
      }
      await verdicts(platformStart, platformStop, 'CCA_PLATFORM_SIGNATURE_INVALID')
      await verdicts(platformStop, size(evidence), 'CCA_REALM_SIGNATURE_INVALID')
    })
  })
})

/** Bigints as text. */
const text = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)

const DAY = 86_400
const STRANGER = 3
/** Role of the one function that the guardian may call. */
const GUARDIAN_ROLE = 1n

const good = {
  key: bytesToHex(P256_PLATFORM.key.spki),
  id: ccaTrustAnchorId(P256_PLATFORM.key.point),
  instanceId: bytesToHex(P256_PLATFORM.instanceId),
  implementationId: bytesToHex(P256_PLATFORM.implementationId),
}

describe('CcaEndorsements', () => {
  test('keeps keys of both curves with what they are for', async () => {
    const { propose, anchorOf, client } = await startCcaStore(DAY)
    const p384 = await generatePkiKey('ecdsa-p384')
    await propose(GOVERNOR, good.key, good.instanceId, good.implementationId, false)
    await propose(GOVERNOR, bytesToHex(p384.spki), good.instanceId, good.implementationId, false)
    const now = Number((await client.getBlock()).timestamp)
    const platform = keccak256(concatHex([good.instanceId, good.implementationId]))
    expect(await anchorOf(ccaTrustAnchorId(p384.point))).toEqual({
      curve: 2,
      simulated: false,
      activeFrom: BigInt(now + DAY),
      revokedAt: 0n,
      platform,
    })
    expect(await anchorOf(good.id)).toMatchObject({ curve: 1, platform })
    expect(await anchorOf(keccak256('0x'))).toMatchObject({ curve: 0 })
  })

  test('error: CCA_TRUST_ANCHOR_MALFORMED, CCA_SIMULATED_ANCHOR_FORBIDDEN, CCA_TRUST_ANCHOR_EXISTS', async () => {
    const { propose, revoke } = await startCcaStore(DAY)
    const { key, instanceId, implementationId } = good
    const by = (publicKey: Hex, id = instanceId, simulated = false) =>
      outcome(propose(GOVERNOR, publicKey, id, implementationId, simulated))
    const changed = (hex: Hex, place: number) => {
      const bytes = Buffer.from(hex.slice(2), 'hex')
      bytes[place] = (bytes[place] ?? 0) ^ 1
      return bytesToHex(bytes)
    }
    const p384 = bytesToHex((await generatePkiKey('ecdsa-p384')).spki)
    const p521 = bytesToHex((await generatePkiKey('ecdsa-p521')).spki)
    for (const bad of [
      '0x' as Hex,
      `${key}00` as Hex,
      key.slice(0, -2) as Hex,
      p521,
      // Algorithm, point format, x, y: a point off its curve is no key.
      ...[5, 26, 30, 90].map((place) => changed(key, place)),
      ...[5, 23, 40, 119].map((place) => changed(p384, place)),
      // x beyond the field.
      `0x${key.slice(2, 56)}${'ff'.repeat(32)}${key.slice(120)}` as Hex,
      `0x${p384.slice(2, 50)}${'ff'.repeat(48)}${p384.slice(146)}` as Hex,
    ]) {
      expect(await by(bad), bad).toBe('CCA_TRUST_ANCHOR_MALFORMED')
    }
    for (const id of [instanceId.slice(0, -2), `${instanceId}00`, `0x02${instanceId.slice(4)}`, '0x'] as Hex[]) {
      expect(await by(key, id)).toBe('CCA_TRUST_ANCHOR_MALFORMED')
    }
    expect(await by(key, instanceId, true)).toBe('CCA_SIMULATED_ANCHOR_FORBIDDEN')
    expect(await by(key)).toBe('accepted')
    expect(await by(key)).toBe('CCA_TRUST_ANCHOR_EXISTS')
    // Nor for another platform, nor ever again.
    expect(await by(key, changed(instanceId, 9))).toBe('CCA_TRUST_ANCHOR_EXISTS')
    await revoke(GOVERNOR, good.id)
    expect(await by(key)).toBe('CCA_TRUST_ANCHOR_EXISTS')
  })

  test('the guardian revokes at once and proposes nothing; a stranger does neither', async () => {
    const { propose, revoke, anchorOf, govern, wallet, store } = await startCcaStore(DAY)
    const { key, id, instanceId, implementationId } = good
    await propose(GOVERNOR, key, instanceId, implementationId, false)
    const selector = encodeFunctionData({ abi: ccaEndorsementsAbi, functionName: 'revokeTrustAnchor', args: [id] })
    await govern('setTargetFunctionRole', [store.address, [selector.slice(0, 10)], GUARDIAN_ROLE])
    await govern('grantRole', [GUARDIAN_ROLE, wallet(GUARDIAN).account.address, 0])
    for (const by of [GUARDIAN, STRANGER]) {
      await expect(propose(by, key, instanceId, implementationId, false)).rejects.toThrow('AccessManagedUnauthorized')
    }
    await expect(revoke(STRANGER, id)).rejects.toThrow('AccessManagedUnauthorized')
    expect(await outcome(revoke(GUARDIAN, keccak256('0x')))).toBe('CCA_TRUST_ANCHOR_MISSING')
    await revoke(GUARDIAN, id)
    expect((await anchorOf(id)).revokedAt).toBeGreaterThan(0n)
    expect(await outcome(revoke(GUARDIAN, id))).toBe('CCA_TRUST_ANCHOR_REVOKED')
  })

  test('error: CCA_TIMELOCK_TOO_SHORT outside dev mode', async () => {
    await expect(startCcaStore(DAY - 1)).rejects.toThrow('CcaTimelockTooShort')
    await startCcaStore(DAY - 1, true)
  })

  test('error: CCA_TRUST_ANCHOR_NOT_YET_ACTIVE, CCA_TRUST_ANCHOR_REVOKED', async () => {
    const world = await startCca(1000)
    const test_ = await world.viem.getTestClient()
    const { trustAnchor } = P256_PLATFORM
    const evidence = await evidenceOf(await issue(), trustAnchor)
    expect(await world.judgeEvidence(evidence)).toEqual({ code: 'CCA_TRUST_ANCHOR_MISSING' })
    await world.propose(trustAnchor)
    expect(await world.judgeEvidence(evidence)).toEqual({ code: 'CCA_TRUST_ANCHOR_NOT_YET_ACTIVE' })
    await test_.increaseTime({ seconds: 998 })
    await test_.mine({ blocks: 1 })
    expect(await world.judgeEvidence(evidence)).toEqual({ code: 'CCA_TRUST_ANCHOR_NOT_YET_ACTIVE' })
    await test_.increaseTime({ seconds: 2 })
    await test_.mine({ blocks: 1 })
    expect(await world.judgeEvidence(evidence)).toMatchObject({ simulated: true })
    await world.revoke(trustAnchor)
    expect(await world.judgeEvidence(evidence)).toEqual({ code: 'CCA_TRUST_ANCHOR_REVOKED' })
  })

  test('error: CCA_TRUST_ANCHOR_CURVE_MISMATCH', async () => {
    const world = await startCca()
    const other = await createCcaPlatform()
    // The same machine with a key on another curve.
    const { instanceId, implementationId } = P256_PLATFORM
    const anchor = { publicKey: other.key.spki, instanceId, implementationId, simulated: true }
    await world.propose(anchor)
    const evidence = await evidenceOf(await issue(), anchor)
    expect(await world.judgeEvidence(evidence)).toEqual({ code: 'CCA_TRUST_ANCHOR_CURVE_MISMATCH' })
  })
})
