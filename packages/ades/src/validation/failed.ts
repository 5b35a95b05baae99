/** What ended a validation, as the verdict that it ends in: EN 319 102-1 V1.4.1, 5.1.3. */
import { DerError } from '@natsuin/pki/asn1'
import { INDICATIONS, ValidationEnded } from './verdict.ts'

/** @param facts  that were established before */
export function failed<Facts>(error: unknown, facts: Facts) {
  const { subIndication, reason } = asEnded(error)
  return { indication: INDICATIONS[subIndication], subIndication, reason, facts }
}

/** What the parsers of `pki` refuse is a format failure; anything else that is thrown is a fault. */
function asEnded(error: unknown): ValidationEnded {
  if (error instanceof ValidationEnded) return error
  if (error instanceof DerError) return new ValidationEnded('FORMAT_FAILURE', `DER: ${error.reason}`)
  throw error
}
