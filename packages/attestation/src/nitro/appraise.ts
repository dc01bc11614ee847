import type { ReasonCode } from '@spartan/errors'
import { PolicyRefusedError } from '../errors.ts'
import { isZero, toHex } from '../internal/bytes.ts'
import { iso } from '../internal/chain.ts'
import { matchesHex, sameHex } from '../internal/hexText.ts'
import { createTrail, refusedBy, type Trail } from '../internal/trail.ts'
import type { AttestationResult, CommonClaims, Verified } from '../result.ts'
import { NITRO_CHECKS, type NitroCheckId } from './checks.ts'
import { DEBUG_PCRS } from './constants.ts'
import { parseNitro } from './parse.ts'
import type { NitroPcrReference, NitroPolicy } from './policy.ts'
import { type NitroVerification, runNitroVerification, type VerifyNitroInput } from './verify.ts'

/** What accepted AWS Nitro evidence says. */
export interface NitroClaims extends CommonClaims {
  readonly tee: 'nitro'
  /** `<instance id>-enc<enclave id>`. AWS moves instances between machines, so there is no identity of the machine. */
  readonly moduleId: string
  readonly platformId: undefined
  /** Milliseconds since 1970. */
  readonly timestampMs: number
  /** PCRs by name, `pcr0` to `pcr31`. */
  readonly measurements: Readonly<Record<string, Uint8Array>>
  /** The user data; empty when the enclave gave none. */
  readonly reportData: Uint8Array
  readonly publicKey: Uint8Array | undefined
  readonly userData: Uint8Array | undefined
  readonly nonce: Uint8Array | undefined
}

/** Input of {@link verifyNitroEvidence}. */
export interface NitroEvidenceInput extends Omit<VerifyNitroInput, 'evidence' | 'dangerouslySkip'> {
  /** Document as received. */
  readonly evidence: Uint8Array
  readonly policy: NitroPolicy
}

/**
 * Parses, verifies and appraises an AWS Nitro document. Never throws for a refusal: the result lists every check with what
 * it found, in order, and names the first that failed.
 *
 * Proves and does not prove: see {@link verifyNitro} and {@link appraiseNitro}.
 */
export async function verifyNitroEvidence(input: NitroEvidenceInput): Promise<AttestationResult<NitroClaims>> {
  const { policy } = input
  const trail = createTrail(NITRO_CHECKS)
  try {
    const evidence = await trail.run(
      'document-format',
      () => parseNitro(input.evidence),
      ({ document }) => ({
        bytes: `${input.evidence.length}`,
        moduleId: document.moduleId,
        pcrs: `${document.pcrs.size}`,
        certificates: `${document.cabundle.length + 1}`,
      }),
    )
    const { dangerouslySkip } = policy
    return await appraiseNitro(await runNitroVerification({ ...input, evidence, dangerouslySkip }, trail), policy)
  } catch (error) {
    return refusedBy(error, trail)
  }
}

/**
 * Appraises a verified AWS Nitro document against a policy. Never throws for a refusal: the result says why.
 *
 * Proves: what the policy asks for, at the time of the verification. Does not prove: freshness below the accepted age,
 * unless the policy expects a nonce of the caller's own.
 */
export async function appraiseNitro(
  verified: Verified<NitroVerification>,
  policy: NitroPolicy,
): Promise<AttestationResult<NitroClaims>> {
  const trail = createTrail(NITRO_CHECKS, verified.checks)
  const { publicKey, userData, nonce } = verified.evidence.document
  try {
    // A document can have been verified for a policy that skips the CRLs.
    if (verified.chain.crlMissing && !policy.dangerouslySkip.includes('crl')) {
      await trail.run(
        'crl',
        () => Promise.reject(refuse('NITRO_CRL_MISSING')),
        () => ({}),
      )
    }
    await checkDebug(verified, policy, trail)
    await checkDocumentAge(verified, policy, trail)
    await checkEndorsementAge(verified, policy, trail)
    await checkPcrs(verified, policy, trail)
    await checkValue('public-key', policy.publicKey, publicKey, 'NITRO_PUBLIC_KEY_MISMATCH', trail)
    await checkValue('user-data', policy.userData, userData, 'NITRO_USER_DATA_MISMATCH', trail)
    await checkValue('nonce', policy.nonce, nonce, 'NITRO_NONCE_MISMATCH', trail)
  } catch (error) {
    return refusedBy(error, trail)
  }
  return { verdict: 'accepted', claims: claimsOf(verified), checks: trail.outcomes() }
}

const refuse = (code: ReasonCode, ...metaMessages: string[]) => new PolicyRefusedError(code, { metaMessages })

async function checkDebug({ evidence }: NitroVerification, policy: NitroPolicy, trail: Trail<NitroCheckId>) {
  const { pcrs } = evidence.document
  // A PCR that is not there measures nothing, as a zero one does.
  const debug = DEBUG_PCRS.every((index) => isZero(pcrs.get(index) ?? new Uint8Array()))
  await trail.run(
    'debug',
    () => {
      if (debug && policy.debug !== 'accept') throw refuse('NITRO_DEBUG_MODE')
    },
    () => ({ debug: `${debug}` }),
  )
}

