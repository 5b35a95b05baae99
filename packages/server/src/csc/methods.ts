/**
 * The methods of the CSC API: one table, which is the router and `info.methods` at once, of v1 and of v2, so that they
 * cannot disagree. Every name of the standard stands here with a decision for each edition; forgetting one does not
 * compile. Where an edition has `undefined` the method is answered with 501.
 */
import { type Edition, editionOf, isSince, type Specs } from '@natsuin/protocol/csc'
import { authLogin } from './auth/login.ts'
import { authRevoke } from './auth/revoke.ts'
import { credentialsAuthorize } from './credentials/authorize.ts'
import { credentialsAuthorizeCheck } from './credentials/authorize-check.ts'
import { credentialsCreate } from './credentials/create.ts'
import { credentialsDelete } from './credentials/delete.ts'
import { credentialsExtendTransaction } from './credentials/extend-transaction.ts'
import { credentialsGetChallenge } from './credentials/get-challenge.ts'
import { credentialsInfo } from './credentials/info.ts'
import { credentialsList } from './credentials/list.ts'
import { credentialsSendOtp } from './credentials/send-otp.ts'
import { info } from './info.ts'
import { type CscMethod, isOffered, type Services } from './method.ts'
import { signaturesSignDoc } from './signatures/sign-doc.ts'
import { signaturesSignHash } from './signatures/sign-hash.ts'
import { signaturesSignPolling } from './signatures/sign-polling.ts'
import { signaturesTimestamp } from './signatures/timestamp.ts'

/** CSC API v1.0.4.0 and v2.0.0.2, 11; v2.2.0.0, 11.4 and 11.5. */
export type CscMethodName =
  | 'info'
  | 'auth/login'
  | 'auth/revoke'
  | 'credentials/list'
  | 'credentials/info'
  | 'credentials/create'
  | 'credentials/delete'
  | 'credentials/authorize'
  | 'credentials/authorizeCheck'
  | 'credentials/getChallenge'
  | 'credentials/extendTransaction'
  | 'credentials/sendOTP'
  | 'signatures/signHash'
  | 'signatures/signDoc'
  | 'signatures/signPolling'
  | 'signatures/timestamp'

type Row = Readonly<Record<Edition, CscMethod | undefined>>

const both = (method: CscMethod): Row => ({ v1: method, v2: method })

export const CSC_METHODS: Readonly<Record<CscMethodName, Row>> = {
  info: both(info),
  'auth/login': both(authLogin),
  'auth/revoke': both(authRevoke),
  'credentials/list': both(credentialsList),
  'credentials/info': both(credentialsInfo),
  'credentials/create': { v1: undefined, v2: credentialsCreate },
  'credentials/delete': { v1: undefined, v2: credentialsDelete },
  'credentials/authorize': both(credentialsAuthorize),
  'credentials/authorizeCheck': { v1: undefined, v2: credentialsAuthorizeCheck },
  'credentials/getChallenge': { v1: undefined, v2: credentialsGetChallenge },
  'credentials/extendTransaction': both(credentialsExtendTransaction),
  'credentials/sendOTP': { v1: credentialsSendOtp, v2: undefined },
  'signatures/signHash': both(signaturesSignHash),
  'signatures/signDoc': { v1: undefined, v2: signaturesSignDoc },
  'signatures/signPolling': { v1: undefined, v2: signaturesSignPolling },
  'signatures/timestamp': both(signaturesTimestamp),
}

/** The OAuth endpoints belong to `info.methods` too (11.1); the authorization server answers them. */
const OAUTH_METHODS: Readonly<Record<Edition, readonly string[]>> = {
  v1: ['oauth2/authorize', 'oauth2/token', 'oauth2/revoke'],
  v2: ['oauth2/authorize', 'oauth2/pushed_authorize', 'oauth2/token', 'oauth2/revoke'],
}

/** `info.methods`, for a client of these specs. */
export function implementedMethods(specs: Specs, services: Services): readonly string[] {
  const edition = editionOf(specs)
  const implemented = Object.entries(CSC_METHODS).filter(([, row]) =>
    isThereFor(specs, row[edition], services),
  )
  return [...implemented.map(([name]) => name), ...OAUTH_METHODS[edition]]
}

function isThereFor(specs: Specs, method: CscMethod | undefined, services: Services): boolean {
  if (method === undefined || !isOffered(method, services)) return false
  return method.since === undefined || isSince(method.since, specs)
}
