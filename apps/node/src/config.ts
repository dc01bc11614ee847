import { readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { canonicalJson, nodeUrl } from '@spartan/protocol'
import { type Hex, sha256, stringToBytes } from 'viem'
import { z } from 'zod'
import { describeFault } from './configFault.ts'
import { ConfigError } from './errors.ts'

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'expected an address (0x and 40 hexadecimal digits)')
  .transform((text) => text.toLowerCase() as Hex)
const httpUrl = z.string().regex(/^https?:\/\/[^\s]+$/, 'expected an http:// or https:// URL')
const isNodeUrl = (text: string) => {
  try {
    return nodeUrl(text, '/').href !== ''
  } catch {
    return false
  }
}
const seconds = (minimum: number, maximum: number) => z.number().int().min(minimum).max(maximum)
const bytes = (maximum: number) => z.number().int().min(1024).max(maximum)
const decimal = z.string().regex(/^\d{1,39}$/, 'expected a decimal number as a string')

const contractsSchema = z.strictObject({
  attestationRegistry: address,
  endorsementStore: address,
  referenceValues: address,
  assetRegistry: address,
  keyReleases: address,
  ledger: address,
  channelEscrow: address,
  /** Where the endorsements of bound GPUs go; needed with `gpus`. */
  nvidiaEndorsements: address.optional(),
  nvidiaRims: address.optional(),
})

const chainSchema = z.strictObject({
  rpcUrl: httpUrl,
  chainId: z.number().int().positive(),
  contracts: contractsSchema,
  /** Newest block older than this: the node is not ready. A local chain without traffic makes no blocks. */
  maxHeadAgeSeconds: seconds(5, 86_400).default(120),
  /** Newest block further in the future than this: the node is not ready. */
  maxClockSkewSeconds: seconds(1, 3600).default(15),
  pollSeconds: seconds(1, 600).default(4),
  confirmations: z.number().int().min(1).max(64).default(1),
})

/** Where the platform's endorsements are fetched: Intel's own service, Azure's cache, or a PCCS of one's own. */
const endorsementSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pcs') }),
  z.strictObject({ kind: z.literal('azure') }),
  z.strictObject({
    kind: z.literal('pccs'),
    url: httpUrl.refine(isNodeUrl, 'expected a URL without credentials, query or fragment'),
  }),
])

const teeSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('configfs-tsm'),
      path: z.string().min(1).default('/sys/kernel/config/tsm/report'),
      /** JSON of docs/architecture.md, "Evidence and endorsements". Read again for every use, so it can be refreshed. */
      endorsementsFile: z.string().min(1).optional(),
      /** Instead of the file: fetched, verified, and kept below `dataDir`. */
      endorsements: endorsementSourceSchema.optional(),
    })
    .refine(
      (tee) => (tee.endorsementsFile === undefined) !== (tee.endorsements === undefined),
      'expected endorsements or endorsementsFile, and not both',
    ),
  z.strictObject({ kind: z.literal('simulator'), url: httpUrl, platform: z.string().min(1).max(64) }),
])

const configSchema = z.strictObject({
  dataDir: z.string().min(1),
  chain: chainSchema,
  owner: address,
  operatorKeyFile: z.string().min(1),
  listen: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: z.number().int().min(0).max(65_535).default(8443),
      /** What is written into the registry; at most 256 bytes. Default: http://host:port. */
      publicUrl: httpUrl.max(256).refine(isNodeUrl, 'expected a URL without credentials, query or fragment').optional(),
    })
    .prefault({}),
  tee: teeSchema,
  /** GPUs of this machine: a service for each, inside the same TEE, that has the driver answer a nonce. */
  gpus: z
    .array(
      z.strictObject({
        kind: z.enum(['http', 'simulator']),
        url: httpUrl.refine(isNodeUrl, 'expected a URL without credentials, query or fragment'),
      }),
    )
    .max(16)
    .default([]),
  asset: z.strictObject({
    id: decimal,
    version: z.number().int().min(1).max(0xffff_ffff),
    /** True: a manifest URI on-chain may name files of this machine. The owner of the asset chooses that URI. */
    allowFiles: z.boolean().default(false),
  }),
  keys: z
    .strictObject({
      /** notAfter of the keyset = start + this. */
      lifetimeSeconds: seconds(600, 90 * 86_400).default(28 * 86_400),
      /** Renews when less than this is left until activeUntil, and makes new keys when less is left of the keys. */
      renewBeforeSeconds: seconds(30, 7 * 86_400).default(86_400),
      /** Renews at least this often where the evidence names a machine: a claim to it lapses a day after the newest evidence. */
      renewEverySeconds: seconds(600, 90 * 86_400).default(20 * 3_600),
    })
    .prefault({}),
  limits: z
    .strictObject({
      requestBytes: bytes(64 * 1024 * 1024).default(1024 * 1024),
      requestSeconds: seconds(1, 600).default(30),
      concurrency: z.number().int().min(1).max(1024).default(8),
      assetBytes: bytes(64 * 1024 ** 3).default(256 * 1024 * 1024),
      assetSeconds: seconds(1, 86_400).default(300),
      channelCacheSeconds: seconds(0, 60).default(4),
      /** A channel must stay open at least this long for a request to be served. */
      channelMarginSeconds: seconds(0, 86_400).default(60),
    })
    .prefault({}),
  settlement: z
    .strictObject({
      /** Settles when this much is unsettled over all channels, token base units. */
      valueThreshold: decimal.default('1000000'),
      maxAgeSeconds: seconds(1, 7 * 86_400).default(300),
      pollSeconds: seconds(1, 3600).default(10),
      batchSize: z.number().int().min(1).max(20).default(20),
      /** Settles this long before a channel expires or its close delay ends. */
      marginSeconds: seconds(1, 7 * 86_400).default(600),
    })
    .prefault({}),
  store: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('embedded') }),
      z.strictObject({ kind: z.literal('postgres'), urlFile: z.string().min(1) }),
    ])
    .default({ kind: 'embedded' }),
  drainSeconds: seconds(1, 3600).default(30),
  logLevel: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
})

