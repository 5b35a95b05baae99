/** The digest algorithm is one of the key's, and every digest has its length (threats T-SAD-09, T-SAD-10). */
import { digestAlgorithms, keyTypes, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { refuse } from '../refuse.ts'
import { approvedDigests } from './approved-digests.ts'
import type { ApprovalCheck } from './facts.ts'

export const checkDigests: ApprovalCheck = ({ statement, signedRequest, credential }) => {
  const { digestAlgorithm } = statement
  const signs = keyTypes[credential.keyType].signs.some(
    algorithm => signatureAlgorithms[algorithm].digest === digestAlgorithm,
  )
  if (!signs) throw refuse('algorithm-mismatch')
  const { size } = digestAlgorithms[digestAlgorithm]
  const approved = approvedDigests({ statement, signedRequest })
  if (approved.some(({ digest }) => digest.length !== size)) throw refuse('digest-length')
}
