/**
 * Waits until every other SAM knows what the state log says, or can no longer act (sole-control 10).
 *
 * A SAM that has not confirmed it holds at most a lease whose renewal began before the leaf was there, so one lease
 * counted from the commit is enough. A SAM whose row has stood still for a lease is expelled, so that its next removal
 * need not wait for it: without a row no renewal succeeds, also none that began long ago.
 */
import type { SamRegister, SamRow } from '../store/sam-register.ts'
import type { Clock } from '../time/clock.ts'
import { LEASE_MILLISECONDS } from './lease.ts'

/** A lease by somebody else's clock, which may run slower than ours. */
const LONGEST_LEASE_MILLISECONDS = LEASE_MILLISECONDS + 100
const POLL_MILLISECONDS = 20

export interface PeersOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly register: SamRegister
  readonly instance: string
  readonly wait: (milliseconds: number) => Promise<unknown>
}

export class Peers {
  readonly #options: PeersOptions
  /** Each row by its renewal, and when it was first seen so, by our clock. */
  readonly #seen = new Map<string, { readonly renewal: string; readonly since: number }>()

  constructor(options: PeersOptions) {
    this.#options = options
  }

  /** Resolves when no other SAM can act without knowing this much of the state log. To be called after the commit. */
  async know(stateSize: number): Promise<void> {
    const { clock, wait } = this.#options
    const end = clock.monotonic() + LONGEST_LEASE_MILLISECONDS
    while (clock.monotonic() < end && !(await this.#allKnow(stateSize))) await wait(POLL_MILLISECONDS)
  }

  /** Expels the process that had our name, once it has no lease. @throws when it goes on renewing */
  async takePlace(): Promise<void> {
    const { clock, wait, instance } = this.#options
    const end = clock.monotonic() + 2 * LONGEST_LEASE_MILLISECONDS
    while ((await this.#living()).some(row => row.instance === instance)) {
      if (clock.monotonic() >= end) throw new Error(`another process runs as ${instance}`)
      await wait(POLL_MILLISECONDS)
    }
  }

  /** False also when the register does not answer: then time decides. */
  async #allKnow(stateSize: number): Promise<boolean> {
    try {
      const living = await this.#living()
      return living.every(row => row.instance === this.#options.instance || row.stateSize >= stateSize)
    } catch {
      return false
    }
  }

  /** The rows without those that have stood still for a lease, which are expelled. */
  async #living(): Promise<readonly SamRow[]> {
    const { register } = this.#options
    const rows = await register.all()
    const living: SamRow[] = []
    for (const row of rows) if (!(this.#isSilent(row) && (await register.expel(row)))) living.push(row)
    return living
  }

  #isSilent({ instance, bootId, renewal: number }: SamRow): boolean {
    const now = this.#options.clock.monotonic()
    const renewal = `${bootId} ${number}`
    const seen = this.#seen.get(instance)
    if (seen?.renewal === renewal) return now - seen.since >= LONGEST_LEASE_MILLISECONDS
    this.#seen.set(instance, { renewal, since: now })
    return false
  }
}
