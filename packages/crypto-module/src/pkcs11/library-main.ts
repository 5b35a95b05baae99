/**
 * The process that holds the PKCS #11 library: the only file that loads it, and it loads nothing of ours besides.
 *
 * Its one peer is the process that forked it (sole control, 11): no socket, no argument, no environment but what it
 * was given; it ends when that channel does. It is told where the PIN is, and reads it itself. It does not
 * end by itself on the signals that a terminal or a service manager sends to the whole group: its parent may still
 * be waiting for an answer.
 */
import { ModuleRefusal } from '../module.ts'
import type {
  FromLibrary,
  LibraryAnswer,
  LibraryRequest,
  Resources,
  TokenSettings,
  ToLibrary,
} from './messages.ts'
import { isPinRefusal, isTokenLoss } from './return-codes.ts'
import { PinRefused, Token } from './token.ts'
import { TokenModule } from './token-module.ts'

let token: Token | undefined
let operations: TokenModule | undefined
let answers: LibraryAnswer[] = []

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
process.once('disconnect', () => process.exit())
process.on('message', (message: ToLibrary) => {
  if (message.kind === 'open') void open(message.settings)
  else if (message.kind === 'requests') message.requests.forEach(request => void answer(request))
  else close()
})

async function open(settings: TokenSettings): Promise<void> {
  try {
    token = await Token.open(settings)
    operations = new TokenModule(token)
    tell({ kind: 'opened', description: token.description, identity: token.identity })
  } catch (error) {
    tell({ kind: 'not-opened', message: messageOf(error), pinRefused: isRefusedPin(error) })
  }
}

async function answer(request: LibraryRequest): Promise<void> {
  const outcome = await perform(request)
  if (answers.length === 0) setImmediate(flush)
  answers.push(outcome)
}

async function perform({ id, operation, parameters }: LibraryRequest): Promise<LibraryAnswer> {
  try {
    if (operations === undefined) throw new Error('the token is not open')
    // The parent builds each request from the parameters of the method it names (pkcs11-module.ts).
    const method = operations[operation] as (...parameters: readonly unknown[]) => Promise<unknown>
    return { id, outcome: 'done', value: await method.apply(operations, [...parameters]) }
  } catch (error) {
    tellIfLost(error)
    const message = messageOf(error)
    if (!(error instanceof ModuleRefusal)) return { id, outcome: 'failed', message }
    const { code, untouched } = error
    return { id, outcome: 'refused', code, message, untouched }
  }
}

function tellIfLost(error: unknown): void {
  const causes = [error, error instanceof Error ? error.cause : undefined]
  const pinRefused = causes.some(isRefusedPin)
  if (pinRefused || causes.some(isTokenLoss)) {
    tell({ kind: 'lost', message: messageOf(error), pinRefused })
  }
}

const isRefusedPin = (error: unknown): boolean => error instanceof PinRefused || isPinRefusal(error)

function flush(): void {
  tell({ kind: 'answers', answers, resources: resources() })
  answers = []
}

function resources(): Resources {
  const used = token?.used
  return { residentBytes: process.memoryUsage.rss(), ...(used !== undefined && { used }) }
}

function close(): void {
  token?.close()
  process.disconnect()
}

const tell = (message: FromLibrary): unknown => process.send?.(message)

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
