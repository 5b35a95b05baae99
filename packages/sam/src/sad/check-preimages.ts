/** A key that signs messages, not digests (Ed25519), is used for what was approved with its message alone. */
import { keyTypes, signsMessages } from '@natsuin/pki/algorithms'
import { refuse } from '../refuse.ts'
import type { ApprovalCheck } from './facts.ts'
import { representationsOf } from './representations.ts'

export const checkPreimages: ApprovalCheck = ({ statement, signedRequest, credential }) => {
  if (!keyTypes[credential.keyType].signs.every(signsMessages)) return
  const approved = representationsOf({ statement, signedRequest })
  if (approved.some(({ dtbs }) => dtbs === undefined)) throw refuse('dtbs-missing')
}
