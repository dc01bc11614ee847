import { MalformedEvidenceError } from '../errors.ts'
import { ownCopy } from '../internal/bytes.ts'
import { type CborDocument, type CborItem, failCbor, readCbor } from '../internal/cbor.ts'
import { type CoseCodes, type CoseSign1, parseCoseSign1 } from '../internal/cose.ts'
import type { EcPublicKey } from '../internal/signatures.ts'
import type { Unverified } from '../result.ts'
import { type CcaPlatformClaims, type CcaRealmClaims, parseCcaPlatformClaims, parseCcaRealmClaims } from './claims.ts'
import { CMW_EAT_CWT, COLLECTION_KEY, COLLECTION_RULES, COLLECTION_TAG, COSE_RULES } from './constants.ts'
import { readRealmKey } from './realmKey.ts'

/** A CCA attestation token: two signed tokens, the realm's bound to the platform's by the hash of its key. */
export interface CcaEvidence {
  /** EAT collection (tag 399) or CMW collection (tag 907). */
  readonly collection: 'eat' | 'cmw'
  readonly platform: { readonly message: CoseSign1; readonly claims: CcaPlatformClaims }
  readonly realm: {
    readonly message: CoseSign1
    readonly claims: CcaRealmClaims
    /** Realm attestation key (RAK). */
    readonly key: EcPublicKey
  }
}

const PLATFORM_CODES: CoseCodes = {
  malformed: 'CCA_PLATFORM_TOKEN_MALFORMED',
  algorithmUnsupported: 'CCA_ALGORITHM_UNSUPPORTED',
  criticalUnsupported: 'CCA_CRITICAL_HEADER_UNSUPPORTED',
}
const REALM_CODES: CoseCodes = { ...PLATFORM_CODES, malformed: 'CCA_REALM_TOKEN_MALFORMED' }

/**
 * Parses a CCA attestation token with its claims.
 *
 * Proves: the form of collection, tokens and claims. Does not prove: anything about who made it.
 * Source: draft-ffm-rats-cca-token-00 and -03; Arm DEN0137 §A7.2.
 *
 * @throws {MalformedEvidenceError} CCA_TOKEN_MALFORMED, CCA_TRAILING_BYTES, CCA_COLLECTION_TAG_UNSUPPORTED, the codes of
 * the two tokens (CCA_PLATFORM_…, CCA_REALM_…), CCA_ALGORITHM_UNSUPPORTED, CCA_CRITICAL_HEADER_UNSUPPORTED,
 * CCA_PROFILE_UNSUPPORTED, CCA_RAK_HASH_UNSUPPORTED, CCA_RAK_MALFORMED.
 */
export function parseCca(bytes: Uint8Array): Unverified<CcaEvidence> {
  const { collection, platform, realm } = readCollection(ownCopy(bytes))
  const platformMessage = parseCoseSign1(platform, COSE_RULES, PLATFORM_CODES)
  const platformClaims = parseCcaPlatformClaims(platformMessage.payload)
  const realmMessage = parseCoseSign1(realm, COSE_RULES, REALM_CODES)
  const realmClaims = parseCcaRealmClaims(realmMessage.payload)
  return {
    collection,
    platform: { message: platformMessage, claims: platformClaims },
    realm: { message: realmMessage, claims: realmClaims, key: readRealmKey(realmClaims) },
  }
}

function readCollection(bytes: Uint8Array) {
  const document: CborDocument = { bytes, code: 'CCA_TOKEN_MALFORMED', trailingCode: 'CCA_TRAILING_BYTES' }
  const item = readCbor(document, COLLECTION_RULES)
  const tag = item.kind === 'tag' ? item.tag : undefined
  if (item.kind !== 'tag' || (tag !== COLLECTION_TAG.eat && tag !== COLLECTION_TAG.cmw)) {
    throw new MalformedEvidenceError('CCA_COLLECTION_TAG_UNSUPPORTED', {
      offset: 0,
      expected: `tag ${COLLECTION_TAG.eat} or ${COLLECTION_TAG.cmw}`,
      got: tag === undefined ? 'no tag' : `tag ${tag}`,
    })
  }
  const collection = tag === COLLECTION_TAG.eat ? 'eat' : 'cmw'
  const { content } = item
  if (content.kind !== 'map' || content.entries.size !== 2) return failCbor(document, content.at, 'a map of two tokens')
  const member = (key: number) => readMember(document, content.entries.get(key), collection, content.at)
  return {
    collection,
    platform: member(COLLECTION_KEY.platform),
    realm: member(COLLECTION_KEY.realm),
  } as const
}

/** The token itself, or `[263, token]` in a CMW collection (draft-ietf-rats-msg-wrap: content format, value). */
function readMember(
  document: CborDocument,
  item: CborItem | undefined,
  collection: CcaEvidence['collection'],
  at: number,
): Uint8Array {
  if (!item) return failCbor(document, at, `keys ${COLLECTION_KEY.platform} and ${COLLECTION_KEY.realm}`, 'another key')
  if (collection === 'eat') return item.kind === 'bytes' ? item.value : failCbor(document, item.at, 'a token in bytes')
  const [type, value] = item.kind === 'array' && item.items.length === 2 ? item.items : []
  if (type?.kind !== 'integer' || type.value !== CMW_EAT_CWT || value?.kind !== 'bytes') {
    return failCbor(document, item.at, `[${CMW_EAT_CWT}, token]`)
  }
  return value.value
}
