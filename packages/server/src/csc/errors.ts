/**
 * Refusals in the words of the CSC API: v2.0.0.2, 10.1 and each method's error table, verbatim; and v1.0.4.0's where it
 * says something else.
 *
 * Two tables: what the parameters of a request can be wrong in, and what the domain can refuse. Both are
 * records over all their codes, so a new code does not compile before it has words here.
 */
import type { Edition } from '@natsuin/protocol/csc'
import type { DocumentRefusalCode, DocumentRefused } from '../documents/refusal.ts'
import type { TokenRefusal } from '../oauth/access-tokens.ts'
import type { RefusalCode } from '../signing/refusals.ts'

interface Spoken {
  readonly status: 202 | 400 | 401 | 403 | 404 | 405 | 413 | 429 | 500 | 501 | 503
  readonly error: string
  readonly description: string
}

/** Where `description` has DETAIL, what is wrong in particular is put. */
export interface CscError extends Spoken {
  readonly v1?: Spoken
}

const DETAIL = '{detail}'

const invalid = (description: string): Spoken => ({ status: 400, error: 'invalid_request', description })
const missing = (kind: 'string' | 'array' | 'integer' | 'object', name: string): Spoken =>
  invalid(`Missing (or invalid type) ${kind} parameter ${name}`)

/** v1.0.4.0, 10.1; two methods shout one word of it, and one has a text of its own. */
const malformedInV1 = (required: string) =>
  invalid(
    `The request is missing a ${required} parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed.`,
  )

const EXPIRED = invalid('Signing certificate is expired')
const REVOKED = invalid('Signing certificate is revoked')

