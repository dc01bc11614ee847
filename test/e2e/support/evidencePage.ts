import { judgeEntry, type VectorReport } from '../../../apps/node/src/commands/evidence/vectors/judge.ts'
import { entriesOf, type ReadEntry } from '../../../apps/node/src/commands/evidence/vectors/manifest.ts'

// Runs in the page: fetches the published vectors and judges each by the code that the command line uses.

declare global {
  interface Window {
    loadPublished?: () => Promise<number>
    judgePublished?: (index: number) => Promise<VectorReport>
  }
}

let entries: readonly ReadEntry[] = []

const fetchBytes = async (path: string) => {
  const response = await fetch(`/vectors/${path}`)
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

window.loadPublished = async () => {
  const manifest: { readonly files: readonly { readonly path: string }[] }[] = JSON.parse(
    new TextDecoder().decode(await fetchBytes('manifest.json')),
  )
  const contents = new Map<string, Uint8Array>()
  for (const { path } of manifest.flatMap(({ files }) => files)) {
    if (!contents.has(path)) contents.set(path, await fetchBytes(path))
  }
  entries = entriesOf(manifest, ({ path }) => contents.get(path) ?? new Uint8Array())
  return entries.length
}

window.judgePublished = async (index) => {
  const entry = entries[index]
  if (!entry) throw new Error(`no entry ${index}`)
  return judgeEntry(entry)
}
