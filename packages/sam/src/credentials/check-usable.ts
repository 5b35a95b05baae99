/** Whether a credential may sign now: there, and linked to a certificate that is valid. */
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import { checkStanding } from './check-standing.ts'

/** Milliseconds since 1970-01-01T00:00:00Z, both inclusive. */
interface Validity {
  readonly notBefore: number
  readonly notAfter: number
}

/** @throws Refusal those of `checkStanding`, `credential-inactive`, `certificate-expired` */
export function checkUsable(
  { state, time }: Pick<Sam, 'state' | 'time'>,
  credentialId: string,
  { certificate }: { readonly certificate?: Validity },
): void {
  checkStanding({ state }, credentialId)
  if (certificate === undefined) throw refuse('credential-inactive')
  const now = time.milliseconds()
  if (now < certificate.notBefore || now > certificate.notAfter) throw refuse('certificate-expired')
}
