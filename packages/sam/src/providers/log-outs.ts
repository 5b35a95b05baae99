/**
 * Log-outs at identity providers, as far as this process has been told of them (threats T-IDP-10).
 *
 * In memory, like the SADs that they end: a restart voids those anyhow. `server` can withhold a log-out, and then what
 * was approved lives as long as every SAD does, and no longer.
 */
import type { ProviderAccount } from '@natsuin/protocol/approval'

/** Whose log-in it was, and when. */
export interface VouchedBy {
  readonly account: ProviderAccount
  /** By the provider's clock. Seconds. */
  readonly loggedInAt: number
}

/** Longer than any ticket and the SAD that comes of it. Seconds. */
const REMEMBER_SECONDS = 4 * 3600

export class LogOuts {
  /** Seconds, by account; oldest first. */
  readonly #at = new Map<string, number>()

  /** @param at when the provider said so, by its clock; as the log-ins are */
  add(account: ProviderAccount, at: number): void {
    for (const [key, seconds] of this.#at) if (seconds < at - REMEMBER_SECONDS) this.#at.delete(key)
    const key = keyOf(account)
    const known = this.#at.get(key) ?? 0
    this.#at.delete(key)
    this.#at.set(key, Math.max(known, at))
  }

  /** Whether the person logged out since. */
  isOver({ account, loggedInAt }: VouchedBy): boolean {
    return loggedInAt <= (this.#at.get(keyOf(account)) ?? -1)
  }
}

const keyOf = ({ providerId, issuer, subject }: ProviderAccount) =>
  JSON.stringify([providerId, issuer, subject])
