import { createServer } from 'node:net'

/** Refuses, in one line, when a port of the world is taken. */
export async function requireFreePorts(ports: readonly number[]): Promise<void> {
  const taken: number[] = []
  for (const port of ports) if (!(await isFree(port))) taken.push(port)
  if (taken.length === 0) return
  const list = taken.join(', ')
  throw new Error(
    `Port ${list} on 127.0.0.1 is taken. Stop what uses it, or start with: npm start -- --port-base ${(ports[0] ?? 3000) + 1000}`,
  )
}

/** Whether nothing listens on a port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
