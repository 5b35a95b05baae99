/**
 * The authorization server's storage: its models as records of both databases.
 *
 * Two things differ from a plain key-value adapter. Identifiers, which are bearer values, are stored as digests
 * and taken out of the payload. And consuming is one conditional update: the second use of a code or request
 * loses the race here, and takes the grant of the first with it (RFC 6749, 4.1.2; RFC 9700, 2.1.1).
 */
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import { type Clock, epochSeconds } from '../clock.ts'
import { bearerDigest } from '../signing/bearer.ts'
import type { OAuthRecord, OAuthRecordRepository } from '../storage/oauth-records.ts'
import { clientMetadata } from './client-metadata.ts'
import type { ClientRegistry } from './client-registry.ts'

export function createAdapterFactory({ records, clients, clock }: AdapterParts): (model: string) => Adapter {
  return model => (model === 'Client' ? clientAdapter(clients) : recordAdapter(model, records, clock))
}

export interface AdapterParts {
  readonly records: OAuthRecordRepository
  readonly clients: ClientRegistry
  readonly clock: Clock
}

/** The provider asks for clients here; registering them is none of its business. */
function clientAdapter(clients: ClientRegistry): Adapter {
  const refuse = async () => {
    throw new TypeError('clients are registered by the configuration')
  }
  return {
    async find(id) {
      const client = clients.find(id)
      return client && clientMetadata(client)
    },
    upsert: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
    findByUid: refuse,
    findByUserCode: refuse,
  }
}

function recordAdapter(model: string, records: OAuthRecordRepository, clock: Clock): Adapter {
  return {
    async upsert(id, payload, expiresIn) {
      await records.put(recordOf(model, id, payload, expiresIn, epochSeconds(clock())))
    },
    async find(id) {
      const record = await records.find(model, bearerDigest(id))
      return record === undefined ? undefined : payloadOf(record, id)
    },
    async consume(id) {
      if (await records.consume(model, bearerDigest(id), epochSeconds(clock()))) return
      await refuseSecondUse(records, model, id)
    },
    async destroy(id) {
      await records.remove(model, bearerDigest(id))
    },
    async revokeByGrantId(grantId) {
      await records.removeGrant(bearerDigest(grantId))
    },
    // Tokens are not bound to sessions, and there is no device flow.
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
  }
}

function recordOf(
  model: string,
  id: string,
  payload: AdapterPayload,
  expiresIn: number | undefined,
  now: number,
): OAuthRecord {
  const { jti: _identifier, ...kept } = payload
  return {
    model,
    id_digest: bearerDigest(id),
    grant_digest: kept.grantId === undefined ? null : bearerDigest(kept.grantId),
    payload: JSON.stringify(keptOf(model, kept)),
    expires_at: expiresIn === undefined ? null : now + expiresIn,
    consumed_at: null,
  }
}

/**
 * An interaction remembers the cookie of its session, and a credential token the whole request it was given for; nobody
 * reads either again. What such a token allows only the SAM knows.
 */
function keptOf(model: string, payload: AdapterPayload): AdapterPayload {
  if (model === 'AccessToken' && payload.scope === 'credential') {
    const { rar: _request, ...token } = payload
    return token
  }
  if (payload.session === undefined) return payload
  const { cookie: _cookie, ...session } = payload.session
  return { ...payload, session } as AdapterPayload // `cookie` is declared required; the provider never reads it
}

function payloadOf(record: OAuthRecord, id: string): AdapterPayload {
  // Written by recordOf from an AdapterPayload.
  const payload = JSON.parse(record.payload) as AdapterPayload
  return { ...payload, jti: id, ...(record.consumed_at === null ? {} : { consumed: record.consumed_at }) }
}

async function refuseSecondUse(records: OAuthRecordRepository, model: string, id: string): Promise<never> {
  if (model === 'PushedAuthorizationRequest') {
    throw new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used')
  }
  const record = await records.find(model, bearerDigest(id))
  if (record?.grant_digest != null) await records.endGrant(record.grant_digest)
  throw new errors.InvalidGrant('already consumed')
}
