/**
 * At level 3 the digest of a whole file is not approved: its DTBS/R would be `server`'s to make (sole-control 4). The
 * page that has the file and prepares it has the DTBS/R to approve.
 */
import { isDocumentItem } from '@natsuin/protocol/approval'
import { refuse } from '../refuse.ts'
import type { ApprovalCheck } from './facts.ts'

export const checkHashType: ApprovalCheck = ({ statement, credential }) => {
  const isWholeFile = statement.items.some(item => isDocumentItem(item) && item.hashType === 'sodr')
  if (credential.level === 3 && isWholeFile) throw refuse('hash-type-refused')
}
