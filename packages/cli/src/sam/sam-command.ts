/** What the commands at the administrative channel of the SAM have in common: its address, its refusals, its absence. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Connection, connect, PeerFault } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import { type AdministrationMethods, administrationMethods, sapRefusals } from '@natsuin/protocol/sap'
import { type Command, type Terminal, UsageError } from '../command.ts'
import { type Flags, type Given, readFlags, type Takes } from '../flags.ts'
import { configurationIn, DEFAULT_DIRECTORY } from '../operation/directory.ts'
import { refusalInWords } from './in-words.ts'

export type Channel = Pick<Connection<AdministrationMethods>, 'call'>

interface SamCommand extends Takes {
  readonly name: string
  readonly usage: string
  readonly help: string
  run(given: Given, channel: Channel, terminal: Terminal): Promise<number>
}

export const WHERE = `  --directory DIR   what natsuin init wrote (${DEFAULT_DIRECTORY})
  --socket PATH     the administrative socket itself, instead`

export function samCommand(command: SamCommand): Command {
  const { name, usage, help } = command
  return {
    name,
    usage: `${usage} [--directory DIR]`.trim(),
    help,
    async run(args, terminal) {
      const { flags = [] } = command
      const given = readFlags({ ...command, flags: [...flags, 'directory', 'socket'] }, args)
      const connection = connect({
        methods: administrationMethods,
        address: { socket: socketOf(given.flags) },
        refusals: sapRefusals,
      })
      try {
        return await command.run(given, connection, terminal)
      } catch (error) {
        const said = inWords(error)
        if (said === undefined) throw error
        terminal.error(said)
        return 1
      } finally {
        connection.close()
      }
    },
  }
}

function inWords(error: unknown): string | undefined {
  if (error instanceof Refusal) return refusalInWords(error.code)
  if (!(error instanceof PeerFault)) return undefined
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  if (code === 'EACCES') return 'This user may not open the administrative socket of the SAM.'
  if (code !== undefined) return `No SAM answers at the administrative socket (${code}).`
  return `The SAM failed; its log has more under ${error.incident ?? 'this time'}.`
}

/** @throws UsageError */
function socketOf(flags: Flags): string {
  const directory = flags.take('directory') ?? DEFAULT_DIRECTORY
  const socket = flags.take('socket')
  if (socket !== undefined) return resolve(socket)
  const file = configurationIn(directory, 'sam')
  const named = administrationIn(file)
  if (named === undefined)
    throw new UsageError(`${file} names no administrative socket (administration.socket).`)
  return resolve(dirname(file), named)
}

/** The SAM has checked the rest of its configuration. */
function administrationIn(file: string): string | undefined {
  try {
    const { administration } = JSON.parse(readFileSync(file, 'utf8')) as {
      administration?: { socket?: string }
    }
    return administration?.socket
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
}
