import { describe, expect, test } from 'vitest'
import { ChainError, RequestError } from '../errors.ts'
import { createLog, failureFields, type LogFields } from './log.ts'

describe('createLog', () => {
  test('behavior: only allowed fields reach a line, whatever is handed over', () => {
    const lines: string[] = []
    const log = createLog('debug', { write: (line) => lines.push(line) })
    const fields = { seq: 7n, prompt: 'canary prompt', privateKey: '0xcanary key', body: { canary: 1 } }
    log.info('inference', fields as LogFields)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'inference', seq: '7' })
    expect(lines.join('')).not.toContain('canary')
  })
})

describe('failureFields', () => {
  test('behavior: texts of request errors stay out of the log, texts about the machine go in', () => {
    const request = new RequestError('NODE_INPUT_INVALID', { metaMessages: ['canary prompt'] })
    expect(failureFields(request)).toEqual({ code: 'NODE_INPUT_INVALID', detail: undefined })
    const chain = new ChainError('NODE_CHAIN_UNREACHABLE', { metaMessages: ['http://user:canary@rpc.example'] })
    expect(failureFields(chain).detail).toContain('rpc.example')
    expect(failureFields(chain).detail).not.toContain('canary')
    expect(failureFields(new Error('canary'))).toEqual({ code: 'NODE_INTERNAL', detail: undefined })
  })
})
