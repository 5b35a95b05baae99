/**
 * Refusals of the domain in the words of OAuth 2.0: RFC 6749, 4.1.2.1 and 5.2. What the provider itself refuses is
 * worded in `csc-words.ts`.
 */
import { Refusal } from '@natsuin/protocol/refusal'
import { errors } from 'oidc-provider'
import type { RefusalCode } from '../signing/refusals.ts'

type OAuthErrorCode = 'invalid_request' | 'access_denied' | 'unauthorized_client' | 'temporarily_unavailable'

interface OAuthWords {
  readonly error: OAuthErrorCode
  readonly description: string
}

const invalid = (description: string): OAuthWords => ({ error: 'invalid_request', description })
const denied = (description: string): OAuthWords => ({ error: 'access_denied', description })
const unavailable: OAuthWords = {
  error: 'temporarily_unavailable',
  description: 'Signing is not possible now',
}

const TICKET = denied('The approval is not valid here and now')
const ASSERTION = denied('The passkey did not approve')
const LOG_IN = denied('The log-in at the identity provider does not approve this')
const LOG_IN_ELSEWHERE = denied('The log-in at the identity provider opens nothing here')
const ADMINISTRATION = denied('Administration was refused')
const ENROLMENT = denied('The enrolment was refused')
const CREDENTIAL = invalid('Invalid parameter credentialID')
const REQUEST_OBJECT = denied('The request object is not valid here and now')
const SAD = denied('The authorization is not valid')

