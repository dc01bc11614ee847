import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { configDigest, type NodeConfigInput, parseConfig, readKeyFile, redactConfig } from './config.ts'
import { ConfigError } from './errors.ts'

const address = (digit: string) => `0x${digit.repeat(40)}`

function input(): NodeConfigInput {
  return {
    dataDir: 'data',
    chain: {
      rpcUrl: 'http://127.0.0.1:8545',
      chainId: 31337,
      contracts: {
        attestationRegistry: address('1'),
        endorsementStore: address('2'),
        referenceValues: address('3'),
        assetRegistry: address('4'),
        keyReleases: address('5'),
        ledger: address('6'),
        channelEscrow: address('7'),
      },
    },
    owner: address('a'),
    operatorKeyFile: 'operator.key',
    tee: { kind: 'simulator', url: 'http://127.0.0.1:9000', platform: 'tdx' },
    asset: { id: '1', version: 1 },
  }
}

function faultsOf(run: () => unknown): readonly string[] {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).code).toBe('NODE_CONFIG_INVALID')
    return (error as ConfigError).metaMessages
  }
  throw new Error('accepted')
}

describe('parseConfig', () => {
  test('default: fills defaults and resolves paths against the file', () => {
    const config = parseConfig(input(), {}, '/srv/node')
    expect(config.dataDir).toBe('/srv/node/data')
    expect(config.operatorKeyFile).toBe('/srv/node/operator.key')
    expect(config.listen.port).toBe(8443)
    expect(config.settlement.batchSize).toBe(20)
  })

  test('behavior: the environment wins over the file', () => {
    const config = parseConfig(input(), { SPARTAN_LISTEN_PORT: '9100', SPARTAN_RPC_URL: 'http://10.0.0.1:1' }, '/')
    expect(config.listen.port).toBe(9100)
    expect(config.chain.rpcUrl).toBe('http://10.0.0.1:1')
  })

  test('error: NODE_CONFIG_INVALID lists every fault at once', () => {
    const broken = { ...input(), owner: 'nobody', colour: 'red', limits: { concurrency: 0, speed: 1 } }
    const faults = faultsOf(() => parseConfig(broken, { SPARTAN_UPSTREAM: 'http://evil' }, '/')).join('\n')
    expect(faults).toContain('SPARTAN_UPSTREAM: unknown environment variable')
    expect(faults).toContain('owner: found "nobody"; allowed: an address (0x and 40 hexadecimal digits)')
    expect(faults).toContain('colour: unknown key')
    expect(faults).toContain('limits.speed: unknown key')
    expect(faults).toContain('limits.concurrency: found 0; allowed: a whole number of at least 1')
  })

  const { owner: _, ...withoutOwner } = input()
  const chain = (change: object) => ({ ...input(), chain: { ...input().chain, ...change } })
  test.each<[string, object, string]>([
    ['a missing key', withoutOwner, 'owner: missing; allowed: a text in quotes'],
    [
      'a number in quotes',
      { ...input(), drainSeconds: '5' },
      'drainSeconds: found "5"; allowed: a number without quotes',
    ],
    ['half a port', { ...input(), listen: { port: 1.5 } }, 'listen.port: found 1.5; allowed: a whole number'],
    [
      'a port too high',
      { ...input(), listen: { port: 65_536 } },
      'listen.port: found 65536; allowed: a whole number of at most 65535',
    ],
    [
      'another level',
      { ...input(), logLevel: 'loud' },
      'logLevel: found "loud"; allowed: "silent", "error", "warn", "info", "debug"',
    ],
    [
      'another TEE',
      { ...input(), tee: { kind: 'none' } },
      'tee.kind: found "none"; allowed: "configfs-tsm", "simulator"',
    ],
    ['a list', { ...input(), tee: [] }, 'tee: found a list; allowed: an object in { }'],
    ['nothing at all', { ...input(), dataDir: '' }, 'dataDir: found ""; allowed: a text that is not empty'],
    [
      'a wrong URL, which may hold a key',
      chain({ rpcUrl: 'htp://h/v2/KEY' }),
      'chain.rpcUrl: found a text of 14 characters; allowed: an http:// or https:// URL',
    ],
    [
      'a private key as owner',
      { ...input(), owner: `0x${'a'.repeat(64)}` },
      'owner: found a text of 66 characters; allowed: an address (0x and 40 hexadecimal digits)',
    ],
    ['a chain id below 1', chain({ chainId: 0 }), 'chain.chainId: found 0; allowed: a whole number of at least 1'],
  ])('error: NODE_CONFIG_INVALID says where, what was found and what is allowed: %s', (_name, broken, fault) => {
    expect(faultsOf(() => parseConfig(broken, {}, '/'))).toEqual([fault])
  })

  test('behavior: endorsements come from a source or from a file, never both or none', () => {
    const tee = (fields: object) => ({ ...input(), tee: { kind: 'configfs-tsm', ...fields } })
    const source = { endorsements: { kind: 'pccs', url: 'https://pccs:8081' } }
    expect(parseConfig(tee(source), {}, '/').tee).toMatchObject(source)
    expect(parseConfig(tee({ endorsementsFile: 'e.json' }), {}, '/srv').tee).toMatchObject({
      endorsementsFile: '/srv/e.json',
    })
    for (const wrong of [{}, { ...source, endorsementsFile: 'e.json' }]) {
      expect(faultsOf(() => parseConfig(tee(wrong), {}, '/'))).toEqual([
        'tee: expected endorsements or endorsementsFile, and not both',
      ])
    }
    const secret = { endorsements: { kind: 'pccs', url: 'https://name:word@pccs' } }
    expect(faultsOf(() => parseConfig(tee(secret), {}, '/')).join()).toContain('allowed: a URL without credentials')
  })

  test('behavior: an unknown variable alone refuses, variables of others do not', () => {
    expect(faultsOf(() => parseConfig(input(), { SPARTAN_TYPO: '1' }, '/'))).toHaveLength(1)
    expect(() => parseConfig(input(), { SPARTAN_FIXTURES: '/x', HOME: '/' }, '/')).not.toThrow()
  })
})

