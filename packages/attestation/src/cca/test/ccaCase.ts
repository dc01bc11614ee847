import { type CborKey, type CcaTokenOptions, createCcaPlatform } from '@spartan/simulator'
import { type CcaEvidenceInput, type CcaPolicy, marketplaceCcaPolicy, verifyCcaEvidence } from '../index.ts'

/** Unix seconds of every judgement. */
export const NOW = Date.UTC(2026, 5, 1) / 1000
/** Challenge in every token. */
export const CHALLENGE = Uint8Array.from({ length: 64 }, (_, index) => index)
/** The marketplace preset with no expectations. */
export const ANYTHING = marketplaceCcaPolicy({
  platforms: 'any',
  realms: 'any',
  personalizationValue: 'any',
  challenge: 'any',
})

/** The platform that issues every token, unless a test makes its own. */
export const platform = await createCcaPlatform()

/** A good token, but for what the options say. */
export const issue = (options: Partial<CcaTokenOptions> = {}) =>
  platform.issueToken({ challenge: CHALLENGE, ...options })

/** Judges a token by {@link ANYTHING}, but for what the change says. */
export const judge = async (options: Partial<CcaTokenOptions> = {}, change: Partial<CcaEvidenceInput> = {}) =>
  verifyCcaEvidence({
    evidence: await issue(options),
    at: NOW,
    trustAnchors: [platform.trustAnchor],
    policy: ANYTHING,
    ...change,
  })

/** What a token comes to: `accepted` or the reason code. */
export const reasonOf = async (options: Partial<CcaTokenOptions>, change: Partial<CcaEvidenceInput> = {}) => {
  const result = await judge(options, change)
  return result.verdict === 'refused' ? result.reasonCode : 'accepted'
}

/** A change of the policy. */
export const appraised = (policy: Partial<CcaPolicy>) => ({ policy: { ...ANYTHING, ...policy } })

/** Replaces a claim of the platform token before it is signed, or takes it away. */
export const platformClaim = (label: CborKey, value: Uint8Array | undefined): Partial<CcaTokenOptions> => ({
  changePlatform: (claims) => void (value ? claims.set(label, value) : claims.delete(label)),
})

/** Replaces a claim of the realm token before it is signed, or takes it away. */
export const realmClaim = (label: CborKey, value: Uint8Array | undefined): Partial<CcaTokenOptions> => ({
  changeRealm: (claims) => void (value ? claims.set(label, value) : claims.delete(label)),
})
