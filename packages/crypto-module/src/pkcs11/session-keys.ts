/**
 * Keys for one time, as session objects of the token.
 *
 * Such an object goes with the session that made it, so the sessions that make them are their own and do nothing
 * else; every session of the process can use it. A session whose generation failed makes no further keys, and is
 * closed when the last key it holds is gone.
 */
import type { KeyType } from '@natsuin/pki/algorithms'
import type { Handle } from 'pkcs11js'
import { type DigestToSign, ModuleRefusal } from '../module.ts'
import type { HeldSessionKey } from './messages.ts'
import { SessionOperations } from './session-operations.ts'
import { passingPairTemplates } from './templates.ts'
import type { Token } from './token.ts'

/** More at once are not one-time keys: somebody forgets to destroy them. */
const MAX_SESSION_KEYS = 1000
/** Generations that run at the same time. */
const MAX_HOLDERS = 2

/** A session that holds keys. */
interface Holder {
  readonly session: Handle
  keys: number
  /** The end of the generation under way. */
  busy: Promise<unknown>
  spoilt: boolean
  closed: boolean
}

interface Held {
  readonly handle: Handle
  readonly type: KeyType
  readonly holder: Holder
}

export class TokenSessionKeys {
  readonly #token: Token
  readonly #holders: Holder[] = []
  readonly #keys = new Map<number, Held>()
  #pending = 0
  #lastId = 0

  constructor(token: Token) {
    this.#token = token
  }

  /** @throws ModuleRefusal `key-type-unsupported`, `too-many-session-keys` */
  async generate(type: KeyType): Promise<HeldSessionKey> {
    if (this.#keys.size + this.#pending >= MAX_SESSION_KEYS) {
      throw new ModuleRefusal('too-many-session-keys', `there are ${MAX_SESSION_KEYS} session keys`)
    }
    this.#pending += 1
    try {
      return await this.#onHolder(holder => this.#generateOn(holder, type))
    } finally {
      this.#pending -= 1
    }
  }

  /** @throws ModuleRefusal `key-unknown` */
  async sign(on: SessionOperations, id: number, requests: readonly DigestToSign[]): Promise<Uint8Array[]> {
    const signatures: Uint8Array[] = []
    for (const request of requests) {
      const { handle, type } = this.#need(id)
      signatures.push(await on.signDigest(handle, type, request))
    }
    return signatures
  }

  /** Also of a key that is gone. */
  destroy(on: SessionOperations, id: number): void {
    const held = this.#keys.get(id)
    if (held === undefined) return
    this.#keys.delete(id)
    held.holder.keys -= 1
    on.discard(held.handle)
    this.#closeIfSpoilt(held.holder)
  }

  /** Keys go with the session that made them, and with the log-in. */
  forgetLost(): void {
    const holders = new Set([...this.#holders, ...[...this.#keys.values()].map(({ holder }) => holder)])
    for (const holder of holders) if (!this.#token.isLoggedIn(holder.session)) this.#forget(holder)
  }

  #forget(lost: Holder): void {
    for (const [id, { holder }] of this.#keys) if (holder === lost) this.#keys.delete(id)
    lost.keys = 0
    this.#giveUp(lost)
  }

  #need(id: number): Held {
    const held = this.#keys.get(id)
    if (held === undefined) throw new ModuleRefusal('key-unknown', 'the session key is gone')
    return held
  }

  async #generateOn(holder: Holder, type: KeyType): Promise<HeldSessionKey> {
    const on = new SessionOperations(this.#token, holder.session, () => {
      holder.spoilt = true
    })
    const { publicKey, privateKey } = await on.generatePair(type, passingPairTemplates(type))
    const spki = on.publicKeyInfo(publicKey, type)
    on.discard(publicKey)
    const attributes = on.checkPassing(privateKey)
    const id = ++this.#lastId
    this.#keys.set(id, { handle: privateKey, type, holder })
    holder.keys += 1
    return { id, type, spki, attributes }
  }

  #onHolder<Result>(work: (holder: Holder) => Promise<Result>): Promise<Result> {
    const holder = this.#nextHolder()
    const result = holder.busy.then(() => work(holder))
    holder.busy = result.catch(error => this.#spoil(holder, error))
    return result
  }

  /** Each in turn, so that one slow generation holds up half of the others at most. */
  #nextHolder(): Holder {
    if (this.#holders.length < MAX_HOLDERS) return this.#open()
    const [first] = this.#holders.splice(0, 1)
    if (first === undefined) return this.#open()
    this.#holders.push(first)
    return first
  }

  #open(): Holder {
    const holder = {
      session: this.#token.openSession(),
      keys: 0,
      busy: Promise.resolve(),
      spoilt: false,
      closed: false,
    }
    this.#holders.push(holder)
    return holder
  }

  #spoil(holder: Holder, error: unknown): void {
    if (error instanceof ModuleRefusal && error.code === 'key-type-unsupported') return
    this.#giveUp(holder)
  }

  #giveUp(holder: Holder): void {
    holder.spoilt = true
    const at = this.#holders.indexOf(holder)
    if (at >= 0) this.#holders.splice(at, 1)
    this.#closeIfSpoilt(holder)
  }

  #closeIfSpoilt(holder: Holder): void {
    if (!holder.spoilt || holder.keys > 0 || holder.closed) return
    holder.closed = true
    try {
      this.#token.closeSession(holder.session)
    } catch {
      // It was gone already: that is often what spoilt it.
    }
  }
}