describe('configDigest', () => {
  test('behavior: changes with any value, not with the order of keys', () => {
    const config = parseConfig(input(), {}, '/')
    const reordered = parseConfig(Object.fromEntries(Object.entries(input()).reverse()), {}, '/')
    expect(configDigest(reordered)).toBe(configDigest(config))
    expect(configDigest({ ...config, drainSeconds: config.drainSeconds + 1 })).not.toBe(configDigest(config))
  })
})

describe('redactConfig', () => {
  test('behavior: no credential of a URL stays', () => {
    const config = parseConfig(input(), { SPARTAN_RPC_URL: 'https://user:hunter2@rpc.example/v3/apikey?k=apikey' }, '/')
    const text = JSON.stringify(redactConfig(config))
    expect(text).not.toContain('hunter2')
    expect(text).not.toContain('apikey')
    expect(text).toContain('rpc.example')
  })
})

describe('readKeyFile', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'spartan-key-')), 'operator.key')
  const key = `0x${'ab'.repeat(32)}`

  test('default', () => {
    writeFileSync(path, `${key}\n`, { mode: 0o600 })
    expect(readKeyFile(path)).toBe(key)
  })
  test('error: NODE_KEY_FILE_UNSAFE', () => {
    chmodSync(path, 0o644)
    expect(() => readKeyFile(path)).toThrow(expect.objectContaining({ code: 'NODE_KEY_FILE_UNSAFE' }))
  })
  test('error: NODE_KEY_FILE_MISSING', () => {
    expect(() => readKeyFile(`${path}.none`)).toThrow(expect.objectContaining({ code: 'NODE_KEY_FILE_MISSING' }))
  })
})
