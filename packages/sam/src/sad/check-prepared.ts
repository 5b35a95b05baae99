/**
 * The preimage that `server` gives with a DTBS/R of its making is one: it goes into the evidence, and it is what a key signs
 * that signs messages (Ed25519).
 */
import { signsMessages } from '@natsuin/pki/algorithms'
import { equal } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { refuse } from '../refuse.ts'
import type { UseCheck } from './facts.ts'
import { isPrepared } from './prepared.ts'

export const checkPrepared: UseCheck = ({ request }) => {
  const { digestAlgorithm, signatureAlgorithm, dtbsrs } = request
  for (const { dtbs, dtbsr } of dtbsrs.filter(isPrepared)) {
    if (dtbs === undefined && signsMessages(signatureAlgorithm)) throw refuse('dtbs-missing')
    if (dtbs !== undefined && !equal(digestSync(digestAlgorithm, dtbs), dtbsr)) throw refuse('dtbs-mismatch')
  }
}
