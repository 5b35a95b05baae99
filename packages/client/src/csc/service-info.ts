/** `info`: what the service is and offers (CSC API v1.0.4.0 and v2.0.0.2, 11.1). */
import { type Members, membersOf, membersOr, optionalText, present, textsIn } from '../json.ts'

/** What services say of themselves. Members that the service left out, or that its edition does not know, are absent. */
export interface ServiceInfo {
  /** The edition that it follows, as it spells it: `1.0.3.0`, `2.0.0.0`, `2.2.0.0`. */
  readonly specs: string
  readonly name?: string
  readonly logo?: string
  readonly region?: string
  readonly lang?: string
  readonly description?: string
  readonly authType: readonly string[]
  readonly methods: readonly string[]
  readonly oauth2?: string
  readonly oauth2Issuer?: string
  readonly oauth2Servers: readonly OAuthServerInfo[]
  readonly supportsRar?: boolean
  readonly supportedHashTypes: readonly string[]
  readonly asynchronousOperationMode: boolean
  readonly validationInfo: boolean
  /** OIDs. */
  readonly signAlgorithms: readonly string[]
  readonly signatureFormats: readonly string[]
  /** As the service spells them, which is how it wants them: `AdES-B-B`, `Ades-B-B`. */
  readonly conformanceLevels: readonly string[]
  /** Everything, as it was answered. */
  readonly answer: Members
}

export interface OAuthServerInfo {
  readonly label?: string
  readonly baseUri?: string
  readonly issuerIdentifier?: string
  readonly authType: readonly string[]
  readonly supportsRar?: boolean
}

/** @throws UnexpectedAnswer */
export function readServiceInfo(answer: unknown): ServiceInfo {
  const info = membersOf(answer)
  const servers = Array.isArray(info['oauth2Servers']) ? info['oauth2Servers'] : []
  return {
    specs: optionalText(info['specs']) ?? '',
    ...textsOf(info, ['name', 'logo', 'region', 'lang', 'description', 'oauth2', 'oauth2Issuer']),
    authType: textsIn(info['authType']),
    methods: textsIn(info['methods']),
    oauth2Servers: servers.map(server),
    ...present({ supportsRar: flagIn(info['supportsRar']) }),
    supportedHashTypes: textsIn(info['supportedHashTypes']).map(type => type.toLowerCase()),
    asynchronousOperationMode: info['asynchronousOperationMode'] === true,
    validationInfo: info['validationInfo'] === true,
    signAlgorithms: textsIn(membersOr(info['signAlgorithms'])['algos']),
    signatureFormats: textsIn(membersOr(info['signature_formats'])['formats']),
    conformanceLevels: textsIn(info['conformance_levels']),
    answer: info,
  }
}

function server(value: unknown): OAuthServerInfo {
  const given = membersOf(value, 'an element of oauth2Servers')
  return {
    ...textsOf(given, ['label', 'baseUri', 'issuerIdentifier']),
    authType: textsIn(given['authType']),
    ...present({ supportsRar: flagIn(given['supportsRar']) }),
  }
}

const flagIn = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined)

/** Those that are there. */
export function textsOf<const N extends string>(
  members: Members,
  names: readonly N[],
): { readonly [K in N]?: string } {
  const texts = names.map(name => [name, optionalText(members[name])] as const)
  return Object.fromEntries(texts.filter(([, text]) => text !== undefined)) as { [K in N]?: string } // names, texts
}
