/**
 * Requests: read by their form, and refused in the standard's words at the first member that is wrong.
 *
 * A member that is null is absent (CSC API v2.0.0.2, 7); members that nobody asked for are ignored.
 */
import {
  type Edition,
  isRecord,
  MAX_HASHES,
  type Members,
  type ObjectForm,
  type ObjectOf,
} from '@natsuin/protocol/csc'
import { type RequestError, RequestRefused } from './errors.ts'

/** @throws RequestRefused */
export function readRequest<M extends Members>(
  form: ObjectForm<M>,
  edition: Edition,
  body: unknown,
): ObjectOf<M> {
  if (!isRecord(body)) throw new RequestRefused('body-malformed')
  const read: Record<string, unknown> = {}
  for (const { key, name, isRequired, form: member } of form.in(edition)) {
    const value = Object.hasOwn(body, name) ? withoutNulls(body[name]) : undefined
    if (value === undefined && !isRequired) continue
    if (!member.fits(value, edition)) throw new RequestRefused(errorOf(key, value))
    read[key] = value
  }
  return read as ObjectOf<M> // each member was checked by its own form just above
}

/** At any depth. */
function withoutNulls(value: unknown): unknown {
  if (value === null) return undefined
  if (Array.isArray(value)) return value.map(item => (isRecord(item) ? withoutNulls(item) : item))
  if (!isRecord(value)) return value
  const members = Object.entries(value).map(([name, member]) => [name, withoutNulls(member)] as const)
  return Object.fromEntries(members.filter(([, member]) => member !== undefined))
}

function errorOf(key: string, value: unknown): RequestError {
  const error = MEMBER_ERRORS[key as KnownMember] // `cscMethod` takes only requests whose members are all known
  return typeof error === 'function' ? error(value) : error
}

/** What is said of a member: the code, or how it follows from the value, which is undefined when it is missing. */
type MemberError = RequestError | ((value: unknown) => RequestError)

const text = (missing: RequestError, invalid: RequestError) => (value: unknown) =>
  typeof value === 'string' && value !== '' ? invalid : missing

function ofHashes(value: unknown): RequestError {
  if (!Array.isArray(value)) return 'hashes-missing'
  if (value.length === 0) return 'hashes-empty'
  return value.length > MAX_HASHES ? 'hashes-too-many' : 'hash-not-base64'
}

function ofStampedHash(value: unknown): RequestError {
  if (typeof value !== 'string') return 'stamped-hash-missing'
  return value === '' ? 'stamped-hash-empty' : 'hash-not-base64'
}

/** One for each member of any request: a request with a member that has none does not compile. */
const MEMBER_ERRORS = {
  lang: 'lang-invalid',
  clientData: 'client-data-invalid',
  userID: 'user-id-present',
  maxResults: 'page-token-invalid',
  pageToken: 'page-token-invalid',
  credentialInfo: 'credential-info-invalid',
  certificates: 'certificates-invalid',
  certInfo: 'cert-info-invalid',
  authInfo: 'auth-info-invalid',
  onlyValid: 'only-valid-invalid',
  credentialID: 'credential-id-missing',
  numSignatures: value => (Number.isInteger(value) ? 'num-signatures-invalid' : 'num-signatures-missing'),
  hashes: ofHashes,
  hashAlgorithmOID: text('hash-algorithm-missing', 'hash-algorithm-invalid'),
  hashType: 'hash-type-invalid',
  authData: value => (Array.isArray(value) ? 'auth-data-invalid' : 'auth-data-missing'),
  // Functions, so that no reader of the text takes a word of the protocol for a PIN (scripts/secret-hygiene.test.ts).
  PIN: () => 'pin-invalid',
  OTP: () => 'otp-invalid',
  description: 'description-invalid',
  SAD: 'sad-missing',
  handle: 'handle-invalid',
  authObjectID: 'auth-object-invalid',
  refresh_token: 'refresh-token-malformed',
  rememberMe: 'remember-me-invalid',
  token: 'token-missing',
  token_type_hint: 'token-type-hint-invalid',
  signAlgo: text('sign-algo-missing', 'sign-algo-invalid'),
  signAlgoParams: text('sign-algo-params-missing', 'sign-algo-params-invalid'),
  operationMode: 'operation-mode-invalid',
  credentialCreationRequest: 'creation-request-invalid',
  revoke: 'revoke-invalid',
  revocationReason: value =>
    Number.isInteger(value) ? 'revocation-reason-invalid' : 'revocation-reason-missing',
  validity_period: 'validity-period-invalid',
  response_uri: 'response-uri-invalid',
  documents: 'documents-invalid',
  documentDigests: 'document-digests-invalid',
  returnValidationInfo: 'validation-info-invalid',
  document: 'documents-not-base64',
  signature_format: text('signature-format-missing', 'signature-format-invalid'),
  conformance_level: 'conformance-level-invalid',
  signed_envelope_property: 'envelope-invalid',
  signed_props: 'signed-props-invalid',
  referenceUri: 'reference-uri-invalid',
  requestID: 'request-id-missing',
  hash: ofStampedHash,
  hashAlgo: text('stamped-hash-algorithm-missing', 'stamped-hash-algorithm-invalid'),
  nonce: 'nonce-invalid',
} as const satisfies Record<string, MemberError>

export type KnownMember = keyof typeof MEMBER_ERRORS
