/**
 * `enrol` — the person of a grant shows by which means he is going to approve, and gets a signing key (sole-control 6).
 *
 * The signer, his means and his key become durable in one transaction, together with the spending of the
 * grant. Asking again with the same means returns the first answer: nothing in it is secret, and an answer
 * that was lost on its way would otherwise cost the person a new grant.
 */
import { randomBytes } from 'node:crypto'
import { keyTypes } from '@natsuin/pki/algorithms'
import { equal, toBase64url, utf8 } from '@natsuin/pki/encoding'
import { digestSync, nodePlatform } from '@natsuin/pki/node'
import { parseCertificate } from '@natsuin/pki/x509'
import {
  type EnrolTicket,
  enrolmentMessage,
  enrolStatement,
  type ProviderAccount,
} from '@natsuin/protocol/approval'
import type { CredentialClass } from '@natsuin/protocol/genesis'
import type { StateLeaf } from '@natsuin/protocol/log'
import type { SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { readStrictJson } from '@natsuin/protocol/shape'
import { NEVER_TRIED } from '../codes/attempts.ts'
import type { AttestedKey } from '../keys/attest.ts'
import { checkImportPackage, type KeyOnItsWay } from '../keys/check-import-package.ts'
import { generateAttestedKey } from '../keys/generate.ts'
import { importAttestedKey } from '../keys/import.ts'
import { sessionEnd } from '../keys/one-time-keys.ts'
import { refuse } from '../refuse.ts'
import { classOf } from '../roster/class-of.ts'
import type { Sam } from '../sam.ts'
import type { CredentialRecord, GrantRecord, SignerRecord } from '../store/record-shapes.ts'
import type { Versioned } from '../store/sealed-records.ts'
import type { StoredRecord } from '../store/store.ts'
import { judging } from '../tickets/open-answer.ts'
import { checkBackup } from '../webauthn/check-authenticator.ts'
import { authenticatorId } from '../webauthn/counters.ts'
import { checkProofing } from './check-proofing.ts'
import { checkEnrolmentSignature } from './enrolment-key.ts'
import {
  type CheckedMeans,
  checkMeans,
  idTokenDigestOf,
  keyDigestsOf,
  type MeansDigests,
} from './means/means.ts'
import type { NewPinTotp } from './means/pin-totp.ts'
import { checkOpenGrant } from './open-grant.ts'

type Request = SapRequest<'enrol'>
type Response = SapResponse<'enrol'>

/** An enrolment that passed every check, with the ticket and the grant spent in memory. */
interface Enrolment {
  readonly request: Request
  readonly ticket: EnrolTicket
  readonly grant: Versioned<GrantRecord>
  readonly means: CheckedMeans
  readonly keyDigests: MeansDigests
  readonly class: CredentialClass
  /** Where the key comes from elsewhere. */
  readonly imported: KeyOnItsWay | undefined
  /** Of the roster that the class is of. */
  readonly rosterVersion: number
  /** SHA-256 of the enrolment message: statement and means. */
  readonly registrationDigest: Uint8Array
}

/**
 * @throws Refusal those of tickets, `grant-unknown`, `grant-spent`, `grant-expired`, `enrolment-key-mismatch`,
 *   `authenticator-registered`, `seal-key-registered`, `authenticator-policy`, `class-unknown`, `class-changed`,
 *   `key-invalid`, `module-unavailable` and those of `checkMeans`, `checkProofing` and `checkImportPackage`
 */
export async function enrol(sam: Sam, request: Request): Promise<Response> {
  const statement = readStrictJson(request.statement, enrolStatement)
  const ticket = await sam.tickets.genuine(statement.ticket, 'enrol')
  const grant = await sam.records.read('grant', ticket.grantId)
  if (grant === undefined) throw refuse('grant-unknown')
  const message = await enrolmentMessage(request.statement, request.means, nodePlatform)
  const registrationDigest = digestSync('sha256', message)
  if (isSameEnrolment(grant.content, registrationDigest)) return answerAgain(sam, grant.content)
  await sam.tickets.open(statement.ticket, 'enrol')
  const means = await judging(sam, [ticket], async () => {
    // First, so that nobody but the grant's holder makes the SAM ask a provider.
    checkEnrolmentSignature(grant.content.grant.enrolmentKey, message, request.enrolmentSignature)
    return checkMeans(sam, request, ticket)
  })
  const imported = await judging(sam, [ticket], () => readImported(sam, grant.content))
  const enrolment = await judging(sam, [ticket], async () =>
    accept(sam, { request, ticket, grant, registrationDigest, means, imported }),
  )
  const response = await complete(sam, enrolment)
  await sam.failpoint('enrolled')
  return response
}

/** Every check, then the ticket and the grant are spent in the same turn. */
function accept(sam: Sam, given: Omit<Enrolment, 'class' | 'rosterVersion' | 'keyDigests'>): Enrolment {
  const { ticket, grant, means, imported } = given
  checkOpenGrant(sam, ticket.grantId, grant.content)
  checkFit(means, grant.content)
  if (ticket.provider !== undefined) sam.rosters.checkProvider(ticket.provider)
  const keyDigests = keyDigestsOf(means)
  checkNobodys(keyDigests, sam.state.isRegistered)
  const credentialClass = classOf(sam, grant.content.grant.credentialClass)
  checkUnchanged(credentialClass, grant.content, ticket)
  checkSession(sam, grant.content, credentialClass)
  if (imported !== undefined && sam.state.isKeyImported(imported.publicKeyDigest)) throw refuse('key-known')
  checkProofing(grant.content.grant.proofing, credentialClass, sam.time.seconds())
  sam.tickets.spend(ticket)
  sam.state.claimEnrolment(ticket.grantId, Object.values(keyDigests))
  if (imported !== undefined) sam.state.claimImport(imported.publicKeyDigest)
  return { ...given, class: credentialClass, rosterVersion: sam.roster.version, keyDigests }
}

/** An authenticator that can leave its device is not enough for every level. @throws Refusal `authenticator-policy` */
function checkFit({ authenticator }: CheckedMeans, { level }: GrantRecord): void {
  if (authenticator === undefined) return
  checkBackup(authenticator.backupEligible, authenticator.backupEligible, level)
}

/** @throws Refusal `authenticator-registered`, `seal-key-registered` */
function checkNobodys(
  { authenticatorKeyDigest, sealKeyDigest }: MeansDigests,
  isRegistered: (keyDigest: Uint8Array) => boolean,
): void {
  const isTaken = (digest: Uint8Array | undefined) => digest !== undefined && isRegistered(digest)
  if (isTaken(authenticatorKeyDigest)) throw refuse('authenticator-registered')
  if (isTaken(sealKeyDigest)) throw refuse('seal-key-registered')
}

/** What officers vouched for was this class, what the person was asked for follows from it. @throws Refusal `class-changed` */
function checkUnchanged(
  { level, keyType, approvals }: CredentialClass,
  granted: GrantRecord,
  asked: EnrolTicket,
): void {
  const isGranted = level === granted.level && keyType === granted.grant.keyType
  if (!isGranted || approvals.join() !== asked.approvals.join()) throw refuse('class-changed')
}

/** A key for one session is made while the session lasts. @throws Refusal `proofing-out-of-time` */
function checkSession(
  sam: Sam,
  { grant: { proofing } }: GrantRecord,
  { keys, level }: CredentialClass,
): void {
  const isOver = sam.time.seconds() >= sessionEnd(proofing.completedAt, level)
  if (keys === 'one-time' && isOver) throw refuse('proofing-out-of-time')
}

/** The key that waits in the grant, examined once more. @throws Refusal those of `checkImportPackage` */
async function readImported(sam: Sam, record: GrantRecord): Promise<KeyOnItsWay | undefined> {
  const { grant, importPackage: bytes } = record
  const credentialClass = classOf(sam, grant.credentialClass)
  if (credentialClass.keys !== 'imported' && bytes === undefined) return undefined
  if (bytes === undefined) throw refuse('import-not-approved')
  return checkImportPackage(sam, { bytes, grant, class: credentialClass })
}

async function complete(sam: Sam, enrolment: Enrolment): Promise<Response> {
  const { ticket, class: credentialClass, keyDigests, imported } = enrolment
  const signerId = toBase64url(randomBytes(16))
  const owner = { signerId, grantId: ticket.grantId, subject: enrolment.grant.content.grant.subject }
  try {
    const key = await (imported === undefined
      ? generateAttestedKey(sam, owner, credentialClass)
      : importAttestedKey(sam, owner, credentialClass, imported.content))
    await sam.failpoint('key-generated')
    await commit(sam, enrolment, signerId, key)
    if (credentialClass.keys === 'one-time') hold(sam, enrolment, key)
    const certificates = imported?.content.certificates
    const account = enrolment.means.account?.account
    return responseOf(signerId, { ...credentialClass, ...key, certificates, account })
  } finally {
    // From here on the log says whether it happened. When nobody knows, the journal has closed.
    sam.state.releaseEnrolment(ticket.grantId, Object.values(keyDigests))
    if (imported !== undefined) sam.state.releaseImport(imported.publicKeyDigest)
  }
}

/** The key's only place, once the log says that it is there. */
function hold(
  sam: Sam,
  { grant: { content }, class: { level } }: Enrolment,
  { credentialId, pair: { wrapped }, master }: AttestedKey,
): void {
  const { completedAt } = content.grant.proofing
  sam.oneTimeKeys.add(credentialId, { master, wrapped }, sessionEnd(completedAt, level))
}

function commit(sam: Sam, enrolment: Enrolment, signerId: string, key: AttestedKey): Promise<number> {
  const { ticket, registrationDigest, keyDigests, means } = enrolment
  const at = sam.time.milliseconds()
  const { grantId } = ticket
  return sam.logs.state.append({
    leaves: [
      {
        event: 'enrolled',
        at,
        signerId,
        grantId,
        registrationDigest,
        ...keyDigests,
        ...idTokenDigestOf(means),
      },
      ...keyLeaves(sam, enrolment, { signerId, key, at }),
    ],
    records: leaf => recordsOf(sam, enrolment, { signerId, key, leaf }),
    nonces: [{ nonce: ticket.nonce, expiresAt: ticket.expiresAt }],
    stillHolds: () => checkFirst(sam, enrolment, key),
  })
}

/** How the signer came to his key; and to his certificate, where one came with it. */
function keyLeaves(
  { identity }: Sam,
  { imported, rosterVersion, class: { keys } }: Enrolment,
  { signerId, key, at }: { readonly signerId: string; readonly key: AttestedKey; readonly at: number },
): readonly StateLeaf[] {
  const { credentialId, attestation } = key
  const attestationDigest = digestSync('sha256', utf8(attestation))
  const common = { at, signerId, credentialId, rosterVersion, attestationDigest }
  const heldBy = keys === 'one-time' ? { heldBy: identity.instance } : {}
  if (imported === undefined) return [{ event: 'key-generated', ...common, ...heldBy }]
  const { packageDigest, publicKeyDigest, content } = imported
  const [certificate] = content.certificates
  const leaf: StateLeaf = { event: 'key-imported', ...common, packageDigest, publicKeyDigest }
  if (certificate === undefined) return [leaf]
  const certificateDigest = digestSync('sha256', certificate)
  return [leaf, { event: 'certificate-linked', at, credentialId, rosterVersion, certificateDigest }]
}

/**
 * That no other SAM enrolled by this grant, with these means or for this key, meanwhile; nor began to replace the
 * master key that the key was put under, since nothing new comes under one that is to go.
 * @throws Refusal `grant-spent`, `key-known`, `module-unavailable` and those of `checkNobodys`
 */
function checkFirst(
  { state }: Sam,
  { ticket, keyDigests, imported }: Enrolment,
  { master }: AttestedKey,
): void {
  if (state.isGrantSpentInLog(ticket.grantId)) throw refuse('grant-spent')
  checkNobodys(keyDigests, state.isRegisteredInLog)
  if (imported !== undefined && state.isKeyImportedInLog(imported.publicKeyDigest)) throw refuse('key-known')
  if (master !== state.masterKey.label) throw refuse('module-unavailable', { replaced: master })
}

function recordsOf(
  { records, time }: Sam,
  { request, ticket, grant, means, class: credentialClass, registrationDigest, imported }: Enrolment,
  { signerId, key, leaf }: { signerId: string; key: AttestedKey; leaf: number },
): StoredRecord[] {
  const { grantId } = ticket
  const { subject } = grant.content.grant
  const { level, keyType, maxSignatures, ticketSeconds, sadSeconds, approvals, bases, keys } = credentialClass
  const { restHours } = credentialClass
  const { credentialId, pair, master, attestation } = key
  const name = subject.commonName
  const { importPackage: _, ...spent } = grant.content
  return [
    records.seal('grant', grantId, grant.version + 1, {
      ...spent,
      spent: { signerId, credentialId, registrationDigest },
    }),
    records.seal('signer', signerId, 1, {
      grantId,
      name,
      subject,
      credentialClass: credentialClass.id,
      level,
      ...meansRecord(means, time.seconds()),
    }),
    records.seal('enrolment', signerId, 1, {
      ...request,
      ...(means.account && { idToken: means.account.idToken }),
      leaf,
    }),
    ...knownAuthenticator(records, means, signerId),
    ...shownCode(records, means, signerId),
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
      ...(restHours === undefined ? {} : { restHours }),
      keys,
      publicKey: pair.spki,
      ...(keys !== 'one-time' && { key: { master, wrapped: pair.wrapped } }),
      attestation,
      generatedLeaf: leaf + 1,
      ...linkedAtBirth(imported, leaf + 2),
    }),
  ]
}

