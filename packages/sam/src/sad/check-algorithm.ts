/** Digest, signature algorithm and key agree with each other and with what was approved (threats T-SAD-09 to 11). */
import { digestAlgorithms, keyTypes, signatureAlgorithms } from '@natsuin/pki/algorithms'
import type { AskedRepresentation } from '@natsuin/protocol/sap'
import { refuse } from '../refuse.ts'
import { typedDigest } from './digest-key.ts'
import type { UseCheck } from './facts.ts'
import { isPrepared } from './prepared.ts'

export const checkAlgorithm: UseCheck = ({ sad, request }) => {
  const { digestAlgorithm, signatureAlgorithm, dtbsrs } = request
  const { terms } = sad
  const agrees =
    digestAlgorithm === terms.digestAlgorithm &&
    signatureAlgorithms[signatureAlgorithm].digest === digestAlgorithm &&
    keyTypes[terms.key.keyType].signs.includes(signatureAlgorithm)
  if (!agrees) throw refuse('algorithm-mismatch')
  const { size } = digestAlgorithms[digestAlgorithm]
  if (dtbsrs.some(asked => lengthsOf(asked).some(length => length !== size))) throw refuse('digest-length')
}

const lengthsOf = (asked: AskedRepresentation): readonly number[] =>
  isPrepared(asked) ? [asked.documentDigest.length, asked.dtbsr.length] : [typedDigest(asked).digest.length]
