/** Why the server says no in the domain's words. What the SAM says no to is in `protocol/sap`. */
import type { IssuanceRefusal } from '@natsuin/protocol/issuance'
import type { SapRefusal } from '@natsuin/protocol/sap'

export const serverRefusals = [
  // approvals
  'approval-unknown',
  'approval-expired',
  'approval-closed',
  'approval-differs',
  'approval-declined',
  'approval-unanswered',
  'approvals-too-many',
  'handle-unknown',
  'session-other-signer',
  // enrolment and accounts
  'enrolment-differs',
  'account-token-invalid',
  'account-session-over',
  'log-in-refused',
  'refresh-token-invalid',
  'token-unknown',
  'password-unknown',
  'passwords-too-many',
  'change-unknown',
  'passkey-invalid',
  'log-in-unknown',
  'log-in-foreign-browser',
  'log-in-provider-closed',
  'log-in-provider-away',
  'log-in-elsewhere-refused',
  'log-in-unlinked',
  // what a client asks for
  'client-mismatch',
  'client-unauthenticated',
  'client-profile-too-low',
  'signature-unknown',
  'documents-busy',
  'response-unknown',
  'time-stamp-unavailable',
  'code-not-sent',
  // outages
  'store-unavailable',
  'peer-unavailable',
] as const

export type ServerRefusal = (typeof serverRefusals)[number]

/** Every code that an edge of the server must be able to say. */
export type RefusalCode = ServerRefusal | SapRefusal | IssuanceRefusal
