import { BaseError } from '@spartan/errors'
import type { Hex } from 'viem'
import { failureFields, type Log } from '../telemetry/log.ts'
import {
  type FetchBytes,
  fetchSealedAsset,
  openSealedAsset,
  releasedContentKey,
  type SealedAsset,
} from './assetLoader.ts'
import type { ServingState } from './inference.ts'
import {
  type ActiveKeyset,
  createKeyset,
  currentEpoch,
  type KeysetOptions,
  measuredWorkload,
  registrationCall,
} from './keysets.ts'
import type { Journal, ProviderRecord, ServedModel } from './ports.ts'
import type { Readiness } from './readiness.ts'

export interface SupervisorOptions extends KeysetOptions {
  readonly endpoint: string
  readonly asset: { readonly id: bigint; readonly version: number }
  readonly maxAssetBytes: number
  readonly renewBeforeSeconds: number
  readonly fetchBytes: FetchBytes
  readonly loadModel: (sealed: SealedAsset, files: Awaited<ReturnType<typeof openSealedAsset>>) => Promise<ServedModel>
  readonly journal: Journal
  readonly readiness: Readiness
  readonly log: Log
  /** Unix seconds, chain time. */
  readonly nowSeconds: () => number
}

/** Keeps the node registered and its model loaded; see {@link createSupervisor}. */
export interface Supervisor {
  active(): ActiveKeyset | undefined
  serving(): ServingState | undefined
  /** Whether a registration is under way, so that the epoch of {@link Supervisor.active} may end at any moment. */
  registering(): boolean
  /** One look at everything. Throws only for what no later look can mend. */
  tick(): Promise<void>
  /** New keys and a new registration at the next tick, e.g. on SIGHUP. */
  renewSoon(): void
  close(): Promise<void>
}

/** Failures after which the node keeps trying; anything else ends `serve` with its exit code. */
function mayPass(error: unknown): boolean {
  return error instanceof BaseError && error.retry !== 'never'
}

/**
 * Makes the supervisor. Keys are born here, in memory, and die with the process.
 *
 * Each tick: look at registry and chain; register when there is no valid record of our keys or it runs out soon; fetch,
 * check and decrypt the asset once its key is released. What fails is tried again at a later tick.
 */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { chain, readiness, log } = options
  let active: ActiveKeyset | undefined
  /** Sent, or about to be: its keys are kept until the chain has decided. */
  let pending: { readonly next: ActiveKeyset; maybeSent: boolean } | undefined
  let workloadId: Hex | undefined
  let sealed: SealedAsset | undefined
  let model: ServedModel | undefined
  let renewNow = false
  let notBefore = 0
  let failures = 0

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

  const adopt = async (next: ActiveKeyset) => {
    active = next
    pending = undefined
    renewNow = false
    failures = 0
    await options.journal.forgetOtherKeysets(next.digest)
    await readiness.check(active)
    readiness.set('NODE_REGISTERING', false)
    const { epoch, workloadId: workload } = next.keyset
    const { activeUntil } = readiness.record() ?? {}
    log.info('registered', { epoch, keysetDigest: next.digest, workloadId: workload, activeUntil })
  }

  const giveUp = () => {
    pending = undefined
    readiness.set('NODE_REGISTERING', false)
  }

  const registerNext = async () => {
    const fate = pending === undefined ? 'none' : await fateOf(options, pending.next)
    if (pending !== undefined && fate === 'registered') return await adopt(pending.next)
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
    await adopt(sending.next)
  }

  const keepRegistered = async () => {
    const now = options.nowSeconds()
    const needed = pending !== undefined || needsRegistration(options, active, readiness.record(), renewNow)
    if (now < notBefore || !needed) return
    try {
      await registerNext()
    } catch (error) {
      // Renewed evidence would not help a node that was revoked or never allowed; a first registration says so at once.
      if (active === undefined && pending === undefined && !mayPass(error)) throw error
      failures = Math.min(failures + 1, 6)
      notBefore = now + 2 ** failures
      // New endorsements may be needed.
      workloadId = undefined
      log.warn('registration failed', failureFields(error))
    }
  }

  const keepLoaded = async () => {
    if (model !== undefined || active === undefined) return
    sealed ??= await fetchSealedAsset(chain, options.fetchBytes, options.asset, options.maxAssetBytes)
    const contentKey = await releasedContentKey(chain, options.asset.id, sealed.manifest, active.digest, active.hpke)
    readiness.set('NODE_ASSET_KEY_NOT_RELEASED', contentKey === undefined)
    if (contentKey === undefined) return
    model = await options.loadModel(sealed, await openSealedAsset(sealed, options.asset, contentKey))
    contentKey.fill(0)
    readiness.set('NODE_NOT_READY', false)
    log.info('model loaded', { assetId: options.asset.id, assetVersion: options.asset.version })
  }

  readiness.set('NODE_NOT_READY', true)
  return {
    active: () => active,
    registering: () => pending !== undefined,
    serving: () => {
      if (active === undefined || model === undefined || sealed === undefined) return undefined
      const { contentRoot } = sealed.version
      const { id: assetId, version: assetVersion } = options.asset
      return { active, model, served: { providerId: options.providerId, assetId, assetVersion, contentRoot } }
    },
    tick: async () => {
      await readiness.check(active)
      await keepRegistered()
      try {
        await keepLoaded()
      } catch (error) {
        if (!(error instanceof BaseError)) throw error
        log.warn('model not loaded', failureFields(error))
        if (error.code === 'NODE_ASSET_UNPAID') readiness.set('NODE_ASSET_UNPAID', true)
        // A record may have been cut off on its way: fetched again next time.
        sealed = undefined
      }
    },
    renewSoon: () => {
      renewNow = true
    },
    close: async () => {
      await model?.close()
    },
  }
}

/** A registration names a block hash, which the chain knows for 256 blocks. */
const CHALLENGE_BLOCKS = 256n

/** What the chain has made of a registration that may have been sent. */
async function fateOf({ chain, providerId }: SupervisorOptions, next: ActiveKeyset) {
  const epoch = await currentEpoch(chain, providerId)
  if (epoch >= next.keyset.epoch) {
    const { keysetDigest } = await chain.providerRecord(providerId)
    return keysetDigest === next.digest ? 'registered' : 'lost'
  }
  const { number } = await chain.head()
  return number > next.challengeBlock + CHALLENGE_BLOCKS ? 'lost' : 'open'
}

/** Refusals by code come from the simulation before anything is sent; these may also follow a transaction. */
function mayHaveBeenSent(error: unknown): boolean {
  if (!(error instanceof BaseError)) return true
  return error.code === 'NODE_CHAIN_UNREACHABLE' || error.code === 'NODE_CHAIN_TRANSACTION_REVERTED'
}

function needsRegistration(
  options: SupervisorOptions,
  active: ActiveKeyset | undefined,
  record: ProviderRecord | undefined,
  renewNow: boolean,
): boolean {
  if (active === undefined || renewNow) return true
  const objections = options.readiness.objections()
  // Revoked: by the owner, or because the evidence no longer verifies. An operator decides what follows.
  if (objections.includes('REGISTRY_PROVIDER_REVOKED') || objections.includes('NODE_CHAIN_UNREACHABLE')) return false
  if (record === undefined || record.keysetDigest !== active.digest) return true
  const lifetime = record.activeUntil - record.registeredAt
  const margin = Math.min(options.renewBeforeSeconds, Math.floor(lifetime / 4))
  return options.nowSeconds() >= record.activeUntil - margin
}
