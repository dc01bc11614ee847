// npm start: the local world. See options.ts for what can be set.
import { resolve } from 'node:path'
import { closingTable } from './closingTable.ts'
import { startLocalWorld } from './localWorld.ts'
import { HELP, readOptions, type WorldOptions } from './options.ts'

/** Ctrl-C, a service manager, a closed terminal. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

async function main(): Promise<number> {
  const options = parse()
  if (options === 'help') {
    console.log(HELP)
    return 0
  }
  if (typeof options === 'string') {
    console.error(options)
    return 2
  }
  const stateDir = resolve(options.stateDir)
  const stopAsked = Promise.withResolvers<string>()
  for (const signal of STOP_SIGNALS) process.once(signal, () => stopAsked.resolve(signal))
  const cleanups: (() => Promise<void>)[] = []
  try {
    const started = startLocalWorld({ ...options, stateDir }, cleanups)
    const first = await Promise.race([started, stopAsked.promise])
    if (typeof first === 'string') return 130
    const { world, file, broken } = first
    if (options.headless) console.log(JSON.stringify({ ready: true, world: file, webUrl: world.webUrl }))
    else console.log(closingTable(world, file))
    const why = await Promise.race([stopAsked.promise, broken])
    if (!STOP_SIGNALS.some((signal) => signal === why)) {
      console.error(why)
      return 1
    }
    console.error('\nStopping …')
    return 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    return 1
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup().catch((error) => console.error(String(error)))
  }
}

function parse(): WorldOptions | string {
  try {
    return readOptions(process.argv.slice(2), process.env)
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n\n${HELP}`
  }
}

process.exit(await main())
