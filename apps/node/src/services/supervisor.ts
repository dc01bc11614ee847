import { BaseError } from '@spartan/errors'
import { RequestError } from '../errors.ts'
import { failureFields } from '../telemetry/log.ts'
import {
  type FetchBytes,
  fetchSealedAsset,
  openSealedAsset,
  releasedContentKey,
  type SealedAsset,
} from './assetLoader.ts'
import type { GpuSource } from './gpuEvidence.ts'
import { createGpuKeeper, type GpuBinding } from './gpus.ts'
import type { ServingState } from './inference.ts'
import type { ActiveKeyset } from './keysets.ts'
import type { Journal, RenewalPreview, ServedModel } from './ports.ts'
import { createRegistration, type RegistrationOptions } from './registration.ts'
import { createRenewal, needsNewKeys, nextStep, type Renewed } from './renewal.ts'

export interface SupervisorOptions extends RegistrationOptions {
  readonly asset: { readonly id: bigint; readonly version: number }
  readonly maxAssetBytes: number
  readonly renewBeforeSeconds: number
  readonly renewEverySeconds: number
  /** Pause between looks at the chain while a transaction is under way. */
  readonly pollSeconds: number
  readonly fetchBytes: FetchBytes
  readonly loadModel: (sealed: SealedAsset, files: Awaited<ReturnType<typeof openSealedAsset>>) => Promise<ServedModel>
  readonly journal: Journal
  readonly gpuSources: readonly GpuSource[]
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
  registerSoon(): void
  /** Renews the registered result now, under the same keys. Fails like `Renewal.attempt`; `NODE_NOT_READY` before the first registration. */
  renew(): Promise<Renewed>
  /** What {@link Supervisor.renew} would do. Sends nothing. */
  previewRenewal(): Promise<RenewalPreview>
  /** Binds every configured GPU to the registered keys now. Fails like `GpuKeeper.bindAll`. */
  bindGpus(): Promise<readonly GpuBinding[]>
  close(): Promise<void>
}

/** Failures after which the node keeps trying; anything else ends `serve` with its exit code. */
function mayPass(error: unknown): boolean {
  return error instanceof BaseError && error.retry !== 'never'
}

/**
 * Makes the supervisor. Keys are born here, in memory, and die with the process.
 *
 * Each tick: look at registry and chain; register when there is no valid record of our keys or the keys end soon; renew when the
 * result ends soon; fetch, check and decrypt the asset once its key is released. What fails is tried again at a later tick. A
 * renewal never takes the node out of service: the keys stay, and so does the result until its own end.
 */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { readiness } = options
  const attestation = createAttestation(options)
  const asset = createAssetKeeper(options)
  const gpus = createGpuKeeper({ ...options, sources: options.gpuSources })
  const gpuQueue = createQueue()
  let keepingGpus = false
  /** Beside everything else: the first binding brings a dozen endorsements, and the node serves without. */
  const keepGpus = () => {
    const active = attestation.active()
    if (keepingGpus || active === undefined || attestation.registering()) return
    keepingGpus = true
    void gpuQueue(() => gpus.keep(active)).finally(() => {
      keepingGpus = false
    })
  }
  const queue = createQueue()
  /** Transactions take blocks, and the node serves meanwhile only while it has looked at the chain lately. */
  const exclusive = <T>(run: () => Promise<T>) =>
    queue(async () => {
      const look = () => readiness.check(attestation.active())
      const timer = setInterval(look, options.pollSeconds * 1000)
      return run().finally(() => clearInterval(timer))
    })
  return {
    active: attestation.active,
    registering: attestation.registering,
    serving: () => asset.serving(attestation.active()),
    tick: () =>
      exclusive(async () => {
        await readiness.check(attestation.active())
        await attestation.keep()
        await asset.keep(attestation.active())
        keepGpus()
      }),
    registerSoon: attestation.registerSoon,
    renew: () => exclusive(attestation.renew),
    previewRenewal: () => exclusive(attestation.previewRenewal),
    bindGpus: () => gpuQueue(async () => gpus.bindAll(attestation.registered())),
    close: asset.close,
  }
}

/** Runs work in the order in which it was asked for, one piece at a time. */
function createQueue(): <T>(run: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (run) => {
    const next = last.then(run, run)
    last = next
    return next
  }
}

