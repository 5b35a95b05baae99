/**
 * What a failed request is answered: a refusal in the words of its edge, a fault with an incident id and nothing
 * else (style: three kinds of failure).
 */
import { randomUUID } from 'node:crypto'
import type { Edition } from '@natsuin/protocol/csc'
import { Refusal } from '@natsuin/protocol/refusal'
import { JsonRefused, ShapeError } from '@natsuin/protocol/shape'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import {
  type CscError,
  cscError,
  documentError,
  REQUEST_ERRORS,
  RequestRefused,
  requestError,
} from '../csc/errors.ts'
import { DocumentRefused } from '../documents/refusal.ts'
import { PROOF_ALGORITHMS } from '../oauth/dpop/read-proof.ts'
import { pageStatus } from './page-errors.ts'
import { TooManyRequests } from './too-many-requests.ts'

interface Answer {
  readonly status: number
  readonly error: string
  readonly description: string
}

/** Words of one edition of the CSC API. */
export function answerInWordsOf(edition: Edition) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const words =
      wordsOfRequest(error, edition) ?? (error instanceof Refusal ? cscError(error.code, edition) : undefined)
    if (words?.status === 401)
      reply.header('www-authenticate', challengeOf(words, speaksDpop(request, error)))
    sayWhen(reply, error)
    send(reply, words ?? fault(error, request))
  }
}

/** The other bearer APIs speak as v2 does. */
export const answerInCscWords = answerInWordsOf('v2')

/** RFC 6750, 3; RFC 9449, 7.1; a client that did not prove who it is may try again with its secret (RFC 6749, 5.2), software with a password. */
function challengeOf({ error }: CscError, dpop: boolean): string {
  if (error === 'invalid_client' || error === 'invalid_request') return 'Basic realm="natsuin"'
  return dpop ? `DPoP error="${error}", algs="${PROOF_ALGORITHMS.join(' ')}"` : `Bearer error="${error}"`
}

/** A bound token under `Bearer` is told how it has to come. */
const speaksDpop = ({ headers }: FastifyRequest, error: FastifyError): boolean =>
  /^DPoP /i.test(headers.authorization ?? '') ||
  (error instanceof Refusal && error.code === 'token-bound-to-key')

/** Codes, for our own pages. */
export function answerInCodes(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  sayWhen(reply, error)
  const code = error instanceof Refusal ? error.code : undefined
  if (code !== undefined) {
    send(reply, { status: pageStatus(code), error: code, description: code.replaceAll('-', ' ') })
    return
  }
  const words = wordsOfRequest(error, 'v2')
  send(reply, words === undefined ? fault(error, request) : { ...words, error: pageCode(error) })
}

/** The page may come again where it was too much; what else is wrong with a request, our page made wrong. */
function pageCode(error: FastifyError): string {
  const passes = error instanceof RequestRefused && REQUEST_ERRORS[error.code].status >= 429
  return passes ? error.code : 'malformed'
}

function wordsOfRequest(error: FastifyError, edition: Edition): CscError | undefined {
  if (error instanceof RequestRefused) return requestError(error, edition)
  if (error instanceof DocumentRefused) return documentError(error, edition)
  if (error instanceof JsonRefused || error instanceof ShapeError) return REQUEST_ERRORS['body-malformed']
  return frameworkError(error)
}

/** What fastify itself refuses before any handler runs. */
function frameworkError({ statusCode, code }: FastifyError): CscError | undefined {
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return REQUEST_ERRORS['content-type']
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return REQUEST_ERRORS['body-too-large']
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500
    ? REQUEST_ERRORS['body-malformed']
    : undefined
}

/** The client learns an incident id; the log has the rest under the same id. */
function fault(error: unknown, request: FastifyRequest): Answer {
  const incident = randomUUID()
  request.log.error({ incident, err: error }, 'fault')
  return { status: 500, error: 'server_error', description: `Incident ${incident}` }
}

/** What is not there now mostly is again after a breath (RFC 9110, 10.2.3): a token that rests, a queue that is full. */
const RETRY_AFTER_SECONDS = 2

/** RFC 6585, 4. */
function sayWhen(reply: FastifyReply, error: unknown): void {
  if (error instanceof TooManyRequests) reply.header('retry-after', error.retryAfterSeconds)
}

function send(reply: FastifyReply, { status, error, description }: Answer): void {
  const passes = status === 503 || status === 429
  if (passes && !reply.hasHeader('retry-after')) reply.header('retry-after', RETRY_AFTER_SECONDS)
  void reply.code(status).send({ error, error_description: description })
}
