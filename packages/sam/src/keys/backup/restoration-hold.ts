/** Keeps a SAM from acting whose keys were restored, until people of the roster have agreed. */
import type { StateMemory } from '../../audit/state-memory.ts'
import { refuse } from '../../refuse.ts'
import { findMark, type PendingRestoration, removeMark } from './restoration-mark.ts'

export class RestorationHold {
  readonly #checkpointDirectory: string
  #pending: PendingRestoration | undefined

  constructor(checkpointDirectory: string, pending: PendingRestoration | undefined) {
    this.#checkpointDirectory = checkpointDirectory
    this.#pending = pending
  }

  /** What those who agree are told. */
  get pending(): PendingRestoration | undefined {
    return this.#pending
  }

  /** @throws Refusal `restore-not-approved` */
  check(): void {
    if (this.#pending !== undefined) throw refuse('restore-not-approved')
  }

  /** Once the log says that people agreed. */
  async lift(): Promise<void> {
    await removeMark(this.#checkpointDirectory)
    this.#pending = undefined
  }
}

/** A mark that people have agreed to already is a crash between the log and the file. */
export async function openHold(
  checkpointDirectory: string,
  state: StateMemory,
  now: Pick<PendingRestoration, 'stateSize' | 'newestAt'>,
): Promise<RestorationHold> {
  const pending = await findMark(checkpointDirectory, now)
  const hold = new RestorationHold(checkpointDirectory, pending)
  if (pending !== undefined && state.isRestorationApproved(pending.digest)) await hold.lift()
  return hold
}
