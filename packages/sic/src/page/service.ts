/**
 * What the page asks `server`: never with cookies, never following a redirect, and nothing that it answers is
 * believed. Tickets carry the SAM's signature; the rest is checked or only shown as what it is.
 */
import { carriedRequest } from '@natsuin/protocol/administration'
import { digestName, identifier, requestObjectText, ticketText } from '@natsuin/protocol/approval'
import { credentialClass } from '@natsuin/protocol/genesis'
import { requestedItem } from '@natsuin/protocol/request'
import {
  base64url,
  flag,
  integer,
  list,
  oneOf,
  record,
  type Shape,
  type Shaped,
  ShapeError,
  text,
  variant,
} from '@natsuin/protocol/shape'
import { Problem, problemOfRefusal } from './problem.ts'

const plain = record({
  kind: oneOf('plain'),
  digestAlgorithm: digestName,
  items: list(requestedItem, { min: 1, max: 1000 }),
})
/** By the application's key; what it asks for is in there and nowhere else. */
const signed = record({ kind: oneOf('signed'), requestObject: requestObjectText })

export const approvalAnswer = record({
  ticket: ticketText,
  /** WebAuthn credential ids of the signer's authenticators. */
  allow: list(base64url({ max: 1023 }), { max: 100 }),
  request: variant('kind', { signed, plain }),
})

export const passkeyChangeAnswer = record({
  ticket: ticketText,
  /** Of the passkeys that may approve the change. */
  allow: list(base64url({ max: 1023 }), { max: 100 }),
})

/** What somebody of the roster is asked to approve. */
export const administrationAnswer = carriedRequest
export const administrationProgress = record({
  approvals: integer({ min: 1, max: 20 }),
  needed: integer({ min: 1, max: 20 }),
  done: flag,
})

/** What a registration officer needs to vouch. */
export const grantTicketAnswer = record({
  ticket: ticketText,
  allow: list(base64url({ max: 1023 }), { max: 100 }),
  classes: list(credentialClass, { max: 100 }),
  grantHours: integer({ min: 1, max: 720 }),
})
export const grantAnswer = record({ grantId: identifier })

export const enrolmentAnswer = record({ ticket: ticketText })

const address = text({ max: 4096 })
export const continuation = record({ continue: address })
export const enrolled = record({
  signerId: text({ max: 64 }),
  credentialId: text({ max: 64 }),
  continue: address,
})

export type ApprovalAnswer = Shaped<typeof approvalAnswer>

export interface Service {
  /** @throws Problem */
  get<T>(path: string, shape: Shape<T>): Promise<T>
  /** @throws Problem */
  post<T>(path: string, body: unknown, shape: Shape<T>): Promise<T>
}

/** @param origin the origin of `server` */
export function serviceAt(origin: string, request: typeof fetch): Service {
  const ask = async <T>(path: string, init: RequestInit, shape: Shape<T>): Promise<T> => {
    const answer = await reach(request, `${origin}${path}`, init)
    const body: unknown = await answer.json().catch(() => undefined)
    if (!answer.ok) throw refusalIn(body, answer.status)
    return shaped(body, shape)
  }
  return {
    get: (path, shape) => ask(path, {}, shape),
    post: (path, body, shape) => {
      const headers = { 'content-type': 'application/json' }
      return ask(path, { method: 'POST', headers, body: JSON.stringify(body) }, shape)
    },
  }
}

/**
 * The address to go to next, if it is one of `server`: anything else would let whoever holds `server` send the
 * signer from the page that he trusts to wherever he likes (`javascript:` included).
 */
export function continuationAt(origin: string, next: string): string {
  const url = URL.canParse(next) ? new URL(next) : undefined
  if (url?.origin !== origin) throw new Problem('continuation-foreign')
  return url.href
}

async function reach(request: typeof fetch, url: string, init: RequestInit): Promise<Response> {
  try {
    return await request(url, {
      ...init,
      mode: 'cors',
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
    })
  } catch (cause) {
    throw new Problem('server-unreachable', {}, { cause })
  }
}

const refusalBody = (body: unknown): string | undefined => {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
  return typeof error === 'string' && /^[a-z0-9_-]{1,64}$/.test(error) ? error : undefined
}

function refusalIn(body: unknown, status: number): Problem {
  const error = refusalBody(body)
  if (error === undefined) return new Problem(status >= 500 ? 'service-unavailable' : 'refused')
  return new Problem(problemOfRefusal(error), { error })
}

function shaped<T>(body: unknown, shape: Shape<T>): T {
  try {
    return shape(body)
  } catch (cause) {
    if (cause instanceof ShapeError) throw new Problem('answer-malformed', { path: cause.path }, { cause })
    throw cause
  }
}
