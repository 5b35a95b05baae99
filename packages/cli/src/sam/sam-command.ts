/** What the commands at the administrative channel of the SAM have in common: its address, its refusals, its absence. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Connection, connect, PeerFault } from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import { type AdministrationMethods, administrationMethods, sapRefusals } from '@natsuin/protocol/sap'
import { type Command, type Terminal, UsageError } from '../command.ts'
import { configurationIn, DEFAULT_DIRECTORY } from '../operation/directory.ts'
import { refusalInWords } from './in-words.ts'

export type Channel = Pick<Connection<AdministrationMethods>, 'call'>

export interface Given {
  /** As many as the command takes. */
  readonly words: readonly string[]
  readonly flags: Flags
}

interface SamCommand {
  readonly name: string
  readonly usage: string
  readonly help: string
  /** Names of the words that follow the command. */
  readonly words?: readonly string[]
  /** Names of flags with a value; those that end in `*` may be given several times. */
  readonly flags?: readonly string[]
  readonly switches?: readonly string[]
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
      const given = readArguments(command, args)
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

/** Flags by name, each taken at most once, so that what a command does not take is told. */
export class Flags {
  readonly #values: Map<string, readonly string[]>

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = new Map(values)
  }

  take(name: string): string | undefined {
    return this.takeAll(name)?.[0]
  }

  takeAll(name: string): readonly string[] | undefined {
    const values = this.#values.get(name)
    this.#values.delete(name)
    return values
  }

  /** @throws UsageError */
  need(name: string): string {
    const value = this.take(name)
    if (value === undefined) throw new UsageError(`--${name} is needed.`)
    return value
  }

  has(name: string): boolean {
    return this.#values.delete(name)
  }

  /** @throws UsageError when one is left that nobody took */
  demandTaken(): void {
    const left = [...this.#values.keys()].map(name => `--${name}`)
    if (left.length > 0) throw new UsageError(`${left.join(', ')}: not used here.`)
  }
}

function readArguments(
  { words = [], flags = [], switches = [] }: SamCommand,
  args: readonly string[],
): Given {
  const options = Object.fromEntries([
    ...[...flags, 'directory', 'socket'].map(flag => {
      const multiple = flag.endsWith('*')
      return [multiple ? flag.slice(0, -1) : flag, { type: 'string', multiple }] as const
    }),
    ...switches.map(flag => [flag, { type: 'boolean' }] as const),
  ])
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    if (positionals.length !== words.length) {
      throw new UsageError(words.length === 0 ? 'No words are taken here.' : `Needed: ${words.join(', ')}.`)
    }
    const given = Object.entries(values).map(
      ([name, value]) => [name, (Array.isArray(value) ? value : [value]).map(String)] as const,
    )
    return { words: positionals, flags: new Flags(new Map(given)) }
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error
  }
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
