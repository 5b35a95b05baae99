/**
 * The frame of a process with a configuration: the command line, one line of JSON on standard output, the log on
 * standard error, and exit codes that a script can tell apart.
 *
 * What a `main.ts` runs its commands in, so it alone asks for the arguments, the signals and the standard streams.
 */
import { parseArgs } from 'node:util'
import { ConfigurationError } from './configuration.ts'
import { describeFault, type Log } from './log.ts'
import { notedVariables, ownSurroundings, problemsOfSurroundings } from './surroundings.ts'

export interface Program {
  readonly help: string
  readonly commands: Readonly<Record<string, Command>>
  /** Names of options beside `--config`; each takes a value. */
  readonly options?: readonly string[]
  readonly log: Log
  /** What `reference` prints: the program's own tables, for the pages that are generated from them. */
  readonly reference?: () => object
  /** What standard output says of a failure that scripts act on; `undefined`: nothing. */
  readonly answerTo?: (error: unknown) => object | undefined
}

/** The exit code is 0 when the promise is kept. */
export type Command = (given: CommandLine) => Promise<void>

export interface CommandLine {
  readonly config: string
  readonly exitWithParent: boolean
  readonly options: Readonly<Record<string, string | undefined>>
}

const EXIT = { ok: 0, fault: 1, usage: 2, addressInUse: 3 } as const

/**
 * Runs the command that the arguments name, and sets the exit code.
 *
 * Nothing runs under a debugger, and SIGUSR1, which in Node opens one, does nothing (T-SEC-02).
 */
export async function runProgram(program: Program): Promise<void> {
  process.on('SIGUSR1', () => program.log('warn', 'signal-ignored', { signal: 'SIGUSR1' }))
  process.exitCode = await run(program).catch((error: unknown) => exitCodeOf(error, program))
}

/** Writes the line of JSON that a command answers with. */
export function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** Announces a service, and stops it on SIGTERM, on SIGINT or, if asked to, when standard input closes. */
export async function serveUntilTold(
  service: { stop(): Promise<void> },
  ready: object,
  { exitWithParent, log }: { readonly exitWithParent: boolean; readonly log: Log },
): Promise<void> {
  const stopped = whenTold(exitWithParent)
  const variables = notedVariables(ownSurroundings())
  if (variables.length > 0) log('warn', 'surroundings', { variables })
  answer({ ready: true, ...ready })
  log('info', 'stopping', { reason: await stopped })
  // An open standard input would keep the process.
  await service.stop().finally(() => process.stdin.destroy())
}

/**
 * Ends this process at once, as a crash would, because nobody knows any more what is on its disk: whoever starts it
 * again reads what is there.
 */
export function endAtOnce(log: Log): (fault: unknown) => void {
  return fault => {
    log('error', 'disk-untrusted', describeFault(fault))
    process.exit(EXIT.fault)
  }
}

function whenTold(exitWithParent: boolean): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  if (exitWithParent) process.stdin.once('close', () => resolve('stdin-closed')).resume()
  return promise
}

async function run({ help, commands, options = [], reference }: Program): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      ...Object.fromEntries(options.map(name => [name, { type: 'string' }] as const)),
      config: { type: 'string' },
      'exit-with-parent': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const { config, 'exit-with-parent': exitWithParent, help: helpWanted, ...others } = values
  if (helpWanted) {
    process.stdout.write(help)
    return EXIT.ok
  }
  const [name = '', ...more] = positionals
  if (name === 'reference' && reference !== undefined) {
    answer(reference())
    return EXIT.ok
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined || config === undefined || more.length > 0) {
    process.stderr.write(help)
    return EXIT.usage
  }
  const problems = problemsOfSurroundings(ownSurroundings())
  if (problems.length > 0) throw new ConfigurationError(problems, 'this process is not started here')
  await command({ config, exitWithParent, options: others })
  return EXIT.ok
}

function exitCodeOf(error: unknown, { help, log, answerTo }: Program): number {
  if (error instanceof ConfigurationError) {
    answer({ error: 'configuration', problems: error.problems })
    log('error', 'configuration', { problems: error.problems })
    return EXIT.usage
  }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    answer({ error: 'address-in-use', port: error.port })
    return EXIT.addressInUse
  }
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
    process.stderr.write(`${error.message}\n\n${help}`)
    return EXIT.usage
  }
  const said = answerTo?.(error)
  if (said !== undefined) answer(said)
  log('error', 'fault', describeFault(error))
  return EXIT.fault
}