/** The effective configuration: file, environment and defaults, checked. Paths are absolute. */
export type NodeConfig = z.infer<typeof configSchema>

/** Where a configuration has endorsements fetched. */
export type EndorsementSourceConfig = z.infer<typeof endorsementSourceSchema>

/** What `spartan node init` writes: the same shape before defaults. */
export type NodeConfigInput = z.input<typeof configSchema>

type Path = readonly string[]

/** Every variable the node knows. `number` ones are parsed; nothing else may start with SPARTAN_. */
const ENVIRONMENT: Readonly<Record<string, { readonly path: Path; readonly number?: boolean }>> = {
  SPARTAN_DATA_DIR: { path: ['dataDir'] },
  SPARTAN_RPC_URL: { path: ['chain', 'rpcUrl'] },
  SPARTAN_OWNER: { path: ['owner'] },
  SPARTAN_OPERATOR_KEY_FILE: { path: ['operatorKeyFile'] },
  SPARTAN_LISTEN_HOST: { path: ['listen', 'host'] },
  SPARTAN_LISTEN_PORT: { path: ['listen', 'port'], number: true },
  SPARTAN_PUBLIC_URL: { path: ['listen', 'publicUrl'] },
  SPARTAN_LOG_LEVEL: { path: ['logLevel'] },
}

/** Read by something else: the file name above, and the tests of this repository. */
const ENVIRONMENT_ELSEWHERE = new Set(['SPARTAN_CONFIG', 'SPARTAN_FIXTURES'])

/** Names of the environment variables of the node, for the help text and the manual. */
export const ENVIRONMENT_NAMES = ['SPARTAN_CONFIG', ...Object.keys(ENVIRONMENT)]

/** Process environment as this module sees it. */
export type Environment = Readonly<Record<string, string | undefined>>

/** File named on the command line, else by SPARTAN_CONFIG, else `.spartan/node/config.json` below the working directory. */
export function configPath(option: string | undefined, env: Environment): string {
  return resolve(option ?? env.SPARTAN_CONFIG ?? join('.spartan', 'node', 'config.json'))
}

function readConfigFile(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError('NODE_CONFIG_MISSING', { metaMessages: [path], cause })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ConfigError('NODE_CONFIG_INVALID', { metaMessages: [`${path}: not JSON`], cause })
  }
}

function setAt(target: Record<string, unknown>, path: Path, value: unknown): void {
  const [head, ...rest] = path
  if (head === undefined) return
  if (rest.length === 0) {
    target[head] = value
    return
  }
  const inner = target[head]
  const next = typeof inner === 'object' && inner !== null ? { ...(inner as Record<string, unknown>) } : {}
  target[head] = next
  setAt(next, rest, value)
}

function applyEnvironment(file: unknown, env: Environment, faults: string[]): unknown {
  const target: Record<string, unknown> =
    typeof file === 'object' && file !== null ? { ...(file as Record<string, unknown>) } : {}
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('SPARTAN_') || value === undefined || ENVIRONMENT_ELSEWHERE.has(name)) continue
    const known = ENVIRONMENT[name]
    if (!known) faults.push(`${name}: unknown environment variable`)
    else setAt(target, known.path, known.number ? Number(value) : value)
  }
  return target
}

