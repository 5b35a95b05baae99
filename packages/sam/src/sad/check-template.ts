/** At level 3 nobody but the SAM makes the DTBS/R of an approved document (sole-control 4). */
import { refuse } from '../refuse.ts'
import type { UseCheck } from './facts.ts'
import { isPrepared } from './prepared.ts'

export const checkTemplate: UseCheck = ({ sad, request }) => {
  if (sad.terms.key.level === 3 && request.dtbsrs.some(isPrepared)) throw refuse('representation-refused')
}
