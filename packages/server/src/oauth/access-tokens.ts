/**
 * Access tokens as the API sees them: opaque, ours, looked up by digest on each call, so revocation is at once.
 *
 * A token that is bound to a key or a certificate is worth nothing to who cannot show that he holds it: RFC 9449, 6 and 7;
 * RFC 8705, 3 (threats T-OA-13, T-DP-05, T-DP-06).
 */
import { Refusal } from '@natsuin/protocol/refusal'
import { type Clock, epochSeconds } from '../clock.ts'
import type { ClientConfiguration } from '../config/clients.ts'
import type { LogInProviders } from '../signers/log-in-providers.ts'
import { bearerDigest } from '../signing/bearer.ts'
import type { AccessRecord, AccessRepository } from '../storage/access.ts'
import type { ActivationRecord } from '../storage/activations.ts'
import type { ClientRegistry } from './client-registry.ts'
import type { ProofRefusal } from './dpop/proof-refused.ts'
import type { Proofs, ProvenRequest } from './dpop/proofs.ts'
import type { LogInOrigin } from './log-in-origin.ts'
import { ACT_SCOPES } from './scopes.ts'

/** CSC API v2.0.0.2, 8.1: user-specific, when a signer logged in; not, when the client asked by itself. */
export interface ServiceAccess {
  readonly scope: 'service'
  readonly clientId: string
  /** `undefined` for a token by client credentials: what signer is meant, the client says with each call. */
  readonly signerId: string | undefined
  /** Ids of signers for whom a token by client credentials may speak; empty with a signer's. */
  readonly actsFor: readonly string[]
  /** The signer logged in here, with a passkey: not a provider for him, nor software with his application password. */
  readonly byPasskey: boolean
  readonly holder: Holder
  /** Thumbprint of the key or certificate that the token is bound to. */
  readonly boundTo: string | undefined
}

export interface CredentialAccess {
  readonly scope: 'credential'
  readonly signerId: string
  readonly clientId: string
  readonly activation: ActivationRecord
  readonly holder: Holder
  /** Thumbprint of the key or certificate that the token is bound to. */
  readonly boundTo: string | undefined
}

export type Access = ServiceAccess | CredentialAccess

/** A signer's log-in for one act on a credential itself (CSC API v2.2.0.0, 8.2.2). It opens nothing else. */
export interface ActAccess {
  readonly scope: (typeof ACT_SCOPES)[number]
  readonly signerId: string
  readonly clientId: string
  /** The one that the signer was asked about; `undefined` where the request named none. */
  readonly credentialId: string | undefined
  /** Seconds since 1970-01-01T00:00:00Z: when the token was made. */
  readonly issuedAt: number
}

/** What who asks has shown that he holds. */
export interface Holder {
  /** SHA-256 of a key (RFC 7638), by a proof for this request. */
  readonly jkt: string | undefined
  /** SHA-256 of the certificate of the connection. */
  readonly certificate: string | undefined
}

/** Thumbprints: a value may be bound to either. */
export const heldBy = ({ jkt, certificate }: Holder): readonly string[] =>
  [jkt, certificate].filter(thumbprint => thumbprint !== undefined)

/** A token as HTTP carried it. */
export interface PresentedToken {
  readonly scheme: 'bearer' | 'dpop'
  readonly token: string
  /** The header `DPoP`. */
  readonly proof: string | undefined
  readonly request: Pick<ProvenRequest, 'method' | 'url'>
  /** SHA-256 of the certificate of the connection, if it has one; base64url. */
  readonly certificate: string | undefined
}

export type TokenRefusal =
  | 'token-invalid'
  | 'token-expired'
  | 'token-bound-to-key'
  | 'token-bound-to-certificate'
  | ProofRefusal

/** The signers for whom a token may speak. */
export function signersOf(access: Access): readonly string[] {
  if (access.scope === 'credential') return [access.signerId]
  return access.signerId === undefined ? access.actsFor : [access.signerId]
}

export interface AccessTokens {
  /** @throws Refusal */
  read(presented: PresentedToken): Promise<Access>
  /** One for an act on a credential. @throws Refusal */
  readAct(presented: PresentedToken): Promise<ActAccess>
  /** One that stands in a body: only who shows what it is bound to can have been given it. @throws Refusal */
  readBeside(token: string, holder: Holder): Promise<Access>
}

export interface AccessTokenParts {
  readonly access: AccessRepository
  readonly clients: ClientRegistry
  readonly proofs: Proofs
  readonly logInProviders: Pick<LogInProviders, 'isOpen'>
  readonly clock: Clock
}

