import {
  type CborEntries,
  type CborKey,
  cborArray,
  cborBytes,
  cborInteger,
  cborMap,
  cborTag,
  cborText,
} from '../cbor.ts'
import { encodeCoseKey, signCose } from '../cose.ts'
import { concat } from '../der.ts'
import { exactly } from '../encoding.ts'
import { generatePkiKey, type PkiAlgorithm, type PkiKey } from '../pki.ts'
import { measure } from '../workload.ts'

/** Generation of the token format. */
export type CcaTokenProfile = 'legacy' | '2023' | '2024'

/** What makes one simulated CCA platform. */
export interface CcaPlatformOptions {
  /** Kind of the platform attestation key (CPAK). */
  readonly algorithm?: Exclude<PkiAlgorithm, 'rsa-pss-4096'>
}

/** One simulated CCA platform. */
export interface SimulatedCcaPlatform {
  readonly key: PkiKey
  /** 33 bytes. */
  readonly instanceId: Uint8Array
  /** 32 bytes. */
  readonly implementationId: Uint8Array
  /** The platform attestation key with the identifiers it is for. */
  readonly trustAnchor: {
    readonly publicKey: Uint8Array
    readonly instanceId: Uint8Array
    readonly implementationId: Uint8Array
    readonly simulated: true
  }
  readonly issueToken: (options: CcaTokenOptions) => Promise<Uint8Array<ArrayBuffer>>
}

/** Claims by label, encoded; a test may change them before they are signed. */
export type CcaClaimsMap = Map<CborKey, Uint8Array>

/** What one token says. */
export interface CcaTokenOptions {
  /** 64 bytes. */
  readonly challenge: Uint8Array
  /** Name of the workload; see `ccaWorkload`. */
  readonly workload?: string
  readonly profile?: CcaTokenProfile
  readonly collection?: 'eat' | 'cmw'
  /** Kind of the realm attestation key (RAK). The legacy profile knows P-384 only. */
  readonly realmAlgorithm?: Exclude<PkiAlgorithm, 'rsa-pss-4096'>
  readonly realmKeyHash?: 'sha-256' | 'sha-384' | 'sha-512'
  /** Claim 2395. */
  readonly lifecycle?: number
  /** 64 bytes. */
  readonly personalizationValue?: Uint8Array
  readonly changePlatform?: (claims: CcaClaimsMap) => void
  readonly changeRealm?: (claims: CcaClaimsMap) => void
  readonly protectedHeaders?: CborEntries
  readonly unprotectedHeaders?: CborEntries
  /** Signs the realm token with another key than the bound one. */
  readonly signRealmWith?: PkiKey
}

const PLATFORM_PROFILES: Readonly<Record<CcaTokenProfile, string>> = {
  legacy: 'http://arm.com/CCA-SSD/1.0.0',
  '2023': 'tag:arm.com,2023:cca_platform#1.0.0',
  '2024': 'tag:arm.com,2024:cca_platform#2.0.0',
}
const REALM_PROFILES: Readonly<Record<Exclude<CcaTokenProfile, 'legacy'>, string>> = {
  '2023': 'tag:arm.com,2023:realm#1.0.0',
  '2024': 'tag:arm.com,2024:realm#2.0.0',
}
const LIFECYCLE_SECURED = 0x3000

/** Makes a platform with a fresh attestation key: what it signs proves nothing about hardware. */
export async function createCcaPlatform({
  algorithm = 'ecdsa-p384',
}: CcaPlatformOptions = {}): Promise<SimulatedCcaPlatform> {
  const key = await generatePkiKey(algorithm)
  const keyId = new Uint8Array(await crypto.subtle.digest('SHA-256', key.spki))
  const instanceId = concat(Uint8Array.of(1), keyId)
  const implementationId = new TextEncoder().encode('Spartan Simulation (not Arm)'.padEnd(32, '.'))
  return {
    key,
    instanceId,
    implementationId,
    trustAnchor: { publicKey: key.spki, instanceId, implementationId, simulated: true },
    issueToken: (options) => issueToken({ key, instanceId, implementationId }, options),
  }
}

/** The measurements that one workload has on every simulated platform: 32 bytes each. */
export async function ccaWorkload(
  name: string,
): Promise<{ readonly rim: Uint8Array; readonly rem: readonly Uint8Array[] }> {
  const one = async (field: string) => (await measure(name, field)).subarray(0, 32)
  const [rim, ...rem] = await Promise.all(['rim', 'rem0', 'rem1', 'rem2', 'rem3'].map(one))
  return { rim: rim ?? new Uint8Array(32), rem }
}

