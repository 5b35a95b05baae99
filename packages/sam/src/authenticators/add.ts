/**
 * `authenticators/add` — a signer registers a further authenticator (sole-control 6).
 *
 * Two authenticators answer for it: the new one is registered under the ticket, and one that the signer has already
 * approves the whole registration. Whoever has the signer's session, the server or the database has neither.
 */
import { equal } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import {
  type AddAuthenticatorStatement,
  addAuthenticatorStatement,
  registrationBytes,
} from '@natsuin/protocol/approval'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { readStrictJson } from '@natsuin/protocol/shape'
import { refuse } from '../refuse.ts'
import { classOf } from '../roster/class-of.ts'
import type { Sam } from '../sam.ts'
import type { Authenticator, SignerRecord } from '../store/record-shapes.ts'
import type { Versioned } from '../store/sealed-records.ts'
import type { StoredRecord } from '../store/store.ts'
import { type Answer, answeredFor, judging, openStatement } from '../tickets/open-answer.ts'
import { checkAuthenticator, checkBackup, findAuthenticator } from '../webauthn/check-authenticator.ts'
import { authenticatorId } from '../webauthn/counters.ts'
import { checkAttestedRegistration, credentialIdIn } from '../webauthn/registration.ts'
import { authenticatorsOf, type OwnedAuthenticator } from './of-signer.ts'
import { readSigner } from './read-signer.ts'

type Request = SapRequest<'authenticators/add'>
type Response = SapResponse<'authenticators/add'>

const CEREMONY = { purpose: 'add-authenticator', shape: addAuthenticatorStatement } as const
const MAX_AUTHENTICATORS = 20

interface Addition {
  readonly answer: Answer<AddAuthenticatorStatement, 'add-authenticator'>
  readonly signer: Versioned<SignerRecord>
  /** The one that approves. */
  readonly known: OwnedAuthenticator
  readonly added: Authenticator
}

/**
 * @throws Refusal those of tickets, assertions and `checkAttestedRegistration`, `class-unknown`, `signer-unknown`, `authenticator-unknown`,
 *   `authenticator-registered`, `authenticators-too-many`
 */
export async function addAuthenticator(sam: Sam, request: Request): Promise<Response> {
  const challenge = digestSync('sha256', request.statement)
  const assertion = answeredFor(request.assertion, challenge)
  const again = await answerAgain(sam, request.statement)
  if (again !== undefined) return again
  const opened = await openStatement(sam, request.statement, challenge, CEREMONY)
  const tickets = [opened.ticket]
  const addition = await judging(sam, tickets, () => load(sam, { ...opened, assertion }))
  const { id, committed } = await judging(sam, tickets, async () => accept(sam, request, addition))
  await committed
  await sam.failpoint('authenticator-added')
  return { authenticatorId: id }
}

/** The first answer to the same statement: it may have been lost, and nothing in it is secret. */
async function answerAgain(sam: Sam, statement: Uint8Array): Promise<Response | undefined> {
  const { registration } = readStrictJson(statement, addAuthenticatorStatement)
  const id = authenticatorId(credentialIdIn(registration))
  const added = await sam.records.read('addition', id)
  return added !== undefined && equal(added.content.statement, statement)
    ? { authenticatorId: id }
    : undefined
}

async function load(sam: Sam, answer: Addition['answer']): Promise<Addition> {
  const { statement, ticket, assertion } = answer
  const signer = await readSigner(sam, ticket.signer.id)
  const known = findAuthenticator(authenticatorsOf(sam, signer.content), assertion)
  await sam.counters.load(known)
  const challenge = digestSync('sha256', registrationBytes(statement.ticket))
  // By the class as it is now: whatever was taken from its list cannot be added any more.
  const { authenticators: accepted } = classOf(sam, signer.content.credentialClass)
  const policy = { accepted, at: new Date(sam.time.milliseconds()) }
  const expected = { challenge, relyingParty: sam.roster }
  const registered = await checkAttestedRegistration(statement.registration, expected, policy)
  const id = authenticatorId(registered.credentialId)
  if ((await sam.records.read('authenticator', id)) !== undefined) throw refuse('authenticator-registered')
  const { label } = statement
  const added = { ...registered, label, registeredAt: sam.time.seconds(), approvedBy: known.id }
  return { answer, signer, known, added }
}

/** Every check in one turn, then the ticket is spent and the key is taken in the same turn. */
function accept(sam: Sam, request: Request, addition: Addition) {
  const { answer, signer, known, added } = addition
  const { level } = signer.content
  checkAuthenticator(sam, known, { ...answer, level })
  checkBackup(added.backupEligible, added.backupEligible, level)
  const kept = authenticatorsOf(sam, signer.content)
  if (kept.length >= MAX_AUTHENTICATORS) throw refuse('authenticators-too-many')
  const authenticatorKeyDigest = digestSync('sha256', added.publicKey)
  if (sam.state.isRegistered(authenticatorKeyDigest)) throw refuse('authenticator-registered')
  sam.state.claimRegistration(authenticatorKeyDigest)
  const { counter } = answer.assertion.authenticatorData
  const taken = sam.counters.advance(known.credentialId, counter, sam.time.seconds())
  const nonce = sam.tickets.spend(answer.ticket)
  const id = authenticatorId(added.credentialId)
  const signerId = answer.ticket.signer.id
  const committed = sam.logs.state.append({
    leaves: [
      {
        event: 'authenticator-added',
        at: sam.time.milliseconds(),
        signerId,
        authenticatorId: id,
        authenticatorKeyDigest,
        statementDigest: answer.challenge,
        approvedBy: known.id,
      },
    ],
    records: leaf => [...recordsOf(sam, request, addition, leaf), ...taken],
    nonces: [nonce],
    stillHolds: () => checkStill(sam, known, authenticatorKeyDigest),
  })
  committed.catch(() => sam.counters.forget(known.credentialId))
  // From then on the log says whether it happened. When nobody knows, the journal has closed.
  const settled = committed.finally(() => sam.state.releaseRegistration(authenticatorKeyDigest))
  return { id, committed: settled }
}

/** That no other SAM registered it, or took the one that approves, meanwhile. @throws Refusal */
function checkStill({ state }: Sam, { id }: OwnedAuthenticator, authenticatorKeyDigest: Uint8Array): void {
  if (state.isRegisteredInLog(authenticatorKeyDigest)) throw refuse('authenticator-registered')
  if (!state.isActive(id)) throw refuse('authenticator-unknown')
}

function recordsOf(
  sam: Sam,
  { statement, assertion }: Request,
  { answer, signer, known, added }: Addition,
  leaf: number,
): StoredRecord[] {
  const { records } = sam
  const id = authenticatorId(added.credentialId)
  const signerId = answer.ticket.signer.id
  const kept = authenticatorsOf(sam, signer.content).map(({ id: _, ...authenticator }) => authenticator)
  const authenticators = [...kept, added]
  return [
    records.seal('signer', signerId, signer.version + 1, { ...signer.content, authenticators }),
    records.seal('addition', id, 1, { signerId, statement, assertion, approvedBy: known.id, leaf }),
    records.seal('authenticator', id, 1, { signerId }),
  ]
}
