/**
 * What vouching makes: the one-time key that only the invitation holds, and the statement that the officer's passkey
 * answers (sole-control 6).
 */
import { toBase64url } from '@natsuin/pki/encoding'
import type { Digest, Verifier } from '@natsuin/pki/platform'
import type { CarriedApproval } from '@natsuin/protocol/administration'
import {
  type EnrolmentGrant,
  type GrantStatement,
  type GrantTicket,
  grantStatement,
  grantTicket,
  toWire,
} from '@natsuin/protocol/approval'
import type { CredentialClass } from '@natsuin/protocol/genesis'
import { readStrictJson, ShapeError, writeJson } from '@natsuin/protocol/shape'
import type { Deployment } from '../deployment.ts'
import { Problem } from '../problem.ts'
import { grantTicketAnswer, type Service } from '../service.ts'
import { openTicket } from '../ticket.ts'

export interface OfficerTicket {
  readonly ticketText: string
  /** Opened with the pinned SAM key. */
  readonly ticket: GrantTicket
  /** WebAuthn credential ids of the officer's passkeys. */
  readonly allow: readonly Uint8Array[]
  readonly classes: readonly CredentialClass[]
  readonly grantHours: number
  /** `performance.now()` when the ticket arrived. */
  readonly openedAt: number
}

/** @throws Problem */
export async function askTicket(
  officerId: string,
  { deployment, service, verifier }: { deployment: Deployment; service: Service; verifier: Verifier },
): Promise<OfficerTicket> {
  const { ticket: ticketText, ...told } = await service.post(
    '/grants/ticket',
    { officerId },
    grantTicketAnswer,
  )
  const openedAt = performance.now()
  const ticket = await openTicket(ticketText, grantTicket, deployment, verifier)
  if (ticket.officer.id !== officerId) throw new Problem('request-inconsistent')
  return { ticketText, ticket, ...told, openedAt }
}

export function grantBytes(ticketText: string, grant: EnrolmentGrant): Uint8Array<ArrayBuffer> {
  const statement: GrantStatement = { v: 1, purpose: 'grant', ticket: ticketText, grant }
  return writeJson(toWire(statement))
}

/** As many as the SAM asks for (sole-control 8); it counts for itself. */
export const officersFor = ({ level, keys }: CredentialClass): number =>
  level === 3 || keys === 'imported' ? 2 : 1

export interface FirstVouching {
  readonly approval: CarriedApproval
  readonly grant: EnrolmentGrant
  readonly ticket: GrantTicket
}

/** What another officer vouched for. Whether it was really he, the SAM looks. @throws Problem */
export async function openVouching(
  approval: CarriedApproval,
  deployment: Deployment,
  verifier: Verifier,
): Promise<FirstVouching> {
  const { ticket: ticketText, grant } = statementIn(approval)
  return { approval, grant, ticket: await openTicket(ticketText, grantTicket, deployment, verifier) }
}

function statementIn({ statement }: CarriedApproval): GrantStatement {
  try {
    return readStrictJson(statement, grantStatement)
  } catch (cause) {
    throw cause instanceof ShapeError ? new Problem('errand-malformed', {}, { cause }) : cause
  }
}

export interface EnrolmentKey {
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly privateKey: CryptoKey
}

/** Made in the officer's browser and never anywhere else: with it, whoever is invited shows that it is he. */
export async function createEnrolmentKey(): Promise<EnrolmentKey> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign'])
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey))
  return { publicKey, privateKey: pair.privateKey }
}

export async function invitationLink(
  origin: string,
  grantId: string,
  { privateKey }: EnrolmentKey,
): Promise<string> {
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', privateKey))
  return `${origin}/#enrol=${grantId}&key=${toBase64url(pkcs8)}`
}

/** SHA-256 of a file that stays where it is. */
export async function digestOfFile(file: Blob, platform: Digest): Promise<Uint8Array> {
  return platform.digest('sha256', new Uint8Array(await file.arrayBuffer()))
}
