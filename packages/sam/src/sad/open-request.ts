/** Verifies the request object in a statement, with the keys that the roster has for the ticket's client. */
import type { ApproveStatement, ApproveTicket } from '@natsuin/protocol/approval'
import { openRequestObject, type RequestObject } from '@natsuin/protocol/request'
import { ShapeError } from '@natsuin/protocol/shape'
import { expectOnly } from '../expect-only.ts'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'

/** `undefined` when the statement carries none. @throws Refusal `client-unknown`, `request-object-invalid` */
export async function openRequest(
  { roster }: Pick<Sam, 'roster'>,
  { requestObject }: Pick<ApproveStatement, 'requestObject'>,
  ticket: Pick<ApproveTicket, 'client'>,
): Promise<RequestObject | undefined> {
  if (requestObject === undefined) return undefined
  // Not the ticket's keys, although the SAM signed them too: one that was taken away since vouches no longer.
  const client = roster.clients.find(({ id }) => id === ticket.client.id)
  if (client === undefined) throw refuse('client-unknown')
  const opened = await genuine(requestObject, { client, issuer: roster.issuer })
  if (opened === undefined) throw refuse('request-object-invalid')
  return opened
}

async function genuine(...[jws, parties]: Parameters<typeof openRequestObject>) {
  try {
    return await openRequestObject(jws, parties)
  } catch (error) {
    const { path } = expectOnly(error, ShapeError)
    throw refuse('request-object-invalid', { path })
  }
}
