import type { ReasonCode } from '@spartan/errors'
import { MalformedEvidenceError } from '../../errors.ts'

/** One attribute that is no namespace declaration. */
export interface XmlAttribute {
  readonly qualifiedName: string
  readonly localName: string
  /** Namespace name; empty for an attribute without prefix. */
  readonly namespace: string
  readonly value: string
}

/** One element with the namespaces in scope. */
export interface XmlElement {
  readonly qualifiedName: string
  readonly localName: string
  readonly namespace: string
  /** Every namespace in scope by prefix; the default one under the empty prefix. */
  readonly inScope: ReadonlyMap<string, string>
  readonly attributes: readonly XmlAttribute[]
  readonly children: readonly (XmlElement | string)[]
  /** Character offset of the start tag. */
  readonly offset: number
}

/** Bounds. The largest RIM known has 26 kB, 90 elements and depth 6. */
const LIMITS = { bytes: 262_144, depth: 12, elements: 2_048, attributes: 64, namespaces: 32 } as const

const NAME = '[A-Za-z_][A-Za-z0-9_.-]*'
const PATTERN = {
  declaration:
    /<\?xml version=(?:"1\.0"|'1\.0')(?: encoding=(?:"(?:UTF|utf)-8"|'(?:UTF|utf)-8'))?(?: standalone=(?:"(?:yes|no)"|'(?:yes|no)'))? ?\?>\n?/y,
  startTag: new RegExp(`<(${NAME}(?::${NAME})?)`, 'y'),
  attribute: new RegExp(`[ \\t\\n]+(${NAME}(?::${NAME})?)[ \\t\\n]*=[ \\t\\n]*(?:"([^"<]*)"|'([^'<]*)')`, 'y'),
  tagEnd: /[ \t\n]*(\/?)>/y,
  endTag: new RegExp(`</(${NAME}(?::${NAME})?)[ \\t\\n]*>`, 'y'),
  text: /[^<]+/y,
} as const

const ENTITIES: ReadonlyMap<string, string> = new Map(
  Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }),
)

interface Cursor {
  readonly text: string
  readonly code: ReasonCode
  at: number
  elements: number
}

function fail({ text, code, at }: Cursor, expected: string): never {
  const got = at < text.length ? JSON.stringify(text.slice(at, at + 16)) : 'the end'
  throw new MalformedEvidenceError(code, { offset: at, expected, got })
}

/**
 * Parses an XML document of the profile that signed manifests need, and of nothing more.
 *
 * Accepted: UTF-8, an optional XML declaration, elements, attributes, namespaces, text, the five predefined entities.
 * Refused: document type, entity and character references, comments, processing instructions, CDATA, `xml:` attributes,
 * unbound prefixes, repeated attributes, anything before or behind the root element, more than the bounds. What is refused has no
 * place in a manifest and is where signature checkers and readers of the same document have come to differ.
 */
export function parseXml(bytes: Uint8Array, code: ReasonCode): XmlElement {
  const cursor: Cursor = { text: decode(bytes, code), code, at: 0, elements: 0 }
  match(cursor, PATTERN.declaration)
  const root = readElement(cursor, new Map([['', '']]), 1)
  if (!/^[ \t\n]*$/.test(cursor.text.slice(cursor.at))) fail(cursor, 'nothing behind the root element')
  return root
}

/** Text with XML's line ends (XML 1.0 §2.11); no byte order mark, no control characters. */
function decode(bytes: Uint8Array, code: ReasonCode): string {
  const wrong = (expected: string, got: string) => new MalformedEvidenceError(code, { offset: 0, expected, got })
  if (bytes.length > LIMITS.bytes) throw wrong(`at most ${LIMITS.bytes} bytes`, `${bytes.length}`)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw wrong('UTF-8', 'other bytes')
  }
  const unix = text.replace(/\r\n?/g, '\n')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]/.test(unix)) throw wrong('XML characters', 'others')
  return unix
}

function match(cursor: Cursor, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = cursor.at
  const found = pattern.exec(cursor.text)
  if (found) cursor.at = pattern.lastIndex
  return found
}

function readElement(cursor: Cursor, outer: ReadonlyMap<string, string>, depth: number): XmlElement {
  const offset = cursor.at
  const qualifiedName = match(cursor, PATTERN.startTag)?.[1] ?? fail(cursor, 'an element')
  cursor.elements++
  if (depth > LIMITS.depth || cursor.elements > LIMITS.elements) fail(cursor, 'fewer elements')
  const { inScope, attributes } = readAttributes(cursor, outer)
  const { namespace, localName } = resolve(cursor, qualifiedName, inScope)
  const end = match(cursor, PATTERN.tagEnd) ?? fail(cursor, 'the end of the tag')
  const children = end[1] === '/' ? [] : readContent(cursor, qualifiedName, inScope, depth)
  return { qualifiedName, localName, namespace, inScope, attributes, children, offset }
}