export const OAUTH_WORDS: Record<RefusalCode, OAuthWords> = {
  malformed: invalid('The request is malformed'),
  'method-unknown': unavailable,
  'ticket-invalid': TICKET,
  'ticket-foreign': TICKET,
  'ticket-expired': TICKET,
  'ticket-spent': TICKET,
  'ticket-purpose': TICKET,
  'challenge-mismatch': ASSERTION,
  'origin-mismatch': ASSERTION,
  'cross-origin': ASSERTION,
  'rp-mismatch': ASSERTION,
  'ceremony-type': ASSERTION,
  'user-not-verified': ASSERTION,
  'authenticator-unknown': ASSERTION,
  'authenticator-policy': ASSERTION,
  'authenticator-not-attested': ENROLMENT,
  'authenticator-suspended': ASSERTION,
  'authenticator-resting': ASSERTION,
  'authenticator-last': ASSERTION,
  'authenticators-too-many': ASSERTION,
  'assertion-invalid': ASSERTION,
  'counter-regression': ASSERTION,
  'provider-unknown': LOG_IN,
  'provider-unavailable': unavailable,
  'code-refused': LOG_IN,
  'id-token-invalid': LOG_IN,
  'log-in-stale': LOG_IN,
  'log-in-insufficient': LOG_IN,
  'account-differs': LOG_IN,
  'log-in-ended': LOG_IN,
  'logout-token-invalid': LOG_IN,
  'seal-invalid': denied('The seal did not approve'),
  'pin-or-code-wrong': denied('PIN and code did not approve'),
  'means-locked': denied('PIN and code did not approve'),
  'codes-too-many': denied('Too many codes were sent'),
  'approval-declined': denied('The signer declined'),
  'approval-unanswered': denied('The signer did not answer'),
  'approvals-too-many': denied('The signer has to answer other requests first'),
  'handle-unknown': denied('This approval is not known'),
  'log-in-refused': denied('The log-in failed'),
  'refresh-token-invalid': denied('The log-in failed'),
  'token-unknown': denied('The token is not known'),
  'password-unknown': denied('The password is not known'),
  'passwords-too-many': denied('There are too many passwords'),
  'code-not-sent': denied('The code could not be sent'),
  'person-unknown': ENROLMENT,
  'role-refused': ENROLMENT,
  'request-unknown': ADMINISTRATION,
  'request-expired': ADMINISTRATION,
  'request-closed': ADMINISTRATION,
  'request-approved-already': ADMINISTRATION,
  'request-about-oneself': ADMINISTRATION,
  'roster-changed': ADMINISTRATION,
  'change-refused': ADMINISTRATION,
  'backup-unknown': ADMINISTRATION,
  'officers-too-few': ENROLMENT,
  'grant-unknown': ENROLMENT,
  'grant-spent': ENROLMENT,
  'grant-expired': ENROLMENT,
  'grants-differ': ENROLMENT,
  'class-unknown': ENROLMENT,
  'class-changed': ENROLMENT,
  'proofing-too-low': ENROLMENT,
  'proofing-out-of-time': ENROLMENT,
  'registration-invalid': ENROLMENT,
  'means-differ': ENROLMENT,
  'box-unreadable': ENROLMENT,
  'subject-unfit': ENROLMENT,
  'import-unavailable': ENROLMENT,
  'import-not-approved': ENROLMENT,
  'import-key-differs': ENROLMENT,
  'import-not-certified': ENROLMENT,
  'copies-remain': ENROLMENT,
  'key-weak': ENROLMENT,
  'key-invalid': ENROLMENT,
  'key-known': ENROLMENT,
  'enrolment-key-mismatch': ENROLMENT,
  'authenticator-registered': ENROLMENT,
  'seal-key-registered': ENROLMENT,
  'client-unknown': { error: 'unauthorized_client', description: 'The client may not ask for signatures' },
  // Unknown, foreign, inactive and revoked credentials are one answer to who may be guessing.
  'credential-unknown': CREDENTIAL,
  'credential-inactive': CREDENTIAL,
  'credential-revoked': CREDENTIAL,
  'retention-running': CREDENTIAL,
  'key-destroyed': CREDENTIAL,
  'session-ended': CREDENTIAL,
  'certificate-mismatch': CREDENTIAL,
  'certificate-expired': invalid('Signing certificate is expired'),
  'signer-mismatch': ASSERTION,
  'signer-unknown': ASSERTION,
  'proof-refused': denied('The signer may not approve in this way'),
  'basis-refused': denied('The signer has not seen every document'),
  'hash-type-refused': denied('The credential does not sign digests of this hashType'),
  'multisign-exceeded': invalid('Invalid parameter numSignatures'),
  'count-mismatch': invalid('Invalid parameter numSignatures'),
  'algorithm-mismatch': invalid('Invalid parameter hashAlgorithmOID'),
  'digest-length': invalid('Invalid digest value length'),
  'dtbs-mismatch': invalid('dtbs does not belong to hash'),
  'dtbs-missing': invalid('This key signs what the digest is of: dtbs is needed'),
  'request-object-missing': REQUEST_OBJECT,
  'request-object-invalid': REQUEST_OBJECT,
  'request-object-expired': REQUEST_OBJECT,
  'request-object-spent': REQUEST_OBJECT,
  'request-object-differs': REQUEST_OBJECT,
  'sad-unknown': SAD,
  'sad-expired': SAD,
  'sad-spent': SAD,
  'sad-other-credential': SAD,
  'sad-other-client': SAD,
  'dtbsr-not-authorised': SAD,
  'representation-refused': SAD,
  'request-differs': SAD,
  'activation-unknown': SAD,
  'outcome-unknown': SAD,
  'record-altered': unavailable,
  'log-unavailable': unavailable,
  'time-untrusted': unavailable,
  'restore-not-approved': unavailable,
  'module-unavailable': unavailable,
  'store-unavailable': unavailable,
  'peer-unavailable': unavailable,
  'attestation-invalid': ENROLMENT,
  'attestation-foreign': ENROLMENT,
  'level-not-allowed': ENROLMENT,
  'key-certified-for-another': ENROLMENT,
  'certificate-unknown': CREDENTIAL,
  'approval-unknown': TICKET,
  'approval-expired': TICKET,
  'approval-closed': TICKET,
  'approval-differs': denied('Something else was approved than was asked for'),
  'session-other-signer': denied('Another signer is logged in here'),
  'enrolment-differs': ENROLMENT,
  'account-session-over': denied('The log-in is over'),
  'change-unknown': TICKET,
  'account-token-invalid': denied('The link has been used or is too old'),
  'passkey-invalid': denied('The passkey did not log in'),
  'log-in-unknown': denied('The log-in has expired'),
  'log-in-foreign-browser': denied('The log-in began in another browser'),
  'log-in-provider-closed': LOG_IN_ELSEWHERE,
  'log-in-provider-away': unavailable,
  'log-in-elsewhere-refused': LOG_IN_ELSEWHERE,
  'log-in-unlinked': LOG_IN_ELSEWHERE,
  'client-unauthenticated': denied('Client authentication failed'),
  'client-profile-too-low': {
    error: 'unauthorized_client',
    description: 'The client may not ask for signatures of this level',
  },
  'client-mismatch': SAD,
  'signature-unknown': invalid('Invalid parameter signature'),
  'documents-busy': unavailable,
  'time-stamp-unavailable': unavailable,
  'response-unknown': invalid('Invalid parameter requestID'),
}

/** What an interaction ends with when the domain refused. */
export function oauthWords(code: RefusalCode): OAuthWords {
  return OAUTH_WORDS[code]
}

/** Runs a step of the authorization server; a refusal becomes the provider's error. */
export async function inOAuthWords<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    if (error instanceof Refusal) throw providerError(error.code)
    throw error
  }
}

const PROVIDER_ERRORS: Record<OAuthErrorCode, (description: string) => errors.OIDCProviderError> = {
  invalid_request: description => new errors.InvalidRequest(description),
  access_denied: description => new errors.AccessDenied(description),
  unauthorized_client: description => new errors.UnauthorizedClient(description),
  temporarily_unavailable: description => new errors.TemporarilyUnavailable(description),
}

/** Of a refusal by its code, which may have come from anywhere. */
export function wordsFor(code: string): OAuthWords {
  return Object.hasOwn(OAUTH_WORDS, code) ? oauthWords(code as RefusalCode) : unavailable
}

function providerError(code: string): Error {
  const words = wordsFor(code)
  return PROVIDER_ERRORS[words.error](words.description)
}
