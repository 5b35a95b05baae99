/** natsuin check — has every process say what is wrong with its configuration; all of it at once, and starts nothing. */
import { parseArgs } from 'node:util'
import { ProcessEnded, type ProcessName, runCommand } from '@natsuin/protocol/node/processes'
import { type Command, type Terminal, UsageError } from '../command.ts'
import { chosenProcesses, configurationIn, DEFAULT_DIRECTORY } from './directory.ts'

export const check: Command = {
  name: 'check',
  usage: '[process …] [--directory DIR]',
  help: `Has sam, authorities, server and sic, or those that are named, check their configuration, and prints
everything that is wrong. Starts nothing and makes nothing.

  --directory DIR   what natsuin init wrote (${DEFAULT_DIRECTORY})

Exit status: 0 nothing is wrong, 1 something is, 2 wrong usage.`,

  async run(args, terminal) {
    const { directory, names } = readArguments(args)
    const problems = await Promise.all(names.map(name => problemsOf(directory, name)))
    for (const [i, found] of problems.entries()) report(names[i] ?? '', found, terminal)
    return problems.flat().length === 0 ? 0 : 1
  },
}

/** What `check`, `start` and `status` have in common on the command line. */
export function readArguments(args: readonly string[]) {
  try {
    const options = { directory: { type: 'string', default: DEFAULT_DIRECTORY } } as const
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options })
    return { directory: values.directory, names: chosenProcesses(values.directory, positionals) }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(error instanceof TypeError ? error.message : String(error))
  }
}

async function problemsOf(directory: string, name: ProcessName): Promise<readonly string[]> {
  try {
    await runCommand({ name, args: ['check', '--config', configurationIn(directory, name)] })
    return []
  } catch (ended) {
    if (!(ended instanceof ProcessEnded)) throw ended
    const { problems } = ended.answer
    return Array.isArray(problems) ? problems.map(String) : [ended.message]
  }
}

function report(name: string, problems: readonly string[], { out, error }: Terminal): void {
  if (problems.length === 0) out(`✔ ${name}`)
  for (const problem of problems) error(`✘ ${name}: ${problem}`)
}
