/** `/approvals/:handle` — what the approval page fetches and answers (sole-control 4). */
import { proof, toWire } from '@natsuin/protocol/approval'
import { Refusal } from '@natsuin/protocol/refusal'
import { base64url, record } from '@natsuin/protocol/shape'
import type { FastifyInstance } from 'fastify'
import type { ApprovalParty } from '../signing/approval-party.ts'
import type { Approvals } from '../signing/approvals.ts'

/** A thousand statements' worth of signed attributes, in base64url. */
const MAX_BODY_BYTES = 10 * 1024 * 1024

const answer = record({ statement: base64url({ max: 8_000_000 }), proof })

type Handle = { Params: { handle: string } }

/** @param partyOf who waits for an approval, by what it is known to him by */
export function approvalRoutes(approvals: Approvals, partyOf: (uid: string) => ApprovalParty) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get<Handle>('/:handle', async ({ params: { handle } }) => {
      const { ticket, allow, request, requestObject } = await approvals.read(handle)
      if (requestObject !== undefined)
        return toWire({ ticket, allow, request: { kind: 'signed', requestObject } })
      // Which credential it is about, the page takes from the ticket and from nowhere else.
      const { digestAlgorithm, items } = request
      return toWire({ ticket, allow, request: { kind: 'plain', digestAlgorithm, items } })
    })

    app.post<Handle>('/:handle', { bodyLimit: MAX_BODY_BYTES }, async ({ params: { handle }, body }) => {
      const { statement, proof: given } = answer(body)
      const uid = await approvals.interactionOf(handle)
      const sad = await approvals.submit(handle, statement, given)
      // Closed first: from then on the interaction goes on only with what this answer carries.
      if (!(await approvals.close(handle, 'approved'))) throw new Refusal('approval-closed')
      return { continue: await partyOf(uid).approve(uid, sad) }
    })

    app.post<Handle>('/:handle/decline', async ({ params: { handle } }) => {
      await approvals.read(handle)
      const uid = await approvals.interactionOf(handle)
      if (!(await approvals.close(handle, 'declined'))) throw new Refusal('approval-closed')
      return { continue: await partyOf(uid).decline(uid) }
    })
  }
}
