import type { Hex } from 'viem'
import { z } from 'zod'
import type { PublicWorld } from '../../config/worldSchema.ts'

/** What a paid request was about. The request itself holds closes only. */
export interface RequestNote {
  readonly symbol: string
  /** Unix seconds; open of the newest candle in the request. */
  readonly asOf: number
}

const notesSchema = z.record(z.string(), z.object({ symbol: z.string(), asOf: z.number() }))

type Deployment = Pick<PublicWorld, 'chainId' | 'contracts'>

const storageKey = ({ chainId, contracts }: Deployment) => `spartan.requests:${chainId}:${contracts.channelEscrow}`

function read(world: Deployment): Record<string, RequestNote> {
  try {
    return notesSchema.parse(JSON.parse(localStorage.getItem(storageKey(world)) ?? '{}'))
  } catch {
    // Lost notes cost the title of a recovered answer, not the answer.
    return {}
  }
}

/** Remembers what the next request of a channel is about, so that its answer can be named after a reload. */
export function noteRequest(world: Deployment, channelId: Hex, note: RequestNote): void {
  try {
    localStorage.setItem(storageKey(world), JSON.stringify({ ...read(world), [channelId]: note }))
  } catch {
    // As above.
  }
}

/** What the newest request of a channel was about; undefined when nobody noted it. */
export function requestNote(world: Deployment, channelId: Hex): RequestNote | undefined {
  return read(world)[channelId]
}
