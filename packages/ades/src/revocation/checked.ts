/** A source whose answers verify: what does not is refused where it comes from, so that another may be asked. */
import type { Platform } from '@natsuin/pki/platform'
import { AdesRefusal } from '../refusal.ts'
import { judgeRevocation } from '../validation-data/judge-revocation.ts'
import type { RevocationSource } from '../validation-data/revocation-source.ts'

/** @throws AdesRefusal `status-invalid` beside those of the source */
export function checked(source: RevocationSource, platform: Platform): RevocationSource {
  return async question => {
    const info = await source(question)
    const judgement = await judgeRevocation(info, question, platform)
    if (judgement.kind !== 'unusable') return info
    throw new AdesRefusal('status-invalid', `${judgement.problem}: ${question.certificate.subject.text}`)
  }
}