async function checkDocumentAge({ evidence, at }: NitroVerification, policy: NitroPolicy, trail: Trail<NitroCheckId>) {
  const { timestampMs } = evidence.document
  const { maxDocumentAgeSeconds: max, maxClockSkewSeconds: skew } = policy
  const age = at - timestampMs / 1000
  await trail.run(
    'document-age',
    () => {
      if (!(age >= -skew)) throw refuse('NITRO_DOCUMENT_NOT_YET_VALID', `${-age} seconds ahead, at most ${skew}`)
      if (max !== 'any' && !(age <= max)) throw refuse('NITRO_DOCUMENT_TOO_OLD', `${age} seconds, at most ${max}`)
    },
    () => ({ timestampMs: `${timestampMs}`, ageSeconds: `${age}`, atMostSeconds: `${max}`, judgedAt: iso(at) }),
  )
}

async function checkEndorsementAge(verified: NitroVerification, policy: NitroPolicy, trail: Trail<NitroCheckId>) {
  const max = policy.maxEndorsementAgeSeconds
  const age = endorsementAgeOf(verified)
  if (max === 'any' || age === undefined) {
    trail.skip('endorsement-age', max === 'any' ? 'the policy accepts any age within validity' : 'no CRL was used')
    return
  }
  await trail.run(
    'endorsement-age',
    () => {
      if (!(age <= max)) throw refuse('NITRO_ENDORSEMENTS_TOO_OLD', `${age} seconds, at most ${max}`)
    },
    () => ({ ageSeconds: `${age}`, atMostSeconds: `${max}` }),
  )
}

const endorsementAgeOf = ({ at, chain }: NitroVerification) =>
  chain.oldestIssue === undefined ? undefined : at - chain.oldestIssue

async function checkPcrs({ evidence }: NitroVerification, policy: NitroPolicy, trail: Trail<NitroCheckId>) {
  const { pcrs: expected } = policy
  if (expected === 'any') {
    trail.skip('pcrs', 'the policy accepts any PCRs')
    return
  }
  const { pcrs } = evidence.document
  await trail.run(
    'pcrs',
    () => {
      if (expected.some((reference) => isExpected(reference, pcrs))) return
      throw refuse('NITRO_PCRS_NOT_ACCEPTED', `PCR0 ${hexOf(pcrs, 0) || 'missing'}`)
    },
    () => Object.fromEntries([...pcrs].map(([index, value]) => [`pcr${index}`, toHex(value)])),
  )
}

const hexOf = (pcrs: ReadonlyMap<number, Uint8Array>, index: number) => toHex(pcrs.get(index) ?? new Uint8Array())

function isExpected({ others, ...named }: NitroPcrReference, pcrs: ReadonlyMap<number, Uint8Array>): boolean {
  const fields: readonly (readonly [number, string])[] = [
    [0, named.pcr0],
    [1, named.pcr1],
    [2, named.pcr2],
    [3, named.pcr3],
    [4, named.pcr4],
    [8, named.pcr8],
    ...Object.entries(others).map(([index, value]) => [Number(index), value] as const),
  ]
  return fields.every(([index, value]) => matchesHex(value, hexOf(pcrs, index)))
}

async function checkValue(
  id: 'public-key' | 'user-data' | 'nonce',
  expected: { readonly expected: string } | 'any',
  value: Uint8Array | undefined,
  code: ReasonCode,
  trail: Trail<NitroCheckId>,
) {
  if (expected === 'any') {
    trail.skip(id, 'the policy accepts any value')
    return
  }
  const got = toHex(value ?? new Uint8Array())
  await trail.run(
    id,
    () => {
      if (!sameHex(expected.expected, got)) throw refuse(code, `expected ${expected.expected}`, `got ${got}`)
    },
    () => ({ value: got }),
  )
}

function claimsOf(verified: NitroVerification): NitroClaims {
  const { document } = verified.evidence
  const { simulated, earliestExpiry } = verified.chain
  return {
    tee: 'nitro',
    product: 'AWS Nitro Enclaves',
    trustTier: simulated ? 'simulated' : 'standard',
    simulated,
    tcbStatus: 'Unknown',
    advisoryIds: [],
    platformId: undefined,
    moduleId: document.moduleId,
    timestampMs: document.timestampMs,
    measurements: Object.fromEntries([...document.pcrs].map(([index, value]) => [`pcr${index}`, value])),
    reportData: document.userData ?? new Uint8Array(),
    publicKey: document.publicKey,
    userData: document.userData,
    nonce: document.nonce,
    endorsementAgeSeconds: endorsementAgeOf(verified),
    earliestExpiry,
    evidenceId: verified.evidenceId,
  }
}
