/** `tickets/add-authenticator` and `tickets/remove-authenticator` (sole-control 3 and 6). */
import type { AddAuthenticatorTicket, RemoveAuthenticatorTicket } from '@natsuin/protocol/approval'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { refuse } from '../refuse.ts'
import { classOf } from '../roster/class-of.ts'
import type { Sam } from '../sam.ts'
import type { SignerRecord } from '../store/record-shapes.ts'
import { activeAuthenticatorsOf, authenticatorsOf } from './of-signer.ts'
import { readSigner } from './read-signer.ts'

/** @throws Refusal `signer-unknown`, `class-unknown` */
export async function issueAddTicket(
  sam: Sam,
  { signerId }: SapRequest<'tickets/add-authenticator'>,
): Promise<SapResponse<'tickets/add-authenticator'>> {
  const { content: signer } = await readSigner(sam, signerId)
  const ticket = await sam.tickets.issue<AddAuthenticatorTicket>(sam.limits.ticketSeconds, {
    purpose: 'add-authenticator',
    level: signer.level,
    signer: { id: signerId, name: signer.name },
    attested: classOf(sam, signer.credentialClass).authenticators !== undefined,
  })
  await sam.failpoint('ticket-issued')
  return { ticket, allow: allowed(sam, signer) }
}

/** @throws Refusal `signer-unknown`, `authenticator-unknown` */
export async function issueRemoveTicket(
  sam: Sam,
  { signerId, authenticatorId }: SapRequest<'tickets/remove-authenticator'>,
): Promise<SapResponse<'tickets/remove-authenticator'>> {
  const { content: signer } = await readSigner(sam, signerId)
  const found = authenticatorsOf(sam, signer).find(({ id }) => id === authenticatorId)
  if (found === undefined) throw refuse('authenticator-unknown')
  const { id, label, registeredAt } = found
  const ticket = await sam.tickets.issue<RemoveAuthenticatorTicket>(sam.limits.ticketSeconds, {
    purpose: 'remove-authenticator',
    level: signer.level,
    signer: { id: signerId, name: signer.name },
    authenticator: { id, ...(label === undefined ? {} : { label }), registeredAt },
  })
  await sam.failpoint('ticket-issued')
  return { ticket, allow: allowed(sam, signer) }
}

const allowed = (sam: Sam, signer: SignerRecord): Uint8Array[] =>
  activeAuthenticatorsOf(sam, signer).map(({ credentialId }) => credentialId)
