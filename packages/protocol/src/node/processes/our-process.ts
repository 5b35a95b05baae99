/**
 * Starts one of our processes and knows it from outside: by its one line of JSON, its pid, its log and its end.
 *
 * `natsuin start`, the demonstration, the end-to-end tests, the attacks and the kill tests all start processes this
 * way, so what they show is what an operator would see.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The processes of a deployment. */
export type ProcessName = 'sam' | 'authorities' | 'server' | 'sic'
/** Those, what another operator runs, and what probes a token. */
export type ProgramName = ProcessName | 'witness' | 'crypto-module'

export interface ProcessOptions {
  readonly name: ProgramName
  /** Subcommand and its options, as on the command line. */
  readonly args: readonly string[]
  /** Where it runs; beside its sockets their names are short enough for the kernel, however deep they lie. */
  readonly workingDirectory?: string
  /** Beside this process's own environment: where SoftHSM finds its tokens, say. */
  readonly environment?: Readonly<Record<string, string>>
  /** Whom it runs as, when root starts it; as whoever starts it otherwise. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** Told of every line that the process logs (JSON lines on standard error). */
  readonly onLog?: (line: string) => void
}

export interface RunningProcess {
  readonly name: ProgramName
  readonly pid: number
  /** What it said when it was ready. */
  readonly ready: Readonly<Record<string, unknown>>
  /** Resolves with the exit code; `null` when a signal ended it. */
  readonly exited: Promise<number | null>
  /** SIGKILL, and wait until it is gone. */
  kill(): Promise<void>
  /** SIGTERM, and wait; SIGKILL when it takes longer than ten seconds. */
  stop(): Promise<void>
}

/** A process ended before it was ready; `answer` is the JSON that it printed, if any. */
export class ProcessEnded extends Error {
  readonly code = 'process-ended'
  readonly exitCode: number | null
  readonly answer: Readonly<Record<string, unknown>>

  constructor(
    name: ProgramName,
    exitCode: number | null,
    answer: Readonly<Record<string, unknown>>,
    log: string,
  ) {
    super(`${name} ended with ${exitCode}: ${JSON.stringify(answer)}\n${log}`)
    this.exitCode = exitCode
    this.answer = answer
  }
}

/** Starts a process that stays (`start`), and waits for its line. @throws ProcessEnded */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const child = launch({ ...options, args: [...options.args, '--exit-with-parent'] })
  const exited = exitOf(child)
  const log = collectLog(child, options.onLog)
  const line = await firstLine(child)
  const ready = parseAnswer(line)
  if (ready['ready'] !== true) throw new ProcessEnded(options.name, await exited, ready, log())
  return { name: options.name, pid: child.pid ?? 0, ready, exited, ...endings(child, exited) }
}

/** Runs a command that ends (`genesis`, `found`, `init`) and returns the JSON that it printed. @throws ProcessEnded */
export async function runCommand(options: ProcessOptions): Promise<Readonly<Record<string, unknown>>> {
  const child = launch(options)
  const exited = exitOf(child)
  const log = collectLog(child, options.onLog)
  const answer = parseAnswer(await firstLine(child))
  const code = await exited
  if (code !== 0) throw new ProcessEnded(options.name, code, answer, log())
  return answer
}

/** Types are stripped by Node itself; a signal opens no debugger (T-SEC-02). */
export const NODE_OPTIONS = ['--disable-sigusr1', '--conditions=natsuin-source']

/** The program of a process. */
export function entryOf(name: ProgramName): string {
  return fileURLToPath(new URL(`../../../../${name}/src/main.ts`, import.meta.url))
}

function launch({ name, args, workingDirectory, environment, user }: ProcessOptions): ChildProcess {
  return spawn(process.execPath, [...NODE_OPTIONS, entryOf(name), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: workingDirectory,
    env: { ...process.env, ...environment },
    ...user,
  })
}

function exitOf(child: ChildProcess): Promise<number | null> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.once('error', reject)
  child.once('exit', resolve)
  return promise
}

/** Keeps the last lines for the message of a process that ended too early. */
function collectLog(child: ChildProcess, onLog: ((line: string) => void) | undefined): () => string {
  const lines: string[] = []
  eachLine(child.stderr, line => {
    lines.push(line)
    if (lines.length > 40) lines.shift()
    onLog?.(line)
  })
  return () => lines.join('\n')
}

/** The first line on standard output; empty when the output closed without one. */
function firstLine(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  eachLine(child.stdout, resolve)
  // 'close' comes after the pipe was read to its end; 'exit' may come before.
  child.once('close', () => resolve(''))
  return promise
}

function eachLine(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let rest = ''
  stream?.setEncoding('utf8')
  stream?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
}

function parseAnswer(line: string): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(line)
    return typeof answer === 'object' && answer !== null ? (answer as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function endings(child: ChildProcess, exited: Promise<number | null>) {
  const signal = async (name: NodeJS.Signals) => {
    child.kill(name)
    await exited
  }
  return {
    kill: () => signal('SIGKILL'),
    stop: async () => {
      const impatient = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await signal('SIGTERM')
      clearTimeout(impatient)
    },
  }
}
