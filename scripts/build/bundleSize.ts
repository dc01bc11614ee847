import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

/** What a page loads, gzip, bytes. */
export interface BundleSize {
  /** At once. */
  readonly initial: number
  /** Only when code asks for it (`import()`), all of it. */
  readonly onDemand: number
  /** Modules of the first load, by their paths. */
  readonly initialModules: readonly string[]
}

/** Size of a module of this source, bundled and minified for browsers with everything unused shaken off. */
export async function bundleSize(source: string): Promise<BundleSize> {
  const build = await rolldown({
    input: 'virtual:entry',
    platform: 'browser',
    logLevel: 'warn',
    plugins: [
      {
        name: 'entry',
        resolveId: (id, importer) =>
          id === 'virtual:entry' ? `${import.meta.dirname}/entry.js` : importer ? null : undefined,
        load: (id) => (id === `${import.meta.dirname}/entry.js` ? source : null),
      },
    ],
  })
  const { output } = await build.generate({ format: 'esm', minify: true })
  await build.close()
  const chunks = output.filter((file) => file.type === 'chunk')
  const initial = new Set<string>()
  const visit = (name: string) => {
    const chunk = chunks.find(({ fileName }) => fileName === name)
    if (!chunk || initial.has(name)) return
    initial.add(name)
    for (const next of chunk.imports) visit(next)
  }
  for (const { fileName, isEntry } of chunks) if (isEntry) visit(fileName)
  const sizeOf = (wanted: boolean) =>
    chunks
      .filter(({ fileName }) => initial.has(fileName) === wanted)
      .reduce((sum, { code }) => sum + gzipSync(code).length, 0)
  const initialModules = chunks.filter(({ fileName }) => initial.has(fileName)).flatMap(({ moduleIds }) => moduleIds)
  return { initial: sizeOf(true), onDemand: sizeOf(false), initialModules }
}
