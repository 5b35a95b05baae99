/**
 * One process that holds the PKCS #11 library, seen from its parent.
 *
 * Requests of one turn of the event loop travel together. Every request is answered: by the library, or with
 * `module-unavailable` when the process has died, when it was killed because nothing came back for too long, or when
 * the request's own time is up. What comes back afterwards is thrown away. No more than a number wait at a time.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import type { KeyType } from '@natsuin/pki/algorithms'
import { type ModuleDescription, ModuleRefusal } from '../module.ts'
import { deadlineMilliseconds } from './deadline.ts'
import type {
  FromLibrary,
  HeldSessionKey,
  LibraryAnswer,
  LibraryRequest,
  OperationName,
  Resources,
  TokenIdentity,
  TokenSettings,
  ToLibrary,
} from './messages.ts'

export interface ProcessSettings {
  readonly token: TokenSettings
  readonly environment: Readonly<Record<string, string>>
  /** How long one request may take; the making of keys takes ten times as long, and so does a large batch. */
  readonly deadlineSeconds: number
  /** How many requests may wait for an answer. */
  readonly maxWaiting: number
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

/** The process is gone, and with it the answer. */
export class ProcessEnded extends ModuleRefusal {
  constructor(how: string) {
    super('module-unavailable', `the process of the PKCS #11 library is gone: ${how}`)
  }
}

export interface ProcessObserver {
  /** How the process ended when nobody had asked it to. */
  died(how: string): void
  /** It does not see its token any longer. */
  lost(message: string, pinRefused: boolean): void
  /** The token is nearly full. Told once. */
  filling(used: number): void
}

/** Of the token's memory: from then on somebody should know. */
const NEARLY_FULL = 0.8

/** How long a process that has done its part waits for the session keys it holds. */
const HELD_SECONDS = 600

// Loading a library and logging in to a distant token takes longer than any answer should.
const STARTING_SECONDS = 60

interface Pending {
  readonly deadline: NodeJS.Timeout | undefined
  resolve(value: unknown): void
  reject(error: Error): void
}

interface Opened {
  readonly description: ModuleDescription
  readonly identity: TokenIdentity
}

export class LibraryProcess {
  readonly #settings: ProcessSettings
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #observer: ProcessObserver
  readonly #pending = new Map<number, Pending>()
  #opened: Opened | undefined
  #unsent: LibraryRequest[] = []
  #lastId = 0
  #unwraps = 0
  #worn = false
  #retiring = false
  #silent = false
  #resources: Resources | undefined
  /** Session keys in this process. */
  #held = 0
  /** It was told to wait for them no longer. */
  #lettingGo = false
  #toldFilling = false
  #state: 'running' | 'closing' | 'gone' = 'running'
  #watchdog: NodeJS.Timeout | undefined

  /** Starts a process and opens the token in it. @throws TokenNotOpened; Error when the process ends before */
  static async start(settings: ProcessSettings, observer: ProcessObserver): Promise<LibraryProcess> {
    const started = new LibraryProcess(settings, observer)
    await started.#open()
    return started
  }

  private constructor(settings: ProcessSettings, observer: ProcessObserver) {
    this.#settings = settings
    this.#observer = observer
    this.#child = forkLibrary(settings)
    this.#exited = once(this.#child, 'exit')
    this.#child.on('error', () => this.#child.kill('SIGKILL'))
    this.#child.once('exit', (code, signal) => this.#end(signal ?? `code ${code}`))
  }

  get id(): number | undefined {
    return this.#child.pid
  }

