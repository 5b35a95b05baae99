/**
 * Request objects (RFC 9101) as the authorization server takes them: pushed ones alone, and read as strictly as by
 * those who verify them again (sole-control 4, step 3; threats T-PAR-04). The provider has checked signature, issuer,
 * audience and expiry; what it read is one reading, and the text is kept for the page and the SAM.
 */
import { peekRequestObject } from '@natsuin/protocol/request'
import { ShapeError } from '@natsuin/protocol/shape'
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { type Clock, epochSeconds } from '../clock.ts'
import { SKEW_SECONDS } from './client-assertions.ts'

const MAX_SECONDS = 3600

type Claims = Readonly<Record<string, unknown>>

/** The provider's `assertJwtClaimsAndHeader`; it throws InvalidRequest and InvalidRequestObject. */
export function requestObjectChecker(clock: Clock) {
  return (context: KoaContextWithOIDC, claims: Claims, { alg }: Claims): void => {
    // What the provider itself made of a plain request that was pushed; nobody else's passes its list of algorithms.
    if (alg === 'none') return
    if (!isPushed(context)) throw new errors.InvalidRequest('request objects are pushed')
    checkNoSubject(claims)
    checkTimes(claims, epochSeconds(clock()))
    if (claims['authorization_details'] !== undefined) checkReading(context.oidc.params?.['request'])
  }
}

const isPushed = ({ oidc: { route, entities } }: KoaContextWithOIDC) =>
  route === 'pushed_authorization_request' || entities.PushedAuthorizationRequest !== undefined

/** RFC 9101, 10.8: with the client's id there it could be shown as an assertion of the client, and nothing else belongs there. */
function checkNoSubject({ sub }: Claims): void {
  if (sub !== undefined) throw new errors.InvalidRequestObject('sub must not be there')
}

function checkTimes({ exp, iat }: Claims, now: number): void {
  if (typeof iat === 'number' && iat > now + SKEW_SECONDS) {
    throw new errors.InvalidRequestObject('iat must not be in the future')
  }
  if (typeof exp === 'number' && exp > now && exp <= now + MAX_SECONDS) return
  throw new errors.InvalidRequestObject(`exp must be there, and within ${MAX_SECONDS} seconds`)
}

function checkReading(text: unknown): void {
  try {
    peekRequestObject(String(text))
  } catch (error) {
    if (error instanceof ShapeError) throw new errors.InvalidRequestObject(error.message)
    throw error
  }
}

/** Exactly what the client signed; `undefined` for a plain request, which the provider keeps without a signature. */
export function signedRequest({ oidc }: KoaContextWithOIDC): string | undefined {
  const pushing: unknown = oidc.route === 'pushed_authorization_request' ? oidc.body?.['request'] : undefined
  const request = pushing ?? oidc.entities.PushedAuthorizationRequest?.request
  return typeof request !== 'string' || request.endsWith('.') ? undefined : request
}
