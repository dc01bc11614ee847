import { createSimulationRoot, endorsementsToJson as simulatorJson } from '@spartan/simulator'
import { describe, expect, test } from 'vitest'
import { dcapEndorsementsFromJson, dcapEndorsementsToJson } from './endorsements.ts'

async function makeEndorsements() {
  const root = await createSimulationRoot({ now: 1_780_000_000 })
  return (await root.createPlatform({ name: 'a' })).endorsements()
}

describe('dcapEndorsementsFromJson', () => {
  test('default: gives back the same bytes, also from the simulator', async () => {
    const endorsements = await makeEndorsements()
    expect(dcapEndorsementsFromJson(JSON.parse(JSON.stringify(dcapEndorsementsToJson(endorsements))))).toEqual(
      endorsements,
    )
    expect(dcapEndorsementsToJson(endorsements)).toEqual(simulatorJson(endorsements))
  })

  test('behavior: what is not there stays missing', async () => {
    const { rootCaCrl, tcbInfo } = await makeEndorsements()
    for (const part of [{}, { rootCaCrl }, { tcbInfo }]) {
      expect(dcapEndorsementsFromJson(dcapEndorsementsToJson(part))).toEqual(part)
    }
  })

  test.each([
    ['nothing', undefined],
    ['text', 'x'],
    ['an unknown member', { rootCrl: 'AAAA' }],
    ['a document without signature', { tcbInfo: { body: '{}', issuerChain: [] } }],
    ['base64 with a letter outside the alphabet', { rootCaCrl: 'AA*=' }],
    ['base64 that is not canonical', { rootCaCrl: 'AB==' }],
  ])('error: DCAP_ENDORSEMENTS_MALFORMED for %s', (_, json) => {
    expect(() => dcapEndorsementsFromJson(json)).toThrow('DCAP_ENDORSEMENTS_MALFORMED')
  })
})
