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

/** Source: AMD 56860, table 23. */
const SNP: FieldNotes = {
  'report.version': 'version of the report format',
  vmpl: 'privilege level that asked: 0 is the highest; 4294967295 is the host',
  guestSvn: 'security version number of the guest',
  abiMajor: 'lowest ABI of the firmware that the guest accepts',
  debugAllowed: 'the host may read the guest',
  migrationAgentAllowed: 'another guest may move this one elsewhere',
  smtAllowed: 'two threads may share a core',
  'guestPolicy.bytes': 'little-endian bits, as set at launch',
  'platformInfo.bytes': 'little-endian bits of the machine',
  aliasCheckComplete: 'no memory was found under two addresses at boot',
  measurement: 'SHA-384 of the guest at launch',
  hostData: 'set by whoever launched the guest',
  idKeyDigest: 'SHA-384 of the key that signed the ID block',
  authorKeyDigest: 'SHA-384 of the key that signed that key',
  chipId: 'identity of the chip; zero where hidden',
  currentTcb: 'security version numbers by byte: of the firmware that runs',
  reportedTcb: 'security version numbers by byte: what the endorsement key was derived for',
  committedTcb: 'security version numbers by byte: below this the host cannot go any more',
  launchTcb: 'security version numbers by byte: when the guest was launched',
  reportId: 'of this guest, until it ends',
  signature: 'r then s, P-384, little-endian as in the report',
  signedBytes: 'bytes 0x000 to 0x29F: what is signed',
  'report.reportData': 'chosen by the guest',
}

/** Source: draft-ffm-rats-cca-token. */
const CCA: FieldNotes = {
  collection: 'form of the token that holds both',
  'platform.claims.challenge': 'hash of the realm’s key: what ties both tokens together',
  'realm.claims.challenge': 'chosen by whoever asked',
  implementationId: 'kind of the platform',
  instanceId: 'this machine',
  lifecycleValue: 'claim 2395; 0x3000 to 0x30FF is secured',
  signerId: 'hash of the key that signed the component',
  initialMeasurement: 'RIM: contents of the realm when it was made',
  extensibleMeasurements: 'REM',
  personalizationValue: 'RPV: set by whoever made the realm',
  toBeSigned: 'what the signature covers (RFC 9052 §4.4)',
}

/** Source: DMTF DSP0274 and NVIDIA's attestation SDK. */
const NVIDIA: FieldNotes = {
  requesterNonce: 'chosen by whoever asked',
  responderNonce: 'chosen by the device',
  slot: 'of the certificate chain',
  fwid: 'SHA-384 of the firmware that the key was made for',
  driverVersion: 'the device’s own word, signed',
  vbiosVersion: 'the device’s own word, signed',
  paddingBytes: 'zero bytes behind the report',
}

/** Source: AWS Nitro Enclaves NSM API, attestation process. */
const NITRO: FieldNotes = {
  timestampMs: 'milliseconds since 1970',
  moduleId: 'instance and enclave',
  'document.pcrs.0': 'SHA-384: image of the enclave; zero in debug mode',
  'document.pcrs.1': 'SHA-384: kernel and boot ramdisk',
  'document.pcrs.2': 'SHA-384: application',
  'document.pcrs.3': 'SHA-384: IAM role of the parent instance',
  'document.pcrs.4': 'SHA-384: id of the parent instance',
  'document.pcrs.8': 'SHA-384: certificate that signed the image',
  certificate: 'DER; signs the document, valid for about three hours',
  publicKey: 'chosen by the enclave',
  userData: 'chosen by the enclave',
  nonce: 'chosen by whoever asked',
  toBeSigned: 'what the signature covers (RFC 9052 §4.4)',
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
  sgx: {
    ...DCAP,
    mrEnclave: 'SHA-256 of the initial contents of the enclave',
    mrSigner: 'SHA-256 of the key that signed the enclave',
    'report.attributes': 'flags, little-endian; bit 1 is DEBUG; then XFRM',
    'report.reportData': 'chosen by the enclave',
  },
  snp: SNP,
  cca: CCA,
  nvidia: NVIDIA,
  nitro: NITRO,
}
