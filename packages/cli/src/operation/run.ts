/** natsuin run — runs one command of one process with its configuration: genesis, found, init, migrate, check. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { entryOf, NODE_OPTIONS, type ProcessName } from '@natsuin/protocol/node/processes'
import { type Command, UsageError } from '../command.ts'
import { chosenProcesses, configurationIn, DEFAULT_DIRECTORY } from './directory.ts'

export const run: Command = {
  name: 'run',
  usage: '<process> <command> [--directory DIR] [option …]',
  help: `Runs a command of sam, authorities, server or sic under the Node that was installed with them, with the
configuration that natsuin init wrote; other options are passed on. What the process prints is printed.

  natsuin run authorities found
  natsuin run sam genesis --founding founding.json
  natsuin run server init

  --directory DIR   what natsuin init wrote (${DEFAULT_DIRECTORY})

Exit status: that of the command; 2 wrong usage.`,

  async run(args) {
    const { directory, rest } = withoutDirectory(args)
    const [name = '', command, ...options] = rest
    if (command === undefined) throw new UsageError('A process and one of its commands are needed.')
    const [known] = chosenProcesses(directory, [name])
    if (known === undefined) throw new UsageError(`There is no process ${name}.`)
    return execute(known, [command, '--config', configurationIn(directory, known), ...options])
  },
}

/** The other options are the process's own, so they are not parsed here. */
function withoutDirectory(args: readonly string[]): { directory: string; rest: readonly string[] } {
  const at = args.indexOf('--directory')
  if (at < 0) return { directory: DEFAULT_DIRECTORY, rest: args }
  const directory = args[at + 1]
  if (directory === undefined) throw new UsageError('--directory needs a directory.')
  return { directory, rest: args.toSpliced(at, 2) }
}

async function execute(name: ProcessName, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [...NODE_OPTIONS, entryOf(name), ...args], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  await once(child, 'exit')
  return child.exitCode ?? 1
}
