/**
 * Assertions by which clients prove who they are (RFC 7523, 3; FAPI 2.0 Security Profile, 5.3.2.1): narrower than the
 * provider takes them, because an assertion is a bearer value for whoever it is addressed to (threats T-OA-16).
 *
 * The provider has checked signature, issuer and expiry. That an id was not used before it looks up and writes down in
 * two steps, so it is written down here, in one.
 */
import { REQUEST_OBJECT_TYPE } from '@natsuin/protocol/request'
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { type Clock, epochSeconds } from '../clock.ts'
import type { UsedIdRepository } from '../storage/used-ids.ts'

/** For how long before its expiry an assertion may be made, and how old one may be. */
const MAX_SECONDS = 300
const MAX_AGE_SECONDS = 60
/** FAPI 2.0 Security Profile, 5.3.2.1: clocks differ by seconds. */
export const SKEW_SECONDS = 10

type Claims = Readonly<Record<string, unknown>>
interface Facts {
  readonly issuer: string
  readonly now: number
  /** Of the header. */
  readonly typ: unknown
}
type Rule = (claims: Claims, facts: Facts) => boolean

const RULES: Readonly<Record<string, Rule>> = {
  // RFC 9101, 10.8: the same key signs both, and requests are seen by others.
  'typ must not be that of a request object': (_claims, { typ }) => !isRequestObjectType(typ),
  // A list would let another of its audiences send it here.
  'aud must be the issuer, as a string': ({ aud }, { issuer }) => aud === issuer,
  'sub must be iss': ({ sub, iss }) => sub === iss,
  [`exp must be within ${MAX_SECONDS} seconds`]: ({ exp }, { now }) =>
    typeof exp === 'number' && exp > now && exp <= now + MAX_SECONDS,
  [`iat must be of the last ${MAX_AGE_SECONDS} seconds`]: ({ iat }, { now }) =>
    iat === undefined || isRecent(iat, now),
  'jti must be a string of at most 256 characters': ({ jti }) => typeof jti === 'string' && jti.length <= 256,
}

/** RFC 7515, 4.1.9: media types, in any case, and usually without what they all begin with. */
const isRequestObjectType = (typ: unknown) =>
  typeof typ === 'string' && typ.toLowerCase().replace(/^application\//, '') === REQUEST_OBJECT_TYPE

function isRecent(instant: unknown, now: number): boolean {
  return typeof instant === 'number' && instant >= now - MAX_AGE_SECONDS && instant <= now + SKEW_SECONDS
}

export interface AssertionParts {
  /** The issuer. */
  readonly publicUrl: string
  readonly usedIds: UsedIdRepository
  readonly clock: Clock
}

/** The provider's `assertJwtClientAuthClaimsAndHeader`. @throws InvalidClientAuth */
export function clientAssertionChecker({ publicUrl: issuer, usedIds, clock }: AssertionParts) {
  return async (_context: KoaContextWithOIDC, claims: Claims, { typ }: Claims): Promise<void> => {
    const facts = { issuer, now: epochSeconds(clock()), typ }
    const broken = Object.entries(RULES).find(([, rule]) => !rule(claims, facts))
    if (broken !== undefined) throw new errors.InvalidClientAuth(broken[0])
    const { iss, jti, exp } = claims
    if (await usedIds.use(`assertion of ${iss}`, String(jti), Number(exp))) return
    throw new errors.InvalidClientAuth('jti was used before')
  }
}
