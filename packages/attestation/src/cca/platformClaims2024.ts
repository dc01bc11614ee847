import type { CborDocument, CborItem } from '../internal/cbor.ts'
import { type FieldCodes, type Fields, fieldsOf } from '../internal/cborFields.ts'
import { CLIENT_ID_RMSD, HASH_SIZES, PLATFORM_CLAIM } from './constants.ts'

/** Entries of a device that joined the platform at runtime (claim 2404). */
const DEVICE = {
  hashAlgorithm: 1,
  measurementsDigest: 2,
  certificatesDigest: 3,
  usesIde: 4,
  protocol: 5,
  vcaDigest: 6,
  type: 7,
  encryption: 8,
} as const
/** The one type of device that says who encrypts: the host, the target, or nobody (0 to 2). */
const MEMORY_DEVICE = 'cxl-type-3'
const MAX_ENCRYPTION = 2
/** Entries of a key of Trusted Board Boot (claim 2405). */
const BOOT_KEY = { name: 1, activeArray: 2, index: 3, hash: 4 } as const

/**
 * Refuses platform claims that lack what the profile of 2024 adds: one mandatory claim, and the forms of optional ones.
 * Source: draft-ffm-rats-cca-token-03 §4.2; Arm DEN0137 §A7.2.3.3.6, .11 and .12 (which has no device types yet).
 */
export function expectPlatformClaimsOf2024(document: CborDocument, claims: Fields, codes: FieldCodes): void {
  const clientId = claims.unsigned(PLATFORM_CLAIM.clientId, 'client id')
  if (clientId !== CLIENT_ID_RMSD) {
    claims.wrong(PLATFORM_CLAIM.clientId, 'client id', `${CLIENT_ID_RMSD}`, `${clientId}`)
  }
  const some = { min: 1, max: document.bytes.length }
  for (const key of [PLATFORM_CLAIM.manufacturingConfiguration, PLATFORM_CLAIM.peerSigners]) {
    if (claims.has(key)) claims.bytes(key, 'claim', some)
  }
  const each = (key: number, name: string, expectItem: (fields: Fields) => void) => {
    if (!claims.has(key)) return
    const items: readonly CborItem[] = claims.list(key, name)
    if (items.length === 0) claims.wrong(key, name, 'one or more')
    for (const item of items) expectItem(fieldsOf(document, item, name, codes))
  }
  each(PLATFORM_CLAIM.extension, 'devices', expectDevice)
  each(PLATFORM_CLAIM.trustedBootKeys, 'keys of trusted board boot', expectBootKey)
}

function expectDevice({ has, text, bytes, boolean, unsigned, wrong }: Fields): void {
  if (has(DEVICE.hashAlgorithm)) text(DEVICE.hashAlgorithm, 'hash algorithm of a device')
  bytes(DEVICE.measurementsDigest, 'digest of the measurements', HASH_SIZES)
  bytes(DEVICE.certificatesDigest, 'digest of the certificates', HASH_SIZES)
  boolean(DEVICE.usesIde, 'use of link encryption')
  // SPDM begins with a negotiation (version, capabilities, algorithms), whose digest has to be there.
  if (text(DEVICE.protocol, 'protocol').startsWith('spdm-')) {
    bytes(DEVICE.vcaDigest, 'digest of the negotiation', HASH_SIZES)
  } else if (has(DEVICE.vcaDigest)) {
    wrong(DEVICE.vcaDigest, 'digest of the negotiation', 'nothing without SPDM')
  }
  const type = has(DEVICE.type) ? text(DEVICE.type, 'type of a device') : undefined
  if (type === MEMORY_DEVICE) unsigned(DEVICE.encryption, 'encryption of a device', MAX_ENCRYPTION)
  else if (has(DEVICE.encryption))
    wrong(DEVICE.encryption, 'encryption of a device', `nothing but with ${MEMORY_DEVICE}`)
}

function expectBootKey({ text, bytes, unsigned, wrong }: Fields): void {
  if (text(BOOT_KEY.name, 'name of a key').length === 0) wrong(BOOT_KEY.name, 'name of a key', 'text that is not empty')
  unsigned(BOOT_KEY.activeArray, 'array of a key')
  unsigned(BOOT_KEY.index, 'index of a key')
  bytes(BOOT_KEY.hash, 'hash of a key', HASH_SIZES)
}
