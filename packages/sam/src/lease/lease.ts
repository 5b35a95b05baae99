/**
 * The lease: the right to act, for a second from the beginning of each renewal, of a SAM that knows what the state
 * log said by then (sole-control 10; docs/decisions/leases.md).
 *
 * A renewal notes the time, reads the state log on, lets memory take it over, and only then writes to the register how
 * far it came. Whatever was removed before the renewal began is therefore refused before anybody is told that this
 * SAM knows; and a SAM that was paused, or cut off from the database, has no lease when it goes on.
 */
import { refuse } from '../refuse.ts'
import type { SamRegister } from '../store/sam-register.ts'
import type { Clock } from '../time/clock.ts'

export const LEASE_MILLISECONDS = 1000
const RENEWAL_MILLISECONDS = 250

export interface Lease {
  /** Whether this SAM may act at this moment. */
  isHeld(): boolean
  /** Goes on when it is held, if need be by renewing it. @throws Refusal `log-unavailable` */
  need(): Promise<void>
  /** Keeps renewing it until it ends. */
  keep(): void
  end(): Promise<void>
}

/** Of the one SAM of a store that only one can open. */
export const soleLease: Lease = {
  isHeld: () => true,
  need: async () => {},
  keep: () => {},
  end: async () => {},
}

export interface LeaseOptions {
  readonly clock: Clock
  readonly register: SamRegister
  readonly instance: string
  readonly bootId: string
  /** Reads the state log on and takes it over; gives its size. */
  readonly catchUp: () => Promise<number>
  /** Another process has taken this SAM's place. */
  readonly onSuperseded: () => void
  readonly onFault: (fault: unknown) => void
}

export class SharedLease implements Lease {
  readonly #options: LeaseOptions
  #begun: Reading | undefined
  #renewing: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor(options: LeaseOptions) {
    this.#options = options
  }

  isHeld(): boolean {
    return !this.#ended && this.#begun !== undefined && this.#elapsed(this.#begun) < LEASE_MILLISECONDS
  }

  async need(): Promise<void> {
    if (this.isHeld()) return
    // One that is under way may have begun too long ago; the next one begins now.
    for (let attempt = 0; attempt < 2 && !this.isHeld(); attempt += 1) await this.#renewOrRefuse()
    if (!this.isHeld()) throw refuse('log-unavailable', { lease: 'ended' })
  }

  keep(): void {
    const { onFault } = this.#options
    this.#timer = setInterval(() => this.#renew().catch(onFault), RENEWAL_MILLISECONDS)
    this.#timer.unref()
  }

  async end(): Promise<void> {
    this.#ended = true
    clearInterval(this.#timer)
    await this.#renewing?.catch(() => {})
    await this.#options.register.leave(this.#options)
  }

  async #renewOrRefuse(): Promise<void> {
    try {
      await this.#renew()
    } catch (cause) {
      throw refuse('log-unavailable', { lease: 'not renewed' }, { cause })
    }
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  async #renewOnce(): Promise<void> {
    const { register, instance, bootId, catchUp, onSuperseded } = this.#options
    const begun = this.#read()
    const stateSize = await catchUp()
    if (await register.renew({ instance, bootId, stateSize })) this.#begun = begun
    // Without a row: at the start, or because others waited for us in vain. Nothing read before it exists counts.
    else if (await register.enter({ instance, bootId, stateSize })) await this.#renewOnce()
    else this.#giveUp(onSuperseded)
  }

  #giveUp(onSuperseded: () => void): void {
    this.#ended = true
    clearInterval(this.#timer)
    onSuperseded()
  }

  #read(): Reading {
    const { clock } = this.#options
    return { monotonic: clock.monotonic(), wall: clock.wall() }
  }

  /** By the clock that says more: a monotonic clock may stand still while the machine sleeps. */
  #elapsed(begun: Reading): number {
    const now = this.#read()
    return Math.max(now.monotonic - begun.monotonic, Math.abs(now.wall - begun.wall))
  }
}

/** Both clocks at one moment, milliseconds. */
interface Reading {
  readonly monotonic: number
  readonly wall: number
}
