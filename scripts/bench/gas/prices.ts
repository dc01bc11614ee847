import type { Hex } from 'viem'
import { type BenchRow, row } from '../row.ts'

/** What a transaction costs before anything else. */
export const BASE = 21_000
/** EIP-7976, as in the execution specification of Amsterdam: a transaction pays at least this for a byte of calldata. */
const FLOOR_PER_BYTE = 64
/** EIP-8037, the same: gas for a byte of new state, and the bytes that an account and a storage slot count for. */
const STATE_BYTE = 1_530
const ACCOUNT_BYTES = 120
const SLOT_BYTES = 64
/** What EIP-8037 replaces: CREATE, a byte of code, SSTORE from zero less what it leaves of it. */
const CREATE = 32_000
const CREATE_LEFT = 9_000
const CODE_BYTE = 200
const SLOT = 20_000
const SLOT_LEFT = 2_900

/** A transaction as it was measured under Osaka rules. */
export interface Measured {
  readonly gasUsed: number
  readonly calldataBytes: number
  /** State that it made. */
  readonly accounts?: number
  readonly codeBytes?: number
  readonly slots?: number
}

/** Gas of the same transaction under EIP-7976 and EIP-8037, without the base of 21,000. */
export function repriced({ gasUsed, calldataBytes, accounts = 0, codeBytes = 0, slots = 0 }: Measured): number {
  const replaced = accounts * (CREATE - CREATE_LEFT) + codeBytes * CODE_BYTE + slots * (SLOT - SLOT_LEFT)
  const state = STATE_BYTE * (accounts * ACCOUNT_BYTES + codeBytes + slots * SLOT_BYTES)
  // The floor is a price of regular gas: state gas is paid beside it.
  return Math.max(gasUsed - BASE - replaced, calldataBytes * FLOOR_PER_BYTE) + state
}

/** A verification as a transaction of its own. */
export interface MeasuredFlow {
  readonly gasUsed: number
  readonly evidence: Hex
}

/** The dearer one. */
export const dearer = (one: MeasuredFlow, other: MeasuredFlow): MeasuredFlow =>
  other.gasUsed > one.gasUsed ? other : one

/** A call of one `bytes`: selector, offset, length, the bytes up to the next word. */
const callBytes = (evidence: Hex) => 4 + 64 + 32 * Math.ceil((evidence.length / 2 - 1) / 32)

/**
 * Row of a verification of whole evidence under the announced price of calldata, before the base of 21,000. It makes no
 * state: only the floor of calldata counts.
 */
export function repricedFlow(name: string, { gasUsed, evidence }: MeasuredFlow, goal: number): BenchRow {
  const calldataBytes = callBytes(evidence)
  const today = gasUsed - BASE
  return row({
    name: `${name}, repriced`,
    unit: 'gas',
    ours: repriced({ gasUsed, calldataBytes }),
    goal,
    note: `EIP-7976; ${today.toLocaleString('en')} today, ${calldataBytes.toLocaleString('en')} bytes of calldata, a slope for every step`,
  })
}
