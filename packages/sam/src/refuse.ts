/** A refusal in the words of SAP: `throw refuse('sad-expired')`. */
import { Refusal } from '@natsuin/protocol/refusal'
import type { SapRefusal } from '@natsuin/protocol/sap'

/** @param evidence for the audit trail only: identifiers and counts, never a secret */
export function refuse(
  code: SapRefusal,
  evidence: Readonly<Record<string, unknown>> = {},
  options?: ErrorOptions,
): Refusal<SapRefusal> {
  return new Refusal(code, evidence, options)
}
