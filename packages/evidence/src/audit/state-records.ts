/**
 * What the state log says, as far as it can contradict itself or an activity log.
 *
 * Each event that has rules stands in the table with them; what they say is wrong is said in words.
 */
import type { StateLeaf } from '@natsuin/protocol/log'

type LeafOf<E extends StateLeaf['event']> = Extract<StateLeaf, { event: E }>
type Rules = { readonly [E in StateLeaf['event']]?: (leaf: LeafOf<E>, index: number) => string | undefined }

/** A head of an activity log that a leaf of the state log names. */
export interface NamedHead {
  readonly instance: string
  readonly checkpoint: string
  /** Of the leaf. */
  readonly index: number
}

export class StateRecords {
  readonly #grants = new Map<string, 'accepted' | 'spent'>()
  readonly #signers = new Map<string, string>()
  readonly #goneAt = new Map<string, number>()
  readonly #closedAt = new Map<string, number>()
  readonly #named: NamedHead[] = []
  #rosterVersion = 1
  /** Label of the newest master key that a rotation made, and of the one that it replaces until it has ended. */
  #master: string | undefined
  #retiring: string | undefined

  judge(leaf: StateLeaf, index: number): string | undefined {
    if ((leaf.event === 'genesis') !== (index === 0)) return 'genesis is the first leaf, and no other one'
    // Each rule takes the leaf of the event it stands under.
    const rule = this.#rules[leaf.event] as
      | ((leaf: StateLeaf, index: number) => string | undefined)
      | undefined
    return rule?.(leaf, index)
  }

  get named(): readonly NamedHead[] {
    return this.#named
  }

  isCredential = (credentialId: string): boolean => this.#signers.has(credentialId)

  /** Whether it, or its signer, was taken away within so many leaves. */
  isGone(credentialId: string, size: number): boolean {
    const signerId = this.#signers.get(credentialId) ?? ''
    const before = (at: number | undefined) => at !== undefined && at < size
    return before(this.#goneAt.get(credentialId)) || before(this.#closedAt.get(signerId))
  }

  readonly #rules: Rules = {
    'roster-amended': ({ version }) => {
      this.#rosterVersion += 1
      return version === this.#rosterVersion ? undefined : `roster ${version} follows another one`
    },
    opened: ({ instance, activity: checkpoint }, index) => this.#name({ instance, checkpoint, index }),
    closed: ({ instance, activity: checkpoint }, index) => this.#name({ instance, checkpoint, index }),
    'grant-accepted': ({ grantId }) => {
      if (this.#grants.has(grantId)) return `grant ${grantId} was accepted before`
      this.#grants.set(grantId, 'accepted')
      return undefined
    },
    enrolled: ({ grantId }) => {
      const stood = this.#grants.get(grantId) === 'accepted'
      this.#grants.set(grantId, 'spent')
      return stood ? undefined : `grant ${grantId} was not accepted, or is spent`
    },
    'key-generated': ({ credentialId, signerId }) => this.#take(credentialId, signerId),
    'key-imported': ({ credentialId, signerId }) => this.#take(credentialId, signerId),
    'key-destroyed': ({ credentialId }, index) => this.#end(credentialId, index),
    'credential-revoked': ({ credentialId }, index) => this.#end(credentialId, index),
    'master-key-rotation-begun': ({ master, replaces }) => {
      const follows = replaces === (this.#master ?? replaces) && this.#retiring === undefined
      this.#master = master
      this.#retiring = replaces
      return follows ? undefined : `master key ${master} replaces another one than there is`
    },
    'master-key-rotated': ({ master, replaces }) => {
      const follows = this.#master === master && this.#retiring === replaces
      this.#retiring = undefined
      return follows ? undefined : `the rotation to ${master} ended without having begun`
    },
    'signer-closed': ({ signerId }, index) => this.#close(signerId, index),
    'signer-erased': ({ signerId }, index) => this.#close(signerId, index),
  }

  #close(signerId: string, index: number): undefined {
    this.#closedAt.set(signerId, this.#closedAt.get(signerId) ?? index)
  }

  #name(head: NamedHead): undefined {
    this.#named.push(head)
  }

  #take(credentialId: string, signerId: string): string | undefined {
    if (this.#signers.has(credentialId)) return `${credentialId} had a key before`
    this.#signers.set(credentialId, signerId)
    return undefined
  }

  #end(credentialId: string, index: number): string | undefined {
    this.#goneAt.set(credentialId, this.#goneAt.get(credentialId) ?? index)
    return this.#signers.has(credentialId) ? undefined : `${credentialId} never had a key`
  }
}
