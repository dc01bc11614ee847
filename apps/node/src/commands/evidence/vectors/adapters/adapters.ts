import { CannotCheckError } from '../../../../errors.ts'
import type { Adapter } from '../judgement.ts'
import type { VectorEntry } from '../manifest.ts'
import { rootsAdapter } from './roots.ts'
import { tdxAdapter } from './tdx.ts'

/** Kinds of entries that are not evidence, by the beginning of the name. Source: README of the vectors. */
const DOCUMENT_ADAPTERS: readonly (readonly [prefix: RegExp, adapter: Adapter])[] = [[/^_roots$/, rootsAdapter]]

const FAMILY_ADAPTERS: Readonly<Record<string, Adapter>> = { tdx: tdxAdapter }

/**
 * Who judges an entry.
 *
 * @throws {CannotCheckError} EVIDENCE_KIND_UNSUPPORTED.
 */
export function adapterOf({ family, name }: VectorEntry): Adapter {
  const [, document] = DOCUMENT_ADAPTERS.find(([prefix]) => prefix.test(name)) ?? []
  const adapter = document ?? FAMILY_ADAPTERS[family]
  if (adapter) return adapter
  throw new CannotCheckError('EVIDENCE_KIND_UNSUPPORTED', { metaMessages: [`${family}/${name}`] })
}
