/**
 * `documents` and `documentDigests` of signatures/signDoc, read in the standard's words. CSC API v2.0.0.2, 11.11.
 *
 * What one call asks for is of one format, envelope and algorithm: how a client would tell which result belongs to which
 * document is not defined otherwise (`allowMix`).
 */
import { type DigestAlgorithm, digestAlgorithms, digestByOid, type KeyType } from '@natsuin/pki/algorithms'
import { fromBase64 } from '@natsuin/pki/encoding'
import {
  digestToSign,
  documentToSign,
  isRecord,
  MAX_HASHES,
  type ObjectOf,
  type signDocRequest,
} from '@natsuin/protocol/csc'
import type { SpooledDocument } from '../../documents/base64-file.ts'
import { envelopeOf, isReachable, levelNamed, type Outcome } from '../../documents/offer.ts'
import type { DocumentToSign } from '../../documents/sign-documents.ts'
import type { SignedProperty } from '../../documents/task.ts'
import { type ChosenAlgorithm, chooseAlgorithm, type Signs } from '../algorithms.ts'
import { RequestRefused } from '../errors.ts'
import { checkSizes } from '../hashes.ts'
import { readRequest } from '../request.ts'

type SignDocRequest = ObjectOf<(typeof signDocRequest)['members']>
type Document = ObjectOf<(typeof documentToSign)['members']>
type Digest = ObjectOf<(typeof digestToSign)['members']>

/** One entry of either list: one document, or digests that are signed alike. */
type Entry =
  | { readonly from: 'document'; readonly asked: Document; readonly path: string }
  | { readonly from: 'digest'; readonly asked: Digest; readonly digests: readonly Uint8Array[] }

/** @throws RequestRefused */
export function readEntries(
  { documents, documentDigests }: SignDocRequest,
  spooled: readonly SpooledDocument[],
): readonly Entry[] {
  if (documentDigests !== undefined && !Array.isArray(documentDigests)) {
    throw new RequestRefused('document-digests-invalid')
  }
  if (documents !== undefined && !Array.isArray(documents)) throw new RequestRefused('documents-invalid')
  const [digests = [], whole = []] = [documentDigests, documents]
  if (digests.length > 0 && whole.length > 0) throw new RequestRefused('documents-and-digests')
  if (digests.length === 0 && whole.length === 0) throw new RequestRefused('documents-missing')
  const entries = [...digests.map(readDigests), ...whole.map(entry => readDocument(entry, spooled))]
  const counts = entries.map(entry => (entry.from === 'digest' ? entry.digests.length : 1))
  if (counts.reduce((sum, count) => sum + count, 0) > MAX_HASHES) throw new RequestRefused('hashes-too-many')
  return entries
}

function readDocument(entry: unknown, spooled: readonly SpooledDocument[]): Entry {
  const asked = readRequest(documentToSign, 'v2', recordOf(entry, 'documents-invalid'))
  const document = typeof asked.document === 'string' ? spooled[Number(asked.document)] : undefined
  if (document === undefined || !document.isBase64 || document.size === 0) {
    throw new RequestRefused('documents-not-base64')
  }
  return { from: 'document', asked, path: document.path }
}

function readDigests(entry: unknown): Entry {
  const asked = readRequest(digestToSign, 'v2', recordOf(entry, 'document-digests-invalid'))
  const given: unknown[] = Array.isArray(asked.hashes) ? asked.hashes : [asked.hashes]
  if (given.length === 0) throw new RequestRefused('documents-missing')
  const digests = given.map(hash => (typeof hash === 'string' && hash !== '' ? fromBase64(hash) : undefined))
  const isWhole = digests.every(digest => digest !== undefined)
  if (!isWhole) throw new RequestRefused('document-hashes-not-base64')
  return { from: 'digest', asked, digests }
}

function recordOf(entry: unknown, otherwise: 'documents-invalid' | 'document-digests-invalid') {
  if (!isRecord(entry)) throw new RequestRefused(otherwise)
  return entry
}

