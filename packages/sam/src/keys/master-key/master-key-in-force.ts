/**
 * Which master key wraps signers' keys, as the state log says: the one of genesis until a rotation puts another in its
 * place (sole-control 11).
 */
import type { StateLeaf } from '@natsuin/protocol/log'
import { LABEL } from '../labels.ts'
import { LONGEST_SESSION_SECONDS } from '../one-time-keys.ts'

type LeafOf<E extends StateLeaf['event']> = Extract<StateLeaf, { event: E }>

export class MasterKeyInForce {
  #label: string = LABEL.master
  #retiring: string | undefined
  #retired: string | undefined
  /** Keys for one session, which are in the memory of some SAM under the retiring key; with the milliseconds since when. */
  #sessions = new Map<string, number>()

  /** Label of the one under which keys are put now. */
  get label(): string {
    return this.#label
  }

  /** Label of the one before, while keys are being moved from under it. */
  get retiring(): string | undefined {
    return this.#retiring
  }

  /** Label of the one before, once nothing needs it: it is destroyed, or is to be. */
  get retired(): string | undefined {
    return this.#retired
  }

  /** @param sessions those that are open */
  begin(
    { master, replaces }: LeafOf<'master-key-rotation-begun'>,
    sessions: ReadonlyMap<string, number>,
  ): void {
    this.#label = master
    this.#retiring = replaces
    this.#retired = undefined
    this.#sessions = new Map(sessions)
  }

  end({ replaces }: LeafOf<'master-key-rotated'>): void {
    this.#retiring = undefined
    this.#retired = replaces
  }

  endSession(credentialId: string): void {
    this.#sessions.delete(credentialId)
  }

  /** Whether a key for one session may still be used under the retiring one. A SAM that is lost ends none of its own. */
  hasSessions(nowMilliseconds: number): boolean {
    const since = nowMilliseconds - LONGEST_SESSION_SECONDS * 1000
    return [...this.#sessions.values()].some(at => at > since)
  }
}
