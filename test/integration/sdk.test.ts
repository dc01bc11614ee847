import {
  createHpkeKeyPair,
  encodeKeyConfig,
  hpkeKeyDigest,
  KEM_X25519_HKDF_SHA256,
  keysetDigest,
  parseAttestationAnswer,
  reportData,
} from '@spartan/protocol'
import {
  attestationRegistryAbi,
  type ChannelStorage,
  createMemoryStorage,
  createSpartanClient,
  fromEthersSigner,
  type OpenProgress,
  type SpartanClientOptions,
} from '@spartan/sdk'
import { JsonRpcProvider, Wallet } from 'ethers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CHAIN_ID, clientsFor, indexOf, worldAccounts } from '../../scripts/demo/chain.ts'
import { actorOf } from '../support/actor.ts'
import { addressOf, PRICES, type SdkWorld, startSdkWorld } from '../support/sdkWorld.ts'

const PROBLEM_TYPE = 'application/problem+json'
const JSON_TYPE = { 'content-type': 'application/json' }
const CLOSES = Array.from({ length: 257 }, (_, day) => 20_000 + 37 * day + 500 * Math.sin(day / 9))
const INPUTS = [{ name: 'closes', datatype: 'FP64', shape: [1, 257], data: CLOSES }]
const FEE = PRICES.pricePerUnitIn * 257n + PRICES.pricePerUnitOut * 4n

/** Everything that left through the client's fetch, with a hand on the answers. */
function networkSpy(change: (url: URL, answer: Response) => Promise<Response> = async (_, answer) => answer) {
  const sent: { readonly method: string; readonly path: string; readonly body: Uint8Array }[] = []
  const spy: typeof fetch = async (input, init) => {
    const request = new Request(input as URL, init)
    const url = new URL(request.url)
    sent.push({ method: request.method, path: url.pathname, body: new Uint8Array(await request.clone().arrayBuffer()) })
    return change(url, await fetch(request))
  }
  return { sent, fetch: spy }
}

