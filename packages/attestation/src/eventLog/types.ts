/** Index of a runtime measurement register of a TD. */
export type RtmrIndex = 0 | 1 | 2 | 3

/** One entry of an event log, as written by whoever wrote it. */
export interface LoggedEvent {
  /** Position in the log, from 0. */
  readonly index: number
  /** Register that the event extends; undefined for entries that extend none (EV_NO_ACTION). */
  readonly register: RtmrIndex | undefined
  /** Source: TCG PC Client Platform Firmware Profile, §10.4.1; dstack's own 0x08000001. */
  readonly type: number
  /** SHA-384, 48 bytes: what the register was extended with. */
  readonly digest: Uint8Array
  /** Name that dstack gives its events; empty elsewhere. */
  readonly name: string
  /** What the log says was measured. Anybody can write anything here: see {@link ReplayedEvent}. */
  readonly claimedData: Uint8Array
}

/** A parsed event log: nothing about it is trusted. */
export interface EventLog {
  readonly format: 'ccel' | 'dstack'
  readonly events: readonly LoggedEvent[]
}

/** An event of a replayed log. */
export interface ReplayedEvent extends LoggedEvent {
  /**
   * The claimed data where its digest is the event's own, so that a register that matches vouches for it. Undefined where
   * the event type hashes something else (an image, a table) or the data was made up.
   */
  readonly measuredData: Uint8Array | undefined
}

/** The registers that a log leads to. */
export interface ReplayedEventLog {
  readonly format: EventLog['format']
  readonly events: readonly ReplayedEvent[]
  /** RTMR0 to RTMR3, 48 bytes each, from zero. */
  readonly rtmrs: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
}
