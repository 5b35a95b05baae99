/**
 * The head of a log that another SAM writes, from what is stored, and signed: every SAM of a deployment has the key.
 *
 * Only a head that a SAM sealed is signed. It may be an older one than its writer's newest; it is never another one.
 * Witnesses are asked too; evidence is not withheld because they do not answer.
 */
import { type LogName, originOf, type TreeHead } from '@natsuin/protocol/log'
import { Refusal } from '@natsuin/protocol/refusal'
import type { SamKey } from '../keys/sam-key.ts'
import { refuse } from '../refuse.ts'
import type { Store } from '../store/store.ts'
import type { Witnesses } from '../witness/witnesses.ts'
import type { HeadSeal } from './head-seal.ts'
import { LogRejected } from './read-log.ts'
import { storedRoot } from './stored-proofs.ts'

export interface StoredHeads {
  /** A signed head. @throws Refusal `log-unavailable` when no SAM sealed the end that is stored */
  sign(log: LogName): Promise<string>
}

export interface StoredHeadsOptions {
  readonly store: Store
  readonly key: Pick<SamKey, 'signCheckpoint'>
  readonly logOrigin: string
  readonly seal: HeadSeal
  readonly witnesses: Pick<Witnesses, 'cosign'> | undefined
}

/** How often the writer may have gone further between reading and asking. */
const MAX_ATTEMPTS = 3

export function storedHeads({ store, key, logOrigin, seal, witnesses }: StoredHeadsOptions): StoredHeads {
  const signed = async (log: LogName) =>
    key.signCheckpoint(await readHead(store, log, originOf(logOrigin, log), seal))
  return {
    async sign(log) {
      for (let attempt = 1; witnesses !== undefined && attempt < MAX_ATTEMPTS; attempt += 1) {
        const cosigned = await cosignedIfAny(witnesses, log, await signed(log))
        if (cosigned !== undefined) return cosigned
      }
      return signed(log)
    },
  }
}

/** Undefined when a witness has seen more of the log by now. */
async function cosignedIfAny(
  witnesses: Pick<Witnesses, 'cosign'>,
  log: LogName,
  checkpoint: string,
): Promise<string | undefined> {
  try {
    return await witnesses.cosign(log, checkpoint)
  } catch (error) {
    if (error instanceof LogRejected) return undefined
    if (error instanceof Refusal) return checkpoint
    throw error
  }
}

async function readHead(store: Store, log: LogName, origin: string, seal: HeadSeal): Promise<TreeHead> {
  const tail = await store.tail(log)
  // Of an empty log there is no head: every SAM writes one leaf before anything else.
  if (tail === undefined) throw refuse('log-unavailable', { log })
  const size = tail.index + 1
  const [last] = await store.rows(log, size - 1, 1)
  const rootHash = await storedRoot(size, (level, from, count) => store.hashes(log, level, from, count))
  const head = { origin, size, rootHash }
  if (!seal.isGenuine(head, last?.head)) throw refuse('log-unavailable', { log, size })
  return head
}
