/** `npm run demo` as a person or a script runs it: the real launcher, in a process of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Ended {
  readonly exitCode: number | null
  readonly out: string
  readonly log: string
}

/** The object that `--json` prints last. */
export interface Printed {
  readonly signedPdf: string
  readonly evidence: string
  readonly verdict: string
  readonly judges: readonly { readonly name: string; readonly verdict: string; readonly good: boolean }[]
  readonly credentialID: string
  readonly level: string
  readonly elapsedMs: number
  readonly url: string
}

export interface Running {
  readonly pid: number
  /** Resolves when the text was printed on standard output. @throws when the command ended before */
  printed(text: string): Promise<string>
  interrupt(signal: NodeJS.Signals): Promise<Ended>
}

export async function runDemo(...args: readonly string[]): Promise<Ended> {
  return startDemo(...args).ended
}

export function startDemo(...args: readonly string[]): Started {
  return start([process.execPath, 'scripts/demo.mjs', ...args])
}

/** With npm in between, which alone is signalled. */
export function startByNpm(...args: readonly string[]): Started {
  return start(['npm', 'run', '--silent', 'demo', '--', ...args])
}

/** With programs that are found before the machine's own. */
export function startWithPrograms(folder: string, ...args: readonly string[]): Started {
  const PATH = [folder, process.env['PATH']].join(delimiter)
  return start([process.execPath, 'scripts/demo.mjs', ...args], { PATH })
}

type Started = Running & { readonly ended: Promise<Ended> }

function start(
  [command = '', ...argv]: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Started {
  const child = spawn(command, argv, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  const text = { out: '', log: '' }
  child.stderr.setEncoding('utf8').on('data', chunk => {
    text.log += chunk
  })
  child.stdout.setEncoding('utf8').on('data', chunk => {
    text.out += chunk
  })
  const ended = endOf(child, text)
  return {
    pid: child.pid ?? 0,
    ended,
    printed: wanted => untilPrinted(child, text, wanted),
    interrupt: signal => {
      child.kill(signal)
      return ended
    },
  }
}

/** The JSON in the last line. */
export function lastLine<T>({ out, log }: Ended): T {
  try {
    return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as T
  } catch (cause) {
    throw new Error(`the last line is not JSON:\n${out}\n${log}`, { cause })
  }
}

/** Processes whose command line names the directory. */
export function processesIn(directory: string): number[] {
  return commandLines()
    .filter(([pid, line]) => line.includes(directory) && pid !== process.pid)
    .map(([pid]) => pid)
}

function commandLines(): [number, string][] {
  if (existsSync('/proc/self/cmdline')) {
    const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
    return pids.map(pid => [Number(pid), commandLineOf(pid)])
  }
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,command='], { encoding: 'utf8' })
  return stdout.split('\n').map(line => [Number.parseInt(line, 10), line])
}

/** Empty for a process that has ended meanwhile. */
function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

/** The first of five free ports in a row. */
export async function freePorts(): Promise<number> {
  for (let first = 20_000 + (process.pid % 20_000); ; first += 5) {
    const servers = await Promise.all([0, 1, 2, 3, 4].map(i => occupy(first + i)))
    await Promise.all(servers.map(server => server?.[Symbol.asyncDispose]()))
    if (servers.every(server => server !== undefined)) return first
  }
}

/** Takes a port; `undefined` when somebody has it. */
export function occupy(port: number, host = '127.0.0.1'): Promise<Server | undefined> {
  const { promise, resolve } = Promise.withResolvers<Server | undefined>()
  const server = createServer()
  server.once('error', () => resolve(undefined))
  server.listen(port, host, () => resolve(server))
  return promise
}

function endOf(child: ChildProcess, text: { readonly out: string; readonly log: string }): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>()
  child.once('error', reject)
  child.once('close', exitCode => resolve({ exitCode, ...text }))
  return promise
}

function untilPrinted(
  child: ChildProcess,
  text: { out: string; log: string },
  wanted: string,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const look = () => text.out.includes(wanted) && resolve(text.out)
  child.stdout?.on('data', look)
  child.once('close', () => reject(new Error(`the demonstration ended:\n${text.out}\n${text.log}`)))
  look()
  return promise
}
