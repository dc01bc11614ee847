import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { lockDirectory, runningNode } from './lock.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'spartan-lock-'))

describe('lockDirectory', () => {
  test('default: the holder is the running node until it lets go', () => {
    const dir = folder()
    expect(runningNode(dir)).toBeUndefined()
    const unlock = lockDirectory(dir)
    expect(runningNode(dir)).toBe(process.pid)
    unlock()
    expect(runningNode(dir)).toBeUndefined()
  })

  test('error: NODE_DATA_DIR_IN_USE', () => {
    const dir = folder()
    lockDirectory(dir)
    expect(() => lockDirectory(dir)).toThrow(expect.objectContaining({ code: 'NODE_DATA_DIR_IN_USE' }))
  })

  test.each([
    ['a process that has ended', '4194304 1'],
    ['a process id that was given out again', `${process.pid} 1`],
    ['nobody', ''],
  ])('behavior: the lock of %s does not count and is taken over', (_, held) => {
    const dir = folder()
    writeFileSync(join(dir, 'node.lock'), held)
    expect(runningNode(dir)).toBeUndefined()
    lockDirectory(dir)
    expect(runningNode(dir)).toBe(process.pid)
  })
})
