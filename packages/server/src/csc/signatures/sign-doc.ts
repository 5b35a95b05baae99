/**
 * signatures/signDoc — signatures in documents, or around digests of them. CSC API v2.0.0.2, 11.11.
 *
 * What is signed is computed here, so what the signer approved is compared by the SAM: the digest of the whole document
 * (`sodr`), or of what the client calls one (`sdr`).
 */
import { signDocRequest, signDocResponse } from '@natsuin/protocol/csc'
import { documentsRequest, inBase64 } from '../../documents/document-worker.ts'
import { anyToken } from '../admission.ts'
import { cscMethod } from '../method.ts'
import { readMode } from './asynchronous.ts'
import { authorised } from './authorised.ts'
import { documentsReply, fromFiles } from './documents-answer.ts'
import { askedDocuments, readEntries } from './documents-to-sign.ts'

export const signaturesSignDoc = cscMethod({
  summary: 'Signs documents that the signer approved, in any format of AdES.',
  access: anyToken,
  request: signDocRequest,
  takesDocuments: true,
  answers: { 200: signDocResponse },

  async handle({ request, access, idempotencyKey, upload }, services) {
    const asynchronous = readMode(request)
    const { documents: spooled, folder } = upload()
    const entries = readEntries(request, spooled)
    const { activation, credential } = await authorised(request, access, services)
    const { key_type: keyType } = credential
    const asked = askedDocuments(entries, keyType, await services.algorithms.of(keyType))
    const { clientId } = access
    const withValidationInfo = request.returnValidationInfo ?? needsValidationInfo(asked)
    const signing = { ...asked, withValidationInfo }
    if (asynchronous !== undefined) {
      const { request, paths } = documentsRequest({ ...signing, activation, signingTime: services.clock() })
      const accepted = { clientId, signerId: activation.signer_id, request, paths, ...asynchronous }
      return { responseID: await services.responses.accept(accepted) }
    }
    const { paths, validationInfo } = await services.documentSigner.sign({
      ...signing,
      credential,
      activation,
      clientId,
      signingTime: await services.signingTimes.of({ activation, clientId, idempotencyKey }),
      requestId: idempotencyKey,
      outputPath: index => folder.path(`signed-${index}`),
    })
    const { outcome } = asked
    return documentsReply({
      outcome,
      documents: fromFiles(paths),
      validationInfo: validationInfo && inBase64(validationInfo),
    })
  },
})

/** Of a PDF signature from a digest the service cannot put it into the document (11.11). */
function needsValidationInfo({ documents }: ReturnType<typeof askedDocuments>): boolean {
  return documents.some(
    ({ format, level, source }) => format === 'P' && level === 'B-LT' && 'digest' in source,
  )
}
