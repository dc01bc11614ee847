import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { takeStateDir } from './stateDir.ts'

const fresh = () => mkdtempSync(join(tmpdir(), 'spartan-state-'))

test('takes a missing, an empty and an ended world’s folder', () => {
  const parent = fresh()
  takeStateDir(join(parent, 'new'))
  takeStateDir(fresh())
  const ended = fresh()
  writeFileSync(join(ended, 'world.lock'), '999999999')
  mkdirSync(join(ended, 'provider-a'))
  takeStateDir(ended)
  expect(existsSync(join(ended, 'provider-a'))).toBe(false)
  expect(readFileSync(join(ended, 'world.lock'), 'utf8')).toBe(String(process.pid))
})

test('error: a folder with other files keeps them', () => {
  const precious = fresh()
  writeFileSync(join(precious, 'thesis.txt'), 'x')
  expect(() => takeStateDir(precious)).toThrow(/not a world/)
  expect(existsSync(join(precious, 'thesis.txt'))).toBe(true)
})

test('error: the folder of a running world keeps its state', () => {
  const running = fresh()
  writeFileSync(join(running, 'world.lock'), String(process.ppid))
  writeFileSync(join(running, 'world.json'), '{}')
  expect(() => takeStateDir(running)).toThrow(/is running/)
  expect(existsSync(join(running, 'world.json'))).toBe(true)
})
