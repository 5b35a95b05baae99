/** signatures/signPolling — what became of an asynchronous request. CSC API v2.0.0.2, 11.12. */
import { cscErrorBody, signPollingRequest, signPollingResponse } from '@natsuin/protocol/csc'
import { DOCUMENTS, type DocumentsAnswer } from '../../documents/document-worker.ts'
import { type Access, signersOf } from '../../oauth/access-tokens.ts'
import type { FinishedResponse } from '../../signing/responses.ts'
import { anyToken } from '../admission.ts'
import { RequestRefused } from '../errors.ts'
import { cscMethod, type Reply } from '../method.ts'
import { documentsReply } from './documents-answer.ts'

export const signaturesSignPolling = cscMethod({
  summary: 'The result of an asynchronous request.',
  access: anyToken,
  request: signPollingRequest,
  answers: { 200: signPollingResponse, 202: cscErrorBody },

  async handle({ request: { requestID, userID }, access }, services) {
    const asker = { clientId: access.clientId, signers: signersNamed(userID, access) }
    const finished = await services.responses.find(requestID, asker)
    if (finished === undefined) throw new RequestRefused('response-pending')
    return finished.kind === DOCUMENTS ? documentsOf(finished) : finished.members
  },
})

function documentsOf({ members, documents, document }: FinishedResponse): Reply {
  const { outcome, validationInfo } = members as DocumentsAnswer // as their worker made it
  const files = Array.from({ length: documents }, (_, position) => document(position))
  return documentsReply({ outcome, documents: files, validationInfo })
}

/** As for lists of credentials, in other words. */
function signersNamed(userId: string | undefined, access: Access): readonly string[] {
  const signers = signersOf(access)
  if (access.signerId !== undefined) {
    if (userId !== undefined) throw new RequestRefused('polled-user-id-present')
    return signers
  }
  const named = signers.filter(signerId => signerId === userId)
  if (named.length === 0) throw new RequestRefused('polled-user-id-invalid')
  return named
}
