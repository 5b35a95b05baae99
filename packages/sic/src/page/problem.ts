/**
 * Why the page cannot go on: one code per thing that the signer can understand or do something about.
 *
 * The SAM's refusals arrive by code through `server`; the table gathers them into what they mean for the
 * signer. Its type is a record over all of them, so a new refusal does not compile until it has a place here.
 */
import { Refusal } from '@natsuin/protocol/refusal'
import type { SapRefusal } from '@natsuin/protocol/sap'

export type ProblemCode =
  // how the page was opened
  | 'no-errand'
  | 'errand-malformed'
  // what it was told
  | 'server-unreachable'
  | 'answer-malformed'
  | 'deployment-unreadable'
  | 'sam-key-unknown'
  | 'ticket-not-genuine'
  | 'ticket-other-deployment'
  | 'ticket-over'
  | 'request-inconsistent'
  | 'request-not-genuine'
  | 'too-many-signatures'
  | 'not-on-this-page'
  | 'continuation-foreign'
  // documents
  | 'document-not-prepared'
  | 'document-unknown'
  | 'document-unreadable'
  | 'document-too-large'
  | 'document-changed'
  | 'basis-refused'
  | 'hash-type-refused'
  // the passkey
  | 'passkey-unavailable'
  | 'passkey-not-given'
  | 'passkey-known-already'
  | 'passkey-refused'
  | 'passkey-unfit'
  | 'passkey-model'
  | 'passkey-suspended'
  | 'passkey-resting'
  | 'passkey-last'
  | 'passkeys-too-many'
  // the log-in at an identity provider
  | 'window-blocked'
  | 'log-in-not-given'
  | 'log-in-refused'
  | 'log-in-stale'
  | 'log-in-insufficient'
  | 'log-in-account'
  | 'provider-unavailable'
  // enrolment
  | 'enrolment-key-unusable'
  | 'code-wrong'
  | 'enrolment-over'
  // administration
  | 'administration-over'
  | 'administration-approved-already'
  | 'administration-about-oneself'
  // the service
  | 'credential-unusable'
  | 'refused'
  | 'service-unavailable'
  | 'fault'

export class Problem extends Refusal<ProblemCode> {}