/** What of the signer's record is by which he approves. @param registeredAt seconds */
function meansRecord(
  { authenticator, sealKey, account, pinTotp, pinSentCode }: CheckedMeans,
  registeredAt: number,
): Pick<SignerRecord, 'authenticators' | 'sealKey' | 'account' | 'pinTotp' | 'pinSentCode'> {
  return {
    authenticators: authenticator === undefined ? [] : [{ ...authenticator, registeredAt }],
    ...(sealKey && { sealKey }),
    ...(account && { account: account.account }),
    ...(pinTotp && { pinTotp: keptCodes(pinTotp) }),
    ...(pinSentCode && { pinSentCode }),
  }
}

const keptCodes = ({ salt, verifier, secret }: NewPinTotp) => ({ salt, verifier, secret })

/** The code that was shown is used up. */
function shownCode(
  records: Sam['records'],
  { pinTotp }: CheckedMeans,
  signerId: string,
): readonly StoredRecord[] {
  if (pinTotp === undefined) return []
  return [records.seal('tried', signerId, 1, { ...NEVER_TRIED, lastStep: pinTotp.step })]
}

function knownAuthenticator(
  records: Sam['records'],
  { authenticator }: CheckedMeans,
  signerId: string,
): StoredRecord[] {
  if (authenticator === undefined) return []
  return [records.seal('authenticator', authenticatorId(authenticator.credentialId), 1, { signerId })]
}

