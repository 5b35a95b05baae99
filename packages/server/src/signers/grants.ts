/** Enrolment grants: carried between a registration officer's page and the SAM (sole-control 6). */
import type { SapRequest } from '@natsuin/protocol/sap'
import type { Sam } from '../signing/sam.ts'

export interface Grants {
  ticket(officerId: string): Promise<{ readonly ticket: string; readonly allow: readonly Uint8Array[] }>
  /** The grant's id. @throws Refusal of the SAM */
  submit(approvals: SapRequest<'grants/submit'>['approvals']): Promise<string>
}

export function createGrants(sam: Sam): Grants {
  return {
    ticket: officerId => sam.call('tickets/grant', { officerId }),
    submit: async approvals => (await sam.call('grants/submit', { approvals })).grantId,
  }
}
