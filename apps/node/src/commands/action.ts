import { CommanderError } from 'commander'
import type { Environment } from '../config.ts'
import { createOutput, exitCodeOf, type Output } from './output.ts'

/** The process as the command line sees it. */
export interface Host {
  readonly env: Environment
  stdout(text: string): void
  stderr(text: string): void
  /** Standard input; commands that read `-` refuse where the host has none. */
  readonly stdin?: AsyncIterable<Uint8Array>
}

/** Options that every command knows. */
export interface Common {
  readonly json?: boolean
  readonly config?: string
}

/** What a command does. A number other than 0 is the exit code of a finding that has been printed already. */
export type Action<T extends Common> = (
  output: Output,
  options: T,
  argument?: string,
) => Promise<number | undefined> | Promise<void> | number | undefined | void

/**
 * Joins an action to Commander, which calls with (arguments…, options, command); every command of ours has at most one
 * argument.
 *
 * @param codeOf - Exit code of what the action throws.
 */
export function action<T extends Common>(
  host: Host,
  run: Action<T>,
  codeOf: (error: unknown) => number = exitCodeOf,
): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const options = args.at(-2) as T
    const output = createOutput(options.json === true, host.stdout, host.stderr)
    let code: number
    try {
      code = (await run(output, options, typeof args[0] === 'string' ? args[0] : undefined)) ?? 0
    } catch (error) {
      output.fail(error)
      code = codeOf(error)
    }
    if (code !== 0) throw new CommanderError(code, 'spartan.failed', '')
  }
}
