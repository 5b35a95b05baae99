/** Registrations of applications as the server uses them: read with the files they name, and judged before they are. */
import { X509Certificate } from 'node:crypto'
import {
  ConfigurationError,
  isLocalName,
  problemsOfFile,
  problemsOfSecret,
  type ResolvePath,
  readText,
} from '@natsuin/protocol/node'
import type { ClientFile } from './client-schema.ts'

/** How the application proves at the authorization server who it is. */
export type ClientAuthentication =
  /** It can keep no secret. */
  | { readonly kind: 'none' }
  /** The present one, and while it is being replaced the previous one. */
  | { readonly kind: 'secret'; readonly secret: string; readonly previous?: string }
  /** RFC 7523, 2.2, by one of its `jwks`. */
  | { readonly kind: 'private-key-jwt' }
  /** RFC 8705, 2.1. */
  | { readonly kind: 'tls'; readonly subjectDn: string }
  /** RFC 8705, 2.2: base64 of the DER. */
  | { readonly kind: 'self-signed-tls'; readonly certificate: string }

export interface ClientConfiguration {
  readonly id: string
  readonly name: string
  /** Empty for one that only acts by itself. */
  readonly redirectUris: readonly string[]
  /** Public keys of its request objects and assertions. */
  readonly jwks?: NonNullable<ClientFile['jwks']>
  readonly authentication: ClientAuthentication
  /** Which rules of OAuth hold for it. */
  readonly profile: NonNullable<ClientFile['profile']>
  /** The edition of the CSC API that `info` names to it. */
  readonly specs: NonNullable<ClientFile['specs']>
  /** What its digests are of where it does not say. */
  readonly hashType: NonNullable<ClientFile['hashType']>
  /** How the signer comes to the approval page. */
  readonly authorization: NonNullable<ClientFile['authorization']>
  /** Whether its tokens work only with a key of its own (RFC 9449, RFC 8705). */
  readonly boundTokens: NonNullable<ClientFile['boundTokens']>
  /** Ids of signers that it speaks for with nobody present. */
  readonly actsFor: readonly string[]
  /** Account IDs that it may name in an `account_token`; empty: any. */
  readonly accounts: readonly string[]
}

/** Paths are relative to the file that the registration stands in. */
export function resolveClient(written: ClientFile, at: ResolvePath): ClientFile {
  const { secretFile, previousSecretFile, tls } = written
  return {
    ...written,
    ...(secretFile === undefined ? {} : { secretFile: at(secretFile) }),
    ...(previousSecretFile === undefined ? {} : { previousSecretFile: at(previousSecretFile) }),
    ...(tls === undefined || !('certificateFile' in tls)
      ? {}
      : { tls: { certificateFile: at(tls.certificateFile) } }),
  }
}

/** The files whose content is part of the registration. */
export function filesOfClient({ secretFile, previousSecretFile, tls }: ClientFile): readonly string[] {
  const certificateFile = tls !== undefined && 'certificateFile' in tls ? tls.certificateFile : undefined
  return [secretFile, previousSecretFile, certificateFile].filter(file => file !== undefined)
}

/** What is wrong with a registration, a line each. Paths are resolved. */
export function* problemsOfClient(setting: string, client: ClientFile): Generator<string> {
  const { secretFile, previousSecretFile, tls } = client
  for (const [name, file] of Object.entries({ secretFile, previousSecretFile })) {
    if (file !== undefined) yield* problemsOfSecret(`${setting}: ${name}`, file)
  }
  if (tls !== undefined && 'certificateFile' in tls) {
    yield* problemsOfFile(`${setting}: tls.certificateFile`, tls.certificateFile)
  }
  for (const problem of CLIENT_RULES.flatMap(rule => rule(client))) yield `${setting}: ${problem}`
}

/** Each says what is wrong; nothing when nothing is. */
type ClientRule = (client: ClientFile) => readonly string[]

const when = (wrong: boolean, problem: string): readonly string[] => (wrong ? [problem] : [])

const CLIENT_RULES: readonly ClientRule[] = [
  ({ public: open, secretFile, tls, jwks }) => {
    const ways = [open === true, secretFile !== undefined, tls !== undefined].filter(Boolean).length
    const proves = ways === 1 || (ways === 0 && jwks !== undefined)
    return when(!proves, 'needs exactly one of public, secretFile and tls, or jwks alone')
  },
  ({ secretFile, previousSecretFile }) =>
    when(
      secretFile === undefined && previousSecretFile !== undefined,
      'previousSecretFile without secretFile',
    ),
  ({ redirect_uris, actsFor = [] }) =>
    when(
      redirect_uris.length === 0 && actsFor.length === 0,
      'needs redirect_uris, or signers that it actsFor',
    ),
  ({ redirect_uris }) =>
    redirect_uris.filter(uri => !isRedirectUri(uri)).map(uri => `redirect_uris: ${uri} is not taken`),
  ({ public: open, actsFor = [] }) =>
    when(open === true && actsFor.length > 0, 'actsFor signers, and cannot prove who it is'),
  ({ profile, secretFile }) =>
    when(profile === 'csc-v1' && secretFile === undefined, 'profile csc-v1 needs secretFile'),
  ({ profile, public: open, secretFile }) =>
    when(
      profile === 'fapi2' && (open === true || secretFile !== undefined),
      'profile fapi2 needs jwks alone, or tls (FAPI 2.0 Security Profile, 5.3.2.1)',
    ),
  ({ accounts, secretFile }) =>
    when(
      accounts !== undefined && secretFile === undefined,
      'accounts need secretFile: its digest is their key',
    ),
]

/** RFC 9700, 2.6: over TLS, or to a program on the signer's own machine. */
function isRedirectUri(uri: string): boolean {
  const parsed = URL.parse(uri)
  if (parsed === null || uri.includes('#')) return false
  return parsed.protocol === 'https:' || (parsed.protocol === 'http:' && isLocalName(parsed.hostname))
}

/** @throws ConfigurationError when a file that it names cannot be used */
export function readClient(written: ClientFile): ClientConfiguration {
  const { client_id: id, name, redirect_uris: redirectUris, jwks } = written
  return {
    id,
    name,
    redirectUris,
    ...(jwks === undefined ? {} : { jwks }),
    authentication: authenticationOf(written),
    profile: written.profile ?? 'standard',
    specs: written.specs ?? '2.0.0.0',
    hashType: written.hashType ?? 'dtbsr',
    authorization: written.authorization ?? 'redirect',
    boundTokens: written.profile === 'fapi2' ? 'required' : (written.boundTokens ?? 'allowed'),
    actsFor: written.actsFor ?? [],
    accounts: written.accounts ?? [],
  }
}

function authenticationOf(client: ClientFile): ClientAuthentication {
  const { public: open, secretFile, previousSecretFile, tls } = client
  if (open === true) return { kind: 'none' }
  if (secretFile !== undefined) {
    const previous = previousSecretFile === undefined ? {} : { previous: readSecret(previousSecretFile) }
    return { kind: 'secret', secret: readSecret(secretFile), ...previous }
  }
  if (tls === undefined) return { kind: 'private-key-jwt' }
  return 'subjectDn' in tls
    ? { kind: 'tls', subjectDn: tls.subjectDn }
    : { kind: 'self-signed-tls', certificate: readCertificate(tls.certificateFile) }
}

const readSecret = (file: string): string => readText(file, 'clients').trim()

function readCertificate(file: string): string {
  try {
    return new X509Certificate(readText(file, 'clients')).raw.toString('base64')
  } catch (cause) {
    throw new ConfigurationError([`clients: ${file} holds no certificate: ${String(cause)}`])
  }
}
