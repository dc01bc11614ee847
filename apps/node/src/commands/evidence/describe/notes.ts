import type { EvidenceKind } from '@spartan/attestation'
import type { FieldNotes } from './fields.ts'

/** Source: Intel TDX DCAP Quoting Library API, appendix A.3. */
const DCAP: FieldNotes = {
  'header.version': 'version of the quote format',
  'header.attestationKeyType': '2 is ECDSA P-256',
  'header.teeType': '0 is SGX, 129 is TDX',
  quoteSignature: 'r then s, by the attestation key over header and body',
  attestationKey: 'x then y, P-256',
  qeReportSignature: 'r then s, by the platform certificate over the report of the quoting enclave',
  qeAuthenticationData: 'bound with the attestation key into the report of the quoting enclave',
  isvSvn: 'security version number',
  isvProdId: 'product id',
  cpuSvn: 'security version numbers of the processor',
  trailing: 'behind the declared end of the quote, signed by nobody',
  signedBytes: 'header and body: what the attestation key signs',
}

/** Meanings per kind; names are those of the parsed structures. */
export const FIELD_NOTES: Readonly<Record<EvidenceKind, FieldNotes>> = {
  tdx: {
    ...DCAP,
    teeTcbSvn: '16 component SVNs; [0] TDX module, [1] its major version, [2] SEAM loader',
    mrSeam: 'SHA-384 of the TDX module',
    mrSignerSeam: 'zero: signed by Intel',
    mrTd: 'SHA-384 of the initial contents of the TD',
    mrConfigId: 'set by whoever created the TD',
    mrOwner: 'set by whoever created the TD',
    mrOwnerConfig: 'set by whoever created the TD',
    rtmr0: 'SHA-384 chain: firmware configuration',
    rtmr1: 'SHA-384 chain: boot loader and kernel',
    rtmr2: 'SHA-384 chain: kernel command line and initial file system',
    rtmr3: 'SHA-384 chain: the workload’s own events',
    tdAttributes: 'little-endian bits; 0 is DEBUG, 28 SEPT_VE_DISABLE',
    xfam: 'little-endian bits: extended features of the TD',
    'report.reportData': 'chosen by the workload: here keyset digest and challenge',
  },
  sgx: DCAP,
  snp: {},
  cca: {},
  nvidia: {},
  nitro: {},
}
