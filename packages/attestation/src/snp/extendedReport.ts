import { MalformedEvidenceError } from '../errors.ts'
import { isZero, toHex, u32 } from '../internal/bytes.ts'
import { parsePemCertificates } from '../internal/pem.ts'
import { OFFSET, REPORT_SIZE, SIGNING_KEY } from './constants.ts'
import type { SnpEndorsements } from './endorsements.ts'

/** A report with what the host put next to it. */
export interface SplitSnpReport {
  /** Exactly one attestation report. */
  readonly report: Uint8Array
  /** DER, as far as the table has them. */
  readonly endorsements: Partial<SnpEndorsements>
}

type TableName = 'vcek' | 'vlek' | 'intermediate' | 'root' | 'crl'

/** GUIDs of the table, in the order of their bytes. Source: AMD 56421 (GHCB), 4.1.8.1. */
const GUIDS: Readonly<Record<string, TableName>> = {
  '63da758de6644564adc5f4b93be8accd': 'vcek',
  a8074bc2a25a483eaae639c045a0b8a1: 'vlek',
  '4ab7b379bbac4fe4a02f05aef327c782': 'intermediate',
  c0b406a4a803495297433fb6014cd0ae: 'root',
  '92f81bc358114d3d97ffd19f88dc67ea': 'crl',
}
const ENTRY_SIZE = 24
/** More entries than any host writes. */
const MAX_ENTRIES = 16

const fail = (offset: number, expected: string, got: string): never => {
  throw new MalformedEvidenceError('SNP_CERTIFICATE_TABLE_MALFORMED', { offset, expected, got })
}

/**
 * Splits an extended report: an attestation report with the host's certificate table behind it. A bare report has no
 * endorsements.
 *
 * Proves: nothing. The table is the host's word, and its certificates are verified like any others; entries with an
 * unknown GUID are left out. Of VCEK and VLEK the one is taken that the report says it is signed with.
 *
 * @throws {MalformedEvidenceError} SNP_REPORT_MALFORMED when too short, SNP_CERTIFICATE_TABLE_MALFORMED.
 */
export function splitSnpExtendedReport(bytes: Uint8Array): SplitSnpReport {
  if (bytes.length < REPORT_SIZE) {
    throw new MalformedEvidenceError('SNP_REPORT_MALFORMED', {
      offset: bytes.length,
      expected: `at least ${REPORT_SIZE} bytes`,
      got: `${bytes.length}`,
    })
  }
  const report = bytes.subarray(0, REPORT_SIZE)
  const table = bytes.subarray(REPORT_SIZE)
  if (table.length === 0) return { report, endorsements: {} }
  const { vcek, vlek, intermediate, root, crl } = readTable(table)
  const signingKey = (u32(report, OFFSET.keyInfo) >> 2) & 7
  const vek = signingKey === SIGNING_KEY.vlek ? vlek : vcek
  const found = { vek, intermediate, root, crl }
  return {
    report,
    endorsements: Object.fromEntries(Object.entries(found).filter(([, der]) => der !== undefined)),
  }
}

function readTable(table: Uint8Array): Partial<Record<TableName, Uint8Array>> {
  const found: Partial<Record<TableName, Uint8Array>> = {}
  for (let index = 0; index < MAX_ENTRIES; index++) {
    const at = index * ENTRY_SIZE
    if (at + ENTRY_SIZE > table.length) return fail(at, 'an entry of zeros at the end of the table', 'the end')
    const guid = table.subarray(at, at + 16)
    const [offset, length] = [u32(table, at + 16), u32(table, at + 20)]
    if (isZero(guid)) return found
    if (length === 0 || offset + length > table.length) {
      return fail(at + 16, `a place inside of ${table.length} bytes`, `${length} bytes at ${offset}`)
    }
    const name = GUIDS[toHex(guid)]
    if (!name) continue
    if (found[name]) return fail(at, `${name} once`, 'again')
    found[name] = derOf(table.subarray(offset, offset + length), offset)
  }
  return fail(MAX_ENTRIES * ENTRY_SIZE, `at most ${MAX_ENTRIES} entries`, 'more')
}

/** Hosts write DER, and some write PEM. */
function derOf(bytes: Uint8Array, offset: number): Uint8Array {
  if (bytes[0] === 0x30) return bytes
  const [der, second] = parsePemCertificates(bytes) ?? []
  return der && !second ? der : fail(offset, 'one certificate in DER or PEM', 'something else')
}
