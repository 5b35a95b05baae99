/** Several sources as one: the first that has an answer gives it. */
import { AdesRefusal } from '../refusal.ts'
import type { RevocationSource } from '../validation-data/revocation-source.ts'

/**
 * Wrap sources in `checked` to go on as well when one gives what does not verify.
 *
 * @throws AdesRefusal the last source's, when none has an answer
 */
export function firstOf(...sources: readonly RevocationSource[]): RevocationSource {
  return async question => {
    let refusal = new AdesRefusal('status-unavailable', question.certificate.subject.text)
    for (const source of sources) {
      try {
        return await source(question)
      } catch (error) {
        if (!(error instanceof AdesRefusal)) throw error
        refusal = error
      }
    }
    throw refusal
  }
}
