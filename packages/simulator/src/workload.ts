/** The measurements that one workload has on every simulated platform. 48 bytes each. */
export interface WorkloadMeasurements {
  readonly mrTd: Uint8Array<ArrayBuffer>
  readonly mrConfigId: Uint8Array<ArrayBuffer>
  readonly mrOwner: Uint8Array<ArrayBuffer>
  readonly mrOwnerConfig: Uint8Array<ArrayBuffer>
  readonly rtmr: readonly [
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>,
  ]
}

/**
 * Derives the measurements of a workload from its name: the same name measures the same everywhere, another name
 * differs in MRTD and every RTMR. MRCONFIGID, MROWNER and MROWNERCONFIG are zero, as most clouds leave them.
 */
export async function workload(name: string): Promise<WorkloadMeasurements> {
  const [mrTd, rtmr0, rtmr1, rtmr2, rtmr3] = await Promise.all([
    measure(name, 'mrTd'),
    measure(name, 'rtmr0'),
    measure(name, 'rtmr1'),
    measure(name, 'rtmr2'),
    measure(name, 'rtmr3'),
  ])
  return {
    mrTd,
    mrConfigId: new Uint8Array(48),
    mrOwner: new Uint8Array(48),
    mrOwnerConfig: new Uint8Array(48),
    rtmr: [rtmr0, rtmr1, rtmr2, rtmr3],
  }
}

/** SHA-384 of a domain tag, a name and a field, NUL-separated. */
export async function measure(name: string, field: string): Promise<Uint8Array<ArrayBuffer>> {
  const preimage = new TextEncoder().encode(`spartan/simulated-measurement/v1\0${name}\0${field}`)
  return new Uint8Array(await crypto.subtle.digest('SHA-384', preimage))
}
