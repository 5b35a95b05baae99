/**
 * The server's tables. What stands here is about people, sessions and answers of others; nothing in it proves
 * anything to the SAM (sole-control 2), so whoever writes these tables at will can only deny service.
 *
 * Instants are seconds since 1970-01-01T00:00:00Z. Bearer values (tokens, codes, handles) are stored as their
 * SHA-256 only; the SAM's SAD handle, which must be sent on, is stored sealed.
 */

export interface Tables {
  accounts: AccountRow
  passkeys: PasskeyRow
  account_tokens: AccountTokenRow
  log_in_ceremonies: LogInCeremonyRow
  account_sessions: AccountSessionRow
  authenticator_changes: AuthenticatorChangeRow
  notices: NoticeRow
  enrolments: EnrolmentRow
  credentials: CredentialRow
  approvals: ApprovalRow
  activations: ActivationRow
  delivered_signatures: DeliveredSignatureRow
  oauth_records: OAuthRecordRow
  responses: ResponseRow
  response_pieces: ResponsePieceRow
  signing_times: SigningTimeRow
  used_ids: UsedIdRow
  sent_codes: SentCodeRow
  application_passwords: ApplicationPasswordRow
  application_password_grants: ApplicationPasswordGrantRow
  log_in_failures: LogInFailureRow
  log_in_links: LogInLinkRow
  delegated_log_ins: DelegatedLogInRow
}

export interface AccountRow {
  signer_id: string
  name: string
  created_at: number
}

/** Log-in passkeys, at the RP ID of this server. They open the account; they approve nothing. */
export interface PasskeyRow {
  /** WebAuthn credential id, base64url. */
  passkey_id: string
  signer_id: string
  /** COSE_Key. */
  public_key: Uint8Array
  counter: number
  created_at: number
}

/** One-time tokens with which a newly enrolled signer registers a log-in passkey. */
export interface AccountTokenRow {
  token_digest: string
  signer_id: string
  /** base64url; null until the page has asked for options. */
  challenge: string | null
  expires_at: number
  spent_at: number | null
}

export interface LogInCeremonyRow {
  uid: string
  challenge: string
  expires_at: number
}

/** A signer who is logged in on the account page. */
export interface AccountSessionRow {
  token_digest: string
  signer_id: string
  expires_at: number
}

/** A ticket of the SAM to add or remove one of a signer's authenticators, until the approval page has answered it. */
export interface AuthenticatorChangeRow {
  handle_digest: string
  signer_id: string
  kind: string
  ticket: string
  /** JSON array of base64url WebAuthn credential ids. */
  allow: string
  expires_at: number
}

/** Something that a signer should know who did not do it himself. */
export interface NoticeRow {
  notice_id: string
  signer_id: string
  kind: string
  at: number
}

/** An enrolment on its way through SAM, authorities and SAM again; see `signers/enrolment.ts`. */
export interface EnrolmentRow {
  grant_id: string
  state: string
  /** SHA-256 of the submission, base64url: a retry must be the same submission. */
  submission_digest: string
  /** JSON of the SAM's answer, from the state `enrolled` on. */
  enrolled: string | null
  /** JSON array of base64 DER, from the state `issued` on. */
  certificates: string | null
  updated_at: number
}

export interface CredentialRow {
  credential_id: string
  signer_id: string
  key_type: string
  level: number
  max_signatures: number
  /** JSON array: by which means its owner may approve. */
  approvals: string
  /** JSON array of base64 DER, end entity first, root last. */
  certificates: string
  /** Seconds; the end entity's. */
  not_before: number
  not_after: number
  created_at: number
  revoked_at: number | null
  deleted_at: number | null
}

export interface ApprovalRow {
  handle_digest: string
  /** The authorization server's interaction that waits for this approval. */
  uid: string
  ticket: string
  /** JSON array of base64url WebAuthn credential ids. */
  allow: string
  client_id: string
  credential_id: string
  /** JSON of the requested signatures, wire form. */
  request: string
  state: string
  expires_at: number
  /** The client's request object, a JWS, if it signed one. */
  request_object: string | null
  /** The signer who finds it on his account page, when no browser of his waits. */
  signer_id: string | null
  /** What the SAD will be bound to then. */
  bound_to: string | null
}

/** Accepted SADs, by the OAuth grant that stands for them. */
export interface ActivationRow {
  grant_digest: string
  sad_id: string
  sealed_sad: Uint8Array
  signer_id: string
  credential_id: string
  client_id: string
  num_signatures: number
  expires_at: number
}

/** Which activation made a signature value: how a signer finds the evidence of it. */
export interface DeliveredSignatureRow {
  /** SHA-256 of the signature value. */
  digest: Uint8Array
  credential_id: string
  activation_id: string
  position: number
}

/** What software of a signer's logs in with. */
export interface ApplicationPasswordRow {
  password_id: string
  signer_id: string
  /** What its owner calls it. */
  label: string
  password_digest: string
  created_at: number
}

/** What was opened with an application password, and ends with it. */
export interface ApplicationPasswordGrantRow {
  grant_digest: string
  password_id: string
  expires_at: number
}

export interface LogInFailureRow {
  /** Of the name that was given. */
  user_digest: string
  failures: number
  expires_at: number
}

/** A ticket of the SAM with which a code was made and sent. */
export interface SentCodeRow {
  credential_id: string
  client_id: string
  ticket: string
  expires_at: number
}

export interface OAuthRecordRow {
  model: string
  id_digest: string
  grant_digest: string | null
  payload: string
  expires_at: number | null
  consumed_at: number | null
}

/** Ids of proofs and assertions that were used, until these would be refused for their age. */
export interface UsedIdRow {
  digest: string
  expires_at: number
}

/** An asynchronous request, and what became of it. */
export interface ResponseRow {
  response_digest: string
  client_id: string
  signer_id: string
  /** What has to be done: JSON. */
  sealed_request: Uint8Array
  state: string
  /** JSON, from the state `finished` or `refused` on. */
  sealed_answer: Uint8Array | null
  /** 1 while the client wants to be told that it has ended, and was not. */
  is_untold: number
  /** Milliseconds: until then a process is at work on it, or it rests after an outage. */
  claimed_until: number
  /** Milliseconds. */
  accepted_at: number
  expires_at: number
}

/** A piece of a document of an asynchronous request, or of its answer. */
export interface ResponsePieceRow {
  response_digest: string
  /** `in`, or the name of the run that made it: what a run left that broke off is never mixed with another's. */
  file: string
  /** Which document, and which piece of it. */
  position: number
  piece: number
  expires_at: number
  sealed: Uint8Array
}

/** When a request that may be repeated under its `Idempotency-Key` was made first. */
export interface SigningTimeRow {
  request_digest: string
  signing_time: number
  expires_at: number
}

/** An account at an identity provider, as the SAM sealed it, and the signer whose it is. */
export interface LogInLinkRow {
  issuer: string
  subject: string
  signer_id: string
  linked_at: number
}

/** A log-in at an identity provider that is under way. What belongs to it is made of its state and a key. */
export interface DelegatedLogInRow {
  state_digest: string
  /** SHA-256 of the cookie of the browser that left. */
  browser_digest: string
  /** The interaction that waits for it. */
  uid: string
  provider_id: string
  expires_at: number
}
