import { describe, expect, test } from 'vitest'
import { rememberByObject, rememberByText } from './remember.ts'

describe('rememberByText', () => {
  test('works once for each text, keeps those used last, and remembers what was thrown', () => {
    const remember = rememberByText<string>(2)
    const worked: string[] = []
    const ask = (text: string) =>
      remember(text, () => {
        worked.push(text)
        if (text === 'bad') throw new RangeError('bad')
        return text.toUpperCase()
      })
    expect([ask('a'), ask('b'), ask('a')]).toEqual(['A', 'B', 'A'])
    expect(() => ask('bad')).toThrow(RangeError)
    expect(() => ask('bad')).toThrow(RangeError)
    ask('a')
    // b was used least recently.
    ask('b')
    expect(worked).toEqual(['a', 'b', 'bad', 'b'])
  })
})

describe('rememberByObject', () => {
  test('tells equal objects apart', () => {
    let runs = 0
    const remember = rememberByObject((bytes: Uint8Array) => bytes.length + runs++)
    const bytes = Uint8Array.of(1)
    expect([remember(bytes), remember(bytes), remember(Uint8Array.of(1))]).toEqual([1, 1, 2])
  })
})