/** Firmware components of every simulated platform. */
export async function ccaSoftware(): Promise<
  readonly { readonly type: string; readonly measurement: Uint8Array; readonly signerId: Uint8Array }[]
> {
  const signerId = (await measure('firmware', 'signer')).subarray(0, 32)
  const types = ['BL1', 'BL2', 'BL31', 'RMM']
  const measurements = await Promise.all(types.map((type) => measure('firmware', type)))
  return types.map((type, index) => ({
    type,
    measurement: (measurements[index] ?? new Uint8Array(48)).subarray(0, 32),
    signerId,
  }))
}

type Platform = Pick<SimulatedCcaPlatform, 'key' | 'instanceId' | 'implementationId'>

async function issueToken(platform: Platform, options: CcaTokenOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { collection = 'cmw', realmAlgorithm = 'ecdsa-p384', protectedHeaders, unprotectedHeaders } = options
  const headers = { ...(protectedHeaders && { protectedHeaders }), ...(unprotectedHeaders && { unprotectedHeaders }) }
  const realmKey = await generatePkiKey(realmAlgorithm)
  const encodedKey = options.profile === 'legacy' ? concat(Uint8Array.of(4), realmKey.point) : encodeCoseKey(realmKey)
  const realm = await realmClaims(encodedKey, options)
  options.changeRealm?.(realm)
  const platformMap = await platformClaims(platform, encodedKey, options)
  options.changePlatform?.(platformMap)
  const platformToken = await signCose(cborMap(platformMap), platform.key, headers)
  const realmToken = await signCose(cborMap(realm), options.signRealmWith ?? realmKey)
  const member = (token: Uint8Array) =>
    collection === 'eat' ? cborBytes(token) : cborArray(cborInteger(263), cborBytes(token))
  const members = new Map<number, Uint8Array>([
    [44234, member(platformToken)],
    [44241, member(realmToken)],
  ])
  return cborTag(collection === 'eat' ? 399 : 907, cborMap(members))
}

async function platformClaims(
  platform: Platform,
  realmKey: Uint8Array,
  options: CcaTokenOptions,
): Promise<CcaClaimsMap> {
  const { profile = '2023', realmKeyHash = 'sha-256', lifecycle = LIFECYCLE_SECURED } = options
  const bound = await crypto.subtle.digest(realmKeyHash.toUpperCase(), Uint8Array.from(realmKey))
  const software = (await ccaSoftware()).map(({ type, measurement, signerId }) =>
    cborMap(
      new Map<number, Uint8Array>([
        [1, cborText(type)],
        [2, cborBytes(measurement)],
        [5, cborBytes(signerId)],
        [6, cborText('sha-256')],
      ]),
    ),
  )
  return new Map<CborKey, Uint8Array>([
    [265, cborText(PLATFORM_PROFILES[profile])],
    [10, cborBytes(new Uint8Array(bound))],
    [2396, cborBytes(platform.implementationId)],
    [256, cborBytes(platform.instanceId)],
    [2401, cborBytes(Uint8Array.of(0xcf, 0xcf, 0xcf, 0xcf))],
    [2395, cborInteger(lifecycle)],
    [2399, cborArray(...software)],
    [2402, cborText('sha-256')],
    ...(profile === '2024' ? [[2394, cborInteger(1)] as const] : []),
  ])
}

async function realmClaims(realmKey: Uint8Array, options: CcaTokenOptions): Promise<CcaClaimsMap> {
  const { profile = '2023', realmKeyHash = 'sha-256', personalizationValue = new Uint8Array(64) } = options
  const { rim, rem } = await ccaWorkload(options.workload ?? 'workload')
  return new Map<CborKey, Uint8Array>([
    ...(profile === 'legacy' ? [] : [[265, cborText(REALM_PROFILES[profile])] as const]),
    [10, cborBytes(exactly(options.challenge, 64, 'challenge'))],
    [44235, cborBytes(exactly(personalizationValue, 64, 'personalization value'))],
    [44238, cborBytes(rim)],
    [44239, cborArray(...rem.map(cborBytes))],
    [44236, cborText('sha-256')],
    [44237, cborBytes(realmKey)],
    [44240, cborText(realmKeyHash)],
    ...(profile === '2024' ? [[44243, cborText('private')] as const] : []),
  ])
}