/** What is wrong with a request before the domain sees it. */
export const REQUEST_ERRORS = {
  'body-malformed': invalid('The request body is not a JSON object'),
  'content-encoding': invalid('Compressed requests are not taken'),
  'content-type': invalid('The request body is not application/json'),
  'body-too-large': { status: 413, error: 'invalid_request', description: 'The request body is too large' },
  'authorization-malformed': {
    ...invalid('Malformed authorization header'),
    v1: malformedInV1('required'),
  },
  'authorization-malformed-loudly': {
    ...invalid('Malformed authorization header'),
    v1: malformedInV1('REQUIRED'),
  },
  'lang-invalid': invalid('Invalid parameter lang'),
  'client-data-invalid': invalid('Invalid parameter clientData'),
  'authorization-malformed-misspelt': {
    ...invalid('Malformed authorization header'),
    v1: invalid('Malformed authroization header.'),
  },
  'authentication-malformed': {
    status: 401,
    error: 'invalid_request',
    description: 'Malformed authentication parameter',
    v1: { status: 401, error: 'invalid_request', description: 'Malformed authentication parameter.' },
  },
  'user-password-malformed': {
    ...invalid('Malformed username-password'),
    v1: invalid('Malformed username-password.'),
  },
  'refresh-token-malformed': invalid('Invalid string parameter: refresh_token'),
  'remember-me-invalid': invalid('Invalid parameter rememberMe'),
  'token-missing': missing('string', 'token'),
  'token-type-hint-invalid': invalid('Invalid string parameter token_type_hint'),
  'user-id-present': invalid('userID parameter MUST be null'),
  'user-id-invalid': invalid('Invalid parameter userID'),
  'page-token-invalid': invalid('Invalid parameter pageToken'),
  'certificates-invalid': invalid('Invalid parameter certificates'),
  'credential-info-invalid': invalid('Invalid parameter credentialInfo'),
  'cert-info-invalid': invalid('Invalid parameter certInfo'),
  'auth-info-invalid': invalid('Invalid parameter authInfo'),
  'only-valid-invalid': invalid('Invalid parameter onlyValid'),
  'credential-id-missing': missing('string', 'credentialID'),
  'sad-missing': missing('string', 'SAD'),
  'sad-invalid': invalid('Invalid parameter SAD'),
  // The member is called hashes; the standard's text is not.
  'hashes-missing': missing('array', 'hash'),
  'hashes-empty': invalid('Empty hash array'),
  'hashes-too-many': invalid('Too many hashes in one request'),
  'hash-not-base64': invalid('Invalid Base64 hash string parameter'),
  'num-signatures-missing': missing('integer', 'numSignatures'),
  'num-signatures-invalid': invalid('Invalid value for parameter numSignatures'),
  'num-signatures-too-high': invalid('Numbers of signatures is too high'),
  'auth-data-missing': missing('array', 'authData'),
  'auth-data-invalid': {
    status: 400,
    error: 'invalid_authentication_data',
    description: 'The authentication data is invalid',
  },
  'pin-invalid': { status: 400, error: 'invalid_pin', description: 'The PIN is invalid' },
  'otp-invalid': { status: 400, error: 'invalid_otp', description: 'The OTP is invalid' },
  'otp-locked': invalid('OTP locked'),
  'handle-invalid': invalid('Invalid parameter handle'),
  'auth-object-invalid': invalid('Invalid parameter authObjectID'),
  'description-invalid': invalid('Invalid parameter description'),
  'credential-not-explicit': invalid('Invalid parameter credentialID'),
  'credential-disabled': invalid('The credential identified by credentialID is disabled'),
  'signing-certificate-expired': {
    ...EXPIRED,
    v1: invalid(`Signing certificate '${DETAIL}' is expired.`),
  },
  'creation-request-invalid': missing('object', 'credentialCreationRequest'),
  'certificate-policy-invalid': invalid('Invalid parameter certificatePolicy'),
  'credential-not-enrolled': {
    status: 400,
    error: 'access_denied',
    description: 'No credential was enrolled for it: the operator has to invite the signer first',
  },
  'revoke-invalid': invalid('Invalid parameter revoke'),
  'revocation-reason-missing': missing('integer', 'revocationReason'),
  'revocation-reason-invalid': invalid('Invalid parameter revocationReason'),
  'sign-algo-missing': missing('string', 'signAlgo'),
  'sign-algo-invalid': invalid('Invalid parameter signAlgo'),
  'sign-algo-params-missing': missing('string', 'signAlgoParams'),
  'sign-algo-params-invalid': invalid('Invalid parameter signAlgoParams'),
  'hash-algorithm-missing': { ...missing('string', 'hashAlgorithmOID'), v1: missing('string', 'hashAlgo') },
  'hash-algorithm-invalid': {
    ...invalid('Invalid parameter hashAlgorithmOID'),
    v1: invalid('Invalid parameter hashAlgo'),
  },
  'hash-type-invalid': invalid('Invalid parameter hashType'),
  'idempotency-key-invalid': invalid('Invalid header Idempotency-Key'),
  'operation-mode-invalid': invalid('Invalid parameter operationMode'),
  'too-many-requests': {
    status: 429,
    error: 'temporarily_unavailable',
    description: 'Too many requests; Retry-After says when to come again',
  },
  overloaded: {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'Too much is under way; Retry-After says when to come again',
  },
  'validity-period-invalid': invalid('Invalid parameter validity_period'),
  'validity-period-out-of-bounds': invalid('Out of bounds parameter validity_period'),
  'response-uri-invalid': invalid('Invalid parameter response_uri'),
  'documents-invalid': invalid('Invalid array parameter documents'),
  'document-digests-invalid': invalid('Invalid object parameter documentDigests'),
  'documents-missing': invalid('Empty documentDigests and documents objects'),
  'documents-and-digests': invalid('Both documentDigests and documents parameters passed'),
  'documents-not-base64': invalid('Invalid Base64 documents string parameter'),
  'document-hashes-not-base64': invalid('Invalid Base64 hashes string parameter'),
  'hash-algorithm-contradicts': invalid(
    'String parameter hashAlgorithmOID contradicts with signAlgo parameter',
  ),
  'signature-format-missing': missing('string', 'signature_format'),
  'signature-format-invalid': invalid('Invalid parameter signature_format'),
  'conformance-level-invalid': invalid('Invalid parameter conformance_level'),
  'envelope-invalid': invalid('Invalid parameter signed_envelope_property'),
  'signed-props-invalid': invalid(`Invalid parameter signed_props (${DETAIL})`),
  'reference-uri-invalid': invalid('Invalid parameter referenceUri'),
  'validation-info-invalid': invalid('Invalid parameter returnValidationInfo'),
  'request-id-missing': missing('string', 'requestID'),
  // Pending is an error's body under a success's status (11.12).
  'response-pending': {
    status: 202,
    error: 'accepted_request',
    description: 'The previous async request has been accepted but not yet completed',
  },
  'polled-user-id-present': invalid('userID parameter SHALL be null'),
  'polled-user-id-invalid': invalid('Invalid parameter "userID"'),
  'stamped-hash-missing': missing('string', 'hash'),
  'stamped-hash-empty': invalid('Empty hash parameter'),
  'stamped-hash-algorithm-missing': missing('string', 'hashAlgo'),
  'stamped-hash-algorithm-invalid': invalid('Invalid parameter hashAlgo'),
  'nonce-invalid': invalid('Invalid parameter nonce'),
  'method-unknown': { status: 404, error: 'invalid_request', description: 'Unknown method' },
  'verb-not-allowed': { status: 405, error: 'invalid_request', description: 'Methods are called by POST' },
  'method-not-implemented': { status: 501, error: 'not_implemented', description: 'Method not implemented' },
} as const satisfies Record<string, CscError>

