import { answers, startProcess, stopProcess, type WorldProcess, waitFor } from './processes.ts'

const WEB_READY_MS = 60_000

/** Where the dApp is served. */
export const webUrl = (port: number) => `http://127.0.0.1:${port}`

type Cleanups = (() => Promise<void>)[]

/** Builds the dApp through turbo: what has not changed since the last run is replayed from the cache. */
export async function buildWeb(logFile: string, cleanups: Cleanups): Promise<void> {
  const build = startProcess('the build of the dApp', logFile, 'turbo', ['run', '@spartan/web#build', '--ui=stream'], {
    TURBO_TELEMETRY_DISABLED: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
  })
  cleanups.push(() => stopProcess(build))
  const text = await build.ended
  if (build.child.exitCode !== 0) throw new Error(text)
}

/** Serves the built dApp of the world that `worldFile` describes. */
export async function startWeb(
  worldFile: string,
  port: number,
  logFile: string,
  cleanups: Cleanups,
): Promise<WorldProcess> {
  const web = startProcess(
    'the dApp',
    logFile,
    'next',
    ['start', 'apps/web', '--hostname', '127.0.0.1', '--port', String(port)],
    {
      SPARTAN_WORLD: worldFile,
      NEXT_TELEMETRY_DISABLED: '1',
    },
  )
  cleanups.push(() => stopProcess(web))
  await waitFor(web, () => answers(webUrl(port)), WEB_READY_MS)
  return web
}
