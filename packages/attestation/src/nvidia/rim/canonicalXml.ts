import type { XmlAttribute, XmlElement } from './xml.ts'

/**
 * Canonical XML 1.1 of an element with everything below it, without `leaveOut`: UTF-8 bytes.
 *
 * For documents of the profile of `parseXml`, in which no comment, processing instruction or `xml:` attribute exists, this is the
 * whole of Canonical XML 1.1 (W3C Recommendation 2 May 2008, §2.3) and equals version 1.0.
 */
export function canonicalXml(element: XmlElement, leaveOut?: XmlElement): Uint8Array<ArrayBuffer> {
  const parts: string[] = []
  write(element, new Map([['', '']]), leaveOut, parts)
  return new TextEncoder().encode(parts.join(''))
}

/** `rendered`: namespaces as the output around the element declares them. */
function write(
  element: XmlElement,
  rendered: ReadonlyMap<string, string>,
  leaveOut: XmlElement | undefined,
  parts: string[],
): void {
  const { inScope } = element
  // An element without declarations has the very map of the one around it.
  const changed = inScope === rendered ? [] : [...inScope].filter(([prefix, uri]) => rendered.get(prefix) !== uri)
  const declarations = changed.sort(byPrefix)
  parts.push(`<${element.qualifiedName}`)
  for (const [prefix, uri] of declarations) {
    parts.push(` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${escapeAttribute(uri)}"`)
  }
  for (const { qualifiedName, value } of element.attributes.toSorted(byExpandedName)) {
    parts.push(` ${qualifiedName}="${escapeAttribute(value)}"`)
  }
  parts.push('>')
  for (const child of element.children) {
    if (typeof child === 'string') parts.push(escapeText(child))
    else if (child !== leaveOut) write(child, element.inScope, leaveOut, parts)
  }
  parts.push(`</${element.qualifiedName}>`)
}

// Names and namespace names are ASCII here, so that code unit order is code point order.
const compare = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0)
const byPrefix = ([left]: readonly [string, string], [right]: readonly [string, string]) => compare(left, right)
const byExpandedName = (left: XmlAttribute, right: XmlAttribute) =>
  compare(left.namespace, right.namespace) || compare(left.localName, right.localName)

const escapeText = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
/** `>` stays as it is; tabs and line ends do not occur. */
const escapeAttribute = (value: string) =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
