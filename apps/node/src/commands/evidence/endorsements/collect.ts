import { readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { ENDORSEMENT_CODECS, type EndorsementsOf, type EvidenceKind, readEvidenceBundle } from '@spartan/attestation'
import { AMD_INTERMEDIATES } from '@spartan/attestation/snp/intermediates'
import { CannotCheckError } from '../../../errors.ts'
import { readBoundedFile } from '../input.ts'
import { assembleDcap } from './dcap.ts'
import { certificateNames, mentions } from './der.ts'
import { type Item, recognise } from './recognise.ts'

const MAX_FILES = 512
const MAX_FILE_BYTES = 16 * 1024 * 1024

/**
 * Reads endorsements from files and folders, recognised by their content.
 *
 * What a folder holds besides is left aside; a file that is named itself has to be an endorsement.
 *
 * @param evidence - Its certificates help to tell CRLs apart.
 * @throws {CannotCheckError} CLI_INPUT_UNREADABLE, CLI_INPUT_TOO_LARGE, CLI_ENDORSEMENT_UNKNOWN.
 */
export function collectEndorsements<K extends EvidenceKind>(
  kind: K,
  paths: readonly string[],
  evidence: Uint8Array,
): EndorsementsOf[K] {
  const items = paths.flatMap((path) => itemsOf(kind, resolve(path)))
  const whole = items.flatMap((item) => (item.is === 'json' ? [wholeOf(kind, item.value)] : []))
  const found = { ...assemble(kind, items, evidence) }
  return Object.assign(found, ...whole) as EndorsementsOf[K]
}

function itemsOf(kind: EvidenceKind, path: string): readonly Item[] {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  if (!isFolder) return readItems(kind, path) ?? unknown(path)
  const names = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile())
  if (names.length > MAX_FILES) throw tooMany(path)
  const files = names.map(({ name }) => join(path, name)).sort()
  // JSON of other kinds lies around in folders; only what says what it is counts there.
  return files.flatMap((file) => readItems(kind, file) ?? [])
}

function readItems(kind: EvidenceKind, path: string): readonly Item[] | undefined {
  const bytes = readBoundedFile(path, MAX_FILE_BYTES)
  const items = recognise(basename(path), bytes)
  const [only] = items ?? []
  if (only?.is !== 'json') return items
  if (only.value.format === 'spartan-evidence-bundle/1') return [{ is: 'json', value: bundledOf(kind, bytes, path) }]
  return isWhole(kind, only.value) ? items : undefined
}

function bundledOf(kind: EvidenceKind, bytes: Uint8Array, path: string) {
  const bundle = readEvidenceBundle(bytes)
  if (bundle.kind !== kind) {
    throw new CannotCheckError('CLI_ENDORSEMENT_UNKNOWN', { metaMessages: [`${path}: a bundle of ${bundle.kind}`] })
  }
  const { toJson } = ENDORSEMENT_CODECS[bundle.kind]
  return (toJson as (found: unknown) => Readonly<Record<string, unknown>>)(bundle.endorsements)
}

/** Members of the JSON form of each kind's endorsements. */
const MEMBERS: Readonly<Record<EvidenceKind, readonly string[]>> = {
  tdx: ['rootCaCrl', 'pckCrl', 'pckCrlIssuerChain', 'tcbInfo', 'qeIdentity', 'pckChain'],
  sgx: ['rootCaCrl', 'pckCrl', 'pckCrlIssuerChain', 'tcbInfo', 'qeIdentity', 'pckChain'],
  snp: ['vek', 'intermediate', 'root', 'crl'],
  cca: [],
  nvidia: ['ocsp', 'rims', 'rimOcsp'],
  nitro: ['crls'],
}

function isWhole(kind: EvidenceKind, value: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(value)
  return names.length > 0 && names.every((name) => MEMBERS[kind].includes(name))
}

const wholeOf = (kind: EvidenceKind, value: Readonly<Record<string, unknown>>) =>
  ENDORSEMENT_CODECS[kind].fromJson(value)

function assemble(kind: EvidenceKind, items: readonly Item[], evidence: Uint8Array): object {
  const bytesOf = (is: 'crl' | 'ocsp' | 'rim') => items.flatMap((item) => (item.is === is ? [item.bytes] : []))
  switch (kind) {
    case 'tdx':
    case 'sgx':
      return assembleDcap(items, evidence)
    case 'snp':
      return assembleSnp(items, bytesOf('crl'))
    case 'cca':
      return {}
    case 'nvidia': {
      // A response says itself which certificate it is for; the verifier takes what fits.
      const [ocsp, rims] = [bytesOf('ocsp'), bytesOf('rim')]
      return { ...(ocsp.length > 0 && { ocsp, rimOcsp: ocsp }), ...(rims.length > 0 && { rims }) }
    }
    case 'nitro': {
      const crls = bytesOf('crl')
      return crls.length > 0 ? { crls } : {}
    }
  }
}

/** Extensions of VCEK and VLEK: 1.3.6.1.4.1.3704.1.3.1, the boot loader's SPL. */
const AMD_SPL_OID = '2b060104019c78010301'

function assembleSnp(items: readonly Item[], [crl]: readonly Uint8Array[]): object {
  const certificates = items.flatMap((item) => (item.is === 'certificates' ? item.chain : []))
  const named = certificates.map((der) => ({ der, ...certificateNames(der) }))
  const vek = named.find(({ der }) => mentions(der, AMD_SPL_OID))
  const authorities = named.filter((one) => one !== vek)
  const intermediate = authorities.find(({ subject, issuer }) => subject !== issuer && subject === vek?.issuer)
  const other = authorities.find(({ subject, issuer }) => subject !== issuer)
  const chosen = intermediate ?? other ?? publishedIntermediate(vek?.issuer)
  const root = authorities.find(({ subject, issuer }) => subject === issuer && subject === chosen?.issuer)
  return {
    ...(vek && { vek: vek.der }),
    ...(chosen && { intermediate: chosen.der }),
    ...(root && { root: root.der }),
    ...(crl && { crl }),
  }
}

/** AMD's own ASK or ASVK, which never change: the verifier holds it against the root like one that was given. */
function publishedIntermediate(issuer: string | undefined) {
  const published = Object.values(AMD_INTERMEDIATES).flatMap(({ vcek, vlek }) => [vcek, vlek])
  return published.map((der) => ({ der, ...certificateNames(der) })).find(({ subject }) => subject === issuer)
}

function unknown(path: string): never {
  throw new CannotCheckError('CLI_ENDORSEMENT_UNKNOWN', { metaMessages: [path] })
}

const tooMany = (path: string) =>
  new CannotCheckError('CLI_INPUT_TOO_LARGE', { metaMessages: [`${path}: more than ${MAX_FILES} files`] })
