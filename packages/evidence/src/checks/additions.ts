/**
 * Authenticators that the signer added: each registered under a ticket of his, and approved by one that was his before
 * (sole-control 6). So the one that approved leads back to the one that was enrolled.
 *
 * That none of them had been removed before it approved is not shown here: the SAM refuses what was removed, and the log
 * has the removal.
 */
import { equal, toBase64url } from '@natsuin/pki/encoding'
import {
  type AddAuthenticatorStatement,
  addAuthenticatorStatement,
  addAuthenticatorTicket,
  registrationBytes,
} from '@natsuin/protocol/approval'
import type { Evidence } from '@natsuin/protocol/evidence'
import type { Leaf, TreeHead } from '@natsuin/protocol/log'
import type { Sam } from '../sam.ts'
import { demand, demanded } from '../verdict.ts'
import { checkAssertion } from '../webauthn/assertion.ts'
import type { Authenticator } from '../webauthn/authenticator.ts'
import { checkRegistration } from '../webauthn/registration.ts'
import type { EnrolledSigner, OwnedAuthenticator } from './enrolment.ts'
import { checkIncluded, type Logged } from './logs.ts'
import { readStatement, readTicket } from './statement.ts'

type Addition = Evidence['additions'][number]
type AddedLeaf = Extract<Leaf, { event: 'authenticator-added' }>

/** The signer with all of them. */
export async function checkAdditions(
  { additions, stateLog }: Pick<Evidence, 'additions' | 'stateLog'>,
  enrolled: EnrolledSigner,
  { heads, sadAccepted }: Logged,
  sam: Sam,
): Promise<EnrolledSigner> {
  const indexes = [stateLog.enrolled.index, ...additions.map(({ added }) => added.index)]
  const ordered = indexes.every((index, i) => i === 0 || index > (indexes[i - 1] ?? index))
  demand(ordered, 'leaves-out-of-order', 'the authenticators were added in another order')
  const known = indexes.every(index => index < sadAccepted.stateSize)
  demand(known, 'leaves-out-of-order', 'the SAM did not know then of an authenticator')
  let signer = enrolled
  for (const addition of additions) {
    const authenticator = await checkAddition(addition, signer, heads.state, sam)
    signer = { ...signer, authenticators: [...signer.authenticators, authenticator] }
  }
  return signer
}

async function checkAddition(
  { statement: bytes, assertion, added }: Addition,
  { signerId, authenticators }: EnrolledSigner,
  head: TreeHead,
  sam: Sam,
): Promise<OwnedAuthenticator> {
  const statement = readStatement(bytes, addAuthenticatorStatement)
  const ticket = await readTicket(statement.ticket, addAuthenticatorTicket, sam)
  const leaf = await checkIncluded(added, 'authenticator-added', head, sam.platform)
  const own = ticket.signer.id === signerId && leaf.signerId === signerId
  demand(own, 'addition-for-another', 'the authenticator was added for another signer')
  const found = authenticators.find(({ credentialId }) => equal(credentialId, assertion.credentialId))
  const known = demanded(
    found,
    'assertion-invalid',
    'an authenticator that was not the signer’s added another',
  )
  await checkAssertion({ statement: bytes, assertion }, known, sam)
  const authenticator = await registeredIn(statement, sam)
  await checkRecorded(bytes, authenticator, leaf, sam)
  return { ...authenticator, since: new Date(leaf.at) }
}

function registeredIn({ ticket, registration }: AddAuthenticatorStatement, sam: Sam): Promise<Authenticator> {
  return checkRegistration(registrationBytes(ticket), registration, sam)
}

async function checkRecorded(
  statement: Uint8Array,
  { credentialId, publicKey }: Authenticator,
  leaf: AddedLeaf,
  { platform }: Sam,
): Promise<void> {
  const [statementDigest, keyDigest, id] = await Promise.all(
    [statement, publicKey, credentialId].map(part => platform.digest('sha256', part)),
  )
  const same =
    equal(leaf.statementDigest, statementDigest ?? new Uint8Array()) &&
    equal(leaf.authenticatorKeyDigest, keyDigest ?? new Uint8Array()) &&
    leaf.authenticatorId === toBase64url(id ?? new Uint8Array())
  demand(same, 'addition-for-another', 'the log records another authenticator')
}
