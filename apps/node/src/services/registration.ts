import type { Hex } from 'viem'
import type { Log } from '../telemetry/log.ts'
import {
  type ActiveKeyset,
  CHALLENGE_BLOCKS,
  createKeyset,
  currentEpoch,
  type KeysetOptions,
  mayHaveBeenSent,
  measuredWorkload,
  registrationCall,
} from './keysets.ts'
import type { Readiness } from './readiness.ts'

export interface RegistrationOptions extends KeysetOptions {
  /** URL written into the registry. */
  readonly endpoint: string
  readonly readiness: Readiness
  readonly log: Log
}

/** Makes keys and registers them, one attempt at a time. */
export interface Registration {
  /** Whether one is under way, so that the epoch before it may end at any moment. */
  pending(): boolean
  /**
   * Registers new keys, or finds that those sent before are registered.
   *
   * @param adopt - Takes the registered keys, in the same moment in which {@link Registration.pending} ends.
   * @throws {BaseError} the reason of the registry, `NODE_CHAIN_…`, `NODE_TEE_…`. Keys that may have been sent are kept for the next
   *   attempt, until the chain has decided.
   */
  attempt(adopt: (next: ActiveKeyset) => void): Promise<ActiveKeyset>
}

export function createRegistration(options: RegistrationOptions): Registration {
  const { chain, readiness, log } = options
  /** Sent, or about to be. */
  let pending: { readonly next: ActiveKeyset; maybeSent: boolean } | undefined
  let workloadId: Hex | undefined

  const makeKeyset = async () => {
    if (workloadId === undefined) {
      // Evidence over nothing in particular: it only tells what runs here, and which endorsements the platform needs.
      const { quote } = await options.attester.issue(new Uint8Array(64))
      workloadId = await measuredWorkload(chain, quote)
      const uploads = await chain.uploadEndorsements(quote, await options.attester.endorsements())
      log.info('endorsements complete', { items: uploads.length })
    }
    return createKeyset(options, workloadId, await chain.head())
  }

  const giveUp = () => {
    pending = undefined
    readiness.set('NODE_REGISTERING', false)
  }

  const registerNext = async (): Promise<ActiveKeyset> => {
    const fate = pending === undefined ? 'none' : await fateOf(options, pending.next)
    if (pending !== undefined && fate === 'registered') return pending.next
    if (fate === 'lost') giveUp()
    const sending = pending ?? { next: await makeKeyset(), maybeSent: false }
    pending = sending
    // From here on the old epoch may end at any moment, and what is answered under it after that is not paid.
    readiness.set('NODE_REGISTERING', true)
    try {
      const transactionHash = await chain.register(await registrationCall(sending.next, options.endpoint))
      log.info('registration sent', { transactionHash })
    } catch (error) {
      if (sending.maybeSent || mayHaveBeenSent(error)) sending.maybeSent = true
      else giveUp()
      throw error
    }
    return sending.next
  }

  return {
    pending: () => pending !== undefined,
    attempt: async (adopt) => {
      try {
        const next = await registerNext()
        adopt(next)
        pending = undefined
        return next
      } catch (error) {
        // New endorsements may be needed.
        workloadId = undefined
        throw error
      }
    },
  }
}

/** What the chain has made of a registration that may have been sent. */
async function fateOf({ chain, providerId }: RegistrationOptions, next: ActiveKeyset) {
  const epoch = await currentEpoch(chain, providerId)
  if (epoch >= next.keyset.epoch) {
    const { keysetDigest } = await chain.providerRecord(providerId)
    return keysetDigest === next.digest ? 'registered' : 'lost'
  }
  const { number } = await chain.head()
  return number > next.challengeBlock + CHALLENGE_BLOCKS ? 'lost' : 'open'
}
