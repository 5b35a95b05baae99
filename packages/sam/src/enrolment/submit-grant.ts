/**
 * `grants/submit` — registration officers vouch for a person (sole-control 6).
 *
 * Each officer answers his own ticket with his own passkey, over a statement that carries the whole grant. Two
 * different officers at level 3; all must have vouched for the same grant, byte for byte.
 */

import { randomBytes } from 'node:crypto'
import { equal, toBase64url } from '@natsuin/pki/encoding'
import { digestSync } from '@natsuin/pki/node'
import { InvalidName } from '@natsuin/pki/x509'
import { type GrantStatement, grantStatement, toWire } from '@natsuin/protocol/approval'
import type { CredentialClass, Level } from '@natsuin/protocol/genesis'
import { subjectName } from '@natsuin/protocol/issuance'
import type { StateLeaf } from '@natsuin/protocol/log'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { writeJson } from '@natsuin/protocol/shape'
import { untilKnown } from '../audit/removals.ts'
import { readSigner } from '../authenticators/read-signer.ts'
import { checkImportPackage } from '../keys/check-import-package.ts'
import { takeIn } from '../keys/import.ts'
import { refuse } from '../refuse.ts'
import { classOf } from '../roster/class-of.ts'
import type { Sam } from '../sam.ts'
import type { StoredRecord } from '../store/store.ts'
import { type Answer, judging, openAnswer } from '../tickets/open-answer.ts'
import {
  checkAuthenticator,
  findAuthenticator,
  type KnownAuthenticator,
} from '../webauthn/check-authenticator.ts'
import { checkProofing } from './check-proofing.ts'
import { checkEnrolmentKey } from './enrolment-key.ts'

type GrantAnswer = Answer<GrantStatement, 'grant'>

/** An officer's answer, and the passkey it must be by. */
interface Vouching {
  readonly answer: GrantAnswer
  readonly passkey: KnownAuthenticator
}

/**
 * @throws Refusal those of tickets and assertions, `person-unknown`, `role-refused`, `officers-too-few`, `grants-differ`,
 *   `class-unknown`, `algorithm-mismatch`, `grant-expired`, `enrolment-key-mismatch`, `subject-unfit`, `signer-unknown` and those of `checkProofing`
 */
export async function submitGrant(
  sam: Sam,
  request: SapRequest<'grants/submit'>,
): Promise<SapResponse<'grants/submit'>> {
  const answers: GrantAnswer[] = []
  for (const approval of request.approvals) {
    answers.push(await openAnswer(sam, approval, { purpose: 'grant', shape: grantStatement }))
  }
  const tickets = answers.map(({ ticket }) => ticket)
  const vouchings = await judging(sam, tickets, () => loadOfficers(sam, answers))
  const replaced = await judging(sam, tickets, () => readReplaced(sam, vouchings))
  await judging(sam, tickets, () => tryImport(sam, vouchings, request.importPackage))
  const accepted = await judging(sam, tickets, async () => accept(sam, request, vouchings, replaced))
  await accepted.committed
  await sam.failpoint('grant-accepted')
  if (replaced !== undefined) await untilKnown(sam)
  return { grantId: accepted.grantId }
}

/** The signer that the person was before, when this is a recovery. @throws Refusal `signer-unknown` */
async function readReplaced(
  sam: Sam,
  vouchings: readonly Vouching[],
): Promise<{ readonly level: Level } | undefined> {
  const { replaces } = theOneGrant(vouchings)
  return replaces === undefined ? undefined : (await readSigner(sam, replaces)).content
}

/**
 * A key that cannot be imported is better refused now than when its owner has come: it is examined, and taken in once
 * for nothing.
 *
 * @throws Refusal those of `checkImportPackage`, `key-invalid`
 */
async function tryImport(
  sam: Sam,
  vouchings: readonly Vouching[],
  bytes: Uint8Array | undefined,
): Promise<void> {
  const grant = theOneGrant(vouchings)
  const credentialClass = grantedClass(sam, grant)
  if (credentialClass.keys !== 'imported' && bytes === undefined && grant.importPackage === undefined) return
  if (bytes === undefined) throw refuse('import-not-approved')
  const { content } = await checkImportPackage(sam, { bytes, grant, class: credentialClass })
  await takeIn(sam, content)
}

async function loadOfficers(sam: Sam, answers: readonly GrantAnswer[]): Promise<Vouching[]> {
  const vouchings = answers.map(answer => ({ answer, passkey: passkeyOf(sam, answer) }))
  for (const { passkey } of vouchings) await sam.counters.load(passkey)
  return vouchings
}

/** @throws Refusal `person-unknown`, `role-refused`, `authenticator-unknown` */
function passkeyOf(sam: Sam, { ticket, assertion }: GrantAnswer): KnownAuthenticator {
  const { passkeys } = sam.rosters.permitted(ticket.officer.id, 'vouch')
  return findAuthenticator(
    passkeys.map(passkey => ({ ...passkey, counter: 0 })),
    assertion,
  )
}