/**
 * Checks a configuration and lists **all** faults at once.
 *
 * @param file - Parsed content of the file.
 * @param base - Folder against which relative paths are resolved: the one the file lies in.
 * @throws {ConfigError} `NODE_CONFIG_INVALID` with one line per fault: where, what was found, what is allowed.
 */
export function parseConfig(file: unknown, env: Environment, base: string): NodeConfig {
  const faults: string[] = []
  const input = applyEnvironment(file, env, faults)
  const parsed = configSchema.safeParse(input)
  if (!parsed.success) faults.push(...parsed.error.issues.flatMap((issue) => describeFault(issue, input)))
  if (!parsed.success || faults.length > 0) throw new ConfigError('NODE_CONFIG_INVALID', { metaMessages: faults })
  return withAbsolutePaths(parsed.data, base)
}

function withAbsolutePaths(config: NodeConfig, base: string): NodeConfig {
  const absolute = (path: string) => (isAbsolute(path) ? path : join(base, path))
  const { tee, store } = config
  return {
    ...config,
    dataDir: absolute(config.dataDir),
    operatorKeyFile: absolute(config.operatorKeyFile),
    tee:
      tee.kind === 'configfs-tsm' && tee.endorsementsFile !== undefined
        ? { ...tee, endorsementsFile: absolute(tee.endorsementsFile) }
        : tee,
    store: store.kind === 'postgres' ? { ...store, urlFile: absolute(store.urlFile) } : store,
  }
}

/** Checks contract addresses alone, for commands that need no node. Failure: `NODE_CONFIG_INVALID`. */
export function parseContracts(contracts: unknown): NodeConfig['chain']['contracts'] {
  const parsed = contractsSchema.safeParse(contracts)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.flatMap((issue) => describeFault(issue, contracts))
  throw new ConfigError('NODE_CONFIG_INVALID', { metaMessages: faults })
}

/** Reads file and environment. Failures: `NODE_CONFIG_MISSING`, `NODE_CONFIG_INVALID`. */
export function loadConfig(path: string, env: Environment): NodeConfig {
  return parseConfig(readConfigFile(path), env, dirname(path))
}

/** URL written into the registry. */
export function publicUrlOf(config: NodeConfig): string {
  return config.listen.publicUrl ?? `http://${config.listen.host}:${config.listen.port}`
}

/** The configuration with credentials of URLs replaced, for `config print`. Other secrets are only ever in files. */
export function redactConfig(config: NodeConfig): NodeConfig {
  const hide = (url: string) => {
    const parsed = new URL(url)
    if (parsed.username !== '') parsed.username = 'redacted'
    if (parsed.password !== '') parsed.password = 'redacted'
    for (const key of [...parsed.searchParams.keys()]) parsed.searchParams.set(key, 'redacted')
    // Hosted RPC endpoints carry their key as the last path segment.
    return parsed.pathname.length > 1 ? `${parsed.origin}/redacted` : parsed.href
  }
  return {
    ...config,
    chain: { ...config.chain, rpcUrl: hide(config.chain.rpcUrl) },
    tee: config.tee.kind === 'simulator' ? { ...config.tee, url: hide(config.tee.url) } : config.tee,
  }
}

/**
 * sha256 over the canonical JSON of the whole effective configuration: `configDigest` of the keyset.
 *
 * Proves, inside the evidence: the node runs with exactly this configuration. Does not hide it: it is guessable.
 */
export function configDigest(config: NodeConfig): Hex {
  return sha256(stringToBytes(canonicalJson(config)))
}

/**
 * Reads a private key file: one 0x-prefixed 32-byte hexadecimal number, mode 0600.
 *
 * @throws {ConfigError} `NODE_KEY_FILE_MISSING`, `NODE_KEY_FILE_UNSAFE` when group or others may read it.
 */
export function readKeyFile(path: string): Hex {
  let text: string
  try {
    const mode = statSync(path).mode & 0o777
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new ConfigError('NODE_KEY_FILE_UNSAFE', { metaMessages: [`${path} has mode 0${mode.toString(8)}`] })
    text = readFileSync(path, 'utf8').trim()
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause
    throw new ConfigError('NODE_KEY_FILE_MISSING', { metaMessages: [path], cause })
  }
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw new ConfigError('NODE_KEY_FILE_MISSING', { metaMessages: [path] })
  return text as Hex
}

/** Reads the database URL from its file. Failure: `NODE_CONFIG_INVALID`. */
export function readSecretUrl(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    throw new ConfigError('NODE_CONFIG_INVALID', { metaMessages: [`store.urlFile: cannot read ${path}`], cause })
  }
}
