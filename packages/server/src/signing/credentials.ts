/** Credentials as their signers and clients see them. */
import { fromBase64 } from '@natsuin/pki/encoding'
import { type Certificate, parseCertificate } from '@natsuin/pki/x509'
import type { ApprovalKind } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import { type Clock, epochSeconds } from '../clock.ts'
import type { CredentialRecord, CredentialRepository } from '../storage/credentials.ts'

export type CredentialStatus = 'valid' | 'expired' | 'revoked'

export interface Credential extends Omit<CredentialRecord, 'approvals'> {
  readonly status: CredentialStatus
  /** By which means its owner may approve. */
  readonly approvals: readonly ApprovalKind[]
}

export interface Credentials {
  /** One of any of these signers'; unknown, foreign and deleted ones are the same to who asks. @throws Refusal credential-unknown */
  belongingTo(signerIds: readonly string[], credentialId: string): Promise<Credential>
  /** The same, and deleted ones too: what they signed stays signed. @throws Refusal credential-unknown */
  onceBelongingTo(signerIds: readonly string[], credentialId: string): Promise<Credential>
  listOf(signerId: string): Promise<readonly Credential[]>
}

export function createCredentials(credentials: CredentialRepository, clock: Clock): Credentials {
  const judged = (record: CredentialRecord): Credential => ({
    ...record,
    status: statusOf(record, epochSeconds(clock())),
    approvals: approvalsOf(record),
  })
  const onceBelongingTo: Credentials['onceBelongingTo'] = async (signerIds, credentialId) => {
    const record = await credentials.find(credentialId)
    const own = record !== undefined && signerIds.includes(record.signer_id)
    if (!own) throw new Refusal('credential-unknown')
    return judged(record)
  }
  return {
    onceBelongingTo,
    async belongingTo(signerIds, credentialId) {
      const credential = await onceBelongingTo(signerIds, credentialId)
      if (credential.deleted_at !== null) throw new Refusal('credential-unknown')
      return credential
    },
    async listOf(signerId) {
      const all = await credentials.belongingTo(signerId)
      return all.filter(({ deleted_at }) => deleted_at === null).map(judged)
    },
  }
}

/** Ways to approve of which an application collects a PIN and a code. A class has one of them at most. */
export type CodeMeans = Extract<ApprovalKind, 'pin-totp' | 'pin-sent-code'>

export const codeMeansIn = (approvals: readonly ApprovalKind[]): CodeMeans | undefined =>
  (['pin-totp', 'pin-sent-code'] as const).find(kind => approvals.includes(kind))

// Written by the enrolment alone.
const approvalsOf = ({ approvals }: CredentialRecord) => JSON.parse(approvals) as readonly ApprovalKind[]

function statusOf(record: CredentialRecord, now: number): CredentialStatus {
  if (record.revoked_at !== null) return 'revoked'
  return now > record.not_after ? 'expired' : 'valid'
}

/** DER, end entity first, root last. */
export function certificatesOf(record: Pick<CredentialRecord, 'certificates'>): readonly Uint8Array[] {
  return (JSON.parse(record.certificates) as string[]).map(text => {
    const der = fromBase64(text)
    if (der === undefined) throw new TypeError('a stored certificate is not base64')
    return der
  })
}

/** The end entity's certificate. */
export function endEntityOf(record: Pick<CredentialRecord, 'certificates'>): Certificate {
  const [endEntity] = certificatesOf(record)
  if (endEntity === undefined) throw new TypeError('a credential without certificates')
  return parseCertificate(endEntity)
}
