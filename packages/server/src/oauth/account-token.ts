/**
 * `account_token`: whose account a client asks for, where an authorization server answers for known accounts alone
 * (CSC API v1.0.4.0, 8.3.1; v2.0.0.2, 8.4.1).
 *
 * A JWT under the client's secret: the key is the SHA-256 of the secret. It has no expiry, so its age is ours to limit, and
 * its id is taken once. It says who is expected; who it is, the signer's own log-in shows.
 */
import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import { fromBase64url, fromUtf8 } from '@natsuin/pki/encoding'
import {
  integer,
  JsonRefused,
  oneOf,
  optional,
  parseUnambiguousJson,
  record,
  ShapeError,
  text,
} from '@natsuin/protocol/shape'
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { type Clock, epochSeconds } from '../clock.ts'
import type { ClientConfiguration } from '../config/clients.ts'
import type { UsedIdRepository } from '../storage/used-ids.ts'
import { SKEW_SECONDS } from './client-assertions.ts'
import type { ClientRegistry } from './client-registry.ts'

const MAX_AGE_SECONDS = 300

const header = record({ typ: oneOf('JWT'), alg: oneOf('HS256') })
const claims = record({
  sub: text({ max: 255 }),
  iat: integer({ min: 0, max: 2 ** 40 }),
  jti: text({ max: 255 }),
  iss: optional(text({ max: 255 })),
  azp: text({ max: 64 }),
})

export interface AccountToken {
  readonly accountId: string
  readonly jti: string
  /** From when on it is too old, in seconds. */
  readonly expiresAt: number
}

/** `undefined` unless the client made it, for itself, of an account that it may name, and lately. @param now seconds */
export function readAccountToken(
  token: string,
  client: ClientConfiguration,
  now: number,
): AccountToken | undefined {
  const [head = '', body = '', signature = '', ...rest] = token.split('.')
  if (rest.length > 0 || !isSigned(`${head}.${body}`, signature, client)) return undefined
  const read = claimsIn(head, body)
  if (read === undefined || read.azp !== client.id) return undefined
  const { sub: accountId, iat, jti } = read
  if (iat > now + SKEW_SECONDS || iat + MAX_AGE_SECONDS <= now) return undefined
  if (client.accounts.length > 0 && !client.accounts.includes(accountId)) return undefined
  return { accountId, jti, expiresAt: iat + MAX_AGE_SECONDS }
}

function isSigned(input: string, signature: string, { authentication }: ClientConfiguration): boolean {
  const given = fromBase64url(signature)
  if (authentication.kind !== 'secret' || given?.length !== 32) return false
  const { secret, previous = secret } = authentication
  const matches = [secret, previous].map(known => timingSafeEqual(given, macOf(input, known)))
  return matches.includes(true)
}

const macOf = (input: string, secret: string): Uint8Array =>
  createHmac('sha256', hash('sha256', secret, 'buffer'))
    .update(input)
    .digest()

function claimsIn(head: string, body: string): ReturnType<typeof claims> | undefined {
  try {
    header(jsonIn(head))
    return claims(jsonIn(body))
  } catch (error) {
    if (error instanceof ShapeError || error instanceof JsonRefused) return undefined
    throw error
  }
}

const jsonIn = (part: string): unknown =>
  parseUnambiguousJson(fromUtf8(fromBase64url(part) ?? new Uint8Array()) ?? '')

export interface AccountTokenParts {
  readonly clients: ClientRegistry
  readonly usedIds: UsedIdRepository
  readonly clock: Clock
}

/** A check of the parameter. @throws InvalidRequest */
export function accountTokenChecker({ clients, usedIds, clock }: AccountTokenParts) {
  return async ({ oidc: { params, client, entities } }: KoaContextWithOIDC): Promise<void> => {
    // One that was pushed was checked, and taken, then.
    if (entities.PushedAuthorizationRequest !== undefined) return
    const registered = clients.find(client?.clientId ?? '')
    const given = params?.['account_token']
    if (registered === undefined || (given === undefined && registered.accounts.length === 0)) return
    if (given === undefined) throw new errors.InvalidRequest('Missing parameter account_token')
    const read = readAccountToken(String(given), registered, epochSeconds(clock()))
    const isNew =
      read !== undefined && (await usedIds.use(`account token of ${registered.id}`, read.jti, read.expiresAt))
    if (!isNew) throw new errors.InvalidRequest('Invalid parameter account_token')
  }
}
