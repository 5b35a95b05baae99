/** What a SAM has to do with the others: a lease and their rows where the store has several, nothing where it cannot. */
import { setTimeout as delay } from 'node:timers/promises'
import { describeFault, type Log } from '@natsuin/protocol/node'
import { closeLogs } from '../audit/open-logs.ts'
import type { Logs } from '../sam.ts'
import type { Store } from '../store/store.ts'
import type { SamIdentity } from '../tickets/ticket-office.ts'
import type { Clock } from '../time/clock.ts'
import { type Lease, SharedLease, soleLease } from './lease.ts'
import { Peers } from './peers.ts'

interface Surroundings {
  readonly store: Pick<Store, 'sams'>
  readonly clock: Clock
  readonly log: Log
}

export function openPeers(
  { store, clock }: Surroundings,
  instance: string,
): Pick<Peers, 'know' | 'takePlace'> {
  const { sams: register } = store
  if (register === undefined) return { know: async () => {}, takePlace: async () => {} }
  return new Peers({ register, clock, instance, wait: delay })
}

export function openLease(
  { store, clock, log }: Surroundings,
  logs: Logs,
  { instance, bootId }: SamIdentity,
): Lease {
  const { sams: register } = store
  if (register === undefined) return soleLease
  const catchUp = async () => {
    await logs.state.catchUp()
    return logs.state.size
  }
  const onSuperseded = () => {
    log('error', 'superseded', { instance })
    closeLogs(logs)
  }
  const onFault = (fault: unknown) => log('warn', 'lease', describeFault(fault))
  return new SharedLease({ clock, register, instance, bootId, catchUp, onSuperseded, onFault })
}