export interface AskedDocuments extends ChosenAlgorithm {
  readonly documents: readonly DocumentToSign[]
  readonly outcome: Outcome
}

/** What is asked for of this key. @throws RequestRefused, Refusal `digest-length` */
export function askedDocuments(entries: readonly Entry[], keyType: KeyType, signs: Signs): AskedDocuments {
  const asked = entries.map(entry => askedOf(entry, keyType, signs))
  const [first] = asked
  if (first === undefined) throw new RequestRefused('documents-missing')
  for (const other of asked) checkAlike(first, other)
  return { ...first, documents: asked.flatMap(({ documents }) => documents) }
}

type Asked = AskedDocuments & { readonly format: string; readonly envelope: string }

function askedOf(entry: Entry, keyType: KeyType, signs: Signs): Asked {
  const { from, asked } = entry
  const chosen = chosenFor(entry, keyType, signs)
  const { signature_format: format, conformance_level: named = 'AdES-B-B', referenceUri = 'document' } = asked
  const envelope = envelopeOf(format, from, asked.signed_envelope_property ?? '')
  if (envelope === undefined) throw new RequestRefused('envelope-invalid')
  const level = levelNamed(named)
  if (level === undefined || !isReachable(format, from, level))
    throw new RequestRefused('conformance-level-invalid')
  const properties = readProperties(asked.signed_props)
  const alike = { format, envelope: envelope.name, level, properties, referenceUri }
  const sources = sourcesOf(entry, chosen.digestAlgorithm)
  const { outcome, name } = envelope
  return {
    ...chosen,
    outcome,
    format,
    envelope: name,
    documents: sources.map(source => ({ ...alike, source })),
  }
}

function sourcesOf(entry: Entry, algorithm: DigestAlgorithm): readonly DocumentToSign['source'][] {
  if (entry.from === 'document') return [{ path: entry.path }]
  checkSizes(entry.digests, algorithm)
  return entry.digests.map(digest => ({ digest }))
}

/** With a document nothing names the digest where `signAlgo` does not: it is SHA-256 then. */
function chosenFor({ from, asked }: Entry, keyType: KeyType, signs: Signs): ChosenAlgorithm {
  const { signAlgo, signAlgoParams } = asked
  const named = from === 'digest' ? asked.hashAlgorithmOID : undefined
  const plain = { signAlgo, ...(signAlgoParams === undefined ? {} : { signAlgoParams }) }
  try {
    return chooseAlgorithm(keyType, signs, {
      ...plain,
      ...(named === undefined ? {} : { hashAlgorithmOID: named }),
    })
  } catch (error) {
    const code = error instanceof RequestRefused ? error.code : undefined
    if (code === 'hash-algorithm-missing' && from === 'document') {
      return chooseAlgorithm(keyType, signs, { ...plain, hashAlgorithmOID: digestAlgorithms.sha256.oid })
    }
    const isKnown = named !== undefined && digestByOid(named) !== undefined
    throw code === 'hash-algorithm-invalid' && isKnown
      ? new RequestRefused('hash-algorithm-contradicts')
      : error
  }
}

function checkAlike(one: Asked, other: Asked): void {
  if (one.format !== other.format) throw new RequestRefused('signature-format-invalid')
  if (one.envelope !== other.envelope) throw new RequestRefused('envelope-invalid')
  if (one.signatureAlgorithm !== other.signatureAlgorithm) throw new RequestRefused('sign-algo-invalid')
}

function readProperties(given: unknown): readonly SignedProperty[] {
  if (given === undefined) return []
  if (!Array.isArray(given)) throw new RequestRefused('signed-props-invalid')
  return given.map(readProperty)
}

function readProperty(given: unknown): SignedProperty {
  const { attribute_name: name, attribute_value: value } = Object(given)
  if (typeof name !== 'string') throw new RequestRefused('signed-props-invalid')
  if (value === undefined || value === null) return { name }
  const bytes = typeof value === 'string' ? fromBase64(value) : undefined
  if (bytes === undefined) throw new RequestRefused('signed-props-invalid', name)
  return { name, value: bytes }
}