  get opened(): Opened {
    if (this.#opened === undefined) throw new Error('the token is not open')
    return this.#opened
  }

  /** Resolves when it is gone. */
  get exited(): Promise<unknown> {
    return this.#exited
  }

  /** False from the moment it is known to take no more requests. */
  get alive(): boolean {
    return this.#state === 'running'
  }

  /** True once a successor should take over. */
  get worn(): boolean {
    return this.#worn
  }

  /** Whether the time of a request was up, and nothing has been heard since. */
  get silent(): boolean {
    return this.#silent
  }

  get waiting(): number {
    return this.#pending.size
  }

  get resources(): Resources | undefined {
    return this.#resources
  }

  /** Another shall take over, whatever this one still answers. */
  wear(): void {
    this.#worn = true
  }

  call(operation: OperationName, parameters: readonly unknown[]): Promise<unknown> {
    const { maxWaiting, deadlineSeconds } = this.#settings
    if (this.#pending.size >= maxWaiting) return Promise.reject(tooMany(maxWaiting))
    if (operation === 'signWrapped') this.#countUnwrap()
    const id = ++this.#lastId
    const milliseconds = deadlineMilliseconds(operation, parameters, deadlineSeconds)
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => this.#abandon(id, milliseconds), milliseconds)
      this.#pending.set(id, { resolve, reject, deadline })
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
    const patience = setTimeout(() => this.#hurry(), heldSeconds * 1000)
    if (heldSeconds === 0) this.#hurry()
    else this.#closeWhenDone()
    await this.#exited
    clearTimeout(patience)
  }

  #hurry(): void {
    this.#lettingGo = true
    this.#closeWhenDone()
  }

  async #open(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<Opened>()
    this.#pending.set(0, { resolve: () => {}, reject, deadline: undefined })
    this.#child.on('message', (message: FromLibrary) => {
      if (message.kind === 'opened') resolve(message)
      else if (message.kind === 'not-opened') reject(new TokenNotOpened(message.message, message.pinRefused))
      else this.#hear(message)
    })
    this.#send({ kind: 'open', settings: this.#settings.token })
    this.#watch()
    try {
      this.#opened = await promise
    } catch (error) {
      this.#child.kill('SIGKILL')
      throw error
    } finally {
      this.#pending.delete(0)
      this.#watch()
    }
  }

  #hear(message: FromLibrary & { kind: 'answers' | 'lost' }): void {
    if (message.kind === 'answers') this.#take(message.answers, message.resources)
    else this.#lose(message)
  }

  #lose({ message, pinRefused }: FromLibrary & { kind: 'lost' }): void {
    this.#worn = true
    this.#observer.lost(message, pinRefused)
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

  #take(answers: readonly LibraryAnswer[], resources: Resources): void {
    this.#silent = false
    this.#resources = resources
    if (resources.residentBytes >= this.#settings.recycleAfter.residentBytes) this.#worn = true
    this.#tellFilling(resources)
    for (const answer of answers) this.#settle(answer)
    this.#watch()
    this.#closeWhenDone()
  }

  #tellFilling({ used = 0 }: Resources): void {
    if (this.#toldFilling || used < NEARLY_FULL) return
    this.#toldFilling = true
    this.#observer.filling(used)
  }

  /** What nobody waits for any longer is thrown away. */
  #settle(answer: LibraryAnswer): void {
    const pending = this.#takeOut(answer.id)
    if (answer.outcome === 'done') pending?.resolve(answer.value)
    else if (answer.outcome === 'failed') pending?.reject(new Error(answer.message))
    else {
      const { code, message, untouched } = answer
      pending?.reject(new ModuleRefusal(code, message, { untouched }))
    }
  }

  /** Its time is up. Something hangs in this process, so another shall take over. */
  #abandon(id: number, milliseconds: number): void {
    this.#worn = true
    this.#silent = true
    const message = `the token did not answer within ${milliseconds / 1000} seconds`
    this.#takeOut(id)?.reject(new ModuleRefusal('module-unavailable', message))
    this.#watch()
    this.#closeWhenDone()
  }

  #takeOut(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    clearTimeout(pending?.deadline)
    this.#pending.delete(id)
    return pending
  }

  /** Starts the clock anew while an answer or the end of the process is awaited; stops it otherwise. */
  #watch(): void {
    clearTimeout(this.#watchdog)
    const waiting = this.#state === 'closing' || (this.#state === 'running' && this.#pending.size > 0)
    const seconds = this.#opened === undefined ? STARTING_SECONDS : this.#settings.stallSeconds
    this.#watchdog = waiting ? setTimeout(() => this.#child.kill('SIGKILL'), seconds * 1000) : undefined
  }

  #letGo(): void {
    this.#held -= 1
    this.#closeWhenDone()
  }

  #closeWhenDone(): void {
    if (!this.#retiring || this.#state !== 'running' || this.#pending.size > 0) return
    if (this.#held > 0 && !this.#lettingGo) return
    this.#state = 'closing'
    this.#watch()
    this.#send({ kind: 'close' })
  }

  #end(how: string): void {
    // What never opened is told by who started it.
    const wasAtWork = this.#state === 'running' && this.#opened !== undefined
    this.#state = 'gone'
    this.#watch()
    for (const id of [...this.#pending.keys()]) this.#takeOut(id)?.reject(new ProcessEnded(how))
    if (wasAtWork) this.#observer.died(how)
  }
}

const tooMany = (maxWaiting: number) =>
  new ModuleRefusal('module-busy', `${maxWaiting} requests wait for the token`, { untouched: true })

function forkLibrary({ environment, token }: ProcessSettings): ChildProcess {
  // Beside this file, in the same form: TypeScript from the workspace, JavaScript from a published package.
  const extension = extname(import.meta.url)
  return fork(new URL(`./library-main${extension}`, import.meta.url), {
    // Nothing is inherited: neither the parent's environment nor its options (a debugger, a test runner).
    env: { ...environment, UV_THREADPOOL_SIZE: String(token.sessions + SESSION_KEY_THREADS) },
    execArgv: extension === '.ts' ? ['--conditions=natsuin-source'] : [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

/** Session keys are made on sessions beside the pool. */
const SESSION_KEY_THREADS = 2
