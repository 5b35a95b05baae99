/**
 * A client in another language is a program that says line by line, in JSON, what became of each step, and asks for
 * what only the signer can do: to follow a URL in his browser. The first line that it reads is what it is told.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Step } from './client.ts'

/** What the signer does at a URL; answers where his browser is in the end. */
export type Browse = (url: string) => Promise<string>

export interface Conversation {
  readonly command: readonly string[]
  /** What the program has to know. */
  readonly told: object
  /** By the names of what it may ask for. */
  readonly browse: Readonly<Record<string, Browse>>
  readonly environment?: Readonly<Record<string, string>>
}

type Line = Step | { readonly browse: string; readonly url: string }

const LIMIT_MS = 2 * 60_000
const SHOWN_CHARACTERS = 4000

/** @throws Error with the last words of a program that ends badly */
export async function* converse({ command, told, browse, environment }: Conversation): AsyncGenerator<Step> {
  const [program = '', ...argv] = command
  const env = { ...process.env, ...environment }
  const signal = AbortSignal.timeout(LIMIT_MS)
  const child = spawn(program, argv, { stdio: ['pipe', 'pipe', 'pipe'], env, signal })
  const ended = endOf(child)
  const say = (value: unknown) => child.stdin.write(`${JSON.stringify(value)}\n`)
  // An end before it has read everything shows in how it ended.
  child.stdin.on('error', () => undefined)
  say(told)
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line
    if ('browse' in line) say(await browse[line.browse]?.(line.url))
    else yield line
  }
  await ended
}

function endOf(child: ReturnType<typeof spawn>): Promise<void> {
  let complaints = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-SHOWN_CHARACTERS)
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  child.on('error', reject)
  child.on('close', code => (code === 0 ? resolve() : reject(new Error(`ended with ${code}: ${complaints}`))))
  // It may end while its last lines are read.
  promise.catch(() => undefined)
  return promise
}
