import { createSimulationRoot, endorsementsToJson } from '@spartan/simulator'
import { beforeAll, describe, expect, test } from 'vitest'
import { ChainError } from '../../errors.ts'
import { type EndorsementsJson, readEndorsements } from '../../services/endorsements.ts'
import type { ChainClients, ContractWrite } from './clients.ts'
import { createEndorsementUploads } from './endorsementUpload.ts'

const STORE = `0x${'11'.repeat(20)}` as const
const [SOON, LATE] = [1000, 2000]

let quote: Uint8Array
let endorsements: EndorsementsJson

beforeAll(async () => {
  const root = await createSimulationRoot({ now: 1_780_000_000 })
  const platform = await root.createPlatform({ name: 'machine' })
  quote = await platform.issueQuote({ reportData: new Uint8Array(64) })
  endorsements = readEndorsements(endorsementsToJson(await platform.endorsements()), 'the simulator')
})

/** A store behind an RPC endpoint: `expiry` is what it holds, `onSend` what an upload does to it. */
function storeWith(expiry: number, onSend: (write: ContractWrite) => number | undefined) {
  let held = expiry
  const sent: string[] = []
  const clients = {
    public: { readContract: async () => ({ earliestExpiry: BigInt(held) }) },
    send: async (_: string, write: ContractWrite) => {
      sent.push(write.functionName)
      held = onSend(write) ?? held
      return '0x01'
    },
  } as unknown as ChainClients
  return { sent, ...createEndorsementUploads(clients, STORE) }
}

describe('refreshEndorsements', () => {
  test('sends nothing while what the store holds lasts', async () => {
    const store = storeWith(LATE, () => undefined)
    expect(await store.refreshEndorsements(quote, endorsements, LATE)).toEqual([])
  })

  test('sends what is dated, no certificates, and stops when it lasts', async () => {
    const store = storeWith(SOON, ({ functionName }) => (functionName === 'uploadTcbInfo' ? LATE : undefined))
    await store.refreshEndorsements(quote, endorsements, LATE)
    expect(store.sent).toEqual(['uploadRootCrl', 'uploadPckCrl', 'uploadTcbInfo'])
  })

  test('does not pay for the same documents twice', async () => {
    const store = storeWith(SOON, () => undefined)
    await store.refreshEndorsements(quote, endorsements, LATE)
    expect(store.sent.length).toBe(4)
    expect(await store.refreshEndorsements(quote, endorsements, LATE)).toEqual([])
    expect(store.sent.length).toBe(4)
  })

  test('brings the certificates too when a document is signed by a new one', async () => {
    let known = false
    const store = storeWith(SOON, ({ functionName }) => {
      if (functionName === 'uploadTcbSigner') known = true
      if (functionName === 'uploadTcbInfo' && !known) throw new ChainError('DCAP_TCB_SIGNER_MISSING')
      return functionName === 'uploadQeIdentity' ? LATE : undefined
    })
    await store.refreshEndorsements(quote, endorsements, LATE)
    expect(store.sent).toContain('uploadTcbSigner')
    expect(store.sent.at(-1)).toBe('uploadQeIdentity')
  })

  test('error: what is no fault of the documents', async () => {
    const store = storeWith(SOON, () => {
      throw new ChainError('NODE_OPERATOR_UNFUNDED')
    })
    const refreshed = store.refreshEndorsements(quote, endorsements, LATE)
    await expect(refreshed).rejects.toMatchObject({ code: 'NODE_OPERATOR_UNFUNDED' })
    expect(store.sent.length).toBe(1)
  })
})
