/** The files of a task: read in pieces, or whole where a format has to, and written in pieces. */
import { open } from 'node:fs/promises'
import { type ByteSource, piecesOf } from '@natsuin/ades/cades'
import { nodePlatform, openFileSource } from '@natsuin/ades/node'
import { digestRange } from '@natsuin/ades/pdf'
import { type SignatureAlgorithm, signatureAlgorithms } from '@natsuin/pki/algorithms'
import { DocumentRefused } from './refusal.ts'

/** XML and JSON are signed in memory; so long a document stays within what a thread may have. */
const MAX_IN_MEMORY_BYTES = 16 * 1024 * 1024

export async function withFile<T>(path: string, work: (file: ByteSource) => Promise<T>): Promise<T> {
  const file = await openFileSource(path)
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}

/** @throws DocumentRefused `document-too-long` */
export async function wholeFile(file: ByteSource): Promise<Uint8Array> {
  if (file.size > MAX_IN_MEMORY_BYTES) throw new DocumentRefused('document-too-long')
  return (await file.read(0, file.size)).slice()
}

/** By the digest algorithm of the signature. */
export async function digestOfFile(file: ByteSource, algorithm: SignatureAlgorithm): Promise<Uint8Array> {
  const digest = nodePlatform.stream(signatureAlgorithms[algorithm].digest)
  await digestRange(file, { offset: 0, length: file.size }, digest)
  return digest.finish()
}

export async function writeNew(path: string, source: ByteSource): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    for await (const piece of piecesOf(source)) await file.appendFile(piece)
  } finally {
    await file.close()
  }
}
