/**
 * The head of a log that another SAM writes, from what is stored, and signed: every SAM of a deployment has the key.
 *
 * Only a head that a SAM sealed is signed. It may be an older one than its writer's newest; it is never another one.
 */
import { type LogName, originOf, type TreeHead } from '@natsuin/protocol/log'
import type { SamKey } from '../keys/sam-key.ts'
import { refuse } from '../refuse.ts'
import type { Store } from '../store/store.ts'
import type { HeadSeal } from './head-seal.ts'
import { storedRoot } from './inclusion-path.ts'

export interface StoredHeads {
  /** A signed head. @throws Refusal `log-unavailable` when no SAM sealed the end that is stored */
  sign(log: LogName): Promise<string>
}

export interface StoredHeadsOptions {
  readonly store: Store
  readonly key: Pick<SamKey, 'signCheckpoint'>
  readonly logOrigin: string
  readonly seal: HeadSeal
}

export function storedHeads({ store, key, logOrigin, seal }: StoredHeadsOptions): StoredHeads {
  return {
    sign: async log => key.signCheckpoint(await readHead(store, log, originOf(logOrigin, log), seal)),
  }
}

async function readHead(store: Store, log: LogName, origin: string, seal: HeadSeal): Promise<TreeHead> {
  const tail = await store.tail(log)
  const size = tail === undefined ? 0 : tail.index + 1
  const [last] = await store.rows(log, size - 1, 1)
  const rootHash = await storedRoot(size, (level, from, count) => store.hashes(log, level, from, count))
  const head = { origin, size, rootHash }
  if (!seal.isGenuine(head, last?.head)) throw refuse('log-unavailable', { log, size })
  return head
}
