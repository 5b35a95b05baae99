/**
 * `enrol` — the person of a grant registers an authenticator and gets a signing key (sole-control 6).
 *
 * The signer, his authenticator and his key become durable in one transaction, together with the spending of the
 * grant. Asking again with the same registration returns the first answer: nothing in it is secret, and an answer
 * that was lost on its way would otherwise cost the person a new grant.
 */
import { randomBytes } from 'node:crypto'
import { keyTypes } from '@natsuin/pki/algorithms'
import { equal, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { digestSync, nodePlatform } from '@natsuin/pki/node'
import { type EnrolTicket, enrolmentMessage, enrolStatement } from '@natsuin/protocol/approval'
import type { CredentialClass } from '@natsuin/protocol/genesis'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { readStrictJson } from '@natsuin/protocol/shape'
import { type AttestedKey, generateAttestedKey } from '../keys/generate.ts'
import { moduleAnswer } from '../keys/module-answer.ts'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import type { GrantRecord } from '../store/record-shapes.ts'
import type { Versioned } from '../store/sealed-records.ts'
import type { StoredRecord } from '../store/store.ts'
import { judging } from '../tickets/open-answer.ts'
import { checkBackup } from '../webauthn/check-authenticator.ts'
import { authenticatorId } from '../webauthn/counters.ts'
import { checkRegistration, type RegisteredAuthenticator } from '../webauthn/registration.ts'
import { checkProofing } from './check-proofing.ts'
import { checkEnrolmentSignature } from './enrolment-key.ts'
import { checkOpenGrant } from './open-grant.ts'

type Request = SapRequest<'enrol'>
type Response = SapResponse<'enrol'>

/** An enrolment that passed every check, with the ticket and the grant spent in memory. */
interface Enrolment {
  readonly request: Request
  readonly ticket: EnrolTicket
  readonly grant: Versioned<GrantRecord>
  readonly authenticator: RegisteredAuthenticator
  readonly class: CredentialClass
  /** SHA-256 of the enrolment message: statement, client data and attestation object. */
  readonly registrationDigest: Uint8Array
  readonly authenticatorKeyDigest: Uint8Array
}

/**
 * @throws Refusal those of tickets and of `checkRegistration`, `grant-unknown`, `grant-spent`, `grant-expired`,
 *   `enrolment-key-mismatch`, `authenticator-registered`, `authenticator-policy`, `class-unknown`, `class-other-keys`,
 *   `module-unavailable` and those of `checkProofing`
 */
export async function enrol(sam: Sam, request: Request): Promise<Response> {
  const statement = readStrictJson(request.statement, enrolStatement)
  const ticket = await sam.tickets.genuine(statement.ticket, 'enrol')
  const grant = await sam.records.read('grant', ticket.grantId)
  if (grant === undefined) throw refuse('grant-unknown')
  const message = await enrolmentMessage(request.statement, request.registration, nodePlatform)
  const registrationDigest = digestSync('sha256', message)
  if (isSameEnrolment(grant.content, registrationDigest)) return answerAgain(sam, grant.content)
  await sam.tickets.open(statement.ticket, 'enrol')
  const authenticator = await judging(sam, [ticket], () => checkNewAuthenticator(sam, request))
  const enrolment = await judging(sam, [ticket], async () =>
    accept(sam, { request, ticket, grant, message, registrationDigest, authenticator }),
  )
  const response = await complete(sam, enrolment)
  await sam.failpoint('enrolled')
  return response
}

/** Every check, then the ticket and the grant are spent in the same turn. */
function accept(
  sam: Sam,
  given: Omit<Enrolment, 'class' | 'authenticatorKeyDigest'> & { readonly message: Uint8Array },
): Enrolment {
  const { request, ticket, grant, message, authenticator } = given
  checkOpenGrant(sam, ticket.grantId, grant.content)
  checkBackup(authenticator.backupEligible, authenticator.backupEligible, grant.content.level)
  checkEnrolmentSignature(grant.content.grant.enrolmentKey, message, request.enrolmentSignature)
  const authenticatorKeyDigest = digestSync('sha256', authenticator.publicKey)
  if (sam.state.isRegistered(authenticatorKeyDigest)) throw refuse('authenticator-registered')
  const credentialClass = sam.roster.classes.find(({ id }) => id === grant.content.grant.credentialClass)
  if (credentialClass === undefined) throw refuse('class-unknown')
  if (credentialClass.keys !== 'lasting') throw refuse('class-other-keys')
  checkProofing(grant.content.grant.proofing, credentialClass, sam.time.seconds())
  sam.tickets.spend(ticket)
  sam.state.claimEnrolment(ticket.grantId, authenticatorKeyDigest)
  return { ...given, class: credentialClass, authenticatorKeyDigest }
}

/** @throws Refusal those of `checkRegistration`, `authenticator-registered` */
async function checkNewAuthenticator(
  sam: Sam,
  { statement, registration }: Request,
): Promise<RegisteredAuthenticator> {
  const challenge = digestSync('sha256', statement)
  const authenticator = checkRegistration(registration, { challenge, relyingParty: sam.roster })
  const known = await sam.records.read('authenticator', authenticatorId(authenticator.credentialId))
  if (known !== undefined) throw refuse('authenticator-registered')
  return authenticator
}

async function complete(sam: Sam, enrolment: Enrolment): Promise<Response> {
  const { ticket, class: credentialClass, authenticatorKeyDigest } = enrolment
  const signerId = toBase64url(randomBytes(16))
  const owner = { signerId, grantId: ticket.grantId, subject: enrolment.grant.content.grant.subject }
  try {
    const key = await moduleAnswer(() => generateAttestedKey(sam, owner, credentialClass))
    await sam.failpoint('key-generated')
    await commit(sam, enrolment, signerId, key)
    return responseOf(signerId, { ...credentialClass, ...key })
  } finally {
    // From here on the log says whether it happened. When nobody knows, the journal has closed.
    sam.state.releaseEnrolment(ticket.grantId, authenticatorKeyDigest)
  }
}

function commit(sam: Sam, enrolment: Enrolment, signerId: string, key: AttestedKey): Promise<number> {
  const { ticket, registrationDigest, authenticatorKeyDigest } = enrolment
  const at = sam.time.milliseconds()
  const { grantId } = ticket
  const { credentialId } = key
  const attestationDigest = digestSync('sha256', utf8(key.attestation))
  return sam.logs.state.append({
    leaves: [
      { event: 'enrolled', at, signerId, grantId, registrationDigest, authenticatorKeyDigest },
      { event: 'key-generated', at, signerId, credentialId, attestationDigest },
    ],
    records: leaf => recordsOf(sam, enrolment, { signerId, key, leaf }),
    nonces: [{ nonce: ticket.nonce, expiresAt: ticket.expiresAt }],
    stillHolds: () => checkFirst(sam, grantId, authenticatorKeyDigest),
  })
}

/** That no other SAM enrolled by this grant, or with this passkey, meanwhile. @throws Refusal `grant-spent`, `authenticator-registered` */
function checkFirst({ state }: Sam, grantId: string, authenticatorKeyDigest: Uint8Array): void {
  if (state.isGrantSpentInLog(grantId)) throw refuse('grant-spent')
  if (state.isRegisteredInLog(authenticatorKeyDigest)) throw refuse('authenticator-registered')
}

function recordsOf(
  { records, time }: Sam,
  { request, ticket, grant, authenticator, class: credentialClass, registrationDigest }: Enrolment,
  { signerId, key, leaf }: { signerId: string; key: AttestedKey; leaf: number },
): StoredRecord[] {
  const { grantId } = ticket
  const { subject } = grant.content.grant
  const { level, keyType, maxSignatures, ticketSeconds, sadSeconds, approvals, bases, keys } = credentialClass
  const { credentialId, pair, attestation } = key
  const name = subject.commonName
  return [
    records.seal('grant', grantId, grant.version + 1, {
      ...grant.content,
      spent: { signerId, credentialId, registrationDigest },
    }),
    records.seal('signer', signerId, 1, {
      grantId,
      name,
      subject,
      level,
      authenticators: [{ ...authenticator, registeredAt: time.seconds() }],
    }),
    records.seal('enrolment', signerId, 1, { ...request, leaf }),
    records.seal('authenticator', authenticatorId(authenticator.credentialId), 1, { signerId }),
    records.seal('credential', credentialId, 1, {
      signerId,
      grantId,
      label: labelOf(name, keyType),
      credentialClass: credentialClass.id,
      level,
      keyType,
      maxSignatures,
      ticketSeconds,
      sadSeconds,
      approvals,
      bases,
      keys,
      publicKey: pair.spki,
      wrapped: pair.wrapped,
      attestation,
      generatedLeaf: leaf + 1,
    }),
  ]
}

/** What the signer is shown as the name of his key: whose it is and of which kind, as in "Alice · P-256". */
function labelOf(commonName: string, keyType: CredentialClass['keyType']): string {
  const { curve, bits } = keyTypes[keyType]
  return `${commonName} · ${curve ?? `RSA ${bits}`}`
}

function isSameEnrolment({ spent }: GrantRecord, registrationDigest: Uint8Array): boolean {
  return spent !== undefined && equal(spent.registrationDigest, registrationDigest)
}

async function answerAgain(sam: Sam, { spent }: GrantRecord): Promise<Response> {
  if (spent === undefined) throw refuse('grant-unknown')
  const credential = await sam.records.need('credential', spent.credentialId)
  return responseOf(spent.signerId, { ...credential, credentialId: spent.credentialId })
}

function responseOf(
  signerId: string,
  given: Pick<CredentialClass, 'keyType' | 'level' | 'maxSignatures'> &
    Pick<AttestedKey, 'credentialId' | 'attestation'>,
): Response {
  const { credentialId, keyType, level, maxSignatures, attestation } = given
  return { signerId, credentialId, keyType, level, maxSignatures, keyAttestation: attestation }
}
