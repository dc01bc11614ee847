import type { NodeConfig } from '../config.ts'
import { startNode } from '../startNode.ts'

/**
 * `spartan node serve`: runs until SIGTERM or SIGINT, then drains. A second signal stops at once. SIGHUP makes new
 * keys and registers them.
 *
 * @returns When the node has stopped; rejects with what ended it.
 */
export async function serveNode(config: NodeConfig): Promise<void> {
  let fail: (error: unknown) => void = () => undefined
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  let renew: () => void = () => undefined
  // Before anything else: while the node starts, and so registers anyway, the signal must not end the process.
  process.on('SIGHUP', () => renew())
  const node = await startNode(config, { onFailure: fail })
  renew = node.registerAnew
  const stopped = new Promise<void>((resolve, reject) => {
    let signals = 0
    const stop = () => {
      signals += 1
      if (signals > 1) process.exit(130)
      node.stop().then(resolve, reject)
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
  await Promise.race([stopped, failed])
}
