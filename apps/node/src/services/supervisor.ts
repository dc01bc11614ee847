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
import { type ActiveKeyset, createKeyset, type KeysetOptions, measuredWorkload, registrationCall } from './keysets.ts'
import type { Journal, ProviderRecord, ServedModel } from './ports.ts'
import type { Readiness } from './readiness.ts'

export interface SupervisorOptions extends KeysetOptions {
  readonly endpoint: string
  readonly asset: { readonly id: bigint; readonly version: number }
  readonly maxAssetBytes: number
  readonly renewBeforeSeconds: number
  /** False: somebody else sends the registration; the node waits for it. */
  readonly register: boolean
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
      if (options.register) {
        const uploads = await chain.uploadEndorsements(quote, await options.attester.endorsements())
        log.info('endorsements complete', { items: uploads.length })
      }
    }
    return createKeyset(options, workloadId, await chain.head())
  }

  const registerNext = async () => {
    const next = await makeKeyset()
    const transactionHash = await chain.register(await registrationCall(next, options.endpoint))
    active = next
    renewNow = false
    await options.journal.forgetOtherKeysets(next.digest)
    await readiness.check(active)
    const { epoch, workloadId: workload } = next.keyset
    const { activeUntil } = readiness.record() ?? {}
    log.info('registered', { epoch, keysetDigest: next.digest, workloadId: workload, transactionHash, activeUntil })
  }

  const keepRegistered = async () => {
    if (!options.register) {
      active ??= await makeKeyset()
      return
    }
    const now = options.nowSeconds()
    if (now < notBefore || !needsRegistration(options, active, readiness.record(), renewNow)) return
    try {
      await registerNext()
      failures = 0
    } catch (error) {
      // Renewed evidence would not help a node that was revoked or never allowed; a first registration says so at once.
      if (active === undefined && !mayPass(error)) throw error
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