/** Seconds: while there is no valid record every one counts; before a result runs out there is time. */
const LONGEST_PAUSE = { register: 64, renew: 900 } as const

/** Keys, registration and renewal. */
function createAttestation(options: SupervisorOptions) {
  const { readiness, log, renewBeforeSeconds, renewEverySeconds } = options
  const registration = createRegistration(options)
  const renewal = createRenewal(options)
  let active: ActiveKeyset | undefined
  let newKeys = false
  let pause = { until: 0, failures: 0 }
  let end = { activeUntil: 0, seenAt: 0 }

  const adopt = (next: ActiveKeyset) => {
    active = next
    pause = { until: 0, failures: 0 }
  }
  const register = async () => {
    const next = await registration.attempt(adopt)
    newKeys = false
    await options.journal.forgetOtherKeysets(next.digest)
    await readiness.check(next)
    readiness.set('NODE_REGISTERING', false)
    const { epoch, workloadId } = next.keyset
    const { activeUntil } = readiness.record() ?? {}
    log.info('registered', { epoch, keysetDigest: next.digest, workloadId, activeUntil })
  }
  const registered = (): ActiveKeyset => {
    if (active === undefined || registration.pending()) throw new RequestError('NODE_NOT_READY')
    return active
  }
  const renew = async (): Promise<Renewed> => {
    try {
      const renewed = await renewal.attempt(registered())
      adopt(renewed.active)
      await readiness.check(active)
      const { activeUntil } = readiness.record() ?? {}
      log.info('renewed', {
        epoch: renewed.active.keyset.epoch,
        transactionHash: renewed.transactionHash,
        activeUntil,
      })
      return renewed
    } catch (error) {
      newKeys ||= needsNewKeys(error)
      throw error
    }
  }
  const step = (now: number) => {
    if (registration.pending()) return 'register'
    const record = readiness.record()
    // A result's margin is a part of its life, and a renewal begins a new one.
    if (record !== undefined && record.activeUntil !== end.activeUntil)
      end = { activeUntil: record.activeUntil, seenAt: now }
    const { seenAt } = end
    const margins = { seenAt, renewBeforeSeconds, renewEverySeconds }
    return nextStep({ active, record, objections: readiness.objections(), newKeys, now, ...margins })
  }

  return {
    active: () => active,
    registered,
    registering: registration.pending,
    registerSoon: () => {
      newKeys = true
      pause = { until: 0, failures: 0 }
    },
    renew,
    previewRenewal: async () => renewal.preview(registered()),
    keep: async () => {
      const now = options.nowSeconds()
      const next = step(now)
      if (next === 'nothing' || now < pause.until) return
      try {
        await (next === 'register' ? register() : renew())
      } catch (error) {
        // Other evidence would not help a node that was revoked or never allowed; a first registration says so at once.
        if (active === undefined && !registration.pending() && !mayPass(error)) throw error
        const failures = pause.failures + 1
        pause = { until: now + Math.min(2 ** failures, LONGEST_PAUSE[next]), failures }
        log.warn(next === 'register' ? 'registration failed' : 'renewal failed', failureFields(error))
      }
    },
  }
}

/** The sealed asset and its model. */
function createAssetKeeper(options: SupervisorOptions) {
  const { chain, readiness, log } = options
  let sealed: SealedAsset | undefined
  let model: ServedModel | undefined

  const load = async (active: ActiveKeyset) => {
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
    serving: (active: ActiveKeyset | undefined): ServingState | undefined => {
      if (active === undefined || model === undefined || sealed === undefined) return undefined
      const { contentRoot } = sealed.version
      const { id: assetId, version: assetVersion } = options.asset
      return { active, model, served: { providerId: options.providerId, assetId, assetVersion, contentRoot } }
    },
    keep: async (active: ActiveKeyset | undefined) => {
      if (model !== undefined || active === undefined) return
      try {
        await load(active)
      } catch (error) {
        if (!(error instanceof BaseError)) throw error
        log.warn('model not loaded', failureFields(error))
        if (error.code === 'NODE_ASSET_UNPAID') readiness.set('NODE_ASSET_UNPAID', true)
        // A record may have been cut off on its way: fetched again next time.
        sealed = undefined
      }
    },
    close: async () => {
      await model?.close()
    },
  }
}
