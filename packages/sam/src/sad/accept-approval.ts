/**
 * `approve` — the signer's approval becomes a SAD (sole-control 4, step 5).
 *
 * What is loaded is loaded first. Then, in one turn of the event loop: every check, the ticket is spent, the
 * counter moves. The SAD can be used only after all of it is on disk.
 */
import { randomBytes } from 'node:crypto'
import { toBase64url, utf8 } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { approveStatement } from '@natsuin/protocol/approval'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import type { RecordOf } from '../store/record-shapes.ts'
import { judging, openAnswer } from '../tickets/open-answer.ts'
import { findAuthenticator } from '../webauthn/check-authenticator.ts'
import { ActiveSad, type ApprovedKey, type SadTerms } from './active-sad.ts'
import { VerifiedApproval } from './checks.ts'
import type { ApprovalFacts } from './facts.ts'

type Request = SapRequest<'approve'>

/** @throws Refusal those of tickets, assertions and `APPROVAL_CHECKS` */
export async function acceptApproval(sam: Sam, request: Request): Promise<SapResponse<'approve'>> {
  const answer = await openAnswer(sam, request, { purpose: 'approve', shape: approveStatement })
  const { accepted, sad, bearer } = await judging(sam, [answer.ticket], async () => {
    const facts = await loadFacts(sam, answer)
    return accept(sam, request, VerifiedApproval.check(facts))
  })
  await accepted
  sam.sads.add(sad, sam.time.seconds())
  await sam.failpoint('sad-accepted')
  const { sadId, signerId, credentialId, clientId, numSignatures, expiresAt } = sad.terms
  return { sad: bearer, sadId, signerId, credentialId, clientId, numSignatures, expiresAt }
}

/** @throws Refusal `credential-unknown`, `record-altered`, `authenticator-unknown` */
async function loadFacts(sam: Sam, answer: ApprovalFacts['answer']): Promise<ApprovalFacts> {
  const { statement, ticket } = answer
  const credential = (await sam.records.read('credential', ticket.credential.id))?.content
  if (credential === undefined) throw refuse('credential-unknown')
  const signer = await sam.records.need('signer', ticket.signer.id)
  const authenticator = findAuthenticator(signer.authenticators, answer.assertion)
  await sam.counters.load(authenticator)
  return { sam, answer, statement, ticket, credential, signer, authenticator }
}

/** Spends the ticket and sends the SAD to the journal, in the turn in which it was verified. */
function accept(sam: Sam, { statement: bytes, assertion }: Request, { facts }: VerifiedApproval) {
  const { ticket, authenticator, answer } = facts
  const nonce = sam.tickets.spend(ticket)
  const counters = sam.counters.advance(
    authenticator.credentialId,
    answer.assertion.authenticatorData.counter,
  )
  const bearer = toBase64url(randomBytes(32))
  const sad = new ActiveSad(termsOf(sam, facts, digestSync('sha256', utf8(bearer))), facts.statement.items)
  const { sadId, signerId, credentialId, clientId } = sad.terms
  const statementDigest = answer.challenge
  const assertionDigest = digestSync('sha256', assertion.signature)
  const at = sam.time.milliseconds()
  const accepted = sam.journal.append({
    leaves: [
      {
        event: 'sad-accepted',
        at,
        sadId,
        signerId,
        credentialId,
        clientId,
        statementDigest,
        assertionDigest,
      },
    ],
    records: leaf => [
      sam.records.seal('approval', sadId, 1, { statement: bytes, assertion, signerId, credentialId, leaf }),
      sam.records.seal('sad', sadId, 1, sadRecordOf(sad)),
      ...counters,
    ],
    nonces: [nonce],
  })
  accepted.catch(() => sam.counters.forget(authenticator.credentialId))
  return { accepted, sad, bearer }
}

function termsOf(sam: Sam, { ticket, statement, credential }: ApprovalFacts, digest: Uint8Array): SadTerms {
  const { digestAlgorithm, numSignatures } = statement
  return {
    sadId: toBase64url(randomBytes(16)),
    digest,
    signerId: ticket.signer.id,
    credentialId: ticket.credential.id,
    key: approvedKey(credential),
    clientId: ticket.client.id,
    digestAlgorithm,
    numSignatures,
    expiresAt: sam.time.seconds() + credential.sadSeconds,
  }
}

function approvedKey({
  keyType,
  wrapped,
  publicKey,
  level,
  certificate,
}: ApprovalFacts['credential']): ApprovedKey {
  if (certificate === undefined) throw refuse('credential-inactive')
  const { notBefore, notAfter } = certificate
  return { keyType, wrapped, publicKey, level, certificate: { notBefore, notAfter } }
}

/** What is on disk of a SAD: enough to count, not enough to use it. */
export function sadRecordOf({ terms, used }: ActiveSad): RecordOf<'sad'> {
  const { digest, credentialId, clientId, digestAlgorithm, numSignatures, expiresAt } = terms
  return { digest, credentialId, clientId, digestAlgorithm, numSignatures, used, expiresAt }
}
