/**
 * Approvals: from a client's request to a SAD in the SAM (sole-control 4).
 *
 * The server carries: the SAM's ticket to the page, the page's answer to the SAM. It compares what comes back
 * with what was asked, so that an honest client never gets a token for something else; the SAM does not rely
 * on that.
 */
import { approveStatement, type Proof, toWire } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import { type RequestedSignatures, requestedSignatures } from '@natsuin/protocol/request'
import type { SapResponse } from '@natsuin/protocol/sap'
import { base64url, list, readStrictJson } from '@natsuin/protocol/shape'
import { type Clock, epochSeconds } from '../clock.ts'
import type { Approval, ApprovalRepository } from '../storage/approvals.ts'
import { bearerDigest, createHandle } from './bearer.ts'
import { isAsked } from './is-asked.ts'
import type { Sam } from './sam.ts'

/** How long a signer may take; the ticket's own expiry is the SAM's business. */
const LIFETIME_SECONDS = 300

export interface ApprovalRequest {
  /** The interaction of the authorization server that waits for the answer. */
  readonly uid: string
  readonly clientId: string
  readonly request: RequestedSignatures
  /** The JWS in which the client signed the request, if it did. */
  readonly requestObject: string | undefined
  /** When no browser waits: the signer who finds it, and the handle under which the approval page does. */
  readonly outOfBand?: OutOfBand
}

export interface OutOfBand {
  readonly signerId: string
  readonly handle: string
  /** Thumbprint of what the SAD will be bound to. */
  readonly boundTo: string | undefined
}

export interface PendingApproval {
  readonly ticket: string
  readonly allow: readonly Uint8Array[]
  readonly request: RequestedSignatures
  readonly requestObject: string | undefined
}

export type AcceptedSad = SapResponse<'approve'>

export interface Approvals {
  /** The handle under which the approval page finds it: 128 random bits. */
  begin(asked: ApprovalRequest): Promise<string>
  /** @throws Refusal approval-unknown, approval-expired, approval-closed */
  read(handle: string): Promise<PendingApproval>
  /** The interaction that waits, whether the approval is open or not. @throws Refusal approval-unknown */
  interactionOf(handle: string): Promise<string>
  /**
   * Hands the signer's answer to the SAM. The SAD it returns exists; the caller makes it usable and then calls
   * `close`. @throws Refusal of the SAM, or approval-differs
   */
  submit(handle: string, statement: Uint8Array, proof: Proof): Promise<AcceptedSad>
  /** False when it had been closed. */
  close(handle: string, outcome: 'approved' | 'declined'): Promise<boolean>
}

export interface ApprovalParts {
  readonly sam: Sam
  readonly approvals: ApprovalRepository
  readonly clock: Clock
}

export function createApprovals({ sam, approvals, clock }: ApprovalParts): Approvals {
  const known = async (handle: string) => {
    const approval = await approvals.find(bearerDigest(handle))
    if (approval === undefined) throw new Refusal('approval-unknown')
    return approval
  }
  const open = async (handle: string) => {
    const approval = await known(handle)
    if (approval.state !== 'open') throw new Refusal('approval-closed')
    if (approval.expires_at <= epochSeconds(clock())) throw new Refusal('approval-expired')
    return approval
  }
  return {
    async begin({ uid, clientId, request, requestObject, outOfBand }) {
      const { credentialId } = request
      const { ticket, allow } = await sam.call('tickets/approve', { credentialId, clientId })
      const handle = outOfBand?.handle ?? createHandle()
      await approvals.add({
        handle_digest: bearerDigest(handle),
        uid,
        ticket,
        allow: JSON.stringify(toWire(allow)),
        client_id: clientId,
        credential_id: credentialId,
        request: JSON.stringify(toWire(request)),
        request_object: requestObject ?? null,
        signer_id: outOfBand?.signerId ?? null,
        bound_to: outOfBand?.boundTo ?? null,
        state: 'open',
        expires_at: epochSeconds(clock()) + LIFETIME_SECONDS,
      })
      return handle
    },
    read: async handle => pending(await open(handle)),
    interactionOf: async handle => (await known(handle)).uid,
    async submit(handle, statement, proof) {
      const approval = await open(handle)
      checkAnswers(approval, statement)
      const sad = await sam.call('approve', { statement, proof })
      if (sad.clientId !== approval.client_id || sad.credentialId !== approval.credential_id) {
        throw new Refusal('approval-differs', { approval: approval.credential_id, sad: sad.credentialId })
      }
      return sad
    },
    close: (handle, outcome) => approvals.close(bearerDigest(handle), outcome),
  }
}

const allowed = list(base64url({ max: 1023 }), { max: 100 })

function pending(approval: Approval): PendingApproval {
  return {
    ticket: approval.ticket,
    allow: allowed(JSON.parse(approval.allow)),
    request: requestedSignatures(JSON.parse(approval.request)),
    requestObject: approval.request_object ?? undefined,
  }
}

/** The statement is about this approval's ticket, and exactly what was asked for and signed by the client. */
function checkAnswers(approval: Approval, statement: Uint8Array): void {
  const said = readStrictJson(statement, approveStatement)
  const { request, requestObject } = pending(approval)
  const same =
    said.ticket === approval.ticket &&
    said.requestObject === requestObject &&
    said.digestAlgorithm === request.digestAlgorithm &&
    said.items.length === request.items.length &&
    said.items.every((item, i) => isAsked(item, request.items[i]))
  if (!same) throw new Refusal('approval-differs', { credentialId: approval.credential_id })
}
