import type { Command } from 'commander'

/**
 * Refuses a command line that names no command, with `--help` or without, and says where a command of that name is: Commander alone
 * prints the help of the whole program for `status --help`, and knows no commands of other groups.
 *
 * @throws {CommanderError} `commander.unknownCommand`
 */
export function refuseUnknownCommand(program: Command, argv: readonly string[]): void {
  let group = program
  for (const [index, word] of argv.entries()) {
    // Groups take no options but --help.
    if (group.commands.length === 0 || (word.startsWith('-') && word !== '--help' && word !== '-h')) return
    if (word === 'help') return
    if (word.startsWith('-')) continue
    const next = named(group, word)
    if (next === undefined) {
      refuse(program, group, argv.slice(index))
      return
    }
    group = next
  }
}

const named = (group: Command, word: string) => group.commands.find((one) => one.name() === word)

function refuse(program: Command, group: Command, rest: readonly string[]): void {
  const words = rest.filter((word) => !word.startsWith('-'))
  const paths = pathsTo(program, words)
  const help = rest.some((word) => word === '--help' || word === '-h')
  // Commander itself knows what is spelled alike within the group.
  if (paths.length === 0 && !help) return
  const hint = paths.length === 0 ? '' : `\n(Did you mean ${paths.map((path) => `'${path}'`).join(' or ')}?)`
  group.error(`error: unknown command '${words[0]}'${hint}`, { code: 'commander.unknownCommand' })
}

/** Every place below a command where the words, as far as they go on, name a command. */
function pathsTo(command: Command, words: readonly string[], before: readonly string[] = []): readonly string[] {
  return command.commands.flatMap((one) => {
    const path = [...before, one.name()]
    const here = one.name() === words[0] ? [[...path, ...follow(one, words.slice(1))].join(' ')] : []
    return [...here, ...pathsTo(one, words, path)]
  })
}

function follow(command: Command, words: readonly string[]): readonly string[] {
  const [word = '', ...rest] = words
  const next = named(command, word)
  return next === undefined ? [] : [next.name(), ...follow(next, rest)]
}
