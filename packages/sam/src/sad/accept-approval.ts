/**
 * `approve` — the signer's approval becomes a SAD (sole-control 4, step 5).
 *
 * What is loaded is loaded first. Then, in one turn of the event loop: every check, the ticket is spent, the
 * proof counts. The SAD can be used only after all of it is on disk.
 */
import { randomBytes } from 'node:crypto'
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { toBase64url } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { approveStatement, toWire } from '@natsuin/protocol/approval'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { writeJson } from '@natsuin/protocol/shape'
import { checkStanding } from '../credentials/check-standing.ts'
import { checkUsable } from '../credentials/check-usable.ts'
import { endEntity } from '../credentials/end-entity.ts'
import { refuse } from '../refuse.ts'
import type { Sam } from '../sam.ts'
import type { KeptKey, RecordOf } from '../store/record-shapes.ts'
import { judging, type OpenedStatement, openStatement } from '../tickets/open-answer.ts'
import { ActiveSad, type ApprovedKey, type SadTerms } from './active-sad.ts'
import { approvedDigests } from './approved-digests.ts'
import { bearerDigest, newBearer } from './bearer.ts'
import { VerifiedApproval } from './checks.ts'
import type { ApprovalFacts } from './facts.ts'
import { openRequest } from './open-request.ts'
import type { LoadedProof, OpenedProof } from './proofs/proof.ts'
import { openProof } from './proofs/proofs.ts'

type Request = SapRequest<'approve'>

const CEREMONY = { purpose: 'approve', shape: approveStatement } as const

/** @throws Refusal those of tickets, proofs and `APPROVAL_CHECKS` */
export async function acceptApproval(sam: Sam, request: Request): Promise<SapResponse<'approve'>> {
  const challenge = digestSync('sha256', request.statement)
  const proof = openProof(request.proof, { bytes: request.statement, challenge })
  const opened = await openStatement(sam, request.statement, challenge, CEREMONY)
  const { accepted, sad, bearer } = await judging(sam, [opened.ticket], async () => {
    const facts = await loadFacts(sam, opened, proof)
    await sam.lease.need()
    return accept(sam, request, VerifiedApproval.check(facts), () => proof.load(sam, facts))
  })
  await accepted
  sam.sads.add(sad, sam.time.seconds())
  await sam.failpoint('sad-accepted')
  const { sadId, signerId, credentialId, clientId, numSignatures, expiresAt } = sad.terms
  return { sad: bearer, sadId, signerId, credentialId, clientId, numSignatures, expiresAt }
}

/** @throws Refusal those of `checkStanding`, of `openRequest` and of the proof, `credential-unknown`, `record-altered` */
async function loadFacts(
  sam: Sam,
  opened: OpenedStatement<ApprovalFacts['statement'], 'approve'>,
  proof: OpenedProof,
): Promise<ApprovalFacts> {
  const { statement, ticket } = opened
  checkStanding(sam, ticket.credential.id)
  const credential = (await sam.records.read('credential', ticket.credential.id))?.content
  if (credential === undefined) throw refuse('credential-unknown')
  const signer = await sam.records.need('signer', ticket.signer.id)
  const approving = { ...opened, credential, signer }
  const signedRequest = await openRequest(sam, statement, ticket)
  return { ...approving, sam, signedRequest, proof: await proof.load(sam, approving) }
}

/** Spends ticket and request object, and sends the SAD to the journal, in the turn in which it was verified. */
function accept(
  sam: Sam,
  { statement: bytes }: Request,
  { facts }: VerifiedApproval,
  loadAgain: () => Promise<LoadedProof>,
) {
  const { ticket, signedRequest, proof: loaded, challenge: statementDigest } = facts
  const nonces = [sam.tickets.spend(ticket)]
  const spent = signedRequest && sam.requests.spend(signedRequest, sam.time.seconds())
  if (spent !== undefined) nonces.push(spent)
  let taken = loaded.take()
  const { kept: proof } = loaded
  const bearer = newBearer()
  const terms = termsOf(sam, facts, bearerDigest(bearer))
  const sad = new ActiveSad(terms, approvedDigests(facts), keptKey(sam, terms.credentialId, facts.credential))
  const { sadId, signerId, credentialId, clientId } = sad.terms
  const proofDigest = digestSync('sha256', writeJson(toWire(proof)))
  const at = sam.time.milliseconds()
  const { instance } = sam.identity
  const accepted = sam.logs.activity.append({
    leaves: [
      {
        event: 'sad-accepted',
        at,
        stateSize: sam.logs.state.size,
        sadId,
        signerId,
        credentialId,
        clientId,
        statementDigest,
        proofDigest,
      },
    ],
    records: leaf => [
      sam.records.seal('approval', sadId, 1, {
        statement: bytes,
        proof,
        signerId,
        credentialId,
        instance,
        leaf,
      }),
      sam.records.seal('sad', sadId, 1, sadRecordOf(sad)),
      ...taken,
    ],
    nonces,
    // The request may have been approved, and the same authenticator have answered, at another SAM or before a restart.
    reread: async () => {
      if (spent !== undefined && (await sam.store.isSpent(spent.nonce))) throw refuse('request-object-spent')
      loaded.forget()
      const again = await loadAgain()
      again.check()
      taken = again.take()
    },
  })
  accepted.catch(() => loaded.forget())
  return { accepted, sad, bearer }
}

function termsOf(
  sam: Sam,
  { ticket, statement, credential, proof }: ApprovalFacts,
  digest: Uint8Array,
): SadTerms {
  const { digestAlgorithm, numSignatures } = statement
  const acceptedAt = sam.time.seconds()
  return {
    sadId: toBase64url(randomBytes(16)),
    digest,
    nonce: ticket.nonce,
    signerId: ticket.signer.id,
    approvedBy: proof.approvedBy,
    ...(proof.vouchedBy && { vouchedBy: proof.vouchedBy }),
    credentialId: ticket.credential.id,
    key: approvedKey(sam, ticket.credential.id, credential, digestAlgorithm),
    clientId: ticket.client.id,
    digestAlgorithm,
    numSignatures,
    expiresAt: acceptedAt + credential.sadSeconds,
    acceptedAt,
    lifetimeSeconds: credential.sadSeconds,
  }
}

function approvedKey(
  sam: Sam,
  credentialId: string,
  credential: ApprovalFacts['credential'],
  algorithm: DigestAlgorithm,
): ApprovedKey {
  const { keyType, publicKey, level, keys } = credential
  const { notBefore, notAfter, chain } = checkUsable(sam, credentialId, credential)
  const digest = digestSync(algorithm, endEntity(chain))
  return { keyType, keys, publicKey, level, certificate: { notBefore, notAfter, digest } }
}

/** The key as it is under the master key: in its record, or in memory for the one approval that it takes. */
function keptKey(
  { oneTimeKeys }: Sam,
  credentialId: string,
  { keys, key }: ApprovalFacts['credential'],
): KeptKey {
  const kept = keys === 'one-time' ? oneTimeKeys.take(credentialId) : key
  if (kept === undefined) throw refuse('key-destroyed')
  return kept
}

/** What is on disk of a SAD: enough to count, not enough to use it. */
export function sadRecordOf({ terms, used }: ActiveSad): RecordOf<'sad'> {
  const { digest, credentialId, clientId, digestAlgorithm, numSignatures, expiresAt } = terms
  return { digest, credentialId, clientId, digestAlgorithm, numSignatures, used, expiresAt }
}
