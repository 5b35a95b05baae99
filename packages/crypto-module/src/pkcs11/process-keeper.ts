/**
 * Keeps one library process at work: starts it, replaces it when it is worn, and again when it has died.
 *
 * SoftHSM loses 240 to 290 bytes per unwrapped key, and other libraries have leaks of their own. A worn process is
 * succeeded, not stopped: it goes on taking requests until its successor has logged in, and answers all it took. A
 * dead one is replaced by the next request. After a refused PIN nothing is tried again, or we would lock the token.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import { type ModuleDescription, ModuleRefusal, type SessionKey } from '../module.ts'
import { LibraryProcess, type ProcessSettings, TokenNotOpened } from './library-process.ts'
import type { OperationName } from './messages.ts'
import { sessionKeyOf } from './session-key.ts'

/** What happens to library processes, for the operator's log. */
export type ProcessEvent =
  | { readonly kind: 'started' | 'succeeded'; readonly processId: number | undefined }
  | { readonly kind: 'died' | 'not-started'; readonly reason: string }

export class ProcessKeeper {
  readonly #settings: ProcessSettings
  readonly #onEvent: (event: ProcessEvent) => void
  readonly #retired = new Set<Promise<void>>()
  /** Processes that may still hold session keys. */
  readonly #holding = new Set<LibraryProcess>()
  #current: LibraryProcess | undefined
  #starting: Promise<LibraryProcess> | undefined
  #refusedPin = false
  #closed = false

  constructor(settings: ProcessSettings, onEvent: (event: ProcessEvent) => void) {
    this.#settings = settings
    this.#onEvent = onEvent
  }

  /** Starts the first process. @throws Error when the token cannot be opened */
  async open(): Promise<ModuleDescription> {
    return (await this.#start()).description
  }

  /** @throws ModuleRefusal `module-unavailable` when there is no process and none can be started */
  call(operation: OperationName, parameters: readonly unknown[]): Promise<unknown> {
    return this.#with(process => process.call(operation, parameters))
  }

  /** @throws ModuleRefusal `module-unavailable`, `key-type-unsupported`, `too-many-session-keys` */
  generateSession(type: KeyType): Promise<SessionKey> {
    return this.#with(async process => sessionKeyOf(process, await process.hold(type)))
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#starting?.catch(() => {})
    if (this.#current !== undefined) this.#retire(this.#current, 0)
    for (const process of this.#holding) void process.retire(0)
    await Promise.all(this.#retired)
  }

  async #with<Result>(use: (process: LibraryProcess) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw new ModuleRefusal('module-unavailable', 'the module is closed')
    const current = this.#current
    // No await between looking and calling: a process that is chosen cannot retire before it has the request.
    if (current?.alive !== true) return use(await this.#restart())
    const answer = use(current)
    if (current.worn) this.#succeed(current)
    return answer
  }

  async #restart(): Promise<LibraryProcess> {
    if (this.#refusedPin) throw new ModuleRefusal('module-unavailable', 'the token refused the PIN')
    try {
      return await this.#start()
    } catch (cause) {
      throw new ModuleRefusal('module-unavailable', 'the token cannot be opened again', { cause })
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
      this.#current = await LibraryProcess.start(this.#settings, reason =>
        this.#onEvent({ kind: 'died', reason }),
      )
    } catch (error) {
      if (error instanceof TokenNotOpened && error.pinRefused) this.#refusedPin = true
      this.#onEvent({ kind: 'not-started', reason: error instanceof Error ? error.message : String(error) })
      throw error
    }
    this.#onEvent({ kind: 'started', processId: this.#current.id })
    return this.#current
  }

  #succeed(worn: LibraryProcess): void {
    if (this.#starting !== undefined || this.#refusedPin || this.#closed) return
    this.#start().then(
      () => {
        this.#onEvent({ kind: 'succeeded', processId: worn.id })
        this.#retire(worn)
      },
      // Told by #startOne. The worn process stays; the next request tries again.
      () => {},
    )
  }

  #retire(process: LibraryProcess, heldSeconds?: number): void {
    this.#holding.add(process)
    const gone = process.retire(heldSeconds).finally(() => {
      this.#retired.delete(gone)
      this.#holding.delete(process)
    })
    this.#retired.add(gone)
  }
}
