/**
 * Signs documents with what their signer approved: one after another is prepared in a thread, the SAM signs all of them or
 * none, one after another is completed in a thread.
 *
 * What the key signs is computed after the approval, so the SAM is told what was approved with it: the digest of a document,
 * or of what the client calls one.
 */

import type { BaselineLevel } from '@natsuin/ades/pades'
import type { DigestAlgorithm, SignatureAlgorithm } from '@natsuin/pki/algorithms'
import { equal } from '@natsuin/pki/encoding'
import { Refusal } from '@natsuin/protocol/refusal'
import type { AskedDocument } from '@natsuin/protocol/sap'
import type { Activations } from '../signing/activations.ts'
import { certificatesOf } from '../signing/credentials.ts'
import type { ActivationRecord } from '../storage/activations.ts'
import type { CredentialRecord } from '../storage/credentials.ts'
import type { AuthorityDirectory } from './authority-directory.ts'
import type { DocumentQuestions, DocumentThreads } from './document-threads.ts'
import type { SignatureFormat } from './offer.ts'
import { type DocumentRefusalCode, DocumentRefused } from './refusal.ts'
import type { DocumentTask, MadeSignature, PreparedDocument, SignedProperty, ValidationInfo } from './task.ts'

/** One signature that is asked for. */
export interface DocumentToSign {
  readonly format: SignatureFormat
  readonly envelope: string
  readonly level: BaselineLevel
  readonly source: DocumentTask['source']
  readonly properties: readonly SignedProperty[]
  readonly referenceUri: string
}

export interface DocumentSigning {
  readonly documents: readonly DocumentToSign[]
  readonly credential: Pick<CredentialRecord, 'credential_id' | 'certificates'>
  readonly activation: ActivationRecord
  readonly clientId: string
  readonly digestAlgorithm: DigestAlgorithm
  readonly signatureAlgorithm: SignatureAlgorithm
  readonly signingTime: Date
  readonly requestId: string
  readonly withValidationInfo: boolean
  /** Where what is made goes: one name for each document. */
  readonly outputPath: (index: number) => string
}

export interface SignedDocuments {
  readonly paths: readonly string[]
  readonly validationInfo: ValidationInfo | undefined
}

export interface DocumentSigner {
  /** @throws DocumentRefused, or Refusal: of the SAM, or `documents-busy` before anything is signed */
  sign(signing: DocumentSigning): Promise<SignedDocuments>
}

export interface DocumentSignerParts {
  readonly threads: DocumentThreads
  readonly activations: Pick<Activations, 'signDocuments'>
  readonly authorities: AuthorityDirectory
}

export function createDocumentSigner(parts: DocumentSignerParts): DocumentSigner {
  return { sign: signing => parts.threads.admit(questions => sign(parts, signing, questions)) }
}

async function sign(
  { activations, authorities }: DocumentSignerParts,
  signing: DocumentSigning,
  questions: DocumentQuestions,
): Promise<SignedDocuments> {
  const addresses = await authorities.addresses()
  const tasks = signing.documents.map((document, i) => taskOf(document, signing, { addresses, index: i }))
  const prepared = await oneByOne(tasks, task => questions.prepare(task))
  const made = await signed(activations, signing, { tasks, prepared })
  const infos = await oneByOne(tasks, (task, i) => questions.complete(task, at(prepared, i), at(made, i)))
  const told = infos.filter(info => info !== undefined)
  return {
    paths: tasks.map(({ outputPath }) => outputPath),
    validationInfo: told.length === 0 ? undefined : merged(told),
  }
}

/** So that a call with many documents leaves turns to the others. */
async function oneByOne<T, R>(
  values: readonly T[],
  work: (value: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = []
  for (const [i, value] of values.entries()) results.push(await work(value, i))
  return results
}

function taskOf(
  document: DocumentToSign,
  { credential, signatureAlgorithm, signingTime, withValidationInfo, outputPath }: DocumentSigning,
  { addresses, index }: { readonly addresses: DocumentTask['authorities']; readonly index: number },
): DocumentTask {
  const [signingCertificate, ...issuers] = certificatesOf(credential)
  if (signingCertificate === undefined) throw new TypeError('a credential without certificates')
  // The root is what a verifier has to have already.
  const chain = issuers.slice(0, -1)
  const certificates = { signingCertificate, chain, authorities: addresses }
  const asked = { signatureAlgorithm, signingTime, withValidationInfo }
  return { ...document, ...certificates, ...asked, outputPath: outputPath(index) }
}

async function signed(
  activations: DocumentSignerParts['activations'],
  { activation, credential, clientId, digestAlgorithm, signatureAlgorithm, requestId }: DocumentSigning,
  {
    tasks,
    prepared,
  }: { readonly tasks: readonly DocumentTask[]; readonly prepared: readonly PreparedDocument[] },
): Promise<readonly MadeSignature[]> {
  const dtbsrs = prepared.map((one, i) => askedOf(one, at(tasks, i)))
  const asked = { credentialId: credential.credential_id, clientId, digestAlgorithm, signatureAlgorithm }
  const { signatures, made } = await activations
    .signDocuments(activation, { ...asked, dtbsrs, requestId })
    .catch(asDocumentRefusal)
  return signatures.map((signatureValue, i) => ({ signatureValue, signedAttributes: made.get(i) }))
}

/** Where what was approved is another document, and where it is not so much (CSC API v2.0.0.2, 11.11). */
const OF_APPROVAL: Readonly<Record<string, DocumentRefusalCode>> = {
  'dtbsr-not-authorised': 'document-not-approved',
  'multisign-exceeded': 'documents-not-covered',
  'sad-other-credential': 'documents-not-covered',
}

function asDocumentRefusal(error: unknown): never {
  const code = error instanceof Refusal ? OF_APPROVAL[error.code] : undefined
  throw code === undefined ? error : new DocumentRefused(code, '', { cause: error })
}

/** A longer preimage stays here: it would only be evidence, and the payload of a JSON signature is a document. */
const MAX_DTBS_BYTES = 16 * 1024

/** `sodr` is a document, `sdr` what a client has of one. Attributes of PDF signatures are made over digests alone. */
function askedOf(
  { documentDigest, representation }: PreparedDocument,
  { source }: DocumentTask,
): AskedDocument {
  const hashType = 'path' in source ? 'sodr' : 'sdr'
  if ('cms' in representation) {
    const { cms } = representation
    return cms === 'cades' && hashType === 'sodr'
      ? { hashType, documentDigest, cms }
      : { hashType: 'sdr', documentDigest, cms }
  }
  const { dtbsr, dtbs } = representation
  return { hashType, documentDigest, dtbsr, ...(dtbs.length > MAX_DTBS_BYTES ? {} : { dtbs }) }
}

/** Everything once, whichever signature it is for. */
function merged(infos: readonly ValidationInfo[]): ValidationInfo {
  const all = (kind: keyof ValidationInfo) => unique(infos.flatMap(info => info[kind]))
  return { ocsp: all('ocsp'), crl: all('crl'), certificates: all('certificates') }
}

const unique = (values: readonly Uint8Array[]): readonly Uint8Array[] =>
  values.filter((value, i) => values.findIndex(other => equal(other, value)) === i)

function at<T>(values: readonly T[], index: number): T {
  const value = values[index]
  if (value === undefined) throw new TypeError('one was expected for each document')
  return value
}
