/** Whether a credential may sign now: linked to a certificate that is valid, and never revoked. */
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'

/** Milliseconds since 1970-01-01T00:00:00Z, both inclusive. */
interface Validity {
  readonly notBefore: number
  readonly notAfter: number
}

/** @throws Refusal `credential-revoked`, `credential-inactive`, `certificate-expired` */
export function checkUsable(
  { state, time }: Pick<Sam, 'state' | 'time'>,
  credentialId: string,
  { certificate }: { readonly certificate?: Validity },
): void {
  if (state.isRevoked(credentialId)) throw refuse('credential-revoked')
  if (certificate === undefined) throw refuse('credential-inactive')
  const now = time.milliseconds()
  if (now < certificate.notBefore || now > certificate.notAfter) throw refuse('certificate-expired')
}
