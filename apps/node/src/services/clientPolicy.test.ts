import { createSimulationRoot, type EndorsementOptions, endorsementsToJson, workload } from '@spartan/simulator'
import { beforeAll, describe, expect, test } from 'vitest'
import { assertClientsAccept } from './clientPolicy.ts'
import { readEndorsements } from './endorsements.ts'
import type { Attester } from './ports.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
const DAY = 86_400

describe('assertClientsAccept', () => {
  let attesterWith: (options?: EndorsementOptions, kind?: Attester['kind']) => Attester

  beforeAll(async () => {
    const root = await createSimulationRoot({ now: NOW })
    const platform = await root.createPlatform({ name: 'a' })
    const image = await workload('test')
    attesterWith = (options = {}, kind = 'simulator') => ({
      kind,
      issue: async (reportData) => ({ quote: await platform.issueQuote({ ...image, reportData }) }),
      endorsements: async () => readEndorsements(endorsementsToJson(await platform.endorsements(options)), 'test'),
    })
  })

  test('default: an UpToDate machine with fresh endorsements is accepted', async () => {
    expect(await assertClientsAccept(attesterWith(), NOW)).toMatchObject({ tcbStatus: 'UpToDate', simulated: true })
  })

  test.each<[string, string, () => Promise<unknown>]>([
    [
      'endorsements of eight days, which the registry takes for thirty',
      'DCAP_ENDORSEMENTS_TOO_OLD',
      () => assertClientsAccept(attesterWith(), NOW + 8 * DAY),
    ],
    [
      'firmware that is out of date',
      'DCAP_TCB_STATUS_NOT_ACCEPTED',
      () => assertClientsAccept(attesterWith({ platformStatus: 'OutOfDate' }), NOW),
    ],
    [
      'a simulated quote on a machine that is configured as real',
      'DCAP_ROOT_NOT_PINNED',
      () => assertClientsAccept(attesterWith({}, 'configfs-tsm'), NOW),
    ],
  ])('error: NODE_CLIENT_POLICY_NOT_MET on %s', async (_, reason, run) => {
    await expect(run()).rejects.toMatchObject({
      code: 'NODE_CLIENT_POLICY_NOT_MET',
      metaMessages: [expect.stringContaining(reason)],
    })
  })
})
