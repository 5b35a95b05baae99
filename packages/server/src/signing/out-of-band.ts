/**
 * Approvals that no browser waits for: an application asks, the signer finds it on his account page and approves on the
 * approval page with a passkey, and the application asks whether he has (CSC API v2.0.0.2, 11.6 and 11.7; in v1 its call waits).
 *
 * What the application holds is a handle. The address of the approval page and the SAD follow from it by a key of this server: so
 * neither is stored, and an answer that was lost on its way is given again.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { DigestAlgorithm } from '@natsuin/pki/algorithms'
import { approveTicket, type HashType, peekJws } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import { itemOf, requestedSignatures } from '@natsuin/protocol/request'
import { type Clock, epochSeconds } from '../clock.ts'
import type { Approval, ApprovalRepository } from '../storage/approvals.ts'
import type { Activations } from './activations.ts'
import type { ApprovalParty } from './approval-party.ts'
import type { Approvals } from './approvals.ts'
import { bearerDigest, createHandle } from './bearer.ts'
import { derivedSecret } from './derived-secret.ts'
import { itemLabel } from './item-label.ts'

/** What a signer can look through, and an application can make him look through. */
const MAX_WAITING = 20
/** How often a call that waits looks: the signer may have answered at another process. */
const LOOK_EVERY_MS = 250

export interface OutOfBandRequest {
  readonly signerId: string
  readonly clientId: string
  /** Thumbprint of what the SAD will be bound to. */
  readonly boundTo: string | undefined
  readonly credentialId: string
  readonly digestAlgorithm: DigestAlgorithm
  readonly hashType: HashType
  readonly digests: readonly Uint8Array[]
  /** What the application says they are; may be empty. */
  readonly description: string
}

/** Who asks how it stands. */
export interface Asker {
  readonly clientId: string
  /** Whom it may speak for. */
  readonly signers: readonly string[]
}

/** What stands for the SAD, and when it expires, in seconds. */
export interface ApprovedSad {
  readonly value: string
  readonly expiresAt: number
}

/** As the signer is told on his account page. */
export interface WaitingApproval {
  readonly client: string
  readonly credential: string
  readonly labels: readonly string[]
  /** Seconds. */
  readonly expiresAt: number
  /** Of the approval page. */
  readonly address: string
}

export interface OutOfBandApprovals extends ApprovalParty {
  /** The handle. @throws Refusal `approvals-too-many` and those of the SAM */
  begin(request: OutOfBandRequest): Promise<string>
  /** Undefined as long as the signer has not answered. @throws Refusal `handle-unknown`, `approval-declined`, `approval-unanswered` */
  check(handle: string, asker: Asker): Promise<ApprovedSad | undefined>
  /** Until the signer answers; then nobody asks him any more. @throws Refusal those of `check` */
  wait(handle: string, asker: Asker): Promise<ApprovedSad>
  /** What the signer has not answered yet. */
  waitingFor(signerId: string): Promise<readonly WaitingApproval[]>
}

export interface OutOfBandParts {
  readonly publicUrl: string
  readonly approvalOrigin: string
  readonly approvals: Approvals
  readonly approvalRecords: ApprovalRepository
  readonly activations: Activations
  /** 32 bytes. */
  readonly finishKey: Uint8Array
  /** For how long a call waits. */
  readonly waitSeconds: number
  readonly clock: Clock
}

export function createOutOfBandApprovals(parts: OutOfBandParts): OutOfBandApprovals {
  const { approvalRecords, publicUrl, clock } = parts
  const waiting = (signerId: string) => approvalRecords.openOf(signerId, epochSeconds(clock()))
  return {
    async begin(request) {
      if ((await waiting(request.signerId)).length >= MAX_WAITING) throw new Refusal('approvals-too-many')
      return begin(parts, request)
    },
    check: (handle, asker) => check(parts, handle, asker),
    wait: (handle, asker) => wait(parts, handle, asker),
    waitingFor: async signerId => (await waiting(signerId)).map(approval => told(parts, approval)),
    async approve(uid, sad) {
      const approval = await approvalRecords.findByInteraction(uid)
      const boundTo = approval?.bound_to ?? undefined
      await parts.activations.keepGivenOut(sad, boundTo, sadValue(parts, uid))
      return accountPage(publicUrl)
    },
    decline: async () => accountPage(publicUrl),
  }
}

