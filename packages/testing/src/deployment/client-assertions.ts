/** Assertions of clients (RFC 7523, 2.2), right or with one thing wrong. */
import { randomUUID } from 'node:crypto'
import { type RequestKey, signRequestObject } from './request-objects.ts'

export interface AssertionParties {
  readonly clientId: string
  readonly issuer: string
}

/** The claims of a good one. */
export function assertionClaims({ clientId, issuer }: AssertionParties) {
  const now = Math.floor(Date.now() / 1000)
  return { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), iat: now, exp: now + 60 }
}

/** The parameters that prove who the client is; `claims` and `header` change or add members. */
export function clientAssertion(
  key: RequestKey,
  parties: AssertionParties,
  claims: object = {},
  header: object = {},
) {
  const assertion = { ...assertionClaims(parties), ...claims }
  return {
    client_assertion: signRequestObject(key, assertion, { typ: 'JWT', ...header }),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  }
}
