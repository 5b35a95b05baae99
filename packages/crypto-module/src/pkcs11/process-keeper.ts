/**
 * Keeps one library process at work for one token: starts it, replaces it when it is worn, and again when it has died.
 *
 * SoftHSM loses 240 to 290 bytes per unwrapped key, and other libraries have leaks of their own. A worn process is
 * succeeded, not stopped: it goes on taking requests until its successor has logged in, and answers all it took. A
 * dead one is replaced by the next request. A token that fails again and again rests (breaker.ts), and is then tried in
 * a fresh process. After a refused PIN nothing is tried again, or we would lock the token; and only the token that was
 * opened first is opened again, by its serial number: a clone has the label of the one that it took the place of, and is
 * not shown the PIN (threats T-P11-03).
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import { type ModuleDescription, ModuleRefusal, type SessionKey, type TokenHealth } from '../module.ts'
import { Breaker } from './breaker.ts'
import { LibraryProcess, ProcessEnded, type ProcessSettings, TokenNotOpened } from './library-process.ts'
import type { OperationName, TokenIdentity } from './messages.ts'
import { sessionKeyOf } from './session-key.ts'

/** What happens to library processes and their tokens, for the operator's log. */
export type ProcessEvent = { readonly token: string } & ProcessNews

type ProcessNews =
  | { readonly kind: 'started' | 'succeeded'; readonly processId: number | undefined }
  | { readonly kind: 'died' | 'not-started' | 'lost'; readonly reason: string }
  | { readonly kind: 'resting'; readonly milliseconds: number }
  /** How much of its memory is used, 0 to 1. */
  | { readonly kind: 'nearly-full'; readonly used: number }
  | { readonly kind: 'working-again' }
  /** No further attempt before a restart. */
  | { readonly kind: 'pin-refused' }

export class ProcessKeeper {
  readonly #settings: ProcessSettings
  readonly #onEvent: (news: ProcessNews) => void
  readonly #breaker = new Breaker(() => performance.now())
  /** All that have not ended: the one at work, and those that it followed. */
  readonly #processes = new Set<LibraryProcess>()
  #current: LibraryProcess | undefined
  #starting: Promise<LibraryProcess> | undefined
  #identity: TokenIdentity | undefined
  #description: ModuleDescription | undefined
  #refusedPin = false
  #closed = false
  #trial: NodeJS.Timeout | undefined
  /** When a successor may be started again, after one that could not. */
  #nextSuccession = 0
  #hardwareOnly = false

  constructor(settings: ProcessSettings, onEvent: (event: ProcessEvent) => void) {
    this.#settings = settings
    this.#onEvent = news => onEvent({ token: this.#name, ...news })
  }