export function createAccessTokens(parts: AccessTokenParts): AccessTokens {
  const { access, proofs, clock } = parts
  const find = async (token: string): Promise<Found> => {
    const record = await access.find(bearerDigest(token))
    if (record === undefined) throw new Refusal<TokenRefusal>('token-invalid')
    if (record.expiresAt <= epochSeconds(clock())) throw new Refusal<TokenRefusal>('token-expired')
    return judged(record, parts)
  }
  return {
    async read(presented) {
      const found = await find(presented.token)
      return accessOf(found, await holderOf(found, presented, proofs))
    },
    async readAct(presented) {
      const found = await find(presented.token)
      await holderOf(found, presented, proofs)
      return actAccess(found)
    },
    async readBeside(token, holder) {
      const found = await find(token)
      checkHeld(found.payload, holder)
      return accessOf(found, holder)
    },
  }
}

/** What of the authorization server's token counts here. */
interface Payload {
  readonly accountId?: string
  readonly clientId?: string
  readonly scope?: string
  readonly iat?: number
  /** How it was got: a grant type, and `refresh_token` after it once it was refreshed. */
  readonly gty?: string
  readonly rar?: readonly { readonly credentialID?: string }[]
  readonly jkt?: string
  readonly 'x5t#S256'?: string
  readonly extra?: LogInOrigin
}

interface Found {
  readonly payload: Payload
  readonly activation: ActivationRecord | undefined
  readonly client: ClientConfiguration
}

/**
 * What the token was given for is judged as things are now: a client that is not registered any more has no access by the
 * tokens that it still holds, nor by those of a laxer time, nor where its signer came by a provider that was switched off.
 */
function judged({ payload: written, activation }: AccessRecord, parts: AccessTokenParts): Found {
  const { clients, logInProviders } = parts
  const payload = JSON.parse(written) as Payload // written by the authorization server alone
  const client = payload.clientId === undefined ? undefined : clients.find(payload.clientId)
  const isLax = client?.boundTokens === 'required' && boundTo(payload) === undefined
  const { logInProvider } = payload.extra ?? {}
  const isCutOff = logInProvider !== undefined && !logInProviders.isOpen(logInProvider)
  if (client === undefined || isLax || isCutOff) throw new Refusal<TokenRefusal>('token-invalid')
  return { payload, activation, client }
}

const boundTo = ({ jkt, 'x5t#S256': certificate }: Payload) => jkt ?? certificate

async function holderOf({ payload }: Found, presented: PresentedToken, proofs: Proofs): Promise<Holder> {
  const { scheme, token, certificate } = presented
  // The scheme says what kind of token it is, and a thief says `Bearer` (RFC 9449, 7.1 and 7.2).
  if ((scheme === 'dpop') !== (payload.jkt !== undefined)) {
    throw new Refusal<TokenRefusal>(payload.jkt === undefined ? 'token-invalid' : 'token-bound-to-key')
  }
  if (scheme === 'bearer') return checkHeld(payload, { jkt: undefined, certificate })
  const proof = await proofs.judge(presented.proof ?? '', { ...presented.request, token })
  const holder = checkHeld(payload, { jkt: proof.jkt, certificate })
  await proofs.use(proof)
  return holder
}

function checkHeld({ jkt, 'x5t#S256': certificate }: Payload, holder: Holder): Holder {
  if (jkt !== undefined && jkt !== holder.jkt) throw new Refusal<TokenRefusal>('token-bound-to-key')
  if (certificate !== undefined && certificate !== holder.certificate) {
    throw new Refusal<TokenRefusal>('token-bound-to-certificate')
  }
  return holder
}

function accessOf({ payload, activation, client }: Found, holder: Holder): Access {
  if (activation === undefined) return serviceAccess(payload, client, holder)
  const { signer_id: signerId, client_id: clientId } = activation
  return { scope: 'credential', signerId, clientId, activation, holder, boundTo: boundTo(payload) }
}

function serviceAccess(payload: Payload, client: ClientConfiguration, holder: Holder): ServiceAccess {
  const { accountId: signerId, scope } = payload
  if (scope !== 'service') throw new Refusal<TokenRefusal>('token-invalid')
  const actsFor = signerId === undefined ? client.actsFor : []
  const byPasskey = isByPasskey(payload)
  return { scope, clientId: client.id, signerId, actsFor, byPasskey, holder, boundTo: boundTo(payload) }
}

/** Codes are what comes of log-ins on our page; those of a provider's say so. */
function isByPasskey({ accountId, gty = '', extra }: Payload): boolean {
  const isOfCode = gty.split(' ')[0] === 'authorization_code'
  return accountId !== undefined && isOfCode && extra?.logInProvider === undefined
}

function actAccess({ payload, client }: Found): ActAccess {
  const { accountId: signerId, scope: given, iat: issuedAt = 0, rar } = payload
  const scope = ACT_SCOPES.find(known => known === given)
  if (scope === undefined || signerId === undefined) throw new Refusal<TokenRefusal>('token-invalid')
  return { scope, signerId, clientId: client.id, credentialId: rar?.[0]?.credentialID, issuedAt }
}
