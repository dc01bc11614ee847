import { existsSync } from 'node:fs'
import type { EvidenceKind, ExpectedEvidence, PolicyOrRefusal, SnpTcbMinimum } from '@spartan/attestation'
import { POLICY_PRESETS, presetPolicy, readPolicyFor, withExpected } from '@spartan/attestation'
import type { Command } from 'commander'
import { UsageError } from '../../errors.ts'
import { wallClockSeconds } from '../../services/clock.ts'
import type { Common, Host } from '../action.ts'
import { readInput } from './input.ts'

/** Options by which evidence is judged. */
export interface JudgeOptions extends Common {
  readonly endorsements?: readonly string[]
  readonly policy?: string
  readonly at?: string
  readonly reportData?: string
  readonly nonce?: string
  readonly measurement?: readonly string[]
  readonly platformId?: readonly string[]
  readonly snpMinTcb?: string
  readonly certificates?: string
  readonly eventLog?: string
  readonly trustAnchor?: readonly string[]
}

/** Adds the options that bring what belongs to the evidence. */
export function withEvidenceOptions(command: Command): Command {
  return command
    .option(
      '--endorsements <path...>',
      'files or folders, recognised by content: TCB info, CRLs, chains, RIMs, OCSP, bundles',
    )
    .option('--certificates <file>', 'NVIDIA: certificate chain in PEM')
}

/** Adds the options that say what is wanted. */
export function withPolicyOptions(command: Command, defaultPolicy: string): Command {
  return command
    .option('--policy <file|preset>', `policy document, or ${POLICY_PRESETS.join(', ')} (default: ${defaultPolicy})`)
    .option('--at <time>', 'judge as of this time: ISO 8601 in UTC or Unix seconds')
    .option('--report-data <hex>', 'REPORTDATA (TDX, SGX, SNP), realm challenge (CCA) or user data (Nitro) to expect')
    .option('--nonce <hex>', 'nonce to expect (NVIDIA, Nitro)')
    .option(
      '--measurement <name=hex...>',
      'measurement to expect, by its name in the policy: mrTd, rtmr3, measurement, rim, pcr0 …',
    )
    .option('--platform-id <id...>', 'platforms to accept, as the policy writes them')
    .option(
      '--snp-min-tcb <levels>',
      'SEV-SNP: bl=4,tee=0,snp=24,ucode=222,fmc=0, or `any` to accept an unknown status',
    )
    .option('--event-log <file>', 'TDX: CC event log (CCEL) or dstack log that has to lead to the registers')
    .option(
      '--trust-anchor <file...>',
      'judge below these roots instead of the vendor’s: a simulation; CCA: platform keys',
    )
}

const SECONDS = /^\d{1,12}$/
const ISO = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z)?$/

/** Unix seconds of `--at`. */
export function timeOf(at: string | undefined): number {
  if (at === undefined) return wallClockSeconds()
  const time = SECONDS.test(at) ? Number(at) : ISO.test(at) && isDay(at) ? Date.parse(at) / 1000 : Number.NaN
  return Number.isFinite(time) ? time : usage('--at', '2026-06-01T00:00:00Z or Unix seconds', at)
}

/** Whether the day exists: Date.parse lets 30 February run over into March. */
function isDay(at: string): boolean {
  const day = at.slice(0, 10)
  const time = Date.parse(`${day}T00:00:00Z`)
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(day)
}

/** The policy of one kind, with what the command line expects in it. */
export async function policyOf<K extends EvidenceKind>(
  kind: K,
  options: JudgeOptions,
  host: Host,
): Promise<PolicyOrRefusal[K]> {
  const { policy = DEFAULT_POLICY } = options
  const preset = POLICY_PRESETS.find((name) => name === policy)
  if (!preset && /^[\w-]+$/.test(policy) && !existsSync(policy)) {
    usage('--policy', `a file or one of ${POLICY_PRESETS.join(', ')}`, policy)
  }
  const found: PolicyOrRefusal[K] = preset
    ? presetPolicy(preset)[kind]
    : readPolicyFor(kind, await readInput(policy, host, MAX_POLICY_FILE_BYTES))
  return expecting(kind, found, options)
}

/** What the marketplace asks of its providers. */
export const DEFAULT_POLICY = 'marketplace'

const MAX_POLICY_FILE_BYTES = 4 * 1024 * 1024

/** Puts the command line's expectations into a policy. */
export function expecting<K extends EvidenceKind>(
  kind: K,
  policy: PolicyOrRefusal[K],
  options: JudgeOptions,
): PolicyOrRefusal[K] {
  if (policy === 'refuse') return policy
  return withExpected(kind, policy as Exclude<PolicyOrRefusal[K], 'refuse'>, expectedOf(options)) as PolicyOrRefusal[K]
}

function expectedOf(options: JudgeOptions): ExpectedEvidence {
  const { measurement, platformId, snpMinTcb } = options
  return {
    reportData: hexOf('--report-data', options.reportData),
    nonce: hexOf('--nonce', options.nonce),
    measurements: measurement && Object.fromEntries(measurement.map(namedOf)),
    platformIds: platformId,
    snpMinTcb: snpMinTcb === undefined ? undefined : minTcbOf(snpMinTcb),
  }
}

function hexOf(flag: string, value: string | undefined): string | undefined {
  if (value === undefined) return undefined
  const digits = value.replace(/^0x/, '').toLowerCase()
  return /^(?:[0-9a-f]{2})+$/.test(digits) ? digits : usage(flag, 'bytes in hex', value)
}

function namedOf(text: string): readonly [string, string] {
  const [, name, value] = /^([A-Za-z0-9]+)=(.+)$/.exec(text) ?? []
  if (name === undefined) return usage('--measurement', 'NAME=HEX', text)
  return [name, hexOf('--measurement', value) ?? '']
}

function minTcbOf(text: string): SnpTcbMinimum {
  if (text === 'any') return 'any'
  const pairs = text.split(',').map((part) => part.split('='))
  const parts = new Map(pairs.map(([name = '', level = '']) => [name, level]))
  const levels = ['bl', 'tee', 'snp', 'ucode', 'fmc'].map((name) => {
    const level = Number(parts.get(name) ?? '0')
    return Number.isInteger(level) && level >= 0 && level < 256
      ? level
      : usage('--snp-min-tcb', 'levels from 0 to 255', text)
  })
  const unknown = [...parts.keys()].find((name) => !['bl', 'tee', 'snp', 'ucode', 'fmc'].includes(name))
  if (unknown !== undefined) return usage('--snp-min-tcb', 'bl=…,tee=…,snp=…,ucode=…,fmc=… or any', text)
  const [bootLoader = 0, tee = 0, snp = 0, microcode = 0, fmc = 0] = levels
  return { bootLoader, tee, snp, microcode, fmc }
}

function usage(flag: string, expected: string, got: string): never {
  throw new UsageError('CLI_USAGE_INVALID', {
    metaMessages: [`${flag}: expected ${expected}, got ${JSON.stringify(got)}`],
  })
}
