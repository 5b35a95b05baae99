/** A key that signs messages, not digests (Ed25519), is used for what was approved with its message alone. */
import { keyTypes, signsMessages } from '@natsuin/pki/algorithms'
import { refuse } from '../refuse.ts'
import { preimageOf } from './active-sad.ts'
import type { ApprovalCheck } from './facts.ts'

export const checkPreimages: ApprovalCheck = ({ statement, credential }) => {
  if (!keyTypes[credential.keyType].signs.every(signsMessages)) return
  if (statement.items.some(item => preimageOf(item) === undefined)) throw refuse('dtbs-missing')
}
