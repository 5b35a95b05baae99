/** What was approved, with its preimage where the signer or the application gave one; the checks compare the two. */
import type { ApprovalItem } from '@natsuin/protocol/approval'
import type { RequestedItem } from '@natsuin/protocol/request'
import type { ApprovedRepresentation } from './active-sad.ts'
import type { ApprovalFacts } from './facts.ts'

type Approved = Pick<ApprovalFacts, 'statement' | 'signedRequest'>

export function representationsOf({ statement, signedRequest }: Approved): readonly ApprovedRepresentation[] {
  return statement.items.map((item, i) => ({
    dtbsr: item.dtbsr,
    dtbs: preimageOf(item, signedRequest?.requested.items[i]),
  }))
}

function preimageOf(item: ApprovalItem, named: RequestedItem | undefined): Uint8Array | undefined {
  return item.basis === 'seen' ? item.dtbs : named?.dtbs
}