export type RequestError = keyof typeof REQUEST_ERRORS

/** A request that is wrong by itself. */
export class RequestRefused extends Error {
  readonly code: RequestError
  readonly detail: string

  /** @param detail for codes whose words have a place for it; told to the client */
  constructor(code: RequestError, detail = '') {
    super(code)
    this.code = code
    this.detail = detail
  }
}

export function requestError({ code, detail }: RequestRefused, edition: Edition): Spoken {
  const words = inEdition(REQUEST_ERRORS[code], edition)
  return { ...words, description: words.description.replace(DETAIL, detail) }
}

/** Why a document is not signed: CSC API v2.0.0.2, 11.11, and what the library says of a document. */
export const DOCUMENT_ERRORS: Record<DocumentRefusalCode, CscError> = {
  'document-not-approved': {
    status: 403,
    error: 'invalid_hash',
    description: 'Document or documentDigest does not match authorized hash',
  },
  'documents-not-covered': invalid('documentDigests or documents are not authorized by the SAD'),
  'document-unfit': invalid(`Invalid parameter documents (${DETAIL})`),
  'document-too-long': invalid('The document is too long for this signature_format'),
  'document-too-much-work': invalid('The document takes more time or memory than one may'),
  'signed-props-invalid': REQUEST_ERRORS['signed-props-invalid'],
  'envelope-unfit': REQUEST_ERRORS['envelope-invalid'],
  'authorities-unavailable': {
    status: 503,
    error: 'temporarily_unavailable',
    description: 'Time-stamps or revocation information are not to be had now',
  },
  // Not the client's fault, and not over after a while: the status for an unexpected condition.
  'authorities-unfit': {
    status: 500,
    error: 'server_error',
    description: 'Time-stamps or revocation information cannot be relied on',
  },
  'signing-certificate-revoked': REVOKED,
  'signing-certificate-expired': EXPIRED,
}

/** What a client is told about a document. */
export function documentError({ code, detail }: DocumentRefused, edition: Edition): Spoken {
  const words = inEdition(DOCUMENT_ERRORS[code], edition)
  return { ...words, description: words.description.replace(DETAIL, detail) }
}

/** Which of them was wrong is not said (a guesser learns nothing). */
const WRONG_DATA = REQUEST_ERRORS['auth-data-invalid']
const SAD = REQUEST_ERRORS['sad-invalid']
const CREDENTIAL = REQUEST_ERRORS['credential-not-explicit']
const NOT_AUTHORISED: CscError = {
  ...invalid('Hash is not authorized by the SAD'),
  v1: invalid('Hash is not authorized by the SAD.'),
}
const DENIED: CscError = { status: 400, error: 'access_denied', description: 'Not allowed here' }
const UNAVAILABLE: CscError = {
  status: 503,
  error: 'temporarily_unavailable',
  description: 'Signing is not possible now',
}