const accountPage = (publicUrl: string): string => `${publicUrl}/account/`

async function begin(parts: OutOfBandParts, request: OutOfBandRequest): Promise<string> {
  const { signerId, clientId, boundTo, credentialId, digestAlgorithm, hashType, digests, description } =
    request
  const handle = createHandle()
  const uid = uidOf(handle)
  const items = digests.map((digest, i) => itemOf(itemLabel(description, i), hashType, digest))
  await parts.approvals.begin({
    uid,
    clientId,
    request: { credentialId, digestAlgorithm, items, locations: [] },
    requestObject: undefined,
    outOfBand: { signerId, boundTo, handle: pageHandle(parts, uid) },
  })
  return handle
}

async function check(parts: OutOfBandParts, handle: string, asker: Asker): Promise<ApprovedSad | undefined> {
  const uid = uidOf(handle)
  const approval = await parts.approvalRecords.findByInteraction(uid)
  // What is somebody else's is as unknown as what never was.
  if (approval === undefined || !isTheirs(approval, asker)) throw new Refusal('handle-unknown')
  if (approval.state === 'declined') throw new Refusal('approval-declined')
  const now = epochSeconds(parts.clock())
  if (approval.state === 'open' && approval.expires_at > now) return undefined
  const value = sadValue(parts, uid)
  const held = approval.bound_to === null ? [] : [approval.bound_to]
  const activation = approval.state === 'open' ? undefined : await parts.activations.findGivenOut(value, held)
  // An approval that came to nothing is one that was not given: the signer is asked again.
  if (activation === undefined) throw new Refusal('approval-unanswered')
  if (activation.expires_at <= now) throw new Refusal('sad-expired')
  return { value, expiresAt: activation.expires_at }
}

function isTheirs({ client_id, signer_id }: Approval, { clientId, signers }: Asker): boolean {
  return client_id === clientId && signer_id !== null && signers.includes(signer_id)
}

async function wait(parts: OutOfBandParts, handle: string, asker: Asker): Promise<ApprovedSad> {
  for (let waited = 0; waited < parts.waitSeconds * 1000; waited += LOOK_EVERY_MS) {
    const approved = await check(parts, handle, asker)
    if (approved !== undefined) return approved
    await sleep(LOOK_EVERY_MS)
  }
  const withdrawn = await parts.approvals.close(pageHandle(parts, uidOf(handle)), 'declined')
  const approved = withdrawn ? undefined : await check(parts, handle, asker)
  if (approved === undefined) throw new Refusal('approval-unanswered')
  return approved
}

function told(parts: OutOfBandParts, approval: Approval): WaitingApproval {
  const { uid, ticket, request, expires_at: expiresAt } = approval
  const { client, credential } = peekJws(ticket, 'natsuin-ticket', approveTicket)
  const { items } = requestedSignatures(JSON.parse(request))
  return {
    client: client.name,
    credential: credential.label,
    labels: items.map(({ label }) => label),
    expiresAt,
    address: `${parts.approvalOrigin}/#approve=${pageHandle(parts, uid)}`,
  }
}

/** Ids of interactions have no colon. */
const PREFIX = 'out-of-band:'

export const isOutOfBand = (uid: string): boolean => uid.startsWith(PREFIX)

const uidOf = (handle: string): string => `${PREFIX}${bearerDigest(handle)}`

const HANDLE_CHARACTERS = 22

/** What the approval page finds it by: 128 bits, as those of other approvals are. */
const pageHandle = ({ finishKey }: OutOfBandParts, uid: string): string =>
  derivedSecret(finishKey, 'page', uid).slice(0, HANDLE_CHARACTERS)

const sadValue = ({ finishKey }: OutOfBandParts, uid: string): string => derivedSecret(finishKey, 'sad', uid)
