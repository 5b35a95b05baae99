/**
 * The methods of the CSC API v2: one table, which is the router and `info.methods` at once, so that they cannot
 * disagree. Every name of the standard stands here with a decision; forgetting one does not compile.
 */
import { credentialsAuthorize } from './credentials/authorize.ts'
import { credentialsExtendTransaction } from './credentials/extend-transaction.ts'
import { credentialsInfo } from './credentials/info.ts'
import { credentialsList } from './credentials/list.ts'
import { info } from './info.ts'
import type { CscMethod } from './method.ts'
import { signaturesSignHash } from './signatures/sign-hash.ts'

/** CSC API v2.0.0.2, 11. */
export type CscMethodName =
  | 'info'
  | 'auth/login'
  | 'auth/revoke'
  | 'credentials/list'
  | 'credentials/info'
  | 'credentials/authorize'
  | 'credentials/authorizeCheck'
  | 'credentials/getChallenge'
  | 'credentials/extendTransaction'
  | 'signatures/signHash'
  | 'signatures/signDoc'
  | 'signatures/signPolling'
  | 'signatures/timestamp'

/** `undefined`: not implemented, answered with 501. */
export const CSC_METHODS: Readonly<Record<CscMethodName, CscMethod | undefined>> = {
  info,
  'auth/login': undefined,
  'auth/revoke': undefined,
  'credentials/list': credentialsList,
  'credentials/info': credentialsInfo,
  'credentials/authorize': credentialsAuthorize,
  'credentials/authorizeCheck': undefined,
  'credentials/getChallenge': undefined,
  'credentials/extendTransaction': credentialsExtendTransaction,
  'signatures/signHash': signaturesSignHash,
  'signatures/signDoc': undefined,
  'signatures/signPolling': undefined,
  'signatures/timestamp': undefined,
}

/** The OAuth endpoints belong to `info.methods` too (11.1); the authorization server answers them. */
const OAUTH_METHODS = ['oauth2/authorize', 'oauth2/pushed_authorize', 'oauth2/token', 'oauth2/revoke']

/** `info.methods`. */
export function implementedMethods(): string[] {
  const implemented = Object.entries(CSC_METHODS).filter(([, method]) => method !== undefined)
  return [...implemented.map(([name]) => name), ...OAUTH_METHODS]
}
