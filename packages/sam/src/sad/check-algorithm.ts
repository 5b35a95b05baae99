/** Digest, signature algorithm and key agree with each other and with what was approved (threats T-SAD-09 to 11). */
import { digestAlgorithms, keyTypes, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { refuse } from '../refuse.ts'
import type { UseCheck } from './facts.ts'

export const checkAlgorithm: UseCheck = ({ sad, request }) => {
  const { digestAlgorithm, signatureAlgorithm, dtbsrs } = request
  const { terms } = sad
  const agrees =
    digestAlgorithm === terms.digestAlgorithm &&
    signatureAlgorithms[signatureAlgorithm].digest === digestAlgorithm &&
    keyTypes[terms.key.keyType].signs.includes(signatureAlgorithm)
  if (!agrees) throw refuse('algorithm-mismatch')
  const { size } = digestAlgorithms[digestAlgorithm]
  if (dtbsrs.some(({ length }) => length !== size)) throw refuse('digest-length')
}