/** An imported key's own certificate, which was checked with its package. */
function linkedAtBirth(
  imported: KeyOnItsWay | undefined,
  leaf: number,
): Pick<CredentialRecord, 'certificate'> {
  const [certificate] = imported?.content.certificates ?? []
  if (imported === undefined || certificate === undefined) return {}
  const { notBefore, notAfter } = parseCertificate(certificate)
  const validity = { notBefore: notBefore.getTime(), notAfter: notAfter.getTime() }
  return { certificate: { chain: imported.content.certificates, ...validity, leaf } }
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
  const { account } = await sam.records.need('signer', spent.signerId)
  const certificates = credential.keys === 'imported' ? credential.certificate?.chain : undefined
  const { credentialId } = spent
  return responseOf(spent.signerId, { ...credential, credentialId, certificates, account })
}

function responseOf(
  signerId: string,
  given: Pick<CredentialClass, 'keyType' | 'level' | 'maxSignatures' | 'approvals'> &
    Pick<AttestedKey, 'credentialId' | 'attestation'> & {
      readonly certificates: readonly Uint8Array[] | undefined
      readonly account: ProviderAccount | undefined
    },
): Response {
  const { credentialId, attestation: keyAttestation, certificates, account } = given
  const { keyType, level, maxSignatures, approvals } = given
  const answer = {
    ...{ signerId, credentialId, keyType, level, maxSignatures, approvals, keyAttestation },
    ...(account && { account }),
  }
  return certificates === undefined || certificates.length === 0 ? answer : { ...answer, certificates }
}
