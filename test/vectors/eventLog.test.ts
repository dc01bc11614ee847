import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeEvidence, matchEventLog, parseCcel, parseDstackEventLog, parseTdxQuote } from '@spartan/attestation'
import { describe, expect, test } from 'vitest'

const folder = join(process.env.SPARTAN_FIXTURES ?? '', 'vectors', 'tdx')
const read = (path: string) => new Uint8Array(readFileSync(join(folder, path)))

function rtmrsOf(name: string) {
  const { measurements } = parseTdxQuote(read(`${name}/quote.bin`), 'any').report
  return [measurements.rtmr0, measurements.rtmr1, measurements.rtmr2, measurements.rtmr3]
}

describe.skipIf(process.env.SPARTAN_FIXTURES === undefined || !existsSync(folder))(
  'event logs of real machines',
  () => {
    test.each([
      ['v4-attestation-rs-live-ccel', 'ccel_data.bin', 20],
      ['v4-gotdxguest-gcp-cos113-ccel', 'ccel_data.dat', 43],
    ])('%s: the CC event log leads to the registers of the quote', async (name, file, count) => {
      const bytes = read(`${name}/${file}`)
      const { events } = await matchEventLog({ log: parseCcel(bytes), rtmrs: rtmrsOf(name) })
      expect(events).toHaveLength(count)
      const measured = events.filter(({ measuredData }) => measuredData !== undefined)
      expect(measured.some(({ type }) => type === 0x80000001)).toBe(true)
    })

    test('v4-dstack-eventlog: the log beside the quote leads to its registers', async () => {
      const { evidence, beside } = decodeEvidence(read('v4-dstack-eventlog/evidence.json'))
      expect(evidence).toEqual(read('v4-dstack-eventlog/quote.bin'))
      const log = parseDstackEventLog(beside.eventLog ?? new Uint8Array())
      const { events } = await matchEventLog({ log, rtmrs: rtmrsOf('v4-dstack-eventlog') })
      const composeHash = events.find(({ name }) => name === 'compose-hash')
      expect(composeHash?.measuredData).toHaveLength(32)
    })

    test('the log of one machine does not fit the quote of another', async () => {
      const log = parseCcel(read('v4-attestation-rs-live-ccel/ccel_data.bin'))
      const found = matchEventLog({ log, rtmrs: rtmrsOf('v4-gotdxguest-gcp-cos113-ccel') })
      await expect(found).rejects.toMatchObject({ code: 'EVENT_LOG_RTMR_MISMATCH' })
    })
  },
)
