import {
  LINEAR_BLOCKS,
  proveDifferences,
  proveLinear,
  proveModulus,
  proveMultiples,
  proveProducts,
  proveResidues,
  proveScalars,
} from './bounds/claims.ts'
import { exhaust } from './bounds/exhaustive.ts'
import { MGF1, proveRounds, proveSchedule, SHA512 } from './bounds/lanes.ts'

/** Prints what is proved of every arithmetic block, then tries every pair of elements over words of eight bits. */
export function proveAll(): void {
  for (const line of [...proveProducts(), ...proveResidues(), ...proveDifferences(), ...proveMultiples()])
    console.log(`  ${line}`)
  console.log(`  ${proveModulus()}`)
  for (const block of LINEAR_BLOCKS)
    console.log(`  linear term of ${proveLinear(block)}: L below 2^258, |l| below 2^131`)
  for (const line of proveScalars()) console.log(`  ${line}`)
  for (const [name, layout] of Object.entries({ 'SHA-512': SHA512, 'MGF1, two messages': MGF1 })) {
    console.log(`  ${name}: ${proveSchedule(layout)} steps of the schedule, ${proveRounds(layout)} rounds`)
  }
  for (const E of [1, 3, 5]) {
    const { pairs, wrapped } = exhaust({ bits: 8, E })
    console.log(`words of 8 bits, E = ${E}: all ${pairs.toLocaleString('en')} pairs right, ${wrapped} wraps refused`)
  }
}
