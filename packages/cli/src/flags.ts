/** What follows a command: words, and flags by name. */
import { parseArgs } from 'node:util'
import { UsageError } from './command.ts'

export interface Given {
  /** As many as the command takes. */
  readonly words: readonly string[]
  readonly flags: Flags
}

/** What a command takes. */
export interface Takes {
  /** Names of the words that follow the command. */
  readonly words?: readonly string[]
  /** Names of flags with a value; those that end in `*` may be given several times. */
  readonly flags?: readonly string[]
  readonly switches?: readonly string[]
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

/** @throws UsageError */
export function readFlags({ words = [], flags = [], switches = [] }: Takes, args: readonly string[]): Given {
  const options = Object.fromEntries([
    ...flags.map(flag => {
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
