import type { ReasonCode } from '@spartan/errors'

/**
 * Vectors that carry a second fault which our order of checks meets before the stated one. Each is refused for `first`
 * as published, and for the stated reason once that fault is taken away: `repair` names how.
 */
export const DCAP_EARLIER_FAULTS: Readonly<
  Record<string, { readonly first: ReasonCode; readonly because: string; readonly repair: readonly DcapRepair[] }>
> = {
  'tdx/neg-v4-phala-collateral-not-yet-valid': {
    first: 'DCAP_PCK_CRL_EXPIRED',
    because: 'the PCK CRL was issued after verify_at as well',
    repair: ['without-pck-crl'],
  },
  'tdx/v4-intel-qvl-sample': {
    first: 'DCAP_CERTIFICATION_DATA_UNSUPPORTED',
    because: 'the chain in the quote is not PEM, and the TCB info holds SVNs above 255',
    repair: ['chain-from-file', 'without-tcb-info'],
  },
}

/** Ways to take an earlier fault away. */
export type DcapRepair = 'without-pck-crl' | 'without-tcb-info' | 'chain-from-file'
