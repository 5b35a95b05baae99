/**
 * What the application asks for: from its request object, if it signed one, or else from `server`'s word, which makes
 * every document that the page does not have *unseen* (sole-control 4, step 3).
 */
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import type { ApproveTicket } from '@natsuin/protocol/approval'
import { openRequestObject, type RequestedSignatures } from '@natsuin/protocol/request'
import { ShapeError } from '@natsuin/protocol/shape'
import { Problem } from './problem.ts'
import type { ApprovalAnswer } from './service.ts'

export interface Asked extends Omit<RequestedSignatures, 'credentialId'> {
  readonly digestAlgorithm: DigestAlgorithm
  /** The JWS, if the application's key signed it: then it vouches for every item. */
  readonly requestObject: string | undefined
}

type Ticket = Pick<ApproveTicket, 'client' | 'credential'>

/** @throws Problem `request-not-genuine`, `request-inconsistent` */
export async function readAsked(
  request: ApprovalAnswer['request'],
  ticket: Ticket,
  issuer: string,
): Promise<Asked> {
  if (request.kind === 'plain') {
    const { digestAlgorithm, items } = request
    return { digestAlgorithm, items, locations: [], requestObject: undefined }
  }
  const { requestObject } = request
  const { credentialId, ...requested } = await genuine(requestObject, ticket, issuer)
  if (credentialId !== ticket.credential.id) throw new Problem('request-inconsistent')
  return { ...requested, requestObject }
}

async function genuine(
  requestObject: string,
  { client }: Ticket,
  issuer: string,
): Promise<RequestedSignatures> {
  const opened = await openRequestObject(requestObject, { client, issuer }).catch(unreadable)
  if (opened === undefined) throw new Problem('request-not-genuine')
  return opened.requested
}

function unreadable(cause: unknown): never {
  throw cause instanceof ShapeError
    ? new Problem('request-not-genuine', { path: cause.path }, { cause })
    : cause
}
