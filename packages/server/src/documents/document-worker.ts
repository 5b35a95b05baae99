/** Signs the documents of an asynchronous `signatures/signDoc`. */
import { fromBase64, toBase64 } from '@natsuin/pki/encoding'
import { Refusal } from '@natsuin/protocol/refusal'
import type { ResponseWork, ResponseWorker } from '../signing/responses.ts'
import type { ActivationRecord, ActivationRepository } from '../storage/activations.ts'
import type { CredentialRepository } from '../storage/credentials.ts'
import type { Outcome } from './offer.ts'
import type { DocumentSigner, DocumentSigning, DocumentToSign } from './sign-documents.ts'
import type { Spool, SpoolFolder } from './spool.ts'
import type { ValidationInfo } from './task.ts'

export const DOCUMENTS = 'documents'

/** What whoever accepts one knows of it. */
export interface DocumentsToSign
  extends Pick<
    DocumentSigning,
    'documents' | 'digestAlgorithm' | 'signatureAlgorithm' | 'signingTime' | 'withValidationInfo'
  > {
  readonly activation: ActivationRecord
  readonly outcome: Outcome
}

export interface DocumentsAnswer {
  readonly outcome: Outcome
  /** Base64 of DER. */
  readonly validationInfo: Readonly<Record<string, readonly string[]>> | undefined
}

/** As it is written into the database, with the files that go beside it. */
export function documentsRequest({ documents, activation, signingTime, ...asked }: DocumentsToSign) {
  const paths = documents.flatMap(({ source }) => ('path' in source ? [source.path] : []))
  const written = documents.map(({ source, properties, ...document }) => ({
    ...document,
    digest: 'digest' in source ? toBase64(source.digest) : undefined,
    properties: properties.map(({ name, value }) => ({ name, value: value && toBase64(value) })),
  }))
  const { grant_digest: grantDigest } = activation
  const request = { ...asked, grantDigest, signingTime: signingTime.toISOString(), documents: written }
  return { request: { kind: DOCUMENTS, ...request }, paths }
}

type StoredRequest = ReturnType<typeof documentsRequest>['request']
type StoredDocument = StoredRequest['documents'][number]

export interface DocumentWorkerParts {
  readonly signer: DocumentSigner
  readonly spool: Spool
  readonly activations: Pick<ActivationRepository, 'find'>
  readonly credentials: Pick<CredentialRepository, 'find'>
}

export function createDocumentWorker(parts: DocumentWorkerParts): ResponseWorker {
  return async work => {
    const folder = await parts.spool.folder()
    try {
      return await signed(parts, work, folder)
    } finally {
      await folder.remove()
    }
  }
}

async function signed(
  { signer, activations, credentials }: DocumentWorkerParts,
  { request, restore, keep, clientId, requestId }: ResponseWork,
  folder: SpoolFolder,
) {
  const { outcome, grantDigest, signingTime, documents, ...asked } = request as unknown as StoredRequest
  const activation = await activations.find(grantDigest)
  const credential = activation && (await credentials.find(activation.credential_id))
  if (activation === undefined || credential === undefined) throw new Refusal('sad-unknown')
  const restored: DocumentToSign[] = []
  for (const [i, document] of documents.entries()) {
    const path = folder.path(`document-${i}`)
    if (document.digest === undefined) await restore(i, path)
    restored.push(restoredFrom(document, path))
  }
  const { paths, validationInfo } = await signer.sign({
    ...asked,
    documents: restored,
    credential,
    activation,
    clientId,
    requestId,
    signingTime: new Date(signingTime),
    outputPath: index => folder.path(`signed-${index}`),
  })
  await keep(paths)
  const members: DocumentsAnswer = { outcome, validationInfo: validationInfo && inBase64(validationInfo) }
  return { members, documents: paths.length }
}

function restoredFrom({ digest, properties, ...document }: StoredDocument, path: string): DocumentToSign {
  const source = digest === undefined ? { path } : { digest: fromBase64(digest) ?? new Uint8Array() }
  const read = properties.map(({ name, value }) => ({
    name,
    ...(value === undefined ? {} : { value: fromBase64(value) ?? new Uint8Array() }),
  }))
  return { ...document, source, properties: read }
}

/** Of what could not be had there is no empty list (CSC API v2.0.0.2, 11.11). */
export function inBase64(info: ValidationInfo): Readonly<Record<string, readonly string[]>> {
  const lists = Object.entries(info).filter(([, ders]) => ders.length > 0)
  return Object.fromEntries(lists.map(([name, ders]) => [name, ders.map(toBase64)]))
}
