/**
 * The answer of signatures/signDoc, and of signatures/signPolling after one: JSON that is written as it is read from where the
 * documents are, never whole in memory. CSC API v2.0.0.2, 11.11 and 11.12.
 */
import { open } from 'node:fs/promises'
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
  paths.map(piecesOf)

const PIECE_BYTES = 96 * 1024

/** Through one buffer: a piece is good until the next one. */
async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = await open(path)
  try {
    const buffer = new Uint8Array(PIECE_BYTES)
    for (let position = 0; ; ) {
      const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, position)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
      position += bytesRead
    }
  } finally {
    await file.close()
  }
}

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
