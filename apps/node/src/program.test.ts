import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runProgram } from './program.ts'

const address = (digit: string) => `0x${digit.repeat(40)}`

async function run(argv: readonly string[], env: Record<string, string> = {}) {
  let out = ''
  let err = ''
  const host = {
    env,
    stdout: (text: string) => {
      out += text
    },
    stderr: (text: string) => {
      err += text
    },
  }
  return { code: await runProgram(argv, host), out, err }
}

function workplace() {
  const dir = mkdtempSync(join(tmpdir(), 'spartan-cli-'))
  const names = ['AttestationRegistry', 'EndorsementStore', 'ReferenceValues', 'AssetRegistry', 'KeyReleases']
  const contracts = Object.fromEntries([...names, 'Ledger', 'ChannelEscrow'].map((name) => [name, address('1')]))
  writeFileSync(join(dir, 'deployment.json'), JSON.stringify({ contracts }))
  const init = [
    ...['node', 'init', '--rpc-url', 'http://127.0.0.1:1', '--chain-id', '1', '--owner', address('a')],
    ...['--deployment', join(dir, 'deployment.json'), '--data-dir', join(dir, 'node'), '--asset-id', '1', '--json'],
    ...['--tee', 'simulator', '--simulator-url', 'http://127.0.0.1:2', '--platform', 'p'],
  ]
  return { dir, init, config: join(dir, 'node', 'config.json'), key: join(dir, 'node', 'operator.key') }
}

describe('spartan', () => {
  test.each([
    [['--help'], 0],
    [['node', 'serve', '--help'], 0],
    [['node', 'fly'], 2],
    [['node', 'init'], 2],
    [['node', 'status', '--config', '/nonexistent/config.json'], 5],
  ])('behavior: %j exits with %i', async (argv, code) => {
    expect((await run(argv)).code).toBe(code)
  })

  test.each([
    [['status'], 'node status'],
    [['status', '--help'], 'node status'],
    [['gpu', 'bind', '--help'], 'node gpu bind'],
    [['node', 'once', '-h'], 'broker once'],
  ])('behavior: %j is no command, and %s is named', async (argv, meant) => {
    const { code, out, err } = await run(argv)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain(`(Did you mean '${meant}'?)`)
  })

  test.each([[['fly', '--help']], [['node', 'fly', '--help']]])('behavior: %j is no command', async (argv) => {
    expect(await run(argv)).toMatchObject({ code: 2, out: '', err: expect.stringContaining("unknown command 'fly'") })
  })

  test('behavior: init writes a private key file and a configuration that loads', async () => {
    const { init, config, key } = workplace()
    const { code, out } = await run(init)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ written: true, configFile: config })
    expect(statSync(key).mode & 0o777).toBe(0o600)
    const printed = await run(['config', 'print', '--config', config, '--json'])
    expect(printed.code).toBe(0)
    expect(JSON.parse(printed.out).configDigest).toMatch(/^0x[0-9a-f]{64}$/)
    expect(printed.out).not.toContain(readFileSync(key, 'utf8').trim())
  })

  test('error: NODE_CONFIG_EXISTS, exit 5, and nothing is overwritten', async () => {
    const { init, key } = workplace()
    await run(init)
    const before = readFileSync(key, 'utf8')
    const { code, err } = await run(init)
    expect(code).toBe(5)
    expect(JSON.parse(err).error.code).toBe('NODE_CONFIG_EXISTS')
    expect(readFileSync(key, 'utf8')).toBe(before)
  })

  test('behavior: --dry-run writes nothing', async () => {
    const { init, config, key } = workplace()
    expect((await run([...init, '--dry-run'])).code).toBe(0)
    expect(existsSync(config) || existsSync(key)).toBe(false)
  })

  test('error: an unknown SPARTAN_ variable refuses every command that reads the configuration', async () => {
    const { init, config } = workplace()
    await run(init)
    const { code, err } = await run(['node', 'status', '--config', config], { SPARTAN_UPSTREAM_URL: 'http://evil' })
    expect(code).toBe(5)
    expect(err).toContain('SPARTAN_UPSTREAM_URL: unknown environment variable')
  })

  test('behavior: doctor lists every failed check with its next step and exits 5', async () => {
    const { init, config } = workplace()
    await run(init)
    const { code, out } = await run(['node', 'doctor', '--config', config, '--json'])
    expect(code).toBe(5)
    const checks = JSON.parse(out).checks as { name: string; ok: boolean; next: string }[]
    const failed = checks.filter(({ ok }) => !ok).map(({ name }) => name)
    expect(failed).toEqual(expect.arrayContaining(['TEE', 'endorsements', 'chain']))
    expect(checks.every(({ next }) => next.length > 0)).toBe(true)
  })

  test('error: NODE_CHAIN_UNREACHABLE exits with 4', async () => {
    const { init, config } = workplace()
    await run(init)
    const { code, err } = await run(['node', 'status', '--config', config, '--json'])
    expect(code).toBe(4)
    expect(JSON.parse(err).error.code).toBe('NODE_CHAIN_UNREACHABLE')
  })
})
