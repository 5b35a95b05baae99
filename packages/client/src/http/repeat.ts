/**
 * Asking again. What a call is decides when: a call that may have signed is never sent twice, unless the service keeps
 * what it answered under the key that both carry.
 */
import { CscError, Unanswered } from '../csc-error.ts'

/**
 * `freely`: nothing is lost by asking twice. `when-refused`: the call counts once, and only a service that says that it did
 * not take it is asked again. `never`: not even then, since who stands in front of a service may say so after it signed.
 */
export type Repeatable = 'freely' | 'when-refused' | 'never'

export interface RetryPolicy {
  /** The first one included. */
  readonly attempts: number
  /** Before the second attempt at most; each further one waits at most twice as long. */
  readonly firstPauseMs: number
  /** A service that wants to be left alone for longer is not asked again. */
  readonly longestPauseMs: number
}

export const RETRY_POLICY: RetryPolicy = { attempts: 4, firstPauseMs: 250, longestPauseMs: 30_000 }

export interface RepeatOptions {
  readonly policy: RetryPolicy
  readonly repeatable: Repeatable
  readonly signal: AbortSignal | undefined
}

export async function repeating<T>(
  { policy, repeatable, signal }: RepeatOptions,
  act: () => Promise<T>,
): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await act()
    } catch (error) {
      const pauseMs = attempts < policy.attempts ? pauseAfter(error, repeatable, attempts, policy) : undefined
      if (pauseMs === undefined) throw error
      await pause(pauseMs, signal)
    }
  }
}

/** `undefined`: not again. */
function pauseAfter(
  error: unknown,
  repeatable: Repeatable,
  attempts: number,
  { firstPauseMs, longestPauseMs }: RetryPolicy,
): number | undefined {
  // Spread over the whole time, so that clients who failed together do not come back together.
  const ownMs = Math.min(longestPauseMs, Math.random() * firstPauseMs * 2 ** (attempts - 1))
  if (error instanceof Unanswered) return repeatable === 'freely' ? ownMs : undefined
  if (!(error instanceof CscError) || !PASSING.has(error.status) || repeatable === 'never') return undefined
  const wantedMs = (error.retryAfterSeconds ?? 0) * 1000
  return wantedMs > longestPauseMs ? undefined : Math.max(wantedMs, ownMs)
}

/** Too many requests, and overload or maintenance (CSC API v2.0.0.2, 10). */
const PASSING: ReadonlySet<number> = new Set([429, 503])

/** @throws the reason of the signal */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, milliseconds)
  const end = () => reject(signal?.reason)
  signal?.addEventListener('abort', end, { once: true })
  await promise.finally(() => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  })
}
