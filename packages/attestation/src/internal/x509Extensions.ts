import { toHex } from './bytes.ts'
import { contentOf, type DerDocument, expectBytes, expectElement, expectLast, failAt, TAG } from './der.ts'

/** One extension: its value is [start, stop) of the document. */
export interface Extension {
  /** OID, content bytes in hex. */
  readonly id: string
  readonly critical: boolean
  readonly at: number
  readonly start: number
  readonly stop: number
}

/** [tag] { SEQUENCE OF Extension } up to `end`, each once. None at all where the element is absent. */
export function readExtensions(
  document: DerDocument,
  at: number,
  end: number,
  tag: number,
): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>()
  if (at === end) return extensions
  const wrapper = expectLast(document, at, end, tag)
  const list = expectLast(document, wrapper.start, wrapper.stop, TAG.sequence)
  for (let next = list.start; next < list.stop; ) {
    const extension = readExtension(document, next, list.stop)
    if (extensions.has(extension.id)) failAt(document, next, 'each extension once')
    extensions.set(extension.id, extension)
    next = extension.stop
  }
  return extensions
}

function readExtension(document: DerDocument, at: number, end: number): Extension {
  const item = expectElement(document, at, end, TAG.sequence)
  const id = expectElement(document, item.start, item.stop, TAG.oid)
  if (id.start === id.stop || id.stop - id.start > 32) failAt(document, id.start, 'an object identifier')
  const critical = id.stop < item.stop && document.bytes[id.stop] === TAG.boolean
  // FALSE is the default, so DER writes only TRUE.
  const valueAt = critical ? expectBytes(document, id.stop, item.stop, '0101ff', 'TRUE') : id.stop
  const value = expectLast(document, valueAt, item.stop, TAG.octetString)
  return { id: toHex(contentOf(document, id)), critical, at, start: value.start, stop: value.stop }
}
