/**
 * What an activity log says, as far as it can contradict itself or the state log: each use was approved and made known
 * before, none came after the SAM knew that it must not, and each has one outcome.
 */
import type { ActivityLeaf } from '@natsuin/protocol/log'
import type { StateRecords } from './state-records.ts'

type LeafOf<E extends ActivityLeaf['event']> = Extract<ActivityLeaf, { event: E }>
type Rules = { readonly [E in ActivityLeaf['event']]?: (leaf: LeafOf<E>) => string | undefined }

/** The state log beside it. */
export interface KnownState {
  readonly size: number
  readonly records: Pick<StateRecords, 'isCredential' | 'isGone'>
}

export class ActivityRecords {
  readonly #state: KnownState | undefined
  /** SADs of the process that is writing: a restart voids them. */
  readonly #sads = new Map<string, string>()
  /** Granted and without outcome, with how many representations. */
  readonly #open = new Map<string, number>()
  readonly #settled = new Set<string>()
  #stateSize = 0

  /** @param state undefined: this log is judged by itself */
  constructor(state: KnownState | undefined) {
    this.#state = state
  }

  judge(leaf: ActivityLeaf): string | undefined {
    // Each rule takes the leaf of the event it stands under.
    const rule = this.#rules[leaf.event] as ((leaf: ActivityLeaf) => string | undefined) | undefined
    return ('stateSize' in leaf ? this.#know(leaf.stateSize) : undefined) ?? rule?.(leaf)
  }

  get open(): number {
    return this.#open.size
  }

  readonly #rules: Rules = {
    began: () => {
      this.#sads.clear()
      return undefined
    },
    'sad-accepted': ({ sadId, credentialId, stateSize }) => {
      this.#sads.set(sadId, credentialId)
      return this.#standing(credentialId, stateSize)
    },
    granted: ({ activationId, sadId, credentialId, stateSize, commitments }) => {
      const isNew = !this.#open.has(activationId) && !this.#settled.has(activationId)
      this.#open.set(activationId, commitments.length)
      if (!isNew) return `activation ${activationId} was granted before`
      if (this.#sads.get(sadId) !== credentialId)
        return `nobody approved what ${activationId} was granted for`
      return this.#standing(credentialId, stateSize)
    },
    'certificate-requested': ({ credentialId, stateSize }) => this.#standing(credentialId, stateSize),
    completed: ({ activationId, signatureDigests }) => {
      const granted = this.#open.get(activationId)
      this.#settle(activationId)
      return granted === signatureDigests.length
        ? undefined
        : `${activationId} was granted otherwise, or ended before`
    },
    settled: ({ activationId }) => {
      const stood = this.#open.has(activationId)
      this.#settle(activationId)
      return stood ? undefined : `${activationId} was not granted, or ended before`
    },
  }

  #settle(activationId: string): void {
    this.#open.delete(activationId)
    this.#settled.add(activationId)
  }

  #know(stateSize: number): string | undefined {
    const grows = stateSize >= this.#stateSize
    this.#stateSize = stateSize
    return grows ? undefined : 'the SAM knew more of the state log before'
  }

  /** Leaves that the SAM took over while the export was made are not in it: then nothing can be said. */
  #standing(credentialId: string, stateSize: number): string | undefined {
    const { records, size = 0 } = this.#state ?? {}
    if (records === undefined) return undefined
    if (records.isGone(credentialId, stateSize)) return `${credentialId} had been taken away`
    return stateSize > size || records.isCredential(credentialId) ? undefined : `${credentialId} has no key`
  }
}
