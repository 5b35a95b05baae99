/** The registration desk: officers vouch for a person, who gets the one-time enrolment key outside the server. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { fromBase64url, utf8 } from '@natsuin/pki/encoding'
import { type EnrolmentGrant, type SubjectAttributes, toWire } from '@natsuin/protocol/approval'
import { openBrowser } from './browser.ts'
import { type Answered, answer, grantStatementBytes } from './ceremonies.ts'
import type { KnownDeployment } from './deployment.ts'
import { loadDevice, saveDevice } from './devices.ts'
import { officersOf, type Plan } from './plan.ts'

export interface Invitation {
  readonly grantId: string
  readonly enrolmentKey: KeyObject
  /** The page where the person enrols; its fragment holds the key and never reaches a server. */
  readonly url: string
}

/** Officers vouch, as many as the class's level demands, and the person is invited. */
export function invite(
  deployment: KnownDeployment,
  subject: SubjectAttributes,
  classId?: string,
): Promise<Invitation> {
  return inviteTo(deployment, subject, { classId })
}

/** Recovery: a new invitation for somebody who lost his authenticators, which closes the signer that he was. */
export function inviteAnew(
  deployment: KnownDeployment,
  subject: SubjectAttributes,
  replaces: string,
): Promise<Invitation> {
  return inviteTo(deployment, subject, { replaces })
}

async function inviteTo(
  deployment: KnownDeployment,
  subject: SubjectAttributes,
  { classId, replaces }: { readonly classId?: string | undefined; readonly replaces?: string },
): Promise<Invitation> {
  const credentialClass =
    deployment.plan.classes.find(({ id }) => id === classId) ?? deployment.plan.classes[0]
  if (credentialClass === undefined) throw new Error('the plan has no class')
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { proofing } = deployment.plan
  const vouched = grantFor(subject, credentialClass, publicKey, proofing)
  const grant = { ...vouched, ...(replaces !== undefined && { replaces }) }
  const needed = officersOf(deployment.plan).slice(0, credentialClass.level === 3 ? 2 : 1)
  const approvals = await Promise.all(needed.map(({ id }) => vouch(deployment, id, grant)))
  const { grantId } = await openBrowser().post(`${deployment.urls.server}/grants`, toWire({ approvals }))
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64url')
  const url = `${deployment.urls.approval}/#enrol=${grantId}&key=${pkcs8}`
  return { grantId: String(grantId), enrolmentKey: privateKey, url }
}

export function grantFor(
  subject: SubjectAttributes,
  { id, keyType }: { id: string; keyType: EnrolmentGrant['keyType'] },
  enrolmentKey: KeyObject,
  proofing: Plan['proofing'] = { method: 'in-person', level: 2 },
): EnrolmentGrant {
  const now = Math.floor(Date.now() / 1000)
  return {
    subject,
    credentialClass: id,
    keyType,
    proofing: {
      ...proofing,
      completedAt: now,
      evidenceDigest: sha256(utf8(`papers of ${subject.commonName}`)),
    },
    enrolmentKey: new Uint8Array(enrolmentKey.export({ type: 'spki', format: 'der' })),
    nonce: new Uint8Array(randomBytes(16)),
    notAfter: now + 3600,
  }
}

/** One officer's approval of a grant, under a ticket of his own. */
export async function vouch(
  deployment: KnownDeployment,
  officerId: string,
  grant: EnrolmentGrant,
): Promise<Answered> {
  const url = `${deployment.urls.server}/grants/ticket`
  const { ticket, allow } = await openBrowser().post(url, { officerId })
  const device = loadDevice(deployment.directory, officerId)
  const options = { device, origin: deployment.urls.approval, allow: bytesOf(allow) }
  const answered = answer(grantStatementBytes(String(ticket), grant), options)
  saveDevice(deployment.directory, officerId, device) // its signature counter moved on
  return answered
}

export function bytesOf(list: unknown): Uint8Array[] {
  if (!Array.isArray(list)) throw new Error('not a list of base64url')
  return list.map(text => fromBase64url(String(text)) ?? new Uint8Array())
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest())
}
