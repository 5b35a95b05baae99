/**
 * What the application signed: the request object in the statement is by a key of the client, was fresh, and names
 * everything that was approved.
 *
 * The keys are those of the ticket, which the SAM signed at the time: the roster may have got others since.
 */
import { equal } from '@natsuin/pki/encoding'
import {
  type ApprovalItem,
  type ApproveStatement,
  type ApproveTicket,
  isDocumentItem,
} from '@natsuin/protocol/approval'
import { openRequestObject, type RequestedItem, type RequestedSignatures } from '@natsuin/protocol/request'
import { ShapeError } from '@natsuin/protocol/shape'
import type { Sam } from '../sam.ts'
import { BrokenLink, demand, demanded } from '../verdict.ts'

/** As far as it is looked at here. */
interface Approved {
  readonly statement: Pick<ApproveStatement, 'requestObject' | 'items' | 'digestAlgorithm'>
  readonly ticket: {
    readonly client: Pick<ApproveTicket['client'], 'id' | 'keys'>
    readonly credential: Pick<ApproveTicket['credential'], 'id'>
    readonly issuedAt: number
  }
}

/** The client's key by its `kid`; `undefined` when the application signed nothing. */
export async function checkRequest(
  { statement, ticket }: Approved,
  sam: { readonly roster: Pick<Sam['roster'], 'issuer'> },
): Promise<string | undefined> {
  const { requestObject, items } = statement
  if (requestObject === undefined) {
    const alone = items.every(({ basis }) => basis !== 'vouched')
    demand(alone, 'request-not-genuine', 'something was vouched for, and nobody signed that')
    return undefined
  }
  const { client } = ticket
  const { kid, expiresAt, requested } = await open(requestObject, { client, issuer: sam.roster.issuer })
  demand(ticket.issuedAt < expiresAt, 'request-not-genuine', 'the request had expired before it was shown')
  demand(
    isSame(requested, { statement, ticket }),
    'request-differs',
    'the application signed another request',
  )
  return kid
}

async function open(...[jws, parties]: Parameters<typeof openRequestObject>) {
  try {
    const opened = await openRequestObject(jws, parties)
    return demanded(opened, 'request-not-genuine', 'the request is not signed by a key of the client')
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    throw new BrokenLink('request-not-genuine', error.message)
  }
}

function isSame(requested: RequestedSignatures, { statement, ticket }: Approved): boolean {
  return (
    requested.credentialId === ticket.credential.id &&
    requested.digestAlgorithm === statement.digestAlgorithm &&
    requested.items.length === statement.items.length &&
    statement.items.every((item, i) => isNamed(item, requested.items[i]))
  )
}

function isNamed(item: ApprovalItem, named: RequestedItem | undefined): boolean {
  if (item.basis === 'unseen' || item.label !== named?.label) return false
  if (isDocumentItem(item) || 'hashType' in named) return isSameDocument(item, named)
  if (!equal(item.dtbsr, named.dtbsr)) return false
  const { dtbs, documentDigest } = named
  if (item.basis !== 'seen') return true
  const sameBytes = dtbs === undefined || equal(dtbs, item.dtbs)
  return sameBytes && (documentDigest === undefined || equal(documentDigest, item.documentDigest))
}

const isSameDocument = (item: ApprovalItem, named: RequestedItem): boolean =>
  isDocumentItem(item) &&
  'hashType' in named &&
  item.hashType === named.hashType &&
  equal(item.documentDigest, named.documentDigest)
