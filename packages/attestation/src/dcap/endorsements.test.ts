import { createSimulationRoot, endorsementsToJson as simulatorJson } from '@spartan/simulator'
import { describe, expect, test } from 'vitest'
import { endorsementsFromJson, endorsementsToJson } from './endorsements.ts'

async function makeEndorsements() {
  const root = await createSimulationRoot({ now: 1_780_000_000 })
  return (await root.createPlatform({ name: 'a' })).endorsements()
}

describe('endorsementsFromJson', () => {
  test('default: gives back the same bytes, also from the simulator', async () => {
    const endorsements = await makeEndorsements()
    expect(endorsementsFromJson(JSON.parse(JSON.stringify(endorsementsToJson(endorsements))))).toEqual(endorsements)
    expect(endorsementsToJson(endorsements)).toEqual(simulatorJson(endorsements))
  })

  test.each([
    ['nothing', undefined],
    ['text', 'x'],
    ['an empty object', {}],
    ['base64 with a letter outside the alphabet', { rootCaCrl: 'AA*=' }],
    ['base64 that is not canonical', { rootCaCrl: 'AB==' }],
  ])('error: DCAP_ENDORSEMENTS_MALFORMED for %s', (_, json) => {
    expect(() => endorsementsFromJson(json)).toThrow('DCAP_ENDORSEMENTS_MALFORMED')
  })
})
