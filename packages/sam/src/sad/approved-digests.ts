/** What was approved; a DTBS/R with its preimage, where signer or application gave one: the checks compare the two. */
import { type ApprovalItem, isDocumentItem } from '@natsuin/protocol/approval'
import type { RequestedItem } from '@natsuin/protocol/request'
import type { ApprovedDigest } from './active-sad.ts'
import type { ApprovalFacts } from './facts.ts'

type Approved = Pick<ApprovalFacts, 'statement' | 'signedRequest'>

export function approvedDigests({ statement, signedRequest }: Approved): readonly ApprovedDigest[] {
  return statement.items.map((item, i) => approvedDigest(item, signedRequest?.requested.items[i]))
}

function approvedDigest(item: ApprovalItem, named: RequestedItem | undefined): ApprovedDigest {
  if (isDocumentItem(item)) return { hashType: item.hashType, digest: item.documentDigest, dtbs: undefined }
  return {
    hashType: 'dtbsr',
    digest: item.dtbsr,
    dtbs: item.basis === 'seen' ? item.dtbs : preimageIn(named),
  }
}

const preimageIn = (named: RequestedItem | undefined): Uint8Array | undefined =>
  named !== undefined && 'dtbs' in named ? named.dtbs : undefined
