/** Software of an organisation that approves with a seal key, nobody present: enrols, seals, and gets its token. */
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import {
  type ApprovalItem,
  finishSeal,
  type Proof,
  type SealKey,
  type SubjectAttributes,
  sealInput,
  toWire,
} from '@natsuin/protocol/approval'
import { openBrowser } from './browser.ts'
import { approveStatementBytes, enrolStatementBytes, type StatementOptions, showMeans } from './ceremonies.ts'
import type { KnownDeployment } from './deployment.ts'
import { invite } from './officer.ts'
import type { ClientPlan } from './plan.ts'

export const ORGANISATION: SubjectAttributes = {
  commonName: 'Example K.K.',
  organizationName: 'Example K.K.',
  organizationIdentifier: 'NTRJP-1010001000001',
  countryName: 'JP',
}

export interface Sealer {
  readonly signerId: string
  readonly credentialId: string
  readonly sealKey: KeyObject
}

export const newSealKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

/** A seal over the statement (RFC 7515, appendix F). */
export function sealOver(statement: Uint8Array, key: KeyObject): string {
  return finishSeal(sign('sha256', sealInput(statement), { key, dsaEncoding: 'ieee-p1363' }))
}

/** The key as it is enrolled under this statement. */
export function shownSealKey(statement: Uint8Array, key: KeyObject): SealKey {
  const publicKey = new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }))
  return { publicKey, seal: sealOver(statement, key) }
}

/** A sealed approval. */
export function bySeal(statement: Uint8Array, key: KeyObject): { statement: Uint8Array; proof: Proof } {
  return { statement, proof: { kind: 'seal-key', seal: sealOver(statement, key) } }
}

/** Grant, seal key, key, certificate. */
export async function enrolSealer(
  deployment: KnownDeployment,
  subject: SubjectAttributes,
  classId: string,
): Promise<Sealer> {
  const { grantId, enrolmentKey } = await invite(deployment, subject, classId)
  const sealKey = newSealKey()
  const software = openBrowser()
  const url = `${deployment.urls.server}/enrolments/${grantId}`
  const { ticket } = await software.get(url)
  const statement = enrolStatementBytes(String(ticket))
  const means = { sealKey: shownSealKey(statement, sealKey) }
  const enrolled = await software.post(url, toWire(await showMeans(statement, means, enrolmentKey)))
  return { signerId: String(enrolled['signerId']), credentialId: String(enrolled['credentialId']), sealKey }
}

/** A ticket, these items sealed under it, and the token that stands for what the SAM accepted. */
export async function sealedToken(
  { urls }: KnownDeployment,
  { id, secret = '' }: Pick<ClientPlan, 'id' | 'secret'>,
  { credentialId, sealKey }: Sealer,
  items: readonly ApprovalItem[],
  options: StatementOptions = {},
): Promise<string> {
  const shown = [id, secret].map(encodeURIComponent).join(':')
  const headers = { authorization: `Basic ${Buffer.from(shown).toString('base64')}` }
  const software = openBrowser()
  const seals = `${urls.server}/natsuin/v1/seals`
  const { ticket } = await software.post(`${seals}/ticket`, { credentialID: credentialId }, headers)
  const statement = approveStatementBytes(String(ticket), items, options)
  const body = toWire({ statement, seal: sealOver(statement, sealKey) })
  return String((await software.post(seals, body, headers))['access_token'])
}