/** What a refusal of the SAM means for the person in front of the page. */
const SAP_PROBLEMS: Readonly<Record<SapRefusal, ProblemCode>> = {
  malformed: 'refused',
  'method-unknown': 'refused',
  'ticket-invalid': 'ticket-over',
  'ticket-foreign': 'ticket-over',
  'ticket-expired': 'ticket-over',
  'ticket-spent': 'ticket-over',
  'ticket-purpose': 'ticket-over',
  'challenge-mismatch': 'passkey-refused',
  'origin-mismatch': 'passkey-refused',
  'cross-origin': 'passkey-refused',
  'rp-mismatch': 'passkey-refused',
  'ceremony-type': 'passkey-refused',
  'user-not-verified': 'passkey-refused',
  'authenticator-unknown': 'passkey-refused',
  'authenticator-policy': 'passkey-unfit',
  'authenticator-not-attested': 'passkey-model',
  'authenticator-suspended': 'passkey-suspended',
  'authenticator-resting': 'passkey-resting',
  'authenticator-last': 'passkey-last',
  'authenticators-too-many': 'passkeys-too-many',
  'assertion-invalid': 'passkey-refused',
  'counter-regression': 'passkey-refused',
  'provider-unknown': 'credential-unusable',
  'provider-unavailable': 'provider-unavailable',
  'code-refused': 'log-in-refused',
  'id-token-invalid': 'log-in-refused',
  'log-in-stale': 'log-in-stale',
  'log-in-insufficient': 'log-in-insufficient',
  'account-differs': 'log-in-account',
  'log-in-ended': 'log-in-stale',
  'logout-token-invalid': 'refused',
  'seal-invalid': 'refused',
  'pin-or-code-wrong': 'code-wrong',
  'means-locked': 'refused',
  'codes-too-many': 'refused',
  'person-unknown': 'refused',
  'role-refused': 'refused',
  'request-unknown': 'administration-over',
  'request-expired': 'administration-over',
  'request-closed': 'administration-over',
  'request-approved-already': 'administration-approved-already',
  'request-about-oneself': 'administration-about-oneself',
  'roster-changed': 'administration-over',
  'change-refused': 'administration-over',
  'backup-unknown': 'administration-over',
  'officers-too-few': 'refused',
  'grant-unknown': 'enrolment-over',
  'grant-spent': 'enrolment-over',
  'grant-expired': 'enrolment-over',
  'grants-differ': 'refused',
  'class-unknown': 'refused',
  'class-changed': 'enrolment-over',
  'proofing-too-low': 'refused',
  'proofing-out-of-time': 'enrolment-over',
  'registration-invalid': 'passkey-refused',
  'means-differ': 'enrolment-over',
  'box-unreadable': 'enrolment-over',
  'subject-unfit': 'refused',
  'import-unavailable': 'refused',
  'import-not-approved': 'refused',
  'import-key-differs': 'refused',
  'import-not-certified': 'refused',
  'copies-remain': 'refused',
  'key-weak': 'refused',
  'key-invalid': 'refused',
  'key-known': 'refused',
  'enrolment-key-mismatch': 'enrolment-key-unusable',
  'authenticator-registered': 'passkey-known-already',
  'seal-key-registered': 'refused',
  'client-unknown': 'refused',
  'credential-unknown': 'credential-unusable',
  'credential-inactive': 'credential-unusable',
  'credential-revoked': 'credential-unusable',
  'retention-running': 'refused',
  'key-destroyed': 'credential-unusable',
  'session-ended': 'credential-unusable',
  'certificate-mismatch': 'credential-unusable',
  'certificate-expired': 'credential-unusable',
  'signer-mismatch': 'refused',
  'signer-unknown': 'refused',
  'proof-refused': 'refused',
  'basis-refused': 'basis-refused',
  'hash-type-refused': 'hash-type-refused',
  'multisign-exceeded': 'too-many-signatures',
  'count-mismatch': 'request-inconsistent',
  'algorithm-mismatch': 'request-inconsistent',
  'digest-length': 'request-inconsistent',
  'dtbs-mismatch': 'request-inconsistent',
  'dtbs-missing': 'request-inconsistent',
  'request-object-missing': 'request-not-genuine',
  'request-object-invalid': 'request-not-genuine',
  'request-object-expired': 'ticket-over',
  'request-object-spent': 'ticket-over',
  'request-object-differs': 'request-inconsistent',
  'sad-unknown': 'refused',
  'sad-expired': 'refused',
  'sad-spent': 'refused',
  'sad-other-credential': 'refused',
  'sad-other-client': 'refused',
  'dtbsr-not-authorised': 'refused',
  'representation-refused': 'refused',
  'request-differs': 'refused',
  'activation-unknown': 'refused',
  'outcome-unknown': 'refused',
  'record-altered': 'service-unavailable',
  'log-unavailable': 'service-unavailable',
  'time-untrusted': 'service-unavailable',
  'restore-not-approved': 'service-unavailable',
  'module-unavailable': 'service-unavailable',
}

/** What `server` says no to by itself, as far as a signer can do something about it. */
const SERVER_PROBLEMS: Readonly<Record<string, ProblemCode>> = {
  'approval-unknown': 'ticket-over',
  'change-unknown': 'ticket-over',
  'approval-expired': 'ticket-over',
  'approval-closed': 'ticket-over',
  'too-many-requests': 'service-unavailable',
  overloaded: 'service-unavailable',
  'store-unavailable': 'service-unavailable',
  'peer-unavailable': 'service-unavailable',
}

const PROBLEMS = new Map<string, ProblemCode>(Object.entries({ ...SAP_PROBLEMS, ...SERVER_PROBLEMS }))

/** @param error the `error` member of an answer of `server` */
export function problemOfRefusal(error: string): ProblemCode {
  return PROBLEMS.get(error) ?? 'refused'
}

/** Anything thrown, as a problem; what is not one already is a defect of ours. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem('fault', {}, { cause: error })
}
