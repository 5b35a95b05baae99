/**
 * One process that holds the PKCS #11 library, seen from its parent.
 *
 * Requests of one turn of the event loop travel together. Every request is answered: by the library, or with
 * `module-unavailable` when the process has died, or was killed because nothing came back for too long (a library
 * that hangs on a dead network would otherwise hold its callers for ever).
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import type { KeyType } from '@natsuin/pki/algorithms'
import { type ModuleDescription, ModuleRefusal } from '../module.ts'
import type {
  FromLibrary,
  HeldSessionKey,
  LibraryAnswer,
  LibraryRequest,
  OperationName,
  TokenSettings,
  ToLibrary,
} from './messages.ts'

export interface ProcessSettings {
  readonly token: TokenSettings
  readonly environment: Readonly<Record<string, string>>
  /** How long a request may wait while no answer of any kind arrives. */
  readonly stallSeconds: number
  /** After how many unwrapped keys, or at what resident memory, a process has done its part. */
  readonly recycleAfter: { readonly unwraps: number; readonly residentBytes: number }
}

/** The token cannot be opened; `pinRefused` means that trying again could lock it. */
export class TokenNotOpened extends Error {
  readonly pinRefused: boolean

  constructor(message: string, pinRefused: boolean) {
    super(message)
    this.pinRefused = pinRefused
  }
}

/** How long a process that has done its part waits for the session keys it holds. */
const HELD_SECONDS = 600

// Loading a library and logging in to a distant token takes longer than any answer should.
const STARTING_SECONDS = 60

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

export class LibraryProcess {
  readonly #settings: ProcessSettings
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  /** Told how the process ended when nobody had asked it to. */
  readonly #onDeath: (how: string) => void
  readonly #pending = new Map<number, Pending>()
  #description: ModuleDescription | undefined
  #unsent: LibraryRequest[] = []
  #lastId = 0
  #unwraps = 0
  #worn = false
  #retiring = false
  /** Session keys in this process. */
  #held = 0
  #state: 'running' | 'closing' | 'gone' = 'running'
  #watchdog: NodeJS.Timeout | undefined

  /** Starts a process and opens the token in it. @throws TokenNotOpened; Error when the process ends before */
  static async start(settings: ProcessSettings, onDeath: (how: string) => void): Promise<LibraryProcess> {
    const started = new LibraryProcess(settings, onDeath)
    await started.#open()
    return started
  }

  private constructor(settings: ProcessSettings, onDeath: (how: string) => void) {
    this.#settings = settings
    this.#onDeath = onDeath
    this.#child = forkLibrary(settings)
    this.#exited = once(this.#child, 'exit')
    this.#child.on('error', () => this.#child.kill('SIGKILL'))
    this.#child.once('exit', (code, signal) => this.#end(signal ?? `code ${code}`))
  }

  get id(): number | undefined {
    return this.#child.pid
  }

  get description(): ModuleDescription {
    if (this.#description === undefined) throw new Error('the token is not open')
    return this.#description
  }

  /** False from the moment it is known to take no more requests. */
  get alive(): boolean {
    return this.#state === 'running'
  }

  /** True once a successor should take over. */
  get worn(): boolean {
    return this.#worn
  }

  call(operation: OperationName, parameters: readonly unknown[]): Promise<unknown> {
    if (operation === 'signWrapped') this.#countUnwrap()
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      if (this.#unsent.length === 0) setImmediate(() => this.#sendUnsent())
      this.#unsent.push({ id, operation, parameters })
    })
  }

  /** A session key in this process, which stays for as long as it is not let go. */
  async hold(type: KeyType): Promise<HeldSessionKey> {
    this.#held += 1
    try {
      // The other end runs the method of this name and sends what it returned (library-main.ts).
      return (await this.call('generateSession', [type])) as HeldSessionKey
    } catch (error) {
      this.#letGo()
      throw error
    }
  }

  /** Destroys a session key; one that is gone with the process is gone. */
  async letGo(id: number): Promise<void> {
    try {
      if (this.alive) await this.call('destroySession', [id])
    } catch (error) {
      if (!(error instanceof ModuleRefusal)) throw error
    } finally {
      this.#letGo()
    }
  }

