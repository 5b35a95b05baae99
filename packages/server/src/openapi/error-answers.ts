/** Which answers a method can give beside those that it declares. CSC API v2.0.0.2, 10. */
import type { Scheme } from '../csc/admission.ts'
import type { CscMethodName } from '../csc/methods.ts'
import { type Reference, type ResponseObject, responseNamed, schemaNamed } from './openapi.ts'

type ErrorStatus = 400 | 401 | 403 | 413 | 429 | 500 | 503

interface ErrorAnswer {
  readonly name: string
  readonly description: string
  readonly headers?: ResponseObject['headers']
  readonly example: { readonly error: string; readonly error_description: string }
}

const RETRY_AFTER: ResponseObject['headers'] = {
  'Retry-After': {
    description: 'Seconds after which to try again.',
    schema: { type: 'integer', minimum: 0 },
  },
}

const ERROR_ANSWERS: Readonly<Record<ErrorStatus, ErrorAnswer>> = {
  400: {
    name: 'Refused',
    description: 'Something about the request is wrong, or is not allowed; `error_description` says what.',
    example: { error: 'invalid_request', error_description: 'Invalid parameter credentialID' },
  },
  401: {
    name: 'Unauthorized',
    description: 'The access token is not valid, has expired, or is for something else.',
    headers: {
      'WWW-Authenticate': { description: 'RFC 6750, 3; RFC 9449, 7.1.', schema: { type: 'string' } },
    },
    example: { error: 'invalid_token', error_description: 'The access token is not valid' },
  },
  403: {
    name: 'NotAuthorized',
    description: 'Another document, digest or browser than that of the approval.',
    example: {
      error: 'invalid_hash',
      error_description: 'Document or documentDigest does not match authorized hash',
    },
  },
  413: {
    name: 'TooLarge',
    description: 'The body is larger than this service takes.',
    example: { error: 'invalid_request', error_description: 'The request body is too large' },
  },
  429: {
    name: 'TooMany',
    description: 'Too many requests; nothing was done.',
    headers: RETRY_AFTER,
    example: { error: 'temporarily_unavailable', error_description: 'Too many requests' },
  },
  500: {
    name: 'Fault',
    description: 'A defect or an outage; the operator finds it by the incident id.',
    example: {
      error: 'server_error',
      error_description: 'Incident 2f1c8f5e-5d0c-4d5e-9a51-0a2b1c3d4e5f',
    },
  },
  503: {
    name: 'Unavailable',
    description: 'Something that this needs is not there now; nothing was done.',
    headers: RETRY_AFTER,
    example: { error: 'temporarily_unavailable', error_description: 'Signing is not possible now' },
  },
}

/** What every method can answer. */
const ALWAYS: readonly ErrorStatus[] = [400, 413, 429, 500, 503]

/** What only some can. */
const BESIDE: Readonly<Partial<Record<CscMethodName, readonly ErrorStatus[]>>> = {
  'signatures/signDoc': [403],
  // What it repeats is what was refused there.
  'signatures/signPolling': [403],
}

/** References to the responses, by status. */
export function errorAnswersOf(name: CscMethodName, scheme: Scheme): Readonly<Record<string, Reference>> {
  const statuses = [...ALWAYS, ...(scheme === 'none' ? [] : [401 as const]), ...(BESIDE[name] ?? [])]
  return errorReferences(statuses)
}

export function errorReferences(statuses: readonly ErrorStatus[]): Readonly<Record<string, Reference>> {
  return Object.fromEntries(statuses.map(status => [status, responseNamed(ERROR_ANSWERS[status].name)]))
}

export function errorResponses(): Readonly<Record<string, ResponseObject>> {
  return Object.fromEntries(Object.values(ERROR_ANSWERS).map(answer => [answer.name, responseOf(answer)]))
}

function responseOf({ description, headers, example }: ErrorAnswer): ResponseObject {
  const examples = { [example.error]: { value: example } }
  return {
    description,
    ...(headers !== undefined && { headers }),
    content: { 'application/json': { schema: schemaNamed('Error'), examples } },
  }
}
