/**
 * Enrolment grants: carried between a registration officer's page and the SAM (sole-control 6).
 *
 * A grant that replaces a signer closes him in the SAM when it is accepted. The certificates and the log-ins of the one
 * who was replaced end here, after that: nothing depends on it for the key, which signs nothing any more.
 */
import { grantStatement } from '@natsuin/protocol/approval'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { readStrictJson } from '@natsuin/protocol/shape'
import { type RevocationParts, revokeCredential } from '../signing/revocation.ts'
import type { Sam } from '../signing/sam.ts'
import type { AccountSessionRepository } from '../storage/account-sessions.ts'
import type { LogInLinkRepository } from '../storage/log-in-links.ts'
import type { ApplicationPasswords } from './application-passwords.ts'

type Approvals = SapRequest<'grants/submit'>['approvals']

export interface Grants {
  ticket(officerId: string): Promise<SapResponse<'tickets/grant'>>
  /** The grant's id. @throws Refusal of the SAM */
  submit(request: SapRequest<'grants/submit'>): Promise<string>
}

export interface GrantParts {
  readonly sam: Sam
  readonly revocation: RevocationParts
  readonly accountSessions: AccountSessionRepository
  readonly passwords: Pick<ApplicationPasswords, 'removeAll'>
  readonly logInLinks: LogInLinkRepository
}

export function createGrants(parts: GrantParts): Grants {
  const { sam, revocation, accountSessions, passwords, logInLinks } = parts
  return {
    ticket: officerId => sam.call('tickets/grant', { officerId }),
    async submit(request) {
      const { grantId } = await sam.call('grants/submit', request)
      const replaced = replacedBy(request.approvals)
      if (replaced === undefined) return grantId
      await accountSessions.endAll(replaced)
      await passwords.removeAll(replaced)
      await logInLinks.removeAll(replaced)
      for (const { credential_id: credentialId } of await revocation.records.belongingTo(replaced)) {
        await revokeCredential(revocation, { signerIds: [replaced], credentialId, reason: 'superseded' })
      }
      return grantId
    },
  }
}

/** The signer whom the grant replaces. The SAM accepted it, so every statement in it says the same. */
function replacedBy([first]: Approvals): string | undefined {
  if (first === undefined) return undefined
  return readStrictJson(first.statement, grantStatement).grant.replaces
}
