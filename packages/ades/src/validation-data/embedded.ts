/** Revocation information that a signature brings already: asked first, so that nothing is embedded twice. */
import type { Platform } from '@natsuin/pki/platform'
import { AdesRefusal } from '../refusal.ts'
import type { ValidationData } from './collect.ts'
import { judgeRevocation } from './judge-revocation.ts'
import type { RevocationInfo, RevocationSource } from './revocation-source.ts'

/** Answers with what is current and verifies; else refuses with `status-unavailable`. */
export function embeddedRevocation(
  { ocspResponses, crls }: Omit<ValidationData, 'certificates'>,
  platform: Platform,
): RevocationSource {
  const present: readonly RevocationInfo[] = [
    ...ocspResponses.map(der => ({ kind: 'ocsp' as const, der })),
    ...crls.map(der => ({ kind: 'crl' as const, der })),
  ]
  return async question => {
    for (const info of present) {
      const judgement = await judgeRevocation(info, question, platform)
      if (judgement.kind !== 'unusable') return info
    }
    throw new AdesRefusal('status-unavailable', question.certificate.subject.text)
  }
}
