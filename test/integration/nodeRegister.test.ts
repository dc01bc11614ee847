import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { attestationRegistryAbi, endorsementStoreAbi } from '@spartan/abi'
import { privateKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProgram } from '../../apps/node/src/program.ts'
import { clientsFor } from '../../scripts/demo/chain.ts'
import { readyz } from '../support/nodeCalls.ts'
import { createNodeWorld, type NodeWorld, spartan } from '../support/nodeWorld.ts'
import { until } from '../support/wait.ts'

const MAIN = fileURLToPath(new URL('../../apps/node/src/main.ts', import.meta.url))

describe('spartan node register', () => {
  let world: NodeWorld
  let child: ChildProcess | undefined

  const register = async (...more: string[]) => {
    const { code, out, err } = await spartan('node', 'register', '--config', world.configFile, '--json', ...more)
    return { code, err, result: out === '' ? undefined : JSON.parse(out) }
  }
  const chain = () => clientsFor(world.rpcUrl, 0).publicClient
  /** Transactions of the operator's account so far. */
  const sent = () => chain().getTransactionCount({ address: privateKeyToAddress(world.operatorKey) })
  const epoch = async () => {
    const registry = { address: world.contracts.AttestationRegistry, abi: attestationRegistryAbi } as const
    return (await chain().readContract({ ...registry, functionName: 'recordOf', args: [world.providerId] })).epoch
  }
  const gpus = () => {
    const registry = { address: world.contracts.AttestationRegistry, abi: attestationRegistryAbi } as const
    return chain().readContract({ ...registry, functionName: 'gpusOf', args: [world.providerId] })
  }

  const serve = () => {
    child = spawn(process.execPath, [MAIN, 'node', 'serve', '--config', world.configFile], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { PATH: process.env.PATH },
    })
    return child
  }

  beforeAll(async () => {
    world = await createNodeWorld({ gpu: true })
  })
  afterAll(async () => {
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    }
    await world?.close()
  })

  test('--dry-run sends nothing, so a store without endorsements refuses', async () => {
    const before = await sent()
    const { code, err } = await register('--dry-run')
    expect(code).toBe(3)
    expect(JSON.parse(err).error.code).toMatch(/^DCAP_/)
    expect(await sent()).toBe(before)
  })

  test('no node runs: uploads for real, proves that the registry would accept, registers nothing', async () => {
    const { code, err, result } = await register()
    expect(err).toBe('')
    expect(code).toBe(0)
    expect(result).toMatchObject({ ok: true, registered: false, nextEpoch: '1', providerId: world.providerId })
    expect(result.uploads.length).toBeGreaterThan(0)
    const uploaded = await chain().getContractEvents({
      address: world.contracts.EndorsementStore,
      abi: endorsementStoreAbi,
      fromBlock: 0n,
    })
    expect(new Set(uploaded.map(({ transactionHash }) => transactionHash))).toEqual(new Set(result.uploads))
    expect(await epoch()).toBe(0n)
    // Everything is there now, so a dry run passes too.
    expect((await register('--dry-run')).result).toMatchObject({ ok: true, registered: false, uploads: [] })
  })

  test('a node runs: it registers anew, and the command waits for the new epoch', async () => {
    const child = serve()
    await until('registered', async () => (await readyz(world)).reasons.includes('NODE_ASSET_KEY_NOT_RELEASED'))
    expect(await epoch()).toBe(1n)

    // Doctor knows the node that it is run beside.
    const doctor = await spartan('node', 'doctor', '--config', world.configFile, '--json')
    expect(doctor.err).toBe('')
    expect(JSON.parse(doctor.out).checks).toContainEqual(
      expect.objectContaining({ name: 'port', ok: true, detail: expect.stringContaining(`process ${child.pid}`) }),
    )

    // Bringing a GPU's endorsements sends transactions beside everything else.
    await until('bound', async () => (await gpus()).length === 1)
    const before = await sent()
    expect((await register('--dry-run')).result).toMatchObject({
      registered: false,
      nextEpoch: '2',
      process: child.pid,
    })
    expect(await sent()).toBe(before)

    const { code, err, result } = await register()
    expect(err).toBe('')
    expect(code).toBe(0)
    expect(result).toMatchObject({ ok: true, registered: true, epoch: '2', status: 'Active', process: child.pid })
    expect(await epoch()).toBe(2n)
    expect(child.exitCode).toBeNull()
  })

  test('its GPU is bound to the registered keys by itself, and anew on demand', async () => {
    await until('bound', async () => (await gpus()).length === 1)
    const [before] = await gpus()
    expect(before).toMatchObject({ simulated: true })
    const status = await spartan('node', 'status', '--config', world.configFile, '--json')
    const shown = { platformId: before?.platformId, product: 'GH100', tier: 'Simulated' }
    expect(JSON.parse(status.out).gpus).toMatchObject([shown])
    const bound = await spartan('node', 'gpu', 'bind', '--config', world.configFile, '--json')
    expect(bound.err).toBe('')
    expect(JSON.parse(bound.out)).toMatchObject({ ok: true, gpus: [shown] })
    const after = await gpus()
    expect(after).toHaveLength(1)
    expect(after[0]?.evidenceHash).not.toBe(before?.evidenceHash)
  })

  test('error: CLI_REGISTRATION_NOT_SEEN, exit 4, when the running node ends without registering', async () => {
    const stopped = child?.pid ?? 0
    process.kill(stopped, 'SIGSTOP')
    let shown = ''
    const show = (text: string) => {
      shown += text
    }
    const host = { env: {}, stdout: show, stderr: show }
    const asked = runProgram(['node', 'register', '--config', world.configFile], host)
    const renewed = spartan('node', 'renew', '--config', world.configFile)
    await until('the node was asked', async () => shown.includes('Asked the running node'))
    await new Promise((resolve) => setTimeout(resolve, 500))
    process.kill(stopped, 'SIGKILL')
    expect(await asked).toBe(4)
    expect(shown).toContain('CLI_REGISTRATION_NOT_SEEN')
    expect(await renewed).toMatchObject({ code: 4, err: expect.stringContaining('CLI_NODE_UNREACHABLE') })
    expect(await epoch()).toBe(2n)
    // Its keys are gone, and so is what there was to renew.
    const again = await spartan('node', 'renew', '--config', world.configFile)
    expect(again).toMatchObject({ code: 5, err: expect.stringContaining('CLI_NODE_NOT_RUNNING') })
  })
})