  /**
   * Answers what is under way and waits a while for the session keys that it holds, then ends; resolves when the
   * process is gone. Takes no further calls but those for its session keys.
   */
  async retire(heldSeconds = HELD_SECONDS): Promise<void> {
    this.#retiring = true
    const patience = setTimeout(() => this.#closeWhenDone(true), heldSeconds * 1000)
    this.#closeWhenDone(heldSeconds === 0)
    await this.#exited
    clearTimeout(patience)
  }

  async #open(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<ModuleDescription>()
    this.#pending.set(0, { resolve: () => {}, reject })
    this.#child.on('message', (message: FromLibrary) => {
      if (message.kind === 'opened') resolve(message.description)
      else if (message.kind === 'not-opened') reject(new TokenNotOpened(message.message, message.pinRefused))
      else this.#take(message.answers, message.residentBytes)
    })
    this.#send({ kind: 'open', settings: this.#settings.token })
    this.#watch()
    try {
      this.#description = await promise
    } catch (error) {
      this.#child.kill('SIGKILL')
      throw error
    } finally {
      this.#pending.delete(0)
      this.#watch()
    }
  }

  #countUnwrap(): void {
    this.#unwraps++
    if (this.#unwraps >= this.#settings.recycleAfter.unwraps) this.#worn = true
  }

  #sendUnsent(): void {
    const requests = this.#unsent
    this.#unsent = []
    if (this.#state === 'gone') return
    this.#send({ kind: 'requests', requests })
    if (this.#watchdog === undefined) this.#watch()
  }

  #send(message: ToLibrary): void {
    // A failed send is a dead process; `exit` follows, and with it the answer to everything pending.
    this.#child.send(message, error => error && this.#child.kill('SIGKILL'))
  }

  #take(answers: readonly LibraryAnswer[], residentBytes: number): void {
    if (residentBytes >= this.#settings.recycleAfter.residentBytes) this.#worn = true
    for (const answer of answers) this.#settle(answer)
    this.#watch()
    this.#closeWhenDone()
  }

  #settle(answer: LibraryAnswer): void {
    const pending = this.#pending.get(answer.id)
    this.#pending.delete(answer.id)
    if (answer.outcome === 'done') pending?.resolve(answer.value)
    else if (answer.outcome === 'failed') pending?.reject(new Error(answer.message))
    else {
      // The library lost its token: a new process logs in anew.
      if (answer.code === 'module-unavailable') this.#worn = true
      pending?.reject(new ModuleRefusal(answer.code, answer.message))
    }
  }

  /** Starts the clock anew while an answer or the end of the process is awaited; stops it otherwise. */
  #watch(): void {
    clearTimeout(this.#watchdog)
    const waiting = this.#state === 'closing' || (this.#state === 'running' && this.#pending.size > 0)
    const seconds = this.#description === undefined ? STARTING_SECONDS : this.#settings.stallSeconds
    this.#watchdog = waiting ? setTimeout(() => this.#child.kill('SIGKILL'), seconds * 1000) : undefined
  }

  #letGo(): void {
    this.#held -= 1
    this.#closeWhenDone()
  }

  #closeWhenDone(whateverItHolds = false): void {
    if (!this.#retiring || this.#state !== 'running' || this.#pending.size > 0) return
    if (this.#held > 0 && !whateverItHolds) return
    this.#state = 'closing'
    this.#watch()
    this.#send({ kind: 'close' })
  }

  #end(how: string): void {
    if (this.#state === 'running') this.#onDeath(how)
    this.#state = 'gone'
    this.#watch()
    for (const { reject } of this.#pending.values()) {
      reject(new ModuleRefusal('module-unavailable', `the process of the PKCS #11 library is gone: ${how}`))
    }
    this.#pending.clear()
  }
}

function forkLibrary({ environment, token }: ProcessSettings): ChildProcess {
  // Beside this file, in the same form: TypeScript from the workspace, JavaScript from a published package.
  const extension = extname(import.meta.url)
  return fork(new URL(`./library-main${extension}`, import.meta.url), {
    // Nothing is inherited: neither the parent's environment nor its options (a debugger, a test runner).
    env: { ...environment, UV_THREADPOOL_SIZE: String(token.sessions) },
    execArgv: extension === '.ts' ? ['--conditions=natsuin-source'] : [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}
