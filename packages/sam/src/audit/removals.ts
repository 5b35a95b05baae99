/**
 * Takes power away for good: an authenticator, a role, a credential, a key (sole-control 9 and 10).
 *
 * Memory refuses first, so that nothing is done with it meanwhile; then the leaf of the state log is durable; then
 * the copy of the log's head outside the database is made, and every other SAM knows it or has no lease. Only then
 * may it be said that it is gone.
 */
import type { StateLeaf } from '@natsuin/protocol/log'
import type { FailpointName } from '../failpoints.ts'
import type { Sam } from '../sam.ts'
import type { Entry } from './journal.ts'

export interface Removal extends Pick<Entry<StateLeaf>, 'records' | 'nonces' | 'stillHolds'> {
  /** Makes memory refuse, at once and for good. */
  readonly refuseInMemory: () => void
  /** Whether the log says it already: then only the copy outside may still be missing. */
  readonly isLogged: () => boolean
  readonly leaf: () => StateLeaf
  /** Reached once the leaf is durable. */
  readonly failpoint: FailpointName
}

/** @throws Refusal `log-unavailable`, `module-unavailable`: it is gone here all the same, and may be asked for again */
export async function remove(sam: Sam, removal: Removal): Promise<void> {
  const { refuseInMemory, isLogged, leaf, failpoint, ...entry } = removal
  refuseInMemory()
  if (!isLogged()) {
    await sam.logs.state.append({ leaves: [leaf()], ...entry })
    await sam.failpoint(failpoint)
  }
  await untilKnown(sam)
}

/**
 * Resolves when the copy outside has what is in the state log now, and every other SAM knows it or has no lease.
 * @throws Refusal `module-unavailable`, `log-unavailable`
 */
export async function untilKnown({ checkpoints, peers, logs }: Sam): Promise<void> {
  await Promise.all([checkpoints.state.copyOutside(), peers.know(logs.state.size)])
}