/** Every check in one turn, then the tickets are spent in the same turn: what follows cannot happen twice. */
function accept(
  sam: Sam,
  { approvals, importPackage }: SapRequest<'grants/submit'>,
  vouchings: readonly Vouching[],
  replaced: { readonly level: Level } | undefined,
) {
  const grant = theOneGrant(vouchings)
  const credentialClass = grantedClass(sam, grant)
  const { level } = credentialClass
  for (const { answer, passkey } of vouchings) {
    // Once more: the roster may have changed while the counters were read.
    passkeyOf(sam, answer)
    checkAuthenticator(sam, passkey, { ...answer, level })
  }
  const officers = new Set(vouchings.map(({ answer }) => answer.ticket.officer.id))
  // Nobody counts twice, nor answers twice in one submission: each passkey's counter moves once.
  const needed = replaced?.level === 3 ? 2 : officersFor(credentialClass)
  if (officers.size !== vouchings.length || officers.size < needed) throw refuse('officers-too-few')
  checkLifetime(sam, grant)
  checkProofing(grant.proofing, credentialClass, sam.time.seconds())
  checkEnrolmentKey(grant.enrolmentKey)
  checkSubject(grant, credentialClass)
  // Another submission may have spent one of them while this one was loading: then none of the others is.
  const nonces = sam.tickets.spendAll(vouchings.map(({ answer }) => answer.ticket))
  let counters = advanceAll(sam, vouchings)
  const grantId = toBase64url(randomBytes(16))
  const { version: rosterVersion } = sam.roster
  const digests = approvals.map(({ statement }) => digestSync('sha256', statement))
  const at = sam.time.milliseconds()
  const committed = sam.logs.state.append({
    leaves: [
      { event: 'grant-accepted', at, grantId, rosterVersion, approvals: digests },
      ...close(sam, grant, grantId, at),
    ],
    records: leaf => [
      sam.records.seal('grant', grantId, 1, {
        grant,
        level,
        approvals,
        leaf,
        ...(importPackage && { importPackage }),
      }),
      ...counters,
    ],
    nonces,
    // One of them may have answered at another SAM.
    reread: async () => {
      forgetAll(sam, vouchings)
      for (const { passkey } of vouchings) await sam.counters.load(passkey)
      for (const { answer, passkey } of vouchings) checkAuthenticator(sam, passkey, { ...answer, level })
      counters = advanceAll(sam, vouchings)
    },
  })
  committed.catch(() => forgetAll(sam, vouchings))
  return { grantId, committed }
}

/** Recovery never re-binds a key: who was replaced signs nothing from now on (sole-control 6). */
function close(
  { state }: Sam,
  { replaces }: GrantStatement['grant'],
  grantId: string,
  at: number,
): readonly StateLeaf[] {
  if (replaces === undefined) return []
  state.closeSigner(replaces)
  return [{ event: 'signer-closed', at, signerId: replaces, grantId }]
}
/** Two at level 3, and for a key that comes from elsewhere (sole-control 8). */
export const officersFor = ({ level, keys }: CredentialClass): number =>
  level === 3 || keys === 'imported' ? 2 : 1

function advanceAll({ counters, time }: Sam, vouchings: readonly Vouching[]): StoredRecord[] {
  return vouchings.flatMap(({ answer, passkey }) =>
    counters.advance(passkey.credentialId, answer.assertion.authenticatorData.counter, time.seconds()),
  )
}

function forgetAll({ counters }: Sam, vouchings: readonly Vouching[]): void {
  for (const { passkey } of vouchings) counters.forget(passkey.credentialId)
}

/** @throws Refusal `grant-expired`, also when it is to live longer than the roster allows */
function checkLifetime({ roster, time }: Sam, { notAfter }: GrantStatement['grant']): void {
  const now = time.seconds()
  const longest = roster.limits.grantHours * 3600
  if (now >= notAfter || notAfter - now > longest) throw refuse('grant-expired')
}

/** @throws Refusal `grants-differ` */
function theOneGrant(vouchings: readonly Vouching[]): GrantStatement['grant'] {
  const [first, ...others] = vouchings.map(({ answer }) => answer.statement.grant)
  if (first === undefined) throw refuse('officers-too-few')
  const bytes = writeJson(toWire(first))
  if (!others.every(other => equal(writeJson(toWire(other)), bytes))) throw refuse('grants-differ')
  return first
}

/** @throws Refusal `class-unknown`, `algorithm-mismatch` */
function grantedClass(sam: Sam, { credentialClass, keyType }: GrantStatement['grant']): CredentialClass {
  const found = classOf(sam, credentialClass)
  if (found.keyType !== keyType) throw refuse('algorithm-mismatch')
  return found
}

/**
 * A subject that no certificate can name would only fail after somebody had enrolled; and what approves with nobody
 * present makes seals of an organisation, never a person's signatures (Regulation (EU) No 910/2014, Article 3).
 * @throws Refusal `malformed`, `subject-unfit`
 */
function checkSubject({ subject }: GrantStatement['grant'], { approvals }: CredentialClass): void {
  if (approvals.includes('seal-key') && subject.organizationIdentifier === undefined)
    throw refuse('subject-unfit')
  try {
    subjectName(subject)
  } catch (error) {
    if (error instanceof InvalidName) throw refuse('malformed', {}, { cause: error })
    throw error
  }
}
