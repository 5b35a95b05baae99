/**
 * Outages: the database or another process is away, full, read-only or too slow.
 *
 * Nobody asked wrongly and nothing is broken, so whoever asked is told to come again, in the words of the edge; the log
 * has the reason. What had been asked for may have taken place all the same: every step can be repeated.
 */
import {
  type Connection,
  endsProcess,
  isSqliteOutage,
  type MethodTable,
  PeerAway,
} from '@natsuin/protocol/node'
import { Refusal } from '@natsuin/protocol/refusal'
import type { ServerRefusal } from './signing/refusals.ts'

export type OutageListener = (code: ServerRefusal, fault: unknown) => void

/** What a store tells beside: that nobody knows any more what is on its disk, and this process must not go on. */
export interface StoreListeners {
  readonly onOutage: OutageListener
  readonly onUntrustedDisk: (fault: unknown) => void
}

/** The same repositories; what the database cannot do at present is a refusal. */
export function withStoreOutages<T extends object>(
  repositories: T,
  { onOutage, onUntrustedDisk }: StoreListeners,
): T {
  const told: OutageListener = (code, fault) => {
    onOutage(code, fault)
    if (endsProcess(fault)) onUntrustedDisk(fault)
  }
  const guarded = Object.entries(repositories).map(([name, repository]) => [
    name,
    guardMethods(repository, told),
  ])
  return Object.fromEntries(guarded) as T // one for one
}

function guardMethods(repository: object, onOutage: OutageListener): object {
  const guarded = Object.entries(repository).map(([name, method]) => [
    name,
    (...given: unknown[]) => declaring('store-unavailable', isStoreOutage, onOutage, () => method(...given)),
  ])
  return Object.fromEntries(guarded)
}

/** The same connection; a peer that does not answer is a refusal. */
export function withPeerOutages<T extends MethodTable>(
  connection: Connection<T>,
  onOutage: OutageListener,
): Connection<T> {
  const isAway = (error: unknown) => error instanceof PeerAway
  return {
    call: (method, request) =>
      declaring('peer-unavailable', isAway, onOutage, () => connection.call(method, request)),
    close: () => connection.close(),
  }
}

async function declaring<R>(
  code: ServerRefusal,
  isOutage: (error: unknown) => boolean,
  onOutage: OutageListener,
  work: () => Promise<R>,
): Promise<R> {
  try {
    return await work()
  } catch (error) {
    if (!isOutage(error)) throw error
    onOutage(code, error)
    throw new Refusal(code, {}, { cause: error })
  }
}

/**
 * Classes of SQLSTATE (PostgreSQL 17, Appendix A): connection, insufficient resources, object not in prerequisite
 * state, operator intervention, system error; and single ones: read-only, serialization failure, deadlock.
 */
const OUTAGE_STATES = /^(?:(?:08|53|55|57|58)...|25006|40001|40P01)$/

/** What the system says of a socket. */
const SYSTEM_ERRORS = /^(?:ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOST|ENET|EAI_|ENOTFOUND)/

/** `pg` has words and no code for these; the last one kysely says when the process is about to end. */
const DRIVER_MESSAGES =
  /^(?:Connection terminated|timeout exceeded|timeout expired|Query read timeout|Client has encountered|driver has already been destroyed)/

function isStoreOutage(error: unknown): boolean {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown }
  const named = typeof code === 'string' && (OUTAGE_STATES.test(code) || SYSTEM_ERRORS.test(code))
  return named || isSqliteOutage(error) || DRIVER_MESSAGES.test(String(message))
}
