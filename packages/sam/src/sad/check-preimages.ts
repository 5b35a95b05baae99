/** A key that signs messages, not digests (Ed25519), is used for what was approved with its message alone. */
import { keyTypes, signsMessages } from '@natsuin/pki/algorithms'
import { refuse } from '../refuse.ts'
import { approvedDigests } from './approved-digests.ts'
import type { ApprovalCheck } from './facts.ts'

export const checkPreimages: ApprovalCheck = ({ statement, signedRequest, credential }) => {
  if (!keyTypes[credential.keyType].signs.every(signsMessages)) return
  const approved = approvedDigests({ statement, signedRequest })
  // Of a document the message is made when it is signed.
  const isMissing = approved.some(({ hashType, dtbs }) => hashType === 'dtbsr' && dtbs === undefined)
  if (isMissing) throw refuse('dtbs-missing')
}