function readAttributes(cursor: Cursor, outer: ReadonlyMap<string, string>) {
  const found = new Map<string, string>()
  for (let next = match(cursor, PATTERN.attribute); next; next = match(cursor, PATTERN.attribute)) {
    const [, name = '', double, single = ''] = next
    if (found.has(name) || found.size === LIMITS.attributes) fail(cursor, 'each attribute once, and fewer')
    found.set(name, readAttributeValue(cursor, double ?? single))
  }
  const inScope = withDeclarations(cursor, outer, found)
  const attributes: XmlAttribute[] = []
  const seen = new Set<string>()
  for (const [qualifiedName, value] of found) {
    if (isDeclaration(qualifiedName)) continue
    const attribute = { qualifiedName, value, ...resolve(cursor, qualifiedName, inScope, true) }
    const expanded = `${attribute.namespace} ${attribute.localName}`
    if (seen.has(expanded)) fail(cursor, 'each attribute once')
    seen.add(expanded)
    attributes.push(attribute)
  }
  return { inScope, attributes }
}

function readAttributeValue(cursor: Cursor, written: string): string {
  // Tabs and line ends would be turned into spaces (XML 1.0 §3.3.3).
  if (/[\t\n]/.test(written)) fail(cursor, 'an attribute value on one line')
  return resolveEntities(cursor, written)
}

const isDeclaration = (name: string) => name === 'xmlns' || name.startsWith('xmlns:')

/** The namespaces around an element with those that it declares. */
function withDeclarations(
  cursor: Cursor,
  outer: ReadonlyMap<string, string>,
  attributes: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const declarations = [...attributes].filter(([name]) => isDeclaration(name))
  if (declarations.length === 0) return outer
  const inScope = new Map(outer)
  for (const [name, uri] of declarations) declareNamespace(cursor, name, uri, inScope)
  return inScope.size <= LIMITS.namespaces ? inScope : fail(cursor, 'fewer namespaces')
}

function declareNamespace(cursor: Cursor, name: string, uri: string, inScope: Map<string, string>): void {
  const prefix = name.slice('xmlns:'.length)
  // Namespaces in XML 1.0 §3: xml and xmlns cannot be declared, a prefix cannot be undeclared.
  const reserved = prefix === 'xml' || prefix === 'xmlns' || /^http:\/\/www\.w3\.org\/(XML\/1998|2000\/xmlns)/.test(uri)
  if (reserved || (prefix !== '' && uri === '') || !/^[!-~]*$/.test(uri)) fail(cursor, 'a namespace declaration')
  inScope.set(prefix, uri)
}

function resolve(cursor: Cursor, qualifiedName: string, inScope: ReadonlyMap<string, string>, isAttribute = false) {
  const colon = qualifiedName.indexOf(':')
  const localName = qualifiedName.slice(colon + 1)
  if (colon < 0) return { localName, namespace: isAttribute ? '' : (inScope.get('') ?? '') }
  const namespace = inScope.get(qualifiedName.slice(0, colon))
  return { localName, namespace: namespace ?? fail(cursor, `a declared prefix, not that of ${qualifiedName}`) }
}

function readContent(cursor: Cursor, name: string, inScope: ReadonlyMap<string, string>, depth: number) {
  const children: (XmlElement | string)[] = []
  for (;;) {
    const text = match(cursor, PATTERN.text)
    if (text) {
      // XML 1.0 §2.4: this sequence ends a CDATA section and may not stand in text.
      if (text[0].includes(']]>')) fail(cursor, 'text without ]]>')
      children.push(resolveEntities(cursor, text[0]))
      continue
    }
    const end = match(cursor, PATTERN.endTag)
    if (!end) children.push(readElement(cursor, inScope, depth + 1))
    else if (end[1] === name) return children
    else fail(cursor, `the end of ${name}`)
  }
}

function resolveEntities(cursor: Cursor, written: string): string {
  return written.replace(/&([^;&]{0,8};?)/g, (_, reference: string) => {
    const character = reference.endsWith(';') ? ENTITIES.get(reference.slice(0, -1)) : undefined
    return character ?? fail(cursor, 'a predefined entity')
  })
}
