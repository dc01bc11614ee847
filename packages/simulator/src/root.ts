import { issueCertificate, serialFrom } from './certificates.ts'
import { fromHex, toBase64, toHex } from './encoding.ts'
import { generateSigningKey, importSigningKey } from './keys.ts'
import {
  type Authorities,
  type Authority,
  createPlatform,
  type PlatformJson,
  type PlatformOptions,
  restorePlatform,
  type SimulatedPlatform,
  unixSeconds,
} from './platform.ts'
import type { DcapEndorsements, SignedDocument, Validity, ValidityName } from './types.ts'

/** What a simulation root is made from. */
export interface SimulationRootOptions {
  /** Time of making: Date, or Unix seconds. */
  readonly now: Date | number
  /** Source of serial numbers and PPIDs; the platform's unless given. Keys always come from WebCrypto. */
  readonly random?: (lengthBytes: number) => Uint8Array<ArrayBuffer>
  readonly validity?: Partial<Record<Extract<ValidityName, 'root' | 'pckCa' | 'tcbSigner'>, Validity>>
}

interface AuthorityJson {
  readonly certificate: string
  readonly serial: string
  readonly key: JsonWebKey
}

/** A root with all its platforms as JSON. Holds private keys: keep the file to its owner. */
export interface SimulationRootJson {
  readonly format: 'spartan-simulation-root/1'
  readonly createdAt: number
  readonly root: AuthorityJson
  readonly pckCa: AuthorityJson
  readonly tcbSigner: AuthorityJson
  readonly platforms: readonly PlatformJson[]
}

/** A vendor of its own: issues what Intel issues, in the same formats, under a key made for this deployment. */
export interface SimulationRoot {
  /** Uncompressed point of the root key, 65 bytes: the trust anchor. */
  readonly publicKey: Uint8Array<ArrayBuffer>
  /** Unix seconds. */
  readonly createdAt: number
  readonly authorities: Authorities
  /** Platforms by name. */
  readonly platforms: ReadonlyMap<string, SimulatedPlatform>
  readonly createPlatform: (options: PlatformOptions) => Promise<SimulatedPlatform>
  readonly toJSON: () => SimulationRootJson
}

const NAMES = {
  root: 'Intel SGX Root CA',
  pckCa: 'Intel SGX PCK Platform CA',
  tcbSigner: 'Intel SGX TCB Signing',
} as const

const YEAR_SECONDS = 365 * 86_400
const ROOT_CRL_URL = 'https://simulation.invalid/IntelSGXRootCA.der'

/**
 * Makes a fresh simulation root: root CA, PCK Platform CA and TCB signing certificate.
 *
 * Proves nothing about hardware: whoever holds the root can sign any quote. Its certificates carry
 * {@link SIMULATION_ORGANISATION} and no production verifier trusts its key.
 */
export async function createSimulationRoot(options: SimulationRootOptions): Promise<SimulationRoot> {
  const createdAt = unixSeconds(options.now)
  const random = options.random ?? ((lengthBytes) => crypto.getRandomValues(new Uint8Array(lengthBytes)))
  const rootKey = await generateSigningKey()
  const from = createdAt - 86_400
  const issue = async (name: keyof typeof NAMES, years: number, pathLength?: number): Promise<Authority> => {
    const key = name === 'root' ? rootKey : await generateSigningKey()
    const serial = serialFrom(random(20))
    const certificate = await issueCertificate({
      serial,
      commonName: NAMES[name],
      subjectKey: key,
      issuerName: NAMES.root,
      issuerKey: rootKey,
      validity: options.validity?.[name] ?? { from, until: createdAt + years * YEAR_SECONDS },
      pathLength,
      crlUrl: ROOT_CRL_URL,
    })
    return { commonName: NAMES[name], certificate, serial, key }
  }
  const authorities: Authorities = {
    root: await issue('root', 20, 1),
    pckCa: await issue('pckCa', 15, 0),
    tcbSigner: await issue('tcbSigner', 7),
  }
  return assemble(authorities, createdAt, random, new Map())
}

/** Restores a root and its platforms, for a process that did not make it. */
export async function simulationRootFromJSON(json: SimulationRootJson): Promise<SimulationRoot> {
  const restore = async (name: keyof typeof NAMES): Promise<Authority> => ({
    commonName: NAMES[name],
    certificate: fromHex(json[name].certificate, json[name].certificate.length / 2, `${name}.certificate`),
    serial: fromHex(json[name].serial, json[name].serial.length / 2, `${name}.serial`),
    key: await importSigningKey(json[name].key),
  })
  const authorities: Authorities = {
    root: await restore('root'),
    pckCa: await restore('pckCa'),
    tcbSigner: await restore('tcbSigner'),
  }
  const platforms = await Promise.all(
    json.platforms.map((entry) => restorePlatform(authorities, json.createdAt, entry)),
  )
  return assemble(
    authorities,
    json.createdAt,
    (lengthBytes) => crypto.getRandomValues(new Uint8Array(lengthBytes)),
    new Map(platforms.map((platform) => [platform.name, platform])),
  )
}

/** The JSON form of endorsements (docs/architecture.md): `body` is text, other bytes base64. */
export function endorsementsToJson(endorsements: DcapEndorsements): Record<string, unknown> {
  const document = ({ body, signature, issuerChain }: SignedDocument) => ({
    body: new TextDecoder().decode(body),
    signature: toBase64(signature),
    issuerChain: issuerChain.map(toBase64),
  })
  return {
    rootCaCrl: toBase64(endorsements.rootCaCrl),
    pckCrl: toBase64(endorsements.pckCrl),
    pckCrlIssuerChain: endorsements.pckCrlIssuerChain.map(toBase64),
    tcbInfo: document(endorsements.tcbInfo),
    qeIdentity: document(endorsements.qeIdentity),
  }
}

function assemble(
  authorities: Authorities,
  createdAt: number,
  random: (lengthBytes: number) => Uint8Array<ArrayBuffer>,
  platforms: Map<string, SimulatedPlatform>,
): SimulationRoot {
  return {
    publicKey: authorities.root.key.publicKey,
    createdAt,
    authorities,
    platforms,
    createPlatform: async (options) => {
      const platform = await createPlatform(authorities, createdAt, random, options)
      platforms.set(platform.name, platform)
      return platform
    },
    toJSON: () => ({
      format: 'spartan-simulation-root/1',
      createdAt,
      root: authorityJson(authorities.root),
      pckCa: authorityJson(authorities.pckCa),
      tcbSigner: authorityJson(authorities.tcbSigner),
      platforms: [...platforms.values()].map((platform) => platform.toJSON()),
    }),
  }
}

function authorityJson(authority: Authority): AuthorityJson {
  return { certificate: toHex(authority.certificate), serial: toHex(authority.serial), key: authority.key.jwk }
}