describe('SDK against a real node, real contracts, simulated TEE', () => {
  let world: SdkWorld
  beforeAll(async () => {
    world = await startSdkWorld()
  }, 120_000)
  afterAll(() => world?.stop())

  function clientWith(extra: Partial<SpartanClientOptions> = {}) {
    const { publicClient, walletClient } = clientsFor(world.rpcUrl, indexOf('trader'))
    return createSpartanClient({
      chainId: CHAIN_ID,
      contracts: world.contracts,
      publicClient,
      wallet: walletClient,
      trustAnchors: [{ publicKey: world.simulationRoot, simulated: true }],
      dangerouslyAllowSimulated: true,
      ...extra,
    })
  }

  async function openedChannel(client: ReturnType<typeof clientWith>) {
    const { providerId } = world.node
    return client.openChannel({ providerId, assetId: world.assetId, deposit: 50n * FEE })
  }

  test('says why a provider takes no new channels, whatever the asset', async () => {
    const owner = actorOf(world.rpcUrl, 'providerOwnerA')
    const drain = async (draining: boolean) => {
      const address = world.contracts.attestationRegistry
      const args = [world.node.providerId, draining]
      await owner.send({ address, abi: attestationRegistryAbi, functionName: 'setDraining', args })
    }
    const client = clientWith()
    await drain(true)
    const { providers } = await client.discover()
    await drain(false)
    expect(providers).toMatchObject([{ status: 'Draining', reasonCode: 'REGISTRY_PROVIDER_DRAINING' }])
    expect((await client.provider(world.node.providerId)).reasonCode).toBeUndefined()
  })

  test('discover, verify, open, infer twice, receipt, close', async () => {
    const spy = networkSpy()
    const client = clientWith({ fetch: spy.fetch })
    const { providers, nextCursor } = await client.discover({ assetId: world.assetId })
    expect(nextCursor).toBeUndefined()
    expect(providers).toMatchObject([{ providerId: world.node.providerId, status: 'Active', canServe: { ok: true } }])
    const standing = { tee: 'Tdx', tier: 'Simulated', simulated: true, gpus: [], reasonCode: undefined }
    expect(providers).toMatchObject([{ ...standing, product: expect.stringMatching(/^[0-9A-F]{12}$/) }])
    expect(providers[0]?.validUntil).toBeGreaterThan(Date.now() / 1000)
    expect((await client.discover({ minTier: 'Simulated' })).providers).toHaveLength(1)
    expect((await client.discover({ minTier: 'Low' })).providers).toEqual([])
    expect(await client.assets()).toMatchObject([{ assetId: 1n, name: 'trend', kind: 'model', version: 1 }])

    const verification = await client.verifyProvider(world.node.providerId)
    expect(verification).toMatchObject({ verdict: 'accepted' })
    expect(verification.checks.every(({ status }) => status === 'done')).toBe(true)
    // What is measured and bound is judged by the steps above, against registry and challenge.
    const unasked = verification.evidenceChecks.filter(({ status }) => status !== 'done').map(({ id }) => id)
    expect(unasked).toEqual(['tee-tcb-svn', 'measurement', 'report-data'])

    const progress: OpenProgress[] = []
    const { providerId } = world.node
    const onProgress = (step: OpenProgress) => progress.push(step)
    const channel = await client.openChannel({ providerId, assetId: 1n, deposit: 50n * FEE, onProgress })
    expect(progress.filter(({ status }) => status === 'done').map(({ step }) => step)).toEqual([
      'verify',
      'prepare',
      'approve',
      'deposit',
      'open',
      'confirm',
    ])
    expect(await client.channelOnChain(channel.channelId)).toMatchObject({ status: 1, deposit: 50n * FEE })

    const first = await client.infer({ channelId: channel.channelId, model: 'trend', inputs: INPUTS })
    expect(first.outputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['position', [1, 1]],
      ['probabilities', [1, 3]],
    ])
    expect(first.receipt).toMatchObject({ seq: 1n, fee: FEE, cumulativeFee: FEE, unitsIn: 257n, unitsOut: 4n })
    expect(first.checks.every(({ status }) => status === 'done')).toBe(true)
    const second = await client.infer({ channelId: channel.channelId, model: 'trend', inputs: INPUTS })
    expect(second.outputs).toEqual(first.outputs)
    expect(second.receipt).toMatchObject({ seq: 2n, fee: FEE, cumulativeFee: 2n * FEE })

    // What travelled is ciphertext: no tensor name, no number of the prompt, no voucher.
    const posts = spy.sent.filter(({ method }) => method === 'POST')
    expect(posts.length).toBeGreaterThanOrEqual(3)
    for (const { body } of posts) expect(Buffer.from(body).toString('latin1')).not.toMatch(/closes|voucher|20000/)

    await world.node.settle()
    expect(await client.channelOnChain(channel.channelId)).toMatchObject({ settled: 2n * FEE, lastSeq: 2n })
    await client.requestClose(channel.channelId)
    await expect(client.finalizeClose(channel.channelId)).rejects.toMatchObject({ code: 'CHANNEL_CLOSE_TOO_EARLY' })
    const inferClosed = client.infer({ channelId: channel.channelId, model: 'trend', inputs: INPUTS })
    await expect(inferClosed).rejects.toMatchObject({ code: 'CHANNEL_NOT_OPEN' })
  })

  describe('a swapped encryption key stops everything before a plaintext byte leaves', () => {
    const swaps = {
      'in /v1/ohttp-keys': { keys: true, attestation: false, code: 'SDK_ENCRYPTION_KEY_MISMATCH' },
      'in the attestation': { keys: false, attestation: true, code: 'SDK_KEYSET_NOT_ON_CHAIN' },
      'in both': { keys: true, attestation: true, code: 'SDK_KEYSET_NOT_ON_CHAIN' },
    }
    for (const [where, swap] of Object.entries(swaps)) {
      test(where, async () => {
        const honest = clientWith()
        const storage = createMemoryStorage()
        const { channelId } = await openedChannel(clientWith({ storage }))
        const attacker = await createHpkeKeyPair()
        const spy = networkSpy(async (url, answer) => {
          if (swap.keys && url.pathname === '/v1/ohttp-keys') {
            return new Response(encodeKeyConfig({ keyId: 1, publicKey: attacker.publicKey }))
          }
          if (swap.attestation && url.pathname === '/v1/attestation') {
            const json = (await answer.json()) as { keyset: Record<string, string> }
            json.keyset.hpkeKeyDigest = hpkeKeyDigest(KEM_X25519_HKDF_SHA256, attacker.publicKey)
            return Response.json(json)
          }
          return answer
        })
        const victim = clientWith({ fetch: spy.fetch, storage })
        const refused = victim.infer({ channelId, model: 'trend', inputs: INPUTS })
        await expect(refused).rejects.toMatchObject({ code: swap.code })
        expect(spy.sent.length).toBeGreaterThan(0)
        expect(spy.sent.filter(({ method, path }) => method !== 'GET' || path === '/v1/ohttp')).toEqual([])
        expect(spy.sent.every(({ body }) => body.length === 0)).toBe(true)
        expect((await victim.channel(channelId)).pending).toBeUndefined()
        // The same without the swap goes through, so it is the swap that was refused.
        expect(await honest.verifyProvider(world.node.providerId)).toMatchObject({ verdict: 'accepted' })
      })
    }
  })

  test('evidence over another challenge, tampered, or under no trusted root is refused', async () => {
    const replayed = await (await fetch(`${world.node.url}/v1/attestation?challenge=0x${'11'.repeat(32)}`)).text()
    const cases = [
      [() => replayed, 'SDK_CHALLENGE_NOT_ANSWERED'],
      [(body: string) => body.replace(/"quote":"0x(.{200})(..)/, '"quote":"0x$1ff'), 'DCAP_QUOTE_SIGNATURE_INVALID'],
    ] as const
    for (const [change, code] of cases) {
      const spy = networkSpy(async (url, answer) =>
        url.pathname === '/v1/attestation' ? new Response(change(await answer.text())) : answer,
      )
      const verification = await clientWith({ fetch: spy.fetch }).verifyProvider(world.node.providerId)
      expect(verification).toMatchObject({ verdict: 'refused', reasonCode: code })
    }
    const strict = createSpartanClient({ chainId: CHAIN_ID, contracts: world.contracts, rpcUrl: world.rpcUrl })
    expect(await strict.verifyProvider(world.node.providerId)).toMatchObject({
      verdict: 'refused',
      reasonCode: 'DCAP_ROOT_NOT_PINNED',
    })
  })

  describe('genuine evidence of something else is refused by the step that judges it', () => {
    const OTHER = { reportData: `0x${'22'.repeat(64)}` }
    const cases = {
      'over another keyset': { ask: () => OTHER, step: 'binding', code: 'SDK_KEYSET_NOT_BOUND' },
      'of another workload': {
        ask: (bound: string) => ({ reportData: bound, workload: 'another-image/1' }),
        step: 'measurement',
        code: 'SDK_MEASUREMENT_MISMATCH',
      },
    }
    for (const [what, { ask, step, code }] of Object.entries(cases)) {
      test(what, async () => {
        const spy = networkSpy(async (url, answer) => {
          if (url.pathname !== '/v1/attestation') return answer
          const body = new Uint8Array(await answer.arrayBuffer())
          const { keyset, challenge } = parseAttestationAnswer(body)
          const asked = { platform: 'machine-a', ...ask(reportData(keysetDigest(keyset), challenge)) }
          const made = await fetch(`${world.simulatorUrl}/quote`, {
            method: 'POST',
            headers: JSON_TYPE,
            body: JSON.stringify(asked),
          })
          const { quote } = (await made.json()) as { quote: string }
          return Response.json({ ...JSON.parse(new TextDecoder().decode(body)), quote })
        })
        const verification = await clientWith({ fetch: spy.fetch }).verifyProvider(world.node.providerId)
        expect(verification).toMatchObject({ verdict: 'refused', reasonCode: code })
        const failed = verification.checks.filter(({ status }) => status === 'failed').map(({ id }) => id)
        expect(failed).toEqual([step])
        expect(verification.checks.find(({ id }) => id === 'evidence')?.status).toBe('done')
      })
    }
  })

  test('a lost answer is repeated with the same voucher and charged once, also after the node renewed its keys', async () => {
    const storage = createMemoryStorage()
    const { channelId } = await openedChannel(clientWith({ storage }))
    let lose = true
    const spy = networkSpy(async (url, answer) => {
      if (!lose || url.pathname !== '/v1/ohttp') return answer
      throw new TypeError('connection reset')
    })
    const options = { fetch: spy.fetch, storage }
    const request = { channelId, model: 'trend', inputs: INPUTS, maxUnitsOut: 4n }
    await expect(clientWith(options).infer(request)).rejects.toMatchObject({ code: 'SDK_PROVIDER_UNREACHABLE' })
    expect((await clientWith(options).channel(channelId)).pending).toMatchObject({ seq: 1n, cumulativeMax: FEE })
    await world.restartNode()
    lose = false
    // A new client over the stored state: what a page does after it was closed.
    const recovered = await clientWith(options).recoverPending(channelId)
    expect(recovered?.receipt).toMatchObject({ seq: 1n, cumulativeFee: FEE })
    const next = await clientWith(options).infer(request)
    expect(next.receipt).toMatchObject({ seq: 2n, cumulativeFee: 2n * FEE })
    expect(next.receipt.keysetEpoch).toBeGreaterThan(recovered?.receipt.keysetEpoch ?? 0n)
  })

  test('two requests at once on one channel get two numbers', async () => {
    const client = clientWith()
    const { channelId } = await openedChannel(client)
    const request = { channelId, model: 'trend', inputs: INPUTS }
    const results = await Promise.all([client.infer(request), client.infer(request)])
    expect(results.map(({ receipt }) => receipt.seq)).toEqual([1n, 2n])
  })

  test('a refusal of the node inside the encrypted answer is its own code and leaves the channel usable', async () => {
    const client = clientWith()
    const { channelId } = await openedChannel(client)
    const wrong = [{ name: 'closes', datatype: 'FP64', shape: [1, 3], data: [1, 2, 3] }]
    const refused = client.infer({ channelId, model: 'trend', inputs: wrong })
    await expect(refused).rejects.toMatchObject({ code: 'NODE_INPUT_INVALID' })
    const small = client.infer({ channelId, model: 'trend', inputs: INPUTS, maxUnitsOut: 1n })
    await expect(small).rejects.toMatchObject({ code: 'NODE_VOUCHER_TOO_SMALL' })
    const dear = client.infer({ channelId, model: 'trend', inputs: INPUTS, maxFee: FEE - 1n })
    await expect(dear).rejects.toMatchObject({ code: 'SDK_FEE_ABOVE_LIMIT' })
    const good = await client.infer({ channelId, model: 'trend', inputs: INPUTS, maxFee: FEE })
    expect(good.receipt.seq).toBe(1n)
  })

  test('an interrupted opening is resumed and neither deposits nor opens twice; permit; ethers signer', async () => {
    const key = worldAccounts().find(({ role }) => role === 'trader')?.privateKey ?? ''
    const provider = new JsonRpcProvider(world.rpcUrl, undefined, {
      polling: true,
      pollingInterval: 50,
      cacheTimeout: -1,
    })
    const storage: ChannelStorage = createMemoryStorage()
    const wallet = fromEthersSigner(new Wallet(key, provider))
    const client = clientWith({ wallet, storage })
    const stopAt = (step: string) => (progress: OpenProgress) => {
      if (progress.step === step && progress.status === 'started') throw new Error('tab closed')
    }
    const open = { providerId: world.node.providerId, assetId: 1n, deposit: 7n * FEE, funding: 'permit' as const }
    const balance = () => client.tokenBalance(world.token, addressOf('trader'))
    const before = await balance()
    await expect(client.openChannel({ ...open, onProgress: stopAt('open') })).rejects.toThrow('tab closed')
    const [draft] = await client.channels()
    if (draft === undefined) throw new Error('the draft is stored')
    await expect(client.infer({ channelId: draft.channelId, model: 'trend', inputs: INPUTS })).rejects.toMatchObject({
      code: 'SDK_CHANNEL_NOT_OPEN',
    })
    await expect(client.resumeOpening(draft.channelId, { onProgress: stopAt('confirm') })).rejects.toThrow('tab closed')
    const opened = await client.resumeOpening(draft.channelId)
    expect(opened).toMatchObject({ opened: true, deposit: 7n * FEE })
    expect(before - (await balance())).toBe(7n * FEE)
    expect((await client.infer({ channelId: opened.channelId, model: 'trend', inputs: INPUTS })).receipt.seq).toBe(1n)
    provider.destroy()
  })

  test('a token that names another permit domain is approved instead; the wallet signs no permit for it', async () => {
    const { publicClient, walletClient } = clientsFor(world.rpcUrl, indexOf('trader'))
    const own = await publicClient.getEip712Domain({ address: world.token })
    const others = [
      { verifyingContract: world.contracts.ledger, chainId: CHAIN_ID },
      { verifyingContract: world.token, chainId: 1 },
    ]
    for (const other of others) {
      const getEip712Domain = async () => ({ ...own, domain: { ...own.domain, ...other } })
      const signTypedData = async () => {
        throw new Error('signed a permit')
      }
      const client = clientWith({
        publicClient: Object.assign(Object.create(publicClient), { getEip712Domain }),
        wallet: Object.assign(Object.create(walletClient), { signTypedData }),
      })
      const open = {
        providerId: world.node.providerId,
        assetId: world.assetId,
        deposit: FEE,
        funding: 'permit' as const,
      }
      expect(await client.openChannel(open)).toMatchObject({ opened: true, deposit: FEE })
    }
  })

  test.each([
    ['NODE_REQUEST_TOO_LARGE', 'the node takes', 150_000],
    ['OHTTP_MESSAGE_TOO_LARGE', 'a message may have', 500_000],
  ])('error: %s for a request larger than %s, and the channel goes on', async (code, _, length) => {
    const client = clientWith()
    const { providerId } = world.node
    const terms = { providerId, assetId: world.assetId, deposit: PRICES.pricePerUnitIn * 600_000n }
    const { channelId } = await client.openChannel(terms)
    const large = [
      { name: 'closes', datatype: 'FP64', shape: [1, length], data: new Float64Array(length).fill(123.4567) },
    ]
    const asked = { channelId, model: 'trend', maxUnitsOut: 4n }
    await expect(client.infer({ ...asked, inputs: large })).rejects.toMatchObject({ code })
    expect((await client.channel(channelId)).pending).toBeUndefined()
    expect((await client.infer({ ...asked, inputs: INPUTS })).receipt.seq).toBe(1n)
  })

  describe('closeNow', () => {
    const request = (channelId: `0x${string}`) => ({ channelId, model: 'trend', inputs: INPUTS })

    test('open, infer, close: provider paid exactly and the rest refunded in one transaction, a second use refused', async () => {
      const client = clientWith()
      const { channelId } = await openedChannel(client)
      await client.infer(request(channelId))
      await client.infer(request(channelId))
      const balanceOf = (role: 'trader' | 'providerOwnerA' | 'assetOwner') =>
        client.ledgerBalance(world.token, addressOf(role))
      const before = { payer: await balanceOf('trader'), provider: await balanceOf('providerOwnerA') }
      const owner = await balanceOf('assetOwner')
      const sent: string[] = []
      const result = await client.closeNow(channelId, (hash) => sent.push(hash))
      expect(result).toMatchObject({ outcome: 'closed', finalCumulative: 2n * FEE })
      expect(sent).toEqual([result.transaction?.transactionHash])
      expect(await client.channelOnChain(channelId)).toMatchObject({ status: 3, settled: 2n * FEE })
      expect((await balanceOf('trader')) - before.payer).toBe(48n * FEE)
      const toOwner = (2n * FEE * 7000n) / 10_000n
      expect((await balanceOf('assetOwner')) - owner).toBe(toOwner)
      const toProtocol = ((2n * FEE - toOwner) * 250n) / 3000n
      expect((await balanceOf('providerOwnerA')) - before.provider).toBe(2n * FEE - toOwner - toProtocol)
      await expect(client.closeNow(channelId)).rejects.toMatchObject({ code: 'SDK_CHANNEL_NOT_OPEN' })
      await expect(client.infer(request(channelId))).rejects.toMatchObject({ code: 'CHANNEL_CLOSED' })
    })

    test('a provider that does not answer: the close is requested and the result says why', async () => {
      let dead = false
      const spy = networkSpy(async (_, answer) => {
        if (dead) throw new TypeError('connection reset')
        return answer
      })
      const client = clientWith({ fetch: spy.fetch })
      const { channelId } = await openedChannel(client)
      await client.infer(request(channelId))
      dead = true
      const result = await client.closeNow(channelId)
      expect(result).toMatchObject({ outcome: 'closeRequested', reasonCode: 'SDK_PROVIDER_UNREACHABLE' })
      const { status, closeRequestedAt } = await client.channelOnChain(channelId)
      expect(status).toBe(2)
      expect(result).toMatchObject({ refundableAt: closeRequestedAt + 3600n })
      expect(await client.closeNow(channelId)).toMatchObject({ outcome: 'closeRequested', transaction: undefined })
      // The provider is back before the delay has passed: no need to wait any longer.
      dead = false
      expect(await client.closeNow(channelId)).toMatchObject({ outcome: 'closed', finalCumulative: FEE })
    })

    test('a provider that is busy is asked again, and only then the close is requested', async () => {
      let busy = 2
      const spy = networkSpy(async (url, answer) => {
        if (url.pathname !== '/v1/ohttp' || busy === 0) return answer
        busy -= 1
        return Response.json({ code: 'NODE_BUSY' }, { status: 429, headers: { 'content-type': PROBLEM_TYPE } })
      })
      const client = clientWith({ fetch: spy.fetch, requestTimeoutMs: 3000 })
      busy = 0
      const { channelId } = await openedChannel(client)
      await client.infer(request(channelId))
      busy = 2
      expect(await client.closeNow(channelId)).toMatchObject({ outcome: 'closed', finalCumulative: FEE })
      const other = await openedChannel(client)
      busy = Number.POSITIVE_INFINITY
      const refused = await client.closeNow(other.channelId)
      expect(refused).toMatchObject({ outcome: 'closeRequested', reasonCode: 'NODE_BUSY' })
    })

    test('an interrupted request is brought to its end first, so that its fee is in the final sum', async () => {
      let lose = false
      const spy = networkSpy(async (url, answer) => {
        if (!lose || url.pathname !== '/v1/ohttp') return answer
        lose = false
        throw new TypeError('connection reset')
      })
      const client = clientWith({ fetch: spy.fetch })
      const { channelId } = await openedChannel(client)
      await client.infer(request(channelId))
      lose = true
      await expect(client.infer(request(channelId))).rejects.toMatchObject({ code: 'SDK_PROVIDER_UNREACHABLE' })
      expect(await client.closeNow(channelId)).toMatchObject({ outcome: 'closed', finalCumulative: 2n * FEE })
    })
  })

  test('errors of contract and wallet carry their code', async () => {
    const client = clientWith()
    await expect(client.withdraw(world.token, 10n ** 30n)).rejects.toMatchObject({ code: 'LEDGER_BALANCE_TOO_LOW' })
    const open = { providerId: world.node.providerId, assetId: 1n, deposit: 10n ** 30n }
    await expect(client.openChannel(open)).rejects.toMatchObject({ code: 'SDK_TOKEN_BALANCE_TOO_LOW' })
    await expect(client.openChannel({ ...open, deposit: 0n })).rejects.toMatchObject({ code: 'SDK_DEPOSIT_INVALID' })
    const { walletClient } = clientsFor(world.rpcUrl, indexOf('trader'))
    const declining = {
      getAddress: async () => addressOf('trader'),
      getChainId: () => walletClient.getChainId(),
      sendTransaction: () => Promise.reject(Object.assign(new Error('User rejected'), { code: 4001 })),
      signTypedData: () => Promise.reject(Object.assign(new Error('User rejected'), { code: 4001 })),
    }
    const declined = clientWith({ wallet: declining }).openChannel({ ...open, deposit: 10n ** 6n })
    await expect(declined).rejects.toMatchObject({ code: 'SDK_WALLET_REJECTED' })
    const elsewhere = clientWith({ wallet: { ...declining, getChainId: async () => 1 } })
    await expect(elsewhere.openChannel({ ...open, deposit: 1n })).rejects.toMatchObject({ code: 'SDK_CHAIN_WRONG' })
  })
})
