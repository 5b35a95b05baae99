/** `credentials/list`, `info`, `create` and `delete`: CSC API v1.0.4.0 and v2.0.0.2, 11.4 and 11.5; v2.2.0.0, 11.4 and 11.5. */
import { membersOf, optionalText, textOf, textsIn } from '../json.ts'
import type { Token } from '../token.ts'
import { type CredentialInfo, readCredentialInfo } from './credential-info.ts'
import type { CscService, MethodOptions } from './service.ts'

/** What is to be told of credentials. */
export interface CredentialDetails {
  /** Default: `chain`. */
  readonly certificates?: 'none' | 'single' | 'chain'
  /** Names, number and validity of the certificate. Default: yes. */
  readonly certInfo?: boolean
  /** How it is authorised. Default: yes. */
  readonly authInfo?: boolean
}

export interface ListRequest extends CredentialDetails {
  /** Whose: only where the service token says nobody's (client credentials, TLS). */
  readonly userID?: string
  /** Also what `credentialsInfo` tells of each. v2. */
  readonly credentialInfo?: boolean
  /** Those alone that can sign now. v2. */
  readonly onlyValid?: boolean
  /** In one answer of a v1 service, which has pages; all of them are read. */
  readonly maxResults?: number
}

export interface CredentialsList {
  readonly credentialIDs: readonly string[]
  /** Where they were asked for, and the service tells them here. */
  readonly credentialInfos?: readonly CredentialInfo[]
  /** Whether the service looked which can sign. */
  readonly onlyValid: boolean
}

/** What a service that never ends its pages is stopped at. */
const MAX_PAGES = 1000

export async function credentialsList(
  service: CscService,
  token: Token | undefined,
  request: ListRequest,
  options: MethodOptions,
): Promise<CredentialsList> {
  const { maxResults, credentialInfo, onlyValid, userID, ...details } = request
  const isV1 = (await service.edition(options)) === 'v1'
  const wanted = isV1
    ? { maxResults }
    : { onlyValid, credentialInfo, ...(credentialInfo && wireDetails(details)) }
  const pages: CredentialsList[] = []
  let pageToken: string | undefined
  do {
    const call = { userID, ...wanted, pageToken }
    const answer = membersOf((await service.call('credentials/list', call, { token }, options)).body)
    pages.push(readPage(answer))
    pageToken = optionalText(answer['nextPageToken'])
  } while (pageToken !== undefined && pages.length < MAX_PAGES)
  const infos = pages.flatMap(page => page.credentialInfos ?? [])
  return {
    credentialIDs: pages.flatMap(page => page.credentialIDs),
    ...(pages.some(page => page.credentialInfos) && { credentialInfos: infos }),
    onlyValid: pages.every(page => page.onlyValid),
  }
}

function readPage(answer: Readonly<Record<string, unknown>>): CredentialsList {
  const { credentialIDs, credentialInfos, onlyValid } = answer
  return {
    credentialIDs: textsIn(credentialIDs),
    ...(Array.isArray(credentialInfos) && { credentialInfos: credentialInfos.map(readCredentialInfo) }),
    onlyValid: onlyValid === true,
  }
}

/** What is false is left out: some services refuse a member that they cannot serve, whatever it says. */
function wireDetails({ certificates = 'chain', certInfo = true, authInfo = true }: CredentialDetails) {
  return { certificates, certInfo: certInfo || undefined, authInfo: authInfo || undefined }
}

export async function credentialsInfo(
  service: CscService,
  token: Token | undefined,
  { credentialID, ...details }: CredentialDetails & { readonly credentialID: string },
  options: MethodOptions,
): Promise<CredentialInfo> {
  const request = { credentialID, ...wireDetails(details) }
  return readCredentialInfo((await service.call('credentials/info', request, { token }, options)).body)
}

/** A new credential, as the Data Model of CSC 1.0.0, 9.1 describes it. */
export interface CreateRequest extends CredentialDetails {
  /** OID of the certificate policy that is wanted. */
  readonly certificatePolicy?: string
  /** For the certificate's subject; names are those of OpenID Connect claims. */
  readonly subjectData?: Readonly<Record<string, string>>
  /** Also what `credentialsInfo` tells. */
  readonly credentialInfo?: boolean
}

export interface CreatedCredential {
  readonly credentialID: string
  readonly info?: CredentialInfo
}

export async function credentialsCreate(
  service: CscService,
  token: Token,
  { certificatePolicy, subjectData, credentialInfo, ...details }: CreateRequest,
  options: MethodOptions,
): Promise<CreatedCredential> {
  const request = {
    credentialCreationRequest: { certificatePolicy, subjectData },
    ...(credentialInfo && { credentialInfo, ...wireDetails(details) }),
  }
  const call = { token, repeatable: 'when-refused' } as const
  const answer = membersOf((await service.call('credentials/create', request, call, options)).body)
  const credentialID = textOf(answer['credentialID'], 'credentialID')
  return { credentialID, ...(answer['key'] !== undefined && { info: readCredentialInfo(answer) }) }
}

export interface DeleteRequest {
  readonly credentialID: string
  /** RFC 5280, 5.3.1: revokes the certificate too, for this reason. */
  readonly revocationReason?: number
}

export async function credentialsDelete(
  service: CscService,
  token: Token,
  { credentialID, revocationReason }: DeleteRequest,
  options: MethodOptions,
): Promise<void> {
  const revoke = revocationReason === undefined ? undefined : true
  const call = { token, repeatable: 'when-refused' } as const
  await service.call('credentials/delete', { credentialID, revoke, revocationReason }, call, options)
}
