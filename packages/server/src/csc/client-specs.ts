/**
 * What of the API a client knows: clients of v2 read `specs` and some refuse what they do not expect, so
 * each is told what it was registered with. It is known by its token, or by a base path of its own.
 */
import type { Edition, Specs } from '@natsuin/protocol/csc'
import { Refusal } from '@natsuin/protocol/refusal'
import type { ClientRegistry } from '../oauth/client-registry.ts'
import { RequestRefused } from './errors.ts'

interface KnownBy {
  readonly edition: Edition
  /** Client ids. */
  readonly basePath: string | undefined
  readonly token: string | undefined
}

interface Profiles {
  readonly clients: ClientRegistry
  readonly description: { readonly specs: Specs }
}

/** @throws RequestRefused when the path is nobody's; Refusal when the token is another's */
export function specsFor({ edition, basePath, token }: KnownBy, { clients, description }: Profiles): Specs {
  if (basePath !== undefined && clients.find(basePath) === undefined)
    throw new RequestRefused('method-unknown')
  if (basePath !== undefined && token !== undefined && token !== basePath) throw new Refusal('token-invalid')
  if (edition === 'v1') return '1.0.3.0'
  const client = clients.find(token ?? basePath ?? '')
  return client?.specs ?? description.specs
}
