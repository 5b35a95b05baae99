/** Whether a credential may sign now: there, of a level that is allowed, and linked to a certificate that is valid. */
import type { Level } from '@natsuin/protocol/genesis'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import { checkStanding } from './check-standing.ts'

/** Milliseconds since 1970-01-01T00:00:00Z, both inclusive. */
interface Validity {
  readonly notBefore: number
  readonly notAfter: number
}

/**
 * The certificate under which it may.
 * @throws Refusal those of `checkStanding`, `credential-inactive`, `certificate-expired`
 */
export function checkUsable<V extends Validity>(
  { state, time, roster }: Pick<Sam, 'state' | 'time' | 'roster'>,
  credentialId: string,
  { certificate, level }: { readonly certificate?: V; readonly level: Level },
): V {
  checkStanding({ state }, credentialId)
  // The deployment's level may have been lowered since the key was made.
  if (certificate === undefined || level > roster.maxLevel) throw refuse('credential-inactive')
  const now = time.milliseconds()
  if (now < certificate.notBefore || now > certificate.notAfter) throw refuse('certificate-expired')
  return certificate
}
