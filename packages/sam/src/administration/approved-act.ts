/**
 * Permission to do what a request asks for, once.
 *
 * Exists only after as many people have approved the request as it needs, each by a passkey of his own and on disk, so
 * that a function that takes one needs no checks of its own. Made by `administer.ts` alone.
 */
import { digestSync } from '@natsuin/pki/node'
import type { ActKind, ActOf } from '@natsuin/protocol/administration'
import type { ApprovedStatement } from '@natsuin/protocol/evidence'
import { refuse } from '../refuse.ts'

export interface RedeemedAct<K extends ActKind> {
  readonly act: ActOf<K>
  /** SHA-256 of the request. */
  readonly requestDigest: Uint8Array
  readonly approvals: readonly ApprovedStatement[]
  /** SHA-256 of each statement, for the log. */
  readonly approvalDigests: readonly Uint8Array[]
}

export class ApprovedAct<K extends ActKind = ActKind> {
  #redeemable: Omit<RedeemedAct<K>, 'approvalDigests'> | undefined

  constructor(redeemable: Omit<RedeemedAct<K>, 'approvalDigests'>) {
    this.#redeemable = redeemable
  }

  /** Hands out what to do. @throws Refusal `request-closed` a second time */
  redeem(): RedeemedAct<K> {
    const redeemable = this.#redeemable
    this.#redeemable = undefined
    if (redeemable === undefined) throw refuse('request-closed')
    const approvalDigests = redeemable.approvals.map(({ statement }) => digestSync('sha256', statement))
    return { ...redeemable, approvalDigests }
  }
}
