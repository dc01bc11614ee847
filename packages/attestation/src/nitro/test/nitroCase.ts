import {
  type CborKey,
  createNitroRoot,
  type NitroDocumentOptions,
  type NitroRootOptions,
  type SimulatedNitroRoot,
} from '@spartan/simulator'
import { marketplaceNitroPolicy, type NitroEvidenceInput, type NitroPolicy, verifyNitroEvidence } from '../index.ts'

/** Unix seconds of every judgement. */
export const NOW = Date.UTC(2026, 5, 1) / 1000
/** Seconds. */
export const HOUR = 3600
/** The marketplace preset with no expectations. */
export const ANYTHING = marketplaceNitroPolicy({ pcrs: 'any', publicKey: 'any', userData: 'any', nonce: 'any' })

/** The root of every chain, unless a test makes its own. */
export const root = await createNitroRoot({ now: NOW })

/** Judges a document by {@link ANYTHING} with its CRLs, but for what the change says. */
export const judge = async (
  options: NitroDocumentOptions = {},
  change: Partial<NitroEvidenceInput> = {},
  from: SimulatedNitroRoot = root,
) =>
  verifyNitroEvidence({
    evidence: await from.issueDocument(options),
    endorsements: await from.endorsements(),
    at: NOW,
    trustAnchors: [from.trustAnchor],
    policy: ANYTHING,
    ...change,
  })

/** What a document comes to: `accepted` or the reason code. */
export const reasonOf = async (...input: Parameters<typeof judge>) => {
  const result = await judge(...input)
  return result.verdict === 'refused' ? result.reasonCode : 'accepted'
}

/** What a document under a chain made in another way comes to. */
export const chainReason = async (options: Partial<NitroRootOptions>) =>
  reasonOf({}, {}, await createNitroRoot({ now: NOW, ...options }))

/** Replaces a field of the document before it is signed, or takes it away. */
export const field = (name: CborKey, value: Uint8Array | undefined): NitroDocumentOptions => ({
  change: (fields) => void (value ? fields.set(name, value) : fields.delete(name)),
})

/** A change of the policy. */
export const appraised = (policy: Partial<NitroPolicy>) => ({ policy: { ...ANYTHING, ...policy } })