  /** Starts the first process. @throws Error when the token cannot be opened */
  async open(): Promise<ModuleDescription> {
    return (await this.#start()).opened.description
  }

  /** From now on a software token is not taken for this one, or the set would be less than it was said to be. */
  demandHardware(): void {
    this.#hardwareOnly = true
  }

  /** Whether a request would go to a process, or begin one. */
  get accepts(): boolean {
    const isThere = this.#current?.alive === true || !this.#refusedPin
    const waiting = this.#current?.waiting ?? 0
    return isThere && !this.#closed && !this.#breaker.isOpen && waiting < this.#settings.maxWaiting
  }

  get health(): TokenHealth {
    const used = this.#current?.resources?.used
    return {
      name: this.#description?.name ?? this.#name,
      state: this.#state,
      waiting: this.#current?.waiting ?? 0,
      ...(used !== undefined && { used }),
    }
  }

  /** @throws ModuleRefusal `module-unavailable` when there is no process and none can be started, `module-busy` */
  call(operation: OperationName, parameters: readonly unknown[]): Promise<unknown> {
    return this.#with(process => process.call(operation, parameters))
  }

  /** @throws ModuleRefusal `module-unavailable`, `key-type-unsupported`, `too-many-session-keys` */
  generateSession(type: KeyType): Promise<SessionKey> {
    return this.#with(async process => sessionKeyOf(process, await process.hold(type)))
  }

  /** Begins to start the process that is not there or does not answer, for those who will ask for it. */
  wake(): void {
    const current = this.#current
    if (this.#closed || this.#breaker.isOpen || this.#refusedPin) return
    // What goes wrong is told by #startOne.
    if (current?.alive !== true) this.#restart().catch(() => {})
    else if (current.worn) this.#succeed(current)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#trial)
    await this.#starting?.catch(() => {})
    await Promise.all(Array.from(this.#processes, process => process.retire(0)))
  }

  /** As it is configured. */
  get #name(): string {
    const { label, serial } = this.#settings.token.token
    return label ?? serial ?? ''
  }

  get #state(): TokenHealth['state'] {
    if (this.#refusedPin) return 'pin-refused'
    if (this.#breaker.isOpen) return 'resting'
    if (this.#current?.alive !== true) return 'starting'
    return this.#current.silent ? 'silent' : 'ready'
  }

  async #with<Result>(use: (process: LibraryProcess) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw unavailable('the module is closed')
    if (this.#breaker.isOpen) throw unavailable('the token failed again and again, and rests')
    const current = this.#current
    // No await between looking and calling: a process that is chosen cannot retire before it has the request.
    if (current?.alive !== true) return this.#counting(use(await this.#restart()))
    const answer = this.#counting(use(current))
    if (current.worn) this.#succeed(current)
    return answer
  }

  async #counting<Result>(answer: Promise<Result>): Promise<Result> {
    try {
      const result = await answer
      if (!this.#breaker.isOpen) this.#breaker.succeeded()
      return result
    } catch (error) {
      if (isTrouble(error)) this.#failed()
      throw error
    }
  }

  #failed(): void {
    if (this.#closed || !this.#breaker.failed()) return
    // Whatever is the matter with it: the next one begins anew.
    this.#current?.wear()
    this.#rest()
  }

  #rest(): void {
    const milliseconds = this.#breaker.remainingMilliseconds
    this.#onEvent({ kind: 'resting', milliseconds })
    this.#trial = setTimeout(() => void this.#try(), milliseconds)
  }

  /** After its rest the token is tried in a fresh process, by a request that uses no key. */
  async #try(): Promise<void> {
    if (this.#closed || this.#refusedPin) return
    try {
      const before = this.#current
      const fresh = await this.#start()
      void before?.retire()
      await fresh.call('random', [8])
      this.#breaker.succeeded()
      this.#onEvent({ kind: 'working-again' })
    } catch {
      this.#current?.wear()
      this.#breaker.failedAgain()
      if (!this.#closed && !this.#refusedPin) this.#rest()
    }
  }

  async #restart(): Promise<LibraryProcess> {
    if (this.#refusedPin) throw unavailable('the token refused the PIN')
    try {
      return await this.#start()
    } catch (cause) {
      throw unavailable('the token cannot be opened again', cause)
    }
  }

  /** One start at a time; all who wait for it share it. */
  #start(): Promise<LibraryProcess> {
    this.#starting ??= this.#startOne().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  async #startOne(): Promise<LibraryProcess> {
    try {
      const process = await this.#begin()
      this.#processes.add(process)
      void process.exited.then(() => this.#processes.delete(process))
      return this.#accept(process)
    } catch (error) {
      this.#onEvent({ kind: 'not-started', reason: error instanceof Error ? error.message : String(error) })
      if (error instanceof TokenNotOpened && error.pinRefused) this.#refusePin()
      // One failure, however many wait for it; and none for whoever still has a process at work.
      if (this.#current?.alive !== true) this.#failed()
      throw error
    }
  }

  #accept(process: LibraryProcess): LibraryProcess {
    const { identity, description } = process.opened
    if (this.#hardwareOnly && description.softwareModule) {
      void process.retire(0)
      throw new Error('this is a software token, and the others are not')
    }
    this.#current = process
    this.#identity = identity
    this.#description = description
    this.#onEvent({ kind: 'started', processId: process.id })
    return process
  }

  #begin(): Promise<LibraryProcess> {
    const { token } = this.#settings
    const settings = { ...this.#settings, token: { ...token, token: this.#identity ?? token.token } }
    return LibraryProcess.start(settings, {
      died: reason => {
        this.#onEvent({ kind: 'died', reason })
        this.#failed()
      },
      lost: (reason, pinRefused) => {
        this.#onEvent({ kind: 'lost', reason })
        if (pinRefused) this.#refusePin()
      },
      filling: used => this.#onEvent({ kind: 'nearly-full', used }),
    })
  }

  #refusePin(): void {
    if (this.#refusedPin) return
    this.#refusedPin = true
    this.#onEvent({ kind: 'pin-refused' })
  }

  #succeed(worn: LibraryProcess): void {
    if (this.#starting !== undefined || this.#refusedPin || this.#closed) return
    if (performance.now() < this.#nextSuccession) return
    this.#start().then(
      () => {
        this.#onEvent({ kind: 'succeeded', processId: worn.id })
        void worn.retire()
      },
      // Told by #startOne. The worn process stays, and answers; a request tries again after a while.
      () => {
        this.#nextSuccession = performance.now() + SUCCESSION_PAUSE_MILLISECONDS
      },
    )
  }
}

const SUCCESSION_PAUSE_MILLISECONDS = 10_000

/**
 * That the token is not to be had is trouble; that it says no to a request is its work. The end of a process is one
 * failure, however many waited for it.
 */
function isTrouble(error: unknown): boolean {
  return (
    error instanceof ModuleRefusal && error.code === 'module-unavailable' && !(error instanceof ProcessEnded)
  )
}

const unavailable = (message: string, cause?: unknown) =>
  new ModuleRefusal('module-unavailable', message, { cause, untouched: true })
