/**
 * The newest time that a log shows to have come (sole-control 12): a wall clock behind it cannot be right.
 *
 * Leaves say it, but for those of a SAM that had seen its clocks part: had its wall clock jumped ahead, the next
 * process would stand in the future for ever. Such a SAM says what is certain; its leaves count again once it was
 * started anew.
 */
import type { Leaf } from '@natsuin/protocol/log'

export class NewestTime {
  #milliseconds = 0
  /** SAMs whose clocks have parted. */
  readonly #parted = new Set<string>()

  /** 0 before the first leaf. */
  get milliseconds(): number {
    return this.#milliseconds
  }

  take(leaf: Leaf): void {
    if (leaf.event === 'opened') this.#parted.delete(leaf.instance)
    // In an activity log, of which there is one writer.
    if (leaf.event === 'began') this.#parted.clear()
    if (this.#parted.size === 0) this.#milliseconds = Math.max(this.#milliseconds, leaf.at)
    if (leaf.event !== 'clock-parted') return
    this.#parted.add(leaf.instance)
    // Leaves that came just before it had the time of the same clock.
    this.#milliseconds = Math.min(this.#milliseconds, leaf.certain)
  }
}
