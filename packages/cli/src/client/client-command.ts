/** What the commands about applications have in common: where the registrations are, and their flags. */
import type { Command, Terminal } from '../command.ts'
import { type Flags, readFlags, type Takes } from '../flags.ts'
import { DEFAULT_DIRECTORY } from '../operation/directory.ts'
import { openRegistrations, type Registrations } from './registrations.ts'

export const WHERE = `  --directory DIR   what natsuin init wrote (${DEFAULT_DIRECTORY})`

export interface ClientCall {
  readonly flags: Flags
  readonly directory: string
  readonly registrations: Registrations
}

interface ClientCommand extends Takes {
  readonly name: string
  readonly usage: string
  readonly help: string
  run(call: ClientCall, terminal: Terminal): Promise<number>
}

export function clientCommand({ name, usage, help, flags = [], run, ...takes }: ClientCommand): Command {
  return {
    name,
    usage: `${usage} [--directory DIR]`.trim(),
    help,
    async run(args, terminal) {
      const given = readFlags({ ...takes, flags: [...flags, 'directory'] }, args)
      const directory = given.flags.take('directory') ?? DEFAULT_DIRECTORY
      return await run(
        { flags: given.flags, directory, registrations: await openRegistrations(directory) },
        terminal,
      )
    },
  }
}