export const DOMAIN_ERRORS: Record<RefusalCode | TokenRefusal, CscError> = {
  malformed: invalid('The request is malformed'),
  'method-unknown': UNAVAILABLE,
  'token-invalid': { status: 401, error: 'invalid_token', description: 'The access token is not valid' },
  'token-expired': { status: 401, error: 'expired_token', description: 'The access token has expired' },
  'token-bound-to-key': {
    status: 401,
    error: 'invalid_token',
    description: 'The access token is bound to a key that the request does not show',
  },
  'token-bound-to-certificate': {
    status: 401,
    error: 'invalid_token',
    description: 'The access token is bound to a certificate that the connection does not show',
  },
  'proof-invalid': {
    status: 401,
    error: 'invalid_dpop_proof',
    description: 'The DPoP proof is not valid for this request',
  },
  'proof-nonce': {
    status: 401,
    error: 'use_dpop_nonce',
    description: 'The DPoP proof needs the nonce that comes with this answer',
  },
  // Approvals, enrolments and log-ins have their own pages; no CSC method meets these.
  'ticket-invalid': DENIED,
  'ticket-foreign': DENIED,
  'ticket-expired': DENIED,
  'ticket-spent': DENIED,
  'ticket-purpose': DENIED,
  'challenge-mismatch': DENIED,
  'origin-mismatch': DENIED,
  'cross-origin': DENIED,
  'rp-mismatch': DENIED,
  'ceremony-type': DENIED,
  'user-not-verified': DENIED,
  'authenticator-unknown': DENIED,
  'authenticator-policy': DENIED,
  'authenticator-not-attested': DENIED,
  'authenticator-suspended': DENIED,
  'authenticator-resting': DENIED,
  'authenticator-last': DENIED,
  'authenticators-too-many': DENIED,
  'assertion-invalid': DENIED,
  'counter-regression': DENIED,
  'provider-unknown': DENIED,
  'provider-unavailable': UNAVAILABLE,
  'code-refused': DENIED,
  'id-token-invalid': DENIED,
  'log-in-stale': DENIED,
  'log-in-insufficient': DENIED,
  'account-differs': DENIED,
  'log-in-ended': SAD,
  'logout-token-invalid': DENIED,
  'seal-invalid': DENIED,
  'pin-or-code-wrong': { ...WRONG_DATA, v1: REQUEST_ERRORS['otp-invalid'] },
  'means-locked': { ...invalid('Credential locked'), v1: invalid('PIN locked') },
  // Nothing is sent for a while: v2 knows no other word for it.
  'codes-too-many': { ...invalid('Credential locked'), v1: invalid('OTP locked') },
  'person-unknown': DENIED,
  'role-refused': DENIED,
  'request-unknown': DENIED,
  'request-expired': DENIED,
  'request-closed': DENIED,
  'request-approved-already': DENIED,
  'request-about-oneself': DENIED,
  'roster-changed': DENIED,
  'change-refused': DENIED,
  'backup-unknown': DENIED,
  'officers-too-few': DENIED,
  'grant-unknown': DENIED,
  'grant-spent': DENIED,
  'grant-expired': DENIED,
  'grants-differ': DENIED,
  'class-unknown': DENIED,
  'class-changed': DENIED,
  'proofing-too-low': DENIED,
  'proofing-out-of-time': DENIED,
  'registration-invalid': DENIED,
  'means-differ': DENIED,
  'box-unreadable': DENIED,
  'subject-unfit': DENIED,
  'import-unavailable': DENIED,
  'import-not-approved': DENIED,
  'import-key-differs': DENIED,
  'import-not-certified': DENIED,
  'copies-remain': DENIED,
  'key-weak': DENIED,
  'key-invalid': DENIED,
  'key-known': DENIED,
  'enrolment-key-mismatch': DENIED,
  'authenticator-registered': DENIED,
  'seal-key-registered': DENIED,
  'attestation-invalid': DENIED,
  'attestation-foreign': DENIED,
  'level-not-allowed': DENIED,
  'key-certified-for-another': DENIED,
  'approval-unknown': DENIED,
  'approval-expired': DENIED,
  'approval-closed': DENIED,
  'approval-differs': DENIED,
  'approval-declined': { status: 400, error: 'access_denied', description: 'The signer declined' },
  // v2 has a word for a signer who did not show who he is; v1, whose call has waited, has not.
  'approval-unanswered': {
    ...WRONG_DATA,
    v1: { status: 400, error: 'access_denied', description: 'The signer did not answer' },
  },
  'approvals-too-many': {
    status: 429,
    error: 'temporarily_unavailable',
    description: 'The signer has to answer other requests first',
  },
  'handle-unknown': REQUEST_ERRORS['handle-invalid'],
  'session-other-signer': DENIED,
  'enrolment-differs': DENIED,
  'account-token-invalid': DENIED,
  'account-session-over': DENIED,
  // Whether there is such a user is not said (a guesser learns nothing).
  'log-in-refused': {
    status: 400,
    error: 'authentication_error',
    description: 'An error occurred during authentication process',
  },
  'refresh-token-invalid': invalid('Invalid refresh_token'),
  'token-unknown': invalid('Invalid string parameter token'),
  'password-unknown': DENIED,
  'passwords-too-many': DENIED,
  'change-unknown': DENIED,
  'passkey-invalid': DENIED,
  'log-in-unknown': DENIED,
  'log-in-foreign-browser': DENIED,
  'log-in-provider-closed': DENIED,
  'log-in-provider-away': UNAVAILABLE,
  'log-in-elsewhere-refused': DENIED,
  'log-in-unlinked': DENIED,
  'signer-mismatch': DENIED,
  'signer-unknown': DENIED,
  'proof-refused': DENIED,
  'basis-refused': DENIED,
  'hash-type-refused': REQUEST_ERRORS['hash-type-invalid'],
  'dtbs-mismatch': DENIED,
  'dtbs-missing': DENIED,
  'request-object-missing': DENIED,
  'request-object-invalid': DENIED,
  'request-object-expired': DENIED,
  'request-object-spent': DENIED,
  'request-object-differs': DENIED,
  'count-mismatch': DENIED,
  'client-unknown': { status: 400, error: 'unauthorized_client', description: 'The client may not sign' },
  // Unknown and foreign credentials sound alike: neither tells a guesser what exists.
  'credential-unknown': CREDENTIAL,
  'credential-inactive': CREDENTIAL,
  'certificate-mismatch': CREDENTIAL,
  'certificate-unknown': CREDENTIAL,
  'credential-revoked': REVOKED,
  'retention-running': CREDENTIAL,
  'key-destroyed': CREDENTIAL,
  'session-ended': CREDENTIAL,
  'certificate-expired': EXPIRED,
  'multisign-exceeded': invalid('Number of signatures is too high'),
  'algorithm-mismatch': invalid('Invalid parameter signAlgo'),
  'digest-length': invalid('Invalid digest value length'),
  // An exhausted SAD is invalidated (3.4), and whose SAD it was is nobody's business.
  'sad-unknown': SAD,
  'sad-spent': SAD,
  'sad-other-credential': SAD,
  'sad-other-client': SAD,
  'client-profile-too-low': {
    status: 400,
    error: 'unauthorized_client',
    description: 'The client may not ask for signatures of this level',
  },
  'client-unauthenticated': {
    status: 401,
    error: 'invalid_client',
    description: 'Client authentication failed',
  },
  'client-mismatch': SAD,
  'outcome-unknown': SAD,
  'activation-unknown': SAD,
  'sad-expired': invalid('SAD expired'),
  'dtbsr-not-authorised': NOT_AUTHORISED,
  'representation-refused': NOT_AUTHORISED,
  'request-differs': invalid('Idempotency-Key was used for another request'),
  'documents-busy': UNAVAILABLE,
  'time-stamp-unavailable': UNAVAILABLE,
  'response-unknown': invalid('Invalid parameter requestID'),
  'signature-unknown': invalid('Invalid parameter signature'),
  'record-altered': UNAVAILABLE,
  'log-unavailable': UNAVAILABLE,
  'time-untrusted': UNAVAILABLE,
  'restore-not-approved': UNAVAILABLE,
  'module-unavailable': UNAVAILABLE,
  'code-not-sent': UNAVAILABLE,
  'store-unavailable': UNAVAILABLE,
  'peer-unavailable': UNAVAILABLE,
}

/** What a client is told about a refusal; `undefined` for a code that no edge knows. */
export function cscError(code: string, edition: Edition = 'v2'): Spoken | undefined {
  if (!Object.hasOwn(DOMAIN_ERRORS, code)) return undefined
  return inEdition(DOMAIN_ERRORS[code as keyof typeof DOMAIN_ERRORS], edition)
}

const inEdition = ({ v1, ...words }: CscError, edition: Edition): Spoken =>
  edition === 'v1' ? (v1 ?? words) : words
