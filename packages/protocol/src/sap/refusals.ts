/** Why the SAM says no. `server` has a table that says each in the words of CSC and OAuth. */
export const sapRefusals = [
  // the message
  'malformed',
  'method-unknown',
  // tickets
  'ticket-invalid',
  'ticket-foreign',
  'ticket-expired',
  'ticket-spent',
  'ticket-purpose',
  // the authenticator's answer
  'challenge-mismatch',
  'origin-mismatch',
  'cross-origin',
  'rp-mismatch',
  'ceremony-type',
  'user-not-verified',
  'authenticator-unknown',
  'authenticator-policy',
  'assertion-invalid',
  'counter-regression',
  // enrolment
  'officer-unknown',
  'officers-too-few',
  'grant-unknown',
  'grant-spent',
  'grant-expired',
  'grants-differ',
  'class-unknown',
  'registration-invalid',
  'enrolment-key-mismatch',
  'authenticator-registered',
  // credentials
  'client-unknown',
  'credential-unknown',
  'credential-inactive',
  'credential-revoked',
  'certificate-mismatch',
  'certificate-expired',
  // what is to be signed
  'signer-mismatch',
  'level-refuses-unseen',
  'multisign-exceeded',
  'count-mismatch',
  'algorithm-mismatch',
  'digest-length',
  'dtbs-mismatch',
  // the SAD
  'sad-unknown',
  'sad-expired',
  'sad-spent',
  'sad-other-credential',
  'sad-other-client',
  'dtbsr-not-authorised',
  'request-differs',
  'activation-unknown',
  'outcome-unknown',
  // the SAM itself
  'record-altered',
  'log-unavailable',
  'time-untrusted',
  'module-unavailable',
] as const

export type SapRefusal = (typeof sapRefusals)[number]
