/**
 * What the approval page does, without a page: statements are written, hashed into a challenge and answered by a
 * device. Attacks use the same pieces with one thing wrong.
 */
import { createHash, type KeyObject, sign } from 'node:crypto'
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { nodePlatform } from '@natsuin/pki/node'
import type { AdministrativeRequest } from '@natsuin/protocol/administration'
import {
  type ApprovalItem,
  type Assertion,
  type EnrolmentGrant,
  enrolmentMessage,
  type Means,
  type Proof,
  type Registration,
  registrationBytes,
  toWire,
} from '@natsuin/protocol/approval'
import { writeJson } from '@natsuin/protocol/shape'
import type { Deviations, SoftwareAuthenticator } from '../authenticator/index.ts'
import { APPROVAL_HOST } from './plan.ts'

export interface Answered {
  readonly statement: Uint8Array
  readonly assertion: Assertion
}

export interface StatementOptions {
  readonly digestAlgorithm?: DigestAlgorithm
  /** What the application signed. */
  readonly requestObject?: string | undefined
}

export function approveStatementBytes(
  ticket: string,
  items: readonly ApprovalItem[],
  { digestAlgorithm = 'sha256', requestObject }: StatementOptions = {},
): Uint8Array {
  const members = {
    v: 1,
    purpose: 'approve',
    ticket,
    digestAlgorithm,
    numSignatures: items.length,
    items,
    ...(requestObject !== undefined && { requestObject }),
  }
  return writeJson(toWire(members))
}

export function enrolStatementBytes(ticket: string): Uint8Array {
  return writeJson({ v: 1, purpose: 'enrol', ticket })
}

export function grantStatementBytes(ticket: string, grant: EnrolmentGrant): Uint8Array {
  return writeJson(toWire({ v: 1, purpose: 'grant', ticket, grant }))
}

export function addAuthenticatorStatementBytes(ticket: string, label: string, registration: Registration) {
  return writeJson(toWire({ v: 1, purpose: 'add-authenticator', ticket, label, registration }))
}

export function removeAuthenticatorStatementBytes(ticket: string): Uint8Array {
  return writeJson({ v: 1, purpose: 'remove-authenticator', ticket })
}

export function administerStatementBytes(ticket: string, request: AdministrativeRequest): Uint8Array {
  return writeJson(toWire({ v: 1, purpose: 'administer', ticket, request }))
}

export interface AnswerOptions {
  readonly device: SoftwareAuthenticator
  /** The approval origin. */
  readonly origin: string
  readonly allow?: readonly Uint8Array[]
  readonly deviations?: Deviations
}

/** `navigator.credentials.get` over a statement. */
export function answer(
  statement: Uint8Array,
  { device, origin, allow, deviations }: AnswerOptions,
): Answered {
  const request = { rpId: APPROVAL_HOST, origin, challenge: challengeOf(statement), ...(allow && { allow }) }
  return { statement, assertion: device.assert({ ...request, ...deviations }) }
}

/** An answer as the proof of an approval. */
export function byPasskey({ statement, assertion }: Answered): { statement: Uint8Array; proof: Proof } {
  return { statement, proof: { kind: 'passkey', assertion } }
}

/** `navigator.credentials.create` over a statement, signed with the one-time enrolment key. */
export async function register(statement: Uint8Array, enrolmentKey: KeyObject, options: AnswerOptions) {
  const { device, origin, deviations } = options
  const request = { rpId: APPROVAL_HOST, origin, challenge: challengeOf(statement) }
  const { registration: passkey } = device.register({ ...request, ...deviations })
  return showMeans(statement, { passkey }, enrolmentKey)
}

/** What a person approves with from now on, signed with the one-time enrolment key. */
export async function showMeans<M extends Means>(statement: Uint8Array, means: M, enrolmentKey: KeyObject) {
  return { statement, means, enrolmentSignature: await signMeans(statement, means, enrolmentKey) }
}

/** A new device is registered under the ticket, and one that the signer has approves the registration. */
export function addDevice(
  ticket: string,
  { device, label, ...options }: Omit<AnswerOptions, 'allow'> & { readonly label: string },
  approving: AnswerOptions,
): Answered {
  const challenge = challengeOf(registrationBytes(ticket))
  const request = { rpId: APPROVAL_HOST, origin: options.origin, challenge }
  const { registration } = device.register({ ...request, ...options.deviations })
  return answer(addAuthenticatorStatementBytes(ticket, label, registration), approving)
}

export async function signMeans(statement: Uint8Array, means: Means, key: KeyObject) {
  return new Uint8Array(sign('sha256', await enrolmentMessage(statement, means, nodePlatform), key))
}

export function challengeOf(statement: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(statement).digest())
}
