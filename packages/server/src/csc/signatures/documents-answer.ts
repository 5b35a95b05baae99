/**
 * The answer of signatures/signDoc, and of signatures/signPolling after one: JSON that is written as it is read from where the
 * documents are, never whole in memory. CSC API v2.0.0.2, 11.11 and 11.12.
 */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { base64Of } from '../../documents/base64-text.ts'
import type { Outcome } from '../../documents/offer.ts'
import { Reply } from '../method.ts'

const MEMBERS: Readonly<Record<Outcome, string>> = {
  document: 'DocumentWithSignature',
  signature: 'SignatureObject',
}

export interface WrittenDocuments {
  readonly outcome: Outcome
  readonly documents: readonly AsyncIterable<Uint8Array>[]
  readonly validationInfo: object | undefined
}

export const fromFiles = (paths: readonly string[]): readonly AsyncIterable<Uint8Array>[] =>
  paths.map(path => createReadStream(path))

export function documentsReply(answer: WrittenDocuments): Reply {
  return new Reply(200, Readable.from(textOf(answer)))
}

async function* textOf({ outcome, documents, validationInfo }: WrittenDocuments): AsyncGenerator<string> {
  yield `{"${MEMBERS[outcome]}":[`
  for (const [i, document] of documents.entries()) {
    yield i === 0 ? '"' : ',"'
    yield* base64Of(document)
    yield '"'
  }
  yield validationInfo === undefined ? ']}' : `],"validationInfo":${JSON.stringify(validationInfo)}}`
}
