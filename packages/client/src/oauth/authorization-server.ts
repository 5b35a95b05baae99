/**
 * Which authorization server a service has, and where its endpoints are: CSC API v2.0.0.2, 8.4 and 11.1; RFC 8414.
 *
 * Either `info` gives a base URL, under which the standard fixes the paths, or an issuer, whose metadata says.
 */
import type { ServiceInfo } from '../csc/service-info.ts'
import { UnexpectedAnswer } from '../csc-error.ts'
import type { CallOptions, Connection } from '../http/connection.ts'
import { membersOf, optionalText, textOf } from '../json.ts'

export type EndpointName = 'authorize' | 'pushed_authorize' | 'token' | 'revoke'

export interface AuthorizationServer {
  readonly issuer: string
  /** Absent: there is none. */
  readonly endpoints: Readonly<Partial<Record<EndpointName, string>>>
  /** Whether every answer through the browser says whose it is (RFC 9207, 2.3). */
  readonly namesItself: boolean
}

/** @param issuer what the application knows; else what `info` says @throws UnexpectedAnswer, CscError, Unanswered */
export async function authorizationServerOf(
  connection: Connection,
  info: ServiceInfo,
  issuer: string | undefined,
  options: CallOptions,
): Promise<AuthorizationServer> {
  const [first] = info.oauth2Servers
  const known = issuer ?? info.oauth2Issuer ?? first?.issuerIdentifier
  if (known !== undefined) return await readMetadata(connection, known, options)
  const base = info.oauth2 ?? first?.baseUri
  if (base === undefined) throw new UnexpectedAnswer('info names no authorization server')
  return serverUnder(base, info.methods)
}

const NAMES: readonly EndpointName[] = ['authorize', 'pushed_authorize', 'token', 'revoke']

/** A server that does not list its OAuth methods has the three that both editions know. */
function serverUnder(base: string, methods: readonly string[]): AuthorizationServer {
  // Joined by a slash, whether it has one or not; some give the first endpoint's whole URL.
  const issuer = base.replace(/(?<!\/)\/+$/, '').replace(/\/oauth2\/authorize$/, '')
  const offered = NAMES.filter(name => name !== 'pushed_authorize' || methods.includes(`oauth2/${name}`))
  const endpoints = Object.fromEntries(offered.map(name => [name, `${issuer}/oauth2/${name}`]))
  return { issuer, endpoints, namesItself: false }
}

async function readMetadata(
  connection: Connection,
  issuer: string,
  options: CallOptions,
): Promise<AuthorizationServer> {
  const url = metadataUrl(issuer)
  const prepare = async () => ({ url, method: 'GET', headers: { accept: 'application/json' } }) as const
  const { body } = await connection.send({ repeatable: 'freely', prepare }, options)
  const metadata = membersOf(body, 'the metadata of the authorization server')
  // RFC 8414, 3.3: what it says of another issuer SHALL NOT be used.
  if (textOf(metadata['issuer'], 'issuer') !== issuer)
    throw new UnexpectedAnswer('metadata of another issuer')
  const endpoints = Object.entries(MEMBERS).flatMap(([name, member]) => {
    const endpoint = optionalText(metadata[member])
    return endpoint === undefined ? [] : [[name, endpoint]]
  })
  return {
    issuer,
    endpoints: Object.fromEntries(endpoints),
    namesItself: metadata['authorization_response_iss_parameter_supported'] === true,
  }
}

/** RFC 8414, 2; RFC 9126, 5. */
const MEMBERS: Readonly<Record<EndpointName, string>> = {
  authorize: 'authorization_endpoint',
  pushed_authorize: 'pushed_authorization_request_endpoint',
  token: 'token_endpoint',
  revoke: 'revocation_endpoint',
}

/** RFC 8414, 3.1: the well-known part comes before the path of the issuer. */
function metadataUrl(issuer: string): string {
  const { origin, pathname } = new URL(issuer)
  return `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`
}
