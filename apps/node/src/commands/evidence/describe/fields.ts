/** One field of evidence, for people and for programs. */
export interface DescribedField {
  /** Path in the parsed structure: `report.measurements.mrTd`. */
  readonly name: string
  /** Text, or decimal digits; bytes as lower-case hex. */
  readonly value: string
  /** Unit or meaning. */
  readonly note?: string
}

/** What a field means, by its path or by its last name. */
export type FieldNotes = Readonly<Record<string, string>>

/** Deeper than any parsed structure; a guard against cycles. */
const MAX_DEPTH = 12

/** Lists every leaf of a parsed structure under its path. */
export function describeFields(parsed: unknown, notes: FieldNotes): readonly DescribedField[] {
  return walk(parsed, '', notes, 0)
}

function walk(value: unknown, path: string, notes: FieldNotes, depth: number): readonly DescribedField[] {
  if (value === undefined || typeof value === 'function' || depth > MAX_DEPTH) return []
  if (value instanceof Uint8Array) return [leaf(path, hex(value), notes, `${value.length} bytes`)]
  if (typeof value !== 'object' || value === null) return [leaf(path, String(value), notes)]
  const children = value instanceof Map ? [...value.entries()] : Object.entries(certificateFields(value) ?? value)
  if (Array.isArray(value) && value.every((item) => typeof item === 'number')) {
    return [leaf(path, value.join(' '), notes)]
  }
  return children.flatMap(([key, child]) =>
    walk(child, Array.isArray(value) ? `${path}[${key}]` : path === '' ? `${key}` : `${path}.${key}`, notes, depth + 1),
  )
}

/** A certificate as people know it, without what the parser keeps for itself; undefined for anything else. */
function certificateFields(value: object): object | undefined {
  if (!('document' in value && 'commonName' in value && 'extensions' in value)) return undefined
  const { commonName, serial, notBefore, notAfter, isCa, key, document } = value as Record<string, unknown>
  const der = (document as { readonly bytes: Uint8Array }).bytes
  return { commonName, serial, notBefore: isoTime(notBefore), notAfter: isoTime(notAfter), isCa, key, der }
}

const isoTime = (seconds: unknown) => new Date(Number(seconds) * 1000).toISOString()

function leaf(name: string, value: string, notes: FieldNotes, unit?: string): DescribedField {
  const meaning = notes[name] ?? notes[name.slice(name.lastIndexOf('.') + 1)]
  const note = [unit, meaning].filter((part) => part !== undefined).join(', ')
  return { name, value, ...(note !== '' && { note }) }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
